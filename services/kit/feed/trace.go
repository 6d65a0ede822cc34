package feed

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/throughtrain/throughtrain/services/kit/change"
)

const tracerName = "github.com/throughtrain/throughtrain/services/kit/feed"

// trace begins a span for handling some events when one of them was caused by traced work: in that one's trace, with links to the other causes. When
// none was, it costs nothing. What it returns ends it.
func (f *Follower) trace(ctx context.Context, events []change.FeedEvent) (context.Context, func(error)) {
	var causes []trace.SpanContext
	seen := map[trace.SpanID]bool{}
	for i := range events {
		if c := events[i].Cause; c.IsSampled() && !seen[c.SpanID()] {
			seen[c.SpanID()] = true
			causes = append(causes, c)
		}
	}
	if len(causes) == 0 {
		return ctx, func(error) {}
	}
	var links []trace.Link
	for _, c := range causes[1:] {
		links = append(links, trace.Link{SpanContext: c})
	}
	ctx, span := otel.Tracer(tracerName).Start(trace.ContextWithRemoteSpanContext(ctx, causes[0]), "follow "+f.cfg.Name,
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithLinks(links...),
		trace.WithAttributes(attribute.String("throughtrain.consumer", f.cfg.Name), attribute.Int("throughtrain.events", len(events)),
			attribute.Int64("throughtrain.position", events[0].Position)))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}
