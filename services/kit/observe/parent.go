package observe

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// TraceParent writes a span's context as W3C's Trace Context says in its traceparent; empty for none.
func TraceParent(of trace.SpanContext) string {
	if !of.IsValid() {
		return ""
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), of), carrier)
	return carrier.Get("traceparent")
}

// ReadTraceParent reads what TraceParent wrote; what cannot be read is none.
func ReadTraceParent(parent string) trace.SpanContext {
	if parent == "" {
		return trace.SpanContext{}
	}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent}))
}
