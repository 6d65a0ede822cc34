package change_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// Two replicas, each with a sequencer, write while commits take their time, so that ids are given in another order than
// commits happen. A consumer that starts from nothing sees every event once, without a gap, an aggregate's in order.
func TestPostgresFeedWithDelayedCommits(t *testing.T) {
	dsn := kittest.Postgres(t)
	one := kittest.OpenStore(t, dsn, change.Options{Poll: 20 * time.Millisecond}, changetest.Schema())
	two := kittest.OpenStore(t, dsn, change.Options{Poll: 20 * time.Millisecond}, changetest.Schema())
	const writers, steps = 12, 15
	consumer := make(chan []change.FeedEvent, 1)
	go func() {
		var all []change.FeedEvent
		for len(all) < writers*steps {
			if err := two.AwaitFeed(t.Context(), int64(len(all))); err != nil {
				break
			}
			page, err := two.Feed(t.Context(), int64(len(all)), 50)
			if err != nil {
				t.Error(err)
				break
			}
			all = append(all, page...)
		}
		consumer <- all
	}()
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() {
			th := &changetest.Thing{ID: fmt.Sprint("thing-", i)}
			for n := range steps {
				c := th.Change(fmt.Sprintf("%s step %d", th.ID, n))
				if err := slowly(t.Context(), []*change.Store{one, two}[rand.IntN(2)], c); err != nil {
					t.Error(err)
					return
				}
				th.Committed(c)
			}
		})
	}
	writing.Wait()
	seen := <-consumer
	if len(seen) != writers*steps {
		t.Fatalf("the consumer saw %d events", len(seen))
	}
	changetest.VerifyFeed(t, seen)
}

// slowly writes a change's events as Commit does, and lingers between the outbox and the commit.
func slowly(ctx context.Context, s *change.Store, c *change.Change) error {
	tx, err := s.DB().PostgresPool().Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after the commit this does nothing
	for _, e := range c.Events {
		_, err := tx.Exec(ctx, `INSERT INTO journal (city, month, aggregate, version, envelope, hash, previous) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			e.City, e.Month, e.Aggregate, e.Version, e.Bytes, e.Hash[:], e.Previous[:])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO outbox (city, aggregate, version, month) VALUES ($1, $2, $3, $4)`,
			e.City, e.Aggregate, e.Version, e.Month); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `SELECT pg_sleep($1)`, rand.Float64()*0.02); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Who waits for a row longer than a decision lives must decide again, and not be written with an old time.
func TestPostgresLockWaitMakesADecisionStale(t *testing.T) {
	s := kittest.OpenStore(t, kittest.Postgres(t), change.Options{}, changetest.Schema())
	th := &changetest.Thing{ID: "a"}
	first := th.Change("one")
	if err := s.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	th.Committed(first)
	tx, err := s.DB().PostgresPool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT * FROM thing FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), th.Change("two")); !errors.Is(err, change.ErrStale) {
		t.Errorf("a long wait: got %v", err)
	}
	// A decision that had little time left is refused although the lock came free in time.
	waiting := th.Change("three")
	waiting.Decided = time.Now().Add(-change.MaxAge + 200*time.Millisecond)
	got := make(chan error, 1)
	go func() { got <- s.Commit(t.Context(), waiting) }()
	time.Sleep(400 * time.Millisecond) // how long the lock is held is what is tested
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-got; !errors.Is(err, change.ErrStale) {
		t.Errorf("an old decision: got %v", err)
	}
	if err := s.Commit(t.Context(), th.Change("four")); err != nil {
		t.Errorf("a fresh decision: %v", err)
	}
}

// A lost connection is an unknown outcome; the store works on with the next connection.
func TestPostgresConnectionsCut(t *testing.T) {
	s := kittest.OpenStore(t, kittest.Postgres(t), change.Options{}, changetest.Schema())
	th := &changetest.Thing{ID: "a"}
	c := th.Change("one")
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	th.Committed(c)
	const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
	rows, err := s.DB().Query(t.Context(), cut)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	rows.Close()
	var last error
	for range 20 { // each dead connection is found by its first use
		c := th.Change("two")
		if last = s.Commit(t.Context(), c); last == nil {
			th.Committed(c)
			break
		}
	}
	if last != nil {
		t.Errorf("the store does not recover: %v", last)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.AwaitFeed(ctx, 1); err != nil {
		t.Errorf("the sequencer does not recover: %v", err)
	}
}
