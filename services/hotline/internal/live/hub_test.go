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

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestWhoIsToldWhat(t *testing.T) {
	r := newRig(t)
	filer := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, nil))
	first := r.watch(t, r.asked(t, policytest.Attendant, desk.Look{Desk: true}, nil))
	second := r.watch(t, r.asked(t, policytest.Attendant2, desk.Look{Desk: true}, nil))
	unit := r.watch(t, r.asked(t, policytest.HousingLeader, desk.Look{Unit: policytest.Housing}, nil))
	office := r.watch(t, r.asked(t, policytest.MayorOffice, desk.Look{All: true}, nil))
	stranger := r.watch(t, r.asked(t, desktest.Stranger, desk.Look{Mine: true, Desk: true, All: true}, nil))
	all := []*Watcher{filer, first, second, unit, office, stranger}
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
	ticket := filed(1, desktest.Filer)
	r.feed.happen(ticket)
	expect(1, none, none, none, 1, none)
	r.feed.happen(held(ticket, policytest.Permits, policytest.Attendant))
	expect(2, 2, none, 2, 2, none)
	r.feed.happen(held(ticket, policytest.Market, policytest.Attendant2))
	expect(3, gone, 3, gone, 3, none)
	r.feed.happen(held(ticket, policytest.Market, policytest.Attendant2)) // who held it hears no more
	expect(4, none, 4, none, 4, none)
	r.feed.happen(nil)
	expect(none, none, none, none, none, none)
	other := filed(2, desktest.Filer)
	other.City = "410901"
	r.feed.happen(other)
	expect(none, none, none, none, none, none)
}

// What a step shows to somebody is not named when the ticket is out of their sight by now.
func TestCheckedAgainstTheTicketAsItIs(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, r.asked(t, policytest.Attendant, desk.Look{Desk: true}, nil))
	w.Take()
	ticket := filed(1, desktest.Filer)
	r.feed.happen(ticket)
	r.feed.happen(held(ticket, policytest.Permits, policytest.Attendant))
	r.feed.happen(held(ticket, policytest.Market, policytest.Attendant2)) // before the hub reads the second
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 1 || n.Notes[0].Version != 0 {
		t.Errorf("told %+v", n.Notes)
	}
}

// Whom a ticket turns out to be about is told nothing of it from then on, not even what was noted before.
func TestWhomItIsAbout(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, r.asked(t, policytest.Attendant, desk.Look{Desk: true}, nil))
	w.Take()
	of := held(filed(1, desktest.Filer), policytest.Permits, policytest.Attendant)
	about := held(of, policytest.Permits, policytest.Attendant)
	about.Conflict = ticket.Conflict{Officials: []string{policytest.Attendant}}
	r.feed.happen(of)
	r.turn(t)
	r.feed.happen(about)
	r.feed.happen(held(about, policytest.Market, policytest.Attendant2))
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 0 || n.Position != 3 {
		t.Errorf("told %+v", n)
	}
	back := r.watch(t, r.asked(t, policytest.Attendant, desk.Look{Desk: true}, at(0)))
	if n := back.Take(); len(n.Notes) != 0 {
		t.Errorf("told on coming back %+v", n)
	}
}

func TestResumes(t *testing.T) {
	r := newRig(t)
	keep := r.watch(t, r.asked(t, policytest.MayorOffice, desk.Look{All: true}, nil)) // so that the hub remembers
	for n := range 10 {
		r.feed.happen(filed(n, desktest.Filer))
	}
	r.turn(t)
	for _, c := range []struct {
		after *int64
		reset bool
		notes int
	}{{nil, false, 0}, {at(10), false, 0}, {at(4), false, 6}, {at(0), false, 10}, {at(11), true, 0}, {at(-1), true, 0}, {at(1 << 62), true, 0}} {
		asked := r.asked(t, desktest.Filer, desk.Look{Mine: true}, c.after)
		asked.Board = true
		w := r.watch(t, asked)
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
		r.feed.happen(filed(n%50, desktest.Filer))
	}
	far := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, at(9)))
	if n := far.Take(); !n.Reset {
		t.Errorf("too old: %+v", n)
	}
	near := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, at(Window)))
	if n := near.Take(); n.Reset || len(n.Notes) != 10 {
		t.Errorf("near: %d notes, %v", len(n.Notes), n.Reset)
	}
	edge := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, at(10)))
	if n := edge.Take(); n.Reset || len(n.Notes) != 50 {
		t.Errorf("at the edge: %d notes, %v", len(n.Notes), n.Reset)
	}
	reads := r.feed.reads
	again := r.watch(t, r.asked(t, desktest.Stranger, desk.Look{Mine: true}, at(10)))
	if n := again.Take(); n.Reset || len(n.Notes) != 0 || r.feed.reads != reads {
		t.Errorf("a stranger: %+v after %d reads", n, r.feed.reads-reads)
	}
	// A process that is behind another takes a position it has not reached itself.
	r.feed.happen(filed(1, desktest.Filer))
	ahead := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, at(Window+11)))
	r.turn(t)
	if n := ahead.Take(); n.Reset || len(n.Notes) != 0 || n.Position != Window+11 {
		t.Errorf("ahead: %+v", n)
	}
}

func TestWhoDoesNotReadIsTold(t *testing.T) {
	r := newRig(t)
	w := r.watch(t, r.asked(t, policytest.MayorOffice, desk.Look{All: true}, nil))
	for range 3 {
		r.feed.happen(filed(1, desktest.Filer))
	}
	r.feed.happen(filed(2, desktest.Filer))
	r.turn(t)
	if n := w.Take(); len(n.Notes) != 2 || n.Notes[0] != (Note{3, "t1", 3}) || n.Notes[1] != (Note{4, "t2", 1}) {
		t.Errorf("not joined: %+v", n.Notes)
	}
	for n := range MaxNotes + 1 {
		r.feed.happen(filed(n, desktest.Filer))
	}
	r.turn(t)
	if n := w.Take(); !n.Reset || len(n.Notes) != 0 || n.Position != MaxNotes+5 {
		t.Errorf("too many: %+v", n)
	}
	r.feed.happen(filed(7, desktest.Filer))
	r.turn(t)
	if n := w.Take(); n.Reset || len(n.Notes) != 1 {
		t.Errorf("afterwards: %+v", n)
	}
}

func TestLimits(t *testing.T) {
	r := newRig(t)
	for range MaxByPerson {
		r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, nil))
	}
	if _, err := r.Watch(t.Context(), r.asked(t, desktest.Filer, desk.Look{Mine: true}, nil)); !fault.Has(err, "WATCHES_EXHAUSTED") {
		t.Errorf("one too many: %v", err)
	}
	one := r.watch(t, r.asked(t, desktest.Stranger, desk.Look{Mine: true}, nil))
	if r.Len() != MaxByPerson+1 {
		t.Errorf("%d watch", r.Len())
	}
	one.Close()
}

func TestASignInThatEnds(t *testing.T) {
	r := newRig(t)
	r.run(t)
	stays := r.watch(t, r.asked(t, desktest.Stranger, desk.Look{Mine: true}, nil))
	w := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, nil))
	r.mu.Lock()
	r.over[desktest.Filer] = errSignedOut
	r.over[desktest.Stranger] = authn.ErrKeysUnavailable // which says nothing about the sign-in
	r.mu.Unlock()
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
	w := r.watch(t, r.asked(t, desktest.Stranger, desk.Look{Mine: true}, nil))
	woken(t, w)
	r.feed.happen(filed(1, desktest.Filer))
	for position, _ := r.standing(); position < 1; position, _ = r.standing() {
		runtime.Gosched()
	}
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
	asked := r.asked(t, policytest.MayorOffice, desk.Look{}, nil)
	asked.Board = true
	w := r.watch(t, asked)
	woken(t, w)
	r.feed.happen(filed(1, desktest.Filer))
	if n := woken(t, w); !n.Board || len(n.Notes) != 0 || n.Position != 1 || <-r.board != 1 {
		t.Errorf("told %+v", n)
	}
	for range 5 {
		r.feed.happen(filed(1, desktest.Filer))
	}
	for position, _ := r.standing(); position < 6; position, _ = r.standing() {
		runtime.Gosched()
	}
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
	w := r.watch(t, r.asked(t, desktest.Filer, desk.Look{Mine: true}, nil))
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
	r.feed.happen(filed(1, desktest.Filer))
	if n := woken(t, w); len(n.Notes) != 1 {
		t.Errorf("told %+v", n)
	}
}

// client is somebody who watches, goes away and comes back, and remembers what they were told.
type client struct {
	person string
	look   desk.Look
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
			{person: desktest.Filer, look: desk.Look{Mine: true}}, {person: desktest.Colleague, look: desk.Look{All: true}},
			{person: desktest.Stranger, look: desk.Look{Mine: true, Desk: true}}, {person: policytest.Attendant, look: desk.Look{Desk: true}},
			{person: policytest.Attendant2, look: desk.Look{All: true}}, {person: policytest.HousingLeader, look: desk.Look{Unit: policytest.Housing}},
			{person: policytest.MayorOffice, look: desk.Look{All: true}}, {person: policytest.Dispatcher, look: desk.Look{Unit: policytest.Desk}},
		}
		seats := []struct{ unit, official string }{{policytest.Desk, ""}, {policytest.Permits, policytest.Attendant},
			{policytest.Market, policytest.Attendant2}, {policytest.Water, policytest.Clerk}}
		for range rapid.IntRange(1, 120).Draw(rt, "acts") {
			c := clients[rapid.IntRange(0, len(clients)-1).Draw(rt, "client")]
			switch rapid.IntRange(0, 6).Draw(rt, "act") {
			case 0, 1, 2:
				n := rapid.IntRange(0, 4).Draw(rt, "ticket")
				next := filed(n, []string{desktest.Filer, desktest.Stranger}[n%2])
				if n == 2 {
					next.Enterprise = desktest.Enterprise
				}
				seat := seats[rapid.IntRange(0, len(seats)-1).Draw(rt, "seat")]
				r.feed.happen(held(next, seat.unit, seat.official))
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
	w, err := r.Watch(t.Context(), r.asked(t, c.person, c.look, c.last))
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
	look := c.look
	look.City = policytest.Code
	caller := desktest.Caller(c.person)
	ways, _ := r.desk.Ways(nil, caller, look) //nolint:staticcheck // no ticket is looked up
	city, _ := r.Cities.City(policytest.Code)
	told := map[string][]Note{}
	for i, note := range c.told {
		if i > 0 && note.Position <= c.told[i-1].Position {
			return fmt.Errorf("%v comes after %v", note, c.told[i-1])
		}
		step := r.feed.steps[note.Position-1]
		if note.Version > 0 && (note.Version != step.Version || !visible(caller, city, step.After)) ||
			note.Version == 0 && (visible(caller, city, step.After) && step.After.Ticket == r.feed.now[step.Ticket] || !visible(caller, city, step.Before)) {
			return fmt.Errorf("told %v of %+v", note, step)
		}
		told[note.Ticket] = append(told[note.Ticket], note)
	}
	for id := range r.feed.now {
		var last Step
		for _, s := range r.feed.steps {
			if s.Ticket == id {
				last = s
			}
		}
		concerns := slices.ContainsFunc(last.ways(), func(w desk.Way) bool { return slices.Contains(ways, w) })
		sees, saw := visible(caller, city, last.After), visible(caller, city, last.Before)
		if last.Position <= c.since || !concerns || !sees && !saw {
			continue
		}
		want := Note{Position: last.Position, Ticket: id}
		if sees {
			want.Version = last.Version
		}
		if notes := told[id]; len(notes) == 0 || notes[len(notes)-1] != want {
			return fmt.Errorf("told %v of %s, want %v", told[id], id, want)
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
				person := fmt.Sprint("official-", i)
				w, err := r.Watch(t.Context(), Asked{Caller: authn.Caller{Kind: authn.Person, City: policytest.Code, Person: person,
					Roles: desktest.Caller(policytest.MayorOffice).Roles}, City: policytest.Code, Ways: []desk.Way{{Kind: desk.WayCity}}, After: last})
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
		r.feed.happen(filed(n%300, desktest.Filer))
		if n%100 == 0 {
			runtime.Gosched()
		}
	}
	everybody.Wait()
}
