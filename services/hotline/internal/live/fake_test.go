package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// feed is a feed of what a test lets happen.
type feed struct {
	mu    sync.Mutex
	steps []Step
	now   map[string]*ticket.Ticket
	grown chan struct{} // closed when it grows
	reads int
	fails error
}

func newFeed() *feed { return &feed{now: map[string]*ticket.Ticket{}, grown: make(chan struct{})} }

// happen lets a ticket become another; nil for what is none of a ticket.
func (f *feed) happen(t *ticket.Ticket) Step {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Step{Position: int64(len(f.steps)) + 1, Time: desktest.Start, City: policytest.Code}
	if t != nil {
		after := *t
		s.City, s.Ticket, s.Before, s.After = t.City, t.ID, stored(t.City, t.ID, f.now[t.ID]), stored(t.City, t.ID, &after)
		if s.Before.Ticket != nil {
			after.Version = s.Before.Ticket.Version
		}
		after.Version++
		s.Version = after.Version
		f.now[t.ID] = &after
	}
	f.steps = append(f.steps, s)
	close(f.grown)
	f.grown = make(chan struct{})
	return s
}

func stored(city, id string, t *ticket.Ticket) store.Stored {
	return store.Stored{Key: store.Key{City: city, ID: id}, Ticket: t}
}

func (f *feed) Head(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.steps)), f.fails
}

func (f *feed) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	for {
		f.mu.Lock()
		f.reads++
		var out []change.FeedEvent
		for i := after; i < int64(len(f.steps)) && len(out) < limit; i++ {
			out = append(out, change.FeedEvent{Position: i + 1})
		}
		grown, fails := f.grown, f.fails
		f.mu.Unlock()
		if len(out) > 0 || wait == 0 || fails != nil {
			return out, fails
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *feed) Steps(_ context.Context, events []change.FeedEvent) ([]Step, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Step
	for _, e := range events {
		s := f.steps[e.Position-1]
		s.Now = stored(s.City, s.Ticket, f.now[s.Ticket])
		out = append(out, s)
	}
	return out, nil
}

// rig is a hub over a feed, whose sign-ins end when a test says so.
type rig struct {
	*Hub
	feed  *feed
	desk  *desk.Desk
	wall  *movable.Clock
	mu    sync.Mutex
	over  map[string]error // by token
	board chan int64       // positions the board was awaited at
}

func newRig(t testing.TB) *rig {
	t.Helper()
	cities := desk.NewCities()
	cities.Put(policytest.City(t))
	r := &rig{feed: newFeed(), wall: movable.New(desktest.Start), over: map[string]error{}, board: make(chan int64, 100)}
	r.desk = desk.New(desk.Deps{Store: &store.Store{}, Cities: cities, City: r.wall, Wall: r.wall})
	var err error
	r.Hub, err = New(Config{Feed: r.feed, Steps: r.feed.Steps, Cities: cities, City: r.wall, Wall: r.wall, Log: zap.NewNop(),
		Folded: func(_ context.Context, p int64) error { r.board <- p; return nil },
		SignedIn: func(_ context.Context, token string) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.over[token]
		}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run lets the hub run until the test ends.
func (r *rig) run(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// turn lets the hub take up what has happened, without running.
func (r *rig) turn(t testing.TB) {
	t.Helper()
	for {
		position, watched := r.standing()
		if head, _ := r.feed.Head(t.Context()); !watched || position == head {
			return
		}
		if err := r.follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// asked is what somebody asks for.
func (r *rig) asked(t testing.TB, person string, look desk.Look, after *int64) Asked {
	t.Helper()
	look.City = policytest.Code
	caller := desktest.Caller(person)
	ways, err := r.desk.Ways(t.Context(), caller, look)
	if err != nil {
		t.Fatal(err)
	}
	return Asked{Caller: caller, Token: person, City: policytest.Code, Ways: ways, After: after}
}

func (r *rig) watch(t testing.TB, a Asked) *Watcher {
	t.Helper()
	w, err := r.Watch(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

// woken waits until there may be news.
func woken(t testing.TB, w *Watcher) News {
	t.Helper()
	select {
	case <-w.Woken():
		return w.Take()
	case <-time.After(10 * time.Second):
		t.Fatal("nobody wakes the watcher")
		return News{}
	}
}

// filed is a ticket with the desk.
func filed(n int, filer string) *ticket.Ticket {
	return &ticket.Ticket{City: policytest.Code, ID: fmt.Sprint("t", n), Filer: filer, Unit: policytest.Desk}
}

// held is the ticket with an official.
func held(t *ticket.Ticket, unit, official string) *ticket.Ticket {
	next := *t
	next.Unit, next.Official = unit, official
	return &next
}

func at(position int64) *int64 { return &position }

var errSignedOut = authn.ErrSessionRevoked.Wrap(errors.New("dismissed"))
