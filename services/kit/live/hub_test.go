package live

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestWhoIsToldWhat(t *testing.T) {
	r := newRig(t)
	all := []*Watcher{r.watch(t, owner, nil, wayOwner), r.watch(t, first, nil, wayBox), r.watch(t, second, nil, wayBox),
		r.watch(t, warden, nil, wayCity), r.watch(t, stranger, nil, wayOwner, wayBox, wayCity)}
	for _, w := range all {
		if n := w.Take(); !n.Ready || n.Position != 0 || len(n.Notes) > 0 {
			t.Errorf("begins with %+v", n)
		}
	}
	expect := func(want ...int64) {
		t.Helper()
		r.turn(t)
		for i, w := range all {
			version := int64(-1) // none
			if n := w.Take(); len(n.Notes) > 0 {
				version = n.Notes[0].Version
			}
			if version != want[i] {
				t.Errorf("watcher %d is told %d, want %d", i, version, want[i])
			}
		}
	}
	const none, gone = -1, 0
	thing := owned(1, owner)
	r.feed.happen(thing)
	expect(1, none, none, 1, none)
	r.feed.happen(boxed(thing, first))
	expect(2, 2, none, 2, none)
	r.feed.happen(boxed(thing, second))
	expect(3, gone, 3, 3, none)
	r.feed.happen(boxed(thing, second)) // who had it hears no more
	expect(4, none, 4, 4, none)
	r.feed.happen(nil)
	expect(none, none, none, none, none)
	other := owned(2, owner)
	other.city = "410901"
	r.feed.happen(other)
	expect(none, none, none, none, none)
}

// What a step shows to somebody is not named when the thing is out of their sight by now.
func TestCheckedAgainstTheThingAsItIs(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, first, nil, wayBox)
	w.Take()
	thing := owned(1, owner)
	r.feed.happen(thing)
	r.feed.happen(boxed(thing, first))
	r.feed.happen(boxed(thing, second)) // before the hub reads the second
	events, _ := r.feed.Read(t.Context(), 0, 2, 0)
	steps, err := r.steps(t.Context(), 0, events)
	if err != nil {
		t.Fatal(err)
	}
	r.take(0, steps)
	if n := w.Take(); len(n.Notes) != 0 || n.Position != 2 {
		t.Errorf("told %+v of the second", n)
	}
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 1 || n.Notes[0].Version != 0 {
		t.Errorf("told %+v", n.Notes)
	}
}

// Whom a thing turns out to be about is told nothing of it from then on, not even what was noted before.
func TestWhomItIsAbout(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, first, nil, wayBox)
	w.Take()
	of := boxed(owned(1, owner), first)
	about := boxed(of, first)
	about.about = first
	r.feed.happen(of)
	r.turn(t)
	r.feed.happen(about)
	r.feed.happen(boxed(about, second))
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 0 || n.Position != 3 {
		t.Errorf("told %+v", n)
	}
	back := r.watch(t, first, at(0), wayBox)
	if n := back.Take(); len(n.Notes) != 0 {
		t.Errorf("told on coming back %+v", n)
	}
}

func TestResumes(t *testing.T) {
	r := newRig(t)
	keep := r.watch(t, warden, nil, wayCity) // so that the hub remembers
	for n := range 10 {
		r.feed.happen(owned(n, owner))
	}
	r.turn(t)
	for _, c := range []struct {
		after *int64
		reset bool
		notes int
	}{{nil, false, 0}, {at(10), false, 0}, {at(4), false, 6}, {at(0), false, 10}, {at(11), true, 0}, {at(-1), true, 0}, {at(1 << 62), true, 0}} {
		a := asked(owner, c.after, wayOwner)
		a.Board = true
		w := r.begin(t, owner, a)
		n := woken(t, w)
		if n.Reset != c.reset || n.Ready == c.reset || len(n.Notes) != c.notes || n.Position != 10 || n.Board != (c.after != nil && !c.reset) {
			t.Errorf("after %v: %+v", c.after, n)
		}
		if c.after != nil && !c.reset && n.Start != *c.after {
			t.Errorf("after %d it begins at %d", *c.after, n.Start)
		}
		w.Close()
		w.Close() // twice does no harm
	}
	keep.Close()
	if r.Len() != 0 || len(r.ways) != 0 || len(r.persons) != 0 || len(r.boards) != 0 {
		t.Errorf("left behind: %d %v %v %v", r.Len(), r.ways, r.persons, r.boards)
	}
}

// Nobody watched for a while, or the process is new: what is missed is read back, as far as the window reaches.
func TestResumesWhatTheHubDoesNotRemember(t *testing.T) {
	r := newRig(t)
	for n := range Window + 10 {
		r.feed.happen(owned(n%50, owner))
	}
	far := r.watch(t, owner, at(9), wayOwner)
	if n := far.Take(); !n.Reset {
		t.Errorf("too old: %+v", n)
	}
	near := r.watch(t, owner, at(Window), wayOwner)
	if n := near.Take(); n.Reset || len(n.Notes) != 10 {
		t.Errorf("near: %d notes, %v", len(n.Notes), n.Reset)
	}
	edge := r.watch(t, owner, at(10), wayOwner)
	if n := edge.Take(); n.Reset || len(n.Notes) != 50 {
		t.Errorf("at the edge: %d notes, %v", len(n.Notes), n.Reset)
	}
	reads := r.feed.reads
	again := r.watch(t, stranger, at(10), wayOwner)
	if n := again.Take(); n.Reset || len(n.Notes) != 0 || r.feed.reads != reads {
		t.Errorf("a stranger: %+v after %d reads", n, r.feed.reads-reads)
	}
	// A process that is behind another takes a position it has not reached itself.
	r.feed.happen(owned(1, owner))
	ahead := r.watch(t, owner, at(Window+11), wayOwner)
	r.turn(t)
	if n := ahead.Take(); n.Reset || len(n.Notes) != 0 || n.Position != Window+11 {
		t.Errorf("ahead: %+v", n)
	}
}

func TestWhoDoesNotReadIsTold(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, warden, nil, wayCity)
	for range 3 {
		r.feed.happen(owned(1, owner))
	}
	r.feed.happen(owned(2, owner))
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 2 || n.Notes[0] != (Note{3, "things/t1", 3}) || n.Notes[1] != (Note{4, "things/t2", 1}) {
		t.Errorf("not joined: %+v", n.Notes)
	}
	for n := range MaxNotes + 1 {
		r.feed.happen(owned(n, owner))
	}
	r.turn(t)
	if n := w.Take(); !n.Reset || len(n.Notes) != 0 || n.Position != MaxNotes+5 {
		t.Errorf("too many: %+v", n)
	}
	r.feed.happen(owned(7, owner))
	r.turn(t)
	if n := w.Take(); n.Reset || len(n.Notes) != 1 {
		t.Errorf("afterwards: %+v", n)
	}
}

func TestLimits(t *testing.T) {
	r := newRig(t)
	for range MaxByPerson {
		r.watch(t, owner, nil, wayOwner)
	}
	if _, err := r.Watch(as(t.Context(), owner), asked(owner, nil, wayOwner)); !fault.Has(err, "WATCHES_EXHAUSTED") {
		t.Errorf("one too many: %v", err)
	}
	one := r.watch(t, stranger, nil, wayOwner)
	if r.Len() != MaxByPerson+1 {
		t.Errorf("%d watch", r.Len())
	}
	one.Close()
}

func TestASignInThatEnds(t *testing.T) {
	r := newRig(t)
	r.run(t)
	stays := r.watch(t, stranger, nil, wayOwner)
	w := r.watch(t, owner, nil, wayOwner)
	r.signOut(owner, errSignedOut)
	r.signOut(stranger, authn.ErrKeysUnavailable) // which says nothing about the sign-in
	r.tick(t, checkEvery)
	select {
	case <-w.Ended():
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
	if !errors.Is(w.Ending(), authn.ErrSessionRevoked) {
		t.Errorf("ends with %v", w.Ending())
	}
	select {
	case <-stays.Ended():
		t.Error("another's ended too")
	default:
	}
}

// tick lets time pass once the hub waits for it.
func (r *rig) tick(t testing.TB, d time.Duration) {
	t.Helper()
	if err := r.wall.AwaitWaiters(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	r.wall.Advance(d)
}

func TestProgress(t *testing.T) {
	r := newRig(t)
	r.run(t)
	w := r.watch(t, stranger, nil, wayOwner)
	woken(t, w)
	r.feed.happen(owned(1, owner))
	r.reach(1)
	for range ProgressEvery / checkEvery {
		select {
		case <-w.Woken():
			t.Fatal("woken early")
		default:
		}
		r.tick(t, checkEvery)
	}
	if n := woken(t, w); !n.Empty() || n.Position != 1 {
		t.Errorf("told %+v", n)
	}
}

func TestBoards(t *testing.T) {
	r := newRig(t)
	r.run(t)
	w := r.begin(t, warden, Asked{City: city, Board: true})
	woken(t, w)
	r.feed.happen(owned(1, owner))
	if n := woken(t, w); !n.Board || len(n.Notes) != 0 || n.Position != 1 || <-r.board != 1 {
		t.Errorf("told %+v", n)
	}
	for range 5 {
		r.feed.happen(owned(1, owner))
	}
	r.reach(6)
	// Both the boards' pause and the look after sign-ins wait.
	if err := r.wall.AwaitWaiters(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if n := w.Take(); n.Board {
		t.Error("invited again at once")
	}
	r.wall.Advance(BoardEvery)
	if n := woken(t, w); !n.Board || n.Position != 6 {
		t.Errorf("told %+v", n)
	}
	r.feed.happen(nil) // nothing of a board
}

func TestAFailingFeedIsTriedAgain(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, owner, nil, wayOwner)
	woken(t, w)
	r.feed.fails = errors.New("the disk is away")
	r.run(t)
	for failing := true; failing; {
		r.feed.mu.Lock()
		failing = r.feed.reads < 3
		r.feed.mu.Unlock()
		runtime.Gosched()
	}
	r.feed.mu.Lock()
	r.feed.fails = nil
	r.feed.mu.Unlock()
	r.feed.happen(owned(1, owner))
	if n := woken(t, w); len(n.Notes) != 1 {
		t.Errorf("told %+v", n)
	}
}

// A service without a board invites nobody to look at one.
func TestWithoutABoard(t *testing.T) {
	r := newRig(t)
	r.Folded = nil
	r.run(t)
	a := asked(owner, nil, wayOwner)
	a.Board = true
	w := r.begin(t, owner, a)
	woken(t, w)
	for range 2 {
		r.feed.happen(owned(1, owner))
		if n := woken(t, w); n.Board || len(n.Notes) != 1 {
			t.Errorf("told %+v", n)
		}
	}
}

// client is somebody who watches, goes away and comes back, and remembers what they were told.
type client struct {
	person string
	kinds  []WayKind
	w      *Watcher
	since  int64 // everything after it is to be told
	last   *int64
	told   []Note
}

// TestWhateverHappens: commits, hub, and clients that come, go, read and do not read, in every order. Nobody is told twice, out of order, or
// of what they never could see; and in the end everybody was told of the last of everything that concerns them.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		clients := []*client{
			{person: owner, kinds: []WayKind{wayOwner}}, {person: stranger, kinds: []WayKind{wayOwner, wayBox}}, {person: first, kinds: []WayKind{wayBox}},
			{person: second, kinds: []WayKind{wayOwner, wayBox}}, {person: third, kinds: []WayKind{wayCity}}, {person: warden, kinds: []WayKind{wayCity}},
			{person: warden, kinds: []WayKind{wayBox}},
		}
		boxes := []string{"", first, second, third, warden}
		for range rapid.IntRange(1, 120).Draw(rt, "acts") {
			c := clients[rapid.IntRange(0, len(clients)-1).Draw(rt, "client")]
			switch rapid.IntRange(0, 6).Draw(rt, "act") {
			case 0, 1, 2:
				n := rapid.IntRange(0, 4).Draw(rt, "thing")
				next := owned(n, []string{owner, stranger}[n%2])
				if n == 2 {
					next.owner = second
				}
				r.feed.happen(boxed(next, rapid.SampledFrom(boxes).Draw(rt, "box")))
			case 3:
				r.turn(t)
			case 4:
				c.read()
			case 5:
				c.come(t, r)
			case 6:
				c.part(rapid.Bool().Draw(rt, "reads before"))
			}
		}
		for _, c := range clients {
			c.come(t, r)
		}
		r.turn(t)
		for _, c := range clients {
			c.read()
			if err := c.judge(r); err != nil {
				rt.Fatalf("%s: %v\ntold %v", c.person, err, c.told)
			}
			c.part(false)
		}
	})
}

func (c *client) come(t *testing.T, r *rig) {
	if c.w != nil {
		return
	}
	w, err := r.Watch(as(t.Context(), c.person), asked(c.person, c.last, c.kinds...))
	if err != nil {
		t.Fatal(err)
	}
	c.w = w
}

func (c *client) read() {
	if c.w == nil {
		return
	}
	n := c.w.Take()
	if n.Reset || n.Ready && c.last == nil {
		c.since = n.Position
		if n.Ready {
			c.since = n.Start
		}
	}
	for _, note := range n.Notes {
		c.told = append(c.told, note)
		if c.last != nil && note.Position <= *c.last {
			panic(fmt.Sprintf("told %v after %d", note, *c.last))
		}
		c.last = at(note.Position) // a client may go away between any two
	}
	c.last = at(n.Position)
}

// part goes away, perhaps with something unread.
func (c *client) part(reads bool) {
	if c.w == nil {
		return
	}
	if reads || c.last == nil {
		c.read()
	}
	c.w.Close()
	c.w = nil
}

// judge compares what a client was told with everything that happened.
func (c *client) judge(r *rig) error {
	who, a := caller(c.person), asked(c.person, nil, c.kinds...)
	told := map[string][]Note{}
	for i, note := range c.told {
		if i > 0 && note.Position <= c.told[i-1].Position {
			return fmt.Errorf("%v comes after %v", note, c.told[i-1])
		}
		step := r.feed.steps[note.Position-1]
		if note.Version > 0 && (note.Version != step.Version || !sees(step.After, who)) ||
			note.Version == 0 && (sees(step.After, who) && step.After == State(r.feed.now[step.Name]) || !sees(step.Before, who)) {
			return fmt.Errorf("told %v of %+v", note, step)
		}
		told[note.Name] = append(told[note.Name], note)
	}
	for name := range r.feed.now {
		var last Step
		for _, s := range r.feed.steps {
			if s.Name == name {
				last = s
			}
		}
		concerns := slices.ContainsFunc(last.ways(), func(w Way) bool { return slices.Contains(a.Ways, w) })
		can, could := sees(last.After, who), sees(last.Before, who)
		if last.Position <= c.since || !concerns || !can && !could {
			continue
		}
		want := Note{Position: last.Position, Name: name}
		if can {
			want.Version = last.Version
		}
		if notes := told[name]; len(notes) == 0 || notes[len(notes)-1] != want {
			return fmt.Errorf("told %v of %s, want %v", told[name], name, want)
		}
	}
	return nil
}

// TestACrowd: many who come, read and go while it happens, all at once.
func TestACrowd(t *testing.T) {
	r := newRig(t)
	r.run(t)
	const happens, crowd = 2000, 100
	var everybody sync.WaitGroup
	for i := range crowd {
		everybody.Go(func() {
			seed := rand.New(rand.NewPCG(1, uint64(i)))
			var last *int64
			for last == nil || *last < happens {
				person := fmt.Sprint(warden, i)
				w, err := r.Watch(as(t.Context(), person), asked(person, last, wayCity))
				if err != nil {
					t.Error(err)
					return
				}
				for range seed.IntN(50) {
					n := woken(t, w)
					if n.Reset {
						t.Error("reset")
					}
					for _, note := range n.Notes {
						if last != nil && note.Position <= *last {
							t.Errorf("%d after %d", note.Position, *last)
						}
						last = at(note.Position)
					}
					if last = at(n.Position); *last == happens {
						break
					}
				}
				w.Close()
			}
		})
	}
	for n := range happens {
		r.feed.happen(owned(n%300, owner))
		if n%100 == 0 {
			runtime.Gosched()
		}
	}
	everybody.Wait()
}
