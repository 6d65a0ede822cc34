package observe

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
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
	return TraceTo(exporter, c.TraceRatio, service, version), nil
}

// TraceTo sets up tracing for the process with an exporter at hand.
func TraceTo(exporter trace.SpanExporter, ratio float64, service, version string) (stop func(context.Context) error) {
	about := resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.version", version))
	provider := trace.NewTracerProvider(trace.WithBatcher(discreet{exporter}), trace.WithResource(about),
		// Whoever calls us decides whether the whole is traced, so that no trace has holes. The gateway asks nobody outside.
		trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(ratio))))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return func(ctx context.Context) error {
		limited, cancel := context.WithTimeout(ctx, flushTime)
		defer cancel()
		if err := provider.Shutdown(limited); err != nil && limited.Err() == nil {
			return err
		}
		return nil // a collector that is away takes the last traces with it, and holds up nobody's restart
	}
}

// flushTime bounds the sending of the last traces.
const flushTime = 2 * time.Second

// LogTraceErrors writes into the log that traces cannot be sent. Nothing else depends on them.
func LogTraceErrors(log *zap.Logger) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces cannot be sent", zap.Error(err)) }))
}

// discreet takes out of spans what other libraries may have put there from errors: a refusal's text can repeat what somebody sent.
type discreet struct{ trace.SpanExporter }

func (d discreet) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	out := make([]trace.ReadOnlySpan, len(spans))
	for i, span := range spans {
		out[i] = discreetSpan{span}
	}
	return d.SpanExporter.ExportSpans(ctx, out)
}

type discreetSpan struct{ trace.ReadOnlySpan }

func (s discreetSpan) Status() trace.Status  { return trace.Status{Code: s.ReadOnlySpan.Status().Code} }
func (s discreetSpan) Events() []trace.Event { return nil }
