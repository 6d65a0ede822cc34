package change

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const tracerName = "github.com/throughtrain/throughtrain/services/kit/change"

// trace begins a span for a commit, under the one in the context; when nothing is recorded it costs nothing. The span names statements and types of
// events, and says nothing of what they hold. What it returns ends it.
func (s *Store) trace(ctx context.Context, c *Change) (context.Context, func(error)) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, func(error) {}
	}
	names := make([]string, len(c.Statements))
	for i := range c.Statements {
		names[i] = sqldb.StatementName(c.Statements[i].SQL)
	}
	types := make([]string, len(c.Events))
	for i := range c.Events {
		types[i] = c.Events[i].Type
	}
	ctx, span := parent.TracerProvider().Tracer(tracerName).Start(ctx, "COMMIT", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", s.db.Engine().System()), attribute.StringSlice("throughtrain.statements", names),
			attribute.StringSlice("throughtrain.events", types)))
	if s.db.Engine() == sqldb.SQLite {
		for i := range c.Events {
			// Before the commit: whoever follows the feed may be faster than this goroutine.
			s.causes.put(c.Events[i].Hash, span.SpanContext())
		}
	}
	return ctx, func(err error) {
		if err != nil {
			span.SetAttributes(attribute.Bool("throughtrain.decided_again", errors.Is(err, ErrConflict) || errors.Is(err, ErrStale)))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// causesKept bounds the events whose cause is remembered: followers read within a moment, and only what is traced is kept.
const causesKept = 4096

// causes remembers which traced work wrote which event, so that the trace goes on with those who follow the feed. It is kept beside the journal and
// not in it: an event is what happened, not how it was watched. On PostgreSQL the feed keeps it, since another process may tell of the event.
type causes struct {
	mu   sync.Mutex
	by   map[journal.Hash]trace.SpanContext
	ring []journal.Hash // in the order of arrival
	next int            // the oldest, once the ring is full
}

func (c *causes) put(event journal.Hash, cause trace.SpanContext) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[journal.Hash]trace.SpanContext{}
	}
	if len(c.ring) < causesKept {
		c.ring = append(c.ring, event)
	} else {
		delete(c.by, c.ring[c.next])
		c.ring[c.next] = event
		c.next = (c.next + 1) % causesKept
	}
	c.by[event] = cause
}

func (c *causes) of(event journal.Hash) trace.SpanContext {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[event]
}
