package live

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The people of a small world of things that have owners and lie in boxes.
const (
	city     = "410900"
	owner    = "owner"
	stranger = "stranger" // owns other things
	first    = "first"    // have boxes
	second   = "second"
	third    = "third"
	warden   = "warden" // sees everything, as all do whose names begin so
)

// thing is what events are of. It belongs to the state that points to it.
type thing struct {
	city, id, owner string
	box             string // of whom
	about           string // who is to learn nothing of it unless they own it
	version         int64
}

// state is a thing at one moment.
type state struct{ *thing }

// The ways to a thing.
const (
	wayCity WayKind = iota
	wayOwner
	wayBox
)

func (s state) Ways() []Way {
	return []Way{{Kind: wayCity}, {Kind: wayOwner, ID: s.owner}, {Kind: wayBox, ID: s.box}}
}

func (s state) Sees(c authn.Caller) bool {
	return c.City == s.city && (c.Person == s.owner || c.Person != s.about && (c.Person == s.box || strings.HasPrefix(c.Person, warden)))
}

func (s state) KeepsOut(c authn.Caller) bool { return c.Person == s.about }

// sees tells whether somebody may list what may not be there.
func sees(s State, c authn.Caller) bool { return s != nil && s.Sees(c) }

// owned is a thing of an owner in nobody's box.
func owned(n int, by string) *thing { return &thing{city: city, id: fmt.Sprint("t", n), owner: by} }

// boxed is the thing in somebody's box.
func boxed(t *thing, box string) *thing {
	next := *t
	next.box = box
	return &next
}

// fakeFeed is a feed of what a test lets happen.
type fakeFeed struct {
	mu    sync.Mutex
	steps []Step
	now   map[string]state // by name
	grown chan struct{}    // closed when it grows
	reads int
	fails error
}

func newFakeFeed() *fakeFeed { return &fakeFeed{now: map[string]state{}, grown: make(chan struct{})} }

// happen lets a thing become another; nil for what nobody is told of.
func (f *fakeFeed) happen(t *thing) Step {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Step{Position: int64(len(f.steps)) + 1, Time: start, City: city}
	if t != nil {
		after := state{&thing{}}
		*after.thing = *t
		s.City, s.Name, s.After = t.city, "things/"+t.id, after
		after.version = 1
		if before, there := f.now[s.Name]; there {
			s.Before, after.version = before, before.version+1
		}
		s.Version = after.version
		f.now[s.Name] = after
	}
	f.steps = append(f.steps, s)
	close(f.grown)
	f.grown = make(chan struct{})
	return s
}

func (f *fakeFeed) Head(context.Context) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int64(len(f.steps)), f.fails
}

func (f *fakeFeed) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
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

func (f *fakeFeed) Steps(_ context.Context, events []change.FeedEvent) ([]Step, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Step
	for _, e := range events {
		s := f.steps[e.Position-1]
		if s.Name != "" {
			s.Now = f.now[s.Name]
		}
		out = append(out, s)
	}
	return out, nil
}

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// rig is a hub over a feed, whose sign-ins end when a test says so.
type rig struct {
	*Hub
	feed  *fakeFeed
	wall  *movable.Clock
	mu    sync.Mutex
	over  map[string]error // by token
	board chan int64       // positions the board was awaited at
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{feed: newFakeFeed(), wall: movable.New(start), over: map[string]error{}, board: make(chan int64, 100)}
	var err error
	r.Hub, err = New(Config{Feed: r.feed, Steps: r.feed.Steps, City: r.wall, Wall: r.wall, Log: zap.NewNop(),
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

// reach waits until the hub has noted everything up to a position.
func (r *rig) reach(position int64) {
	for at, _ := r.standing(); at < position; at, _ = r.standing() {
		runtime.Gosched()
	}
}

// signOut ends somebody's sign-in, or says why nothing can be said of it.
func (r *rig) signOut(person string, because error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over[person] = because
}

// as is the context of somebody who is signed in; their token is their name.
func as(ctx context.Context, person string) context.Context {
	return authn.WithToken(authn.WithCaller(ctx, caller(person)), person)
}

func caller(person string) authn.Caller {
	return authn.Caller{Kind: authn.Person, City: city, Person: person}
}

// asked looks at what somebody owns, has in their box, or at everything.
func asked(person string, after *int64, kinds ...WayKind) Asked {
	a := Asked{City: city, After: after}
	for _, kind := range kinds {
		w := Way{Kind: kind, ID: person}
		if kind == wayCity {
			w.ID = ""
		}
		a.Ways = append(a.Ways, w)
	}
	return a
}

func (r *rig) watch(t testing.TB, person string, after *int64, kinds ...WayKind) *Watcher {
	t.Helper()
	return r.begin(t, person, asked(person, after, kinds...))
}

func (r *rig) begin(t testing.TB, person string, a Asked) *Watcher {
	t.Helper()
	w, err := r.Watch(as(t.Context(), person), a)
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

func at(position int64) *int64 { return &position }

var errSignedOut = authn.ErrSessionRevoked.Wrap(errors.New("dismissed"))
