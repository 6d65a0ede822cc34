package observe

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// TraceConfig chooses where traces go.
type TraceConfig struct {
	TraceEndpoint string  `help:"URL of an OTLP/gRPC collector, http:// or https://. Empty: no tracing, at no cost."`
	TraceRatio    float64 `default:"0.01" help:"Share of requests traced, from 0 to 1."`
}

// Validate implements what config looks for.
func (c *TraceConfig) Validate() error {
	if c.TraceRatio < 0 || c.TraceRatio > 1 {
		return fmt.Errorf("--trace-ratio is %v, not between 0 and 1", c.TraceRatio)
	}
	return nil
}

// Enabled tells whether there is anything to trace for: servers and clients are built without tracing otherwise.
func (c *TraceConfig) Enabled() bool { return c.TraceEndpoint != "" }

// StartTracing sets up tracing for the process under the service's name. What it returns flushes and ends it. Without an
// endpoint nothing is set up: OpenTelemetry's defaults do nothing.
func StartTracing(ctx context.Context, c TraceConfig, service, version string) (stop func(context.Context) error, err error) {
	if !c.Enabled() {
		return func(context.Context) error { return nil }, nil
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.TraceEndpoint))
	if err != nil {
		return nil, fmt.Errorf("traces to %s: %w", c.TraceEndpoint, err)
	}
	about := resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.version", version))
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about),
		// Whoever calls us decides whether the whole is traced, so that no trace has holes.
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(c.TraceRatio))))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return provider.Shutdown, nil
}
