package feedstream

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// wakes commits in one replica and measures how long it takes until a reader gets each event.
func wakes(t testing.TB, writer *change.Store, reader feed.Source, n int) []time.Duration {
	t.Helper()
	after, err := writer.Settled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	took := make([]time.Duration, n)
	for i := range took {
		things++
		th := &changetest.Thing{ID: fmt.Sprint("wake-", things)}
		read := make(chan error, 1)
		go func() {
			for {
				events, err := reader.Read(t.Context(), after, 100, 10*time.Second)
				if err != nil || len(events) > 0 {
					read <- err
					return
				}
			}
		}()
		time.Sleep(time.Duration(3+i%7) * time.Millisecond) // the reader waits by then, and the poll is met at any of its moments
		if err := writer.Commit(t.Context(), th.Change(th.ID)); err != nil {
			t.Fatal(err)
		}
		committed := time.Now()
		if err := <-read; err != nil {
			t.Fatal(err)
		}
		took[i] = time.Since(committed)
		after++
	}
	slices.Sort(took)
	return took
}

func told(took []time.Duration) string {
	return fmt.Sprintf("p50 %v, p99 %v", took[len(took)/2].Round(10*time.Microsecond), took[len(took)*99/100].Round(10*time.Microsecond))
}

// A replica learns at once of what another has committed: what its own hub, board and watch follow, and what other services follow through the
// stream. Without Redis it learns by its poll.
func TestReplicasAreWoken(t *testing.T) {
	dsn := kittest.Postgres(t)
	r := newRig(t, dsn)
	second := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
	fill(t, r.owner, 1)
	const n = 40
	without := wakes(t, r.owner, feed.Local(second), n)
	r.relay(r.owner, r.redis, 0)
	r.relay(second, r.client(), 0)
	head := fill(t, r.owner, 1)
	r.streamReaches(head)
	wakes(t, r.owner, feed.Local(second), 5) // both listen by then
	with := wakes(t, r.owner, feed.Local(second), n)
	stream := wakes(t, r.owner, Source(r.redis, "owner", feed.Local(second)), n)
	t.Logf("another replica's store: without Redis %s; with %s", told(without), told(with))
	t.Logf("a consumer at the stream: %s", told(stream))
	for what, took := range map[string][]time.Duration{"the store": with, "the stream": stream} {
		if took[n/2] > without[n/2]/2 {
			t.Errorf("%s is woken after %v, without Redis after %v", what, took[n/2], without[n/2])
		}
	}
	// With Redis gone the poll is as quick as ever.
	r.server.Stop()
	wakes(t, r.owner, feed.Local(second), 2) // it takes a moment to notice
	if away := wakes(t, r.owner, feed.Local(second), 20); away[10] > 300*time.Millisecond {
		t.Errorf("without Redis again: %s", told(away))
	}
}

// BenchmarkRelayAndRead is how many events a second come through relay and source, from a database to a reader.
func BenchmarkRelayAndRead(b *testing.B) {
	for name, dsn := range map[string]func() string{
		"sqlite": func() string { return "sqlite::memory:" }, "postgres": func() string { return kittest.Postgres(b) },
	} {
		b.Run(name, func(b *testing.B) {
			r := newRig(b, dsn())
			const batch = 200
			events := max(b.N, batch)
			for done := 0; done < events; done += batch {
				c := &change.Change{}
				for range batch {
					things++
					id := fmt.Sprint("bench-", things)
					one := (&changetest.Thing{ID: id}).Change(id)
					c.Statements, c.Events = append(c.Statements, one.Statements...), append(c.Events, one.Events...)
				}
				if err := r.owner.Commit(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
			head, err := r.owner.Settled(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			source := Source(r.redis, "owner", r.asked)
			b.ResetTimer()
			relay, err := NewRelay(RelayConfig{Service: "owner", Store: r.owner, Redis: r.redis, Length: head + 1000})
			if err != nil {
				b.Fatal(err)
			}
			// The whole feed goes through the stream, as at a relay that has never been idle.
			relay.key, relay.at = r.key(), 0
			relayed := make(chan error, 1)
			go func() {
				for relay.at < head {
					events, err := r.owner.Feed(b.Context(), relay.at, relayBatch)
					if err == nil {
						err = relay.bring(b.Context(), events)
					}
					if err != nil {
						relayed <- err
						return
					}
				}
				relayed <- nil
			}()
			for after := int64(0); after < head; {
				events, err := source.Read(b.Context(), after, 256, time.Second)
				if err != nil {
					b.Fatal(err)
				}
				after += int64(len(events))
			}
			if err := <-relayed; err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(head)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(r.asked.given()-1)/float64(head), "by-owner/event")
		})
	}
}
