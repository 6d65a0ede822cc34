package changetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// together runs n callers at the same moment and returns what each got.
func together(n int, call func(i int) error) []error {
	got := make([]error, n)
	start := make(chan struct{})
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			<-start
			got[i] = call(i)
		})
	}
	close(start)
	callers.Wait()
	return got
}

const crowd = 32

func testOneRequest(t *testing.T, s *change.Store) {
	got := together(crowd, func(i int) error {
		th := &Thing{ID: fmt.Sprint("thing-", i)}
		c := th.Change(th.ID)
		c.Request = &change.Request{City: city, Person: "p", Method: "CreateThing", ID: "same", BodyHash: []byte{byte(i)}, Resource: th.ID}
		return s.Commit(t.Context(), c)
	})
	winner := ""
	for i, err := range got {
		switch {
		case err == nil && winner == "":
			winner = fmt.Sprint("thing-", i)
		case !errors.Is(err, change.ErrRequestSeen):
			t.Errorf("caller %d got %v", i, err)
		}
	}
	request, found, err := s.Request(t.Context(), city, "p", "CreateThing", "same")
	if err != nil || !found || request.Resource != winner {
		t.Errorf("the request led to %q (%v, %v), the winner was %q", request.Resource, found, err, winner)
	}
	if events := awaitEvents(t, s, 1); len(events) != 1 || events[0].Aggregate != winner {
		t.Errorf("events %v", events)
	}
}

func testOneWinner(t *testing.T, s *change.Store) {
	th := &Thing{ID: "a"}
	step(t, s, th, "one")
	for round := range 3 {
		changes := make([]*change.Change, crowd)
		for i := range changes {
			changes[i] = th.Change(fmt.Sprintf("round %d caller %d", round, i))
		}
		won := 0
		for i, err := range together(crowd, func(i int) error { return s.Commit(t.Context(), changes[i]) }) {
			switch {
			case err == nil:
				won++
				th.Committed(changes[i])
			case !errors.Is(err, change.ErrConflict):
				t.Errorf("caller %d got %v", i, err)
			}
		}
		if won != 1 {
			t.Fatalf("%d winners in round %d", won, round)
		}
	}
	VerifyFeed(t, awaitEvents(t, s, 4))
}

func testFailedMembers(t *testing.T, s *change.Store) {
	step(t, s, &Thing{ID: "taken"}, "taken")
	fails := []func(c *change.Change){
		func(c *change.Change) { c.Events = append(c.Events, c.Events[0]) }, // after everything else was written
		func(c *change.Change) { c.Cursors = []change.CursorMove{{Consumer: "x", From: 1, To: 2}} },
		func(c *change.Change) { c.Statements[0].Args[3] = "taken" },
		func(c *change.Change) { c.Statements = append(c.Statements, change.Exec("GIBBERISH")) },
		func(c *change.Change) { c.Statements[0].Args[3] = nil },
		func(c *change.Change) { c.Decided = time.Now().Add(-time.Minute) },
		func(c *change.Change) { c.Statements[0].Args = append(c.Statements[0].Args[:3:3], struct{}{}) },
	}
	const n = 300
	got := together(n, func(i int) error {
		th := &Thing{ID: fmt.Sprint("thing-", i)}
		c := th.Change(th.ID)
		if i%3 == 0 {
			fails[i/3%len(fails)](c)
		}
		return s.Commit(t.Context(), c)
	})
	for i, err := range got {
		if (err == nil) != (i%3 != 0) {
			t.Errorf("member %d got %v", i, err)
		}
	}
	events := awaitEvents(t, s, 1+n*2/3)
	if chains := VerifyFeed(t, events); len(chains) != 1+n*2/3 {
		t.Errorf("%d aggregates in the feed", len(chains))
	}
	if rows := count(t, s, "SELECT count(*) FROM thing"); rows != 1+n*2/3 {
		t.Errorf("%d rows", rows)
	}
}

func testCancelledMembers(t *testing.T, s *change.Store) {
	const n = 300
	got := together(n, func(i int) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if i%2 == 0 {
			delay := time.AfterFunc(time.Duration(i)*10*time.Microsecond, cancel)
			defer delay.Stop()
		}
		th := &Thing{ID: fmt.Sprint("thing-", i)}
		return s.Commit(ctx, th.Change(th.ID))
	})
	acknowledged := make(map[string]bool)
	for i, err := range got {
		switch {
		case err == nil:
			acknowledged[fmt.Sprint("thing-", i)] = true
		case i%2 == 1:
			t.Errorf("member %d, never cancelled, got %v", i, err)
		case !errors.Is(err, context.Canceled) && !errors.Is(err, sqldb.ErrConnection):
			t.Errorf("member %d got %v", i, err)
		}
	}
	step(t, s, &Thing{ID: "last"}, "last")
	// A cancelled commit may still have taken place; an acknowledged one must have.
	stored := VerifyFeed(t, awaitEvents(t, s, count(t, s, "SELECT count(*) FROM journal")))
	for id := range acknowledged {
		if stored[id] == nil {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	if rows := count(t, s, "SELECT count(*) FROM thing"); rows != int64(len(stored)) {
		t.Errorf("%d rows and %d histories", rows, len(stored))
	}
}

func testStorm(t *testing.T, s *change.Store) {
	const writers, steps = 24, 20
	follow := make(chan []change.FeedEvent, 1)
	go func() { // a consumer that reads while the writers write
		var all []change.FeedEvent
		for len(all) < writers*steps {
			after := int64(len(all))
			if err := s.AwaitFeed(t.Context(), after); err != nil {
				break
			}
			page, err := s.Feed(t.Context(), after, 50)
			if err != nil {
				break
			}
			all = append(all, page...)
		}
		follow <- all
	}()
	for i, err := range together(writers, func(i int) error {
		th := &Thing{ID: fmt.Sprint("thing-", i)}
		for n := range steps {
			c := th.Change(fmt.Sprintf("%s step %d", th.ID, n))
			if err := s.Commit(t.Context(), c); err != nil {
				return err
			}
			th.Committed(c)
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	seen := <-follow
	if len(seen) != writers*steps {
		t.Fatalf("the consumer saw %d events", len(seen))
	}
	VerifyFeed(t, seen)
	VerifyFeed(t, readFeed(t, s))
	if head, err := s.FeedHead(t.Context()); err != nil || head != writers*steps {
		t.Errorf("head %d, %v", head, err)
	}
}
