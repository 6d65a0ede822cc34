package feed_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// TestATraceGoesOnWithWhoeverFollows: what a traced commit caused is a span of its trace, on every engine, and an untraced one costs no span.
func TestATraceGoesOnWithWhoeverFollows(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder))
	otel.SetTracerProvider(provider)
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		recorder.Reset()
		s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		from := s
		if strings.HasPrefix(dsn, "postgres") { // another process tells of the events
			from = kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		}
		f, err := feed.New(t.Context(), feed.Config{Name: "effects", Source: feed.Local(from), Store: s, Handle: record})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- f.Run(running) }()
		await(t, f, fill(t, s, "quiet", 1))
		ctx, root := provider.Tracer("test").Start(t.Context(), "root")
		if err := s.Commit(ctx, (&changetest.Thing{ID: "traced"}).Change("a note")); err != nil {
			t.Fatal(err)
		}
		await(t, f, 3)
		stop()
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, span := range recorder.Ended() {
			names = append(names, span.Name())
			if span.SpanContext().TraceID() != root.SpanContext().TraceID() {
				t.Errorf("%s is in another trace", span.Name())
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"COMMIT", "COMMIT", "follow effects"}) {
			t.Errorf("spans %v", names)
		}
	})
}

// TestLagGrowsWhileNothingIsHandled: a follower that is stuck, or cut off from the feed, reports nothing itself.
func TestLagGrowsWhileNothingIsHandled(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	fill(t, s, "thing", 2)
	events, err := s.Feed(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	city := movable.New(events[0].Time)
	registry := prometheus.NewRegistry()
	tries := make(chan error)
	f := run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Metrics: registry, Clock: city,
		Handle: func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
			select {
			case err := <-tries:
				if err != nil {
					return nil, err
				}
				return record(ctx, events)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}})
	tries <- errors.New("stuck")
	city.Advance(time.Minute)
	tries <- errors.New("stuck")
	if seconds, behind := gauge(t, registry, "lag_seconds"), gauge(t, registry, "lag_events"); seconds != 60 || behind != 4 {
		t.Errorf("stuck: %v s and %v events behind", seconds, behind)
	}
	close(tries)
	await(t, f, 4)
	if seconds, behind := gauge(t, registry, "lag_seconds"), gauge(t, registry, "lag_events"); seconds != 0 || behind != 0 {
		t.Errorf("caught up: %v s and %v events behind", seconds, behind)
	}
}

func TestAFeedThatCannotBeReadIsLagToo(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	city := movable.New(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	registry := prometheus.NewRegistry()
	reads := make(chan struct{})
	run(t, feed.Config{Name: "effects", Source: away{reads}, Store: s, Metrics: registry, Clock: city, Handle: record})
	reads <- struct{}{}
	reads <- struct{}{} // the first has failed
	city.Advance(time.Hour)
	if seconds := gauge(t, registry, "lag_seconds"); seconds != 3600 {
		t.Errorf("%v s behind", seconds)
	}
}

// away is a feed of a service that is away.
type away struct{ reads chan struct{} }

func (a away) Read(ctx context.Context, _ int64, _ int, _ time.Duration) ([]change.FeedEvent, error) {
	select {
	case <-a.reads:
		return nil, errors.New("away")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func gauge(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "throughtrain_feed_follower_"+name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("%s is not there", name)
	return 0
}
