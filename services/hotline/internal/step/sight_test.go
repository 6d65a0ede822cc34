package step

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/zap"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// rig is the hub over a feed of what a test lets happen to tickets. It does not run: whoever comes is told of what has happened.
type rig struct {
	*live.Hub
	desk   *desk.Desk
	cities *desk.Cities
	steps  []live.Step
	now    map[string]*State // by name
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{cities: desk.NewCities(), now: map[string]*State{}}
	r.cities.Put(policytest.City(t))
	clock := movable.New(desktest.Start)
	r.desk = desk.New(desk.Deps{Store: &store.Store{}, Cities: r.cities, City: clock, Wall: clock})
	var err error
	r.Hub, err = live.New(live.Config{Feed: r, Steps: r.Steps, City: clock, Wall: clock, Log: zap.NewNop(),
		SignedIn: func(context.Context, string) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// happen lets a ticket become another.
func (r *rig) happen(t *ticket.Ticket) {
	after := *t
	name := "tickets/" + t.ID
	s := live.Step{Position: int64(len(r.steps)) + 1, City: t.City, Name: name, Version: 1}
	if before := r.now[name]; before != nil {
		s.Before, s.Version = before, before.Ticket.Version+1
	}
	after.Version = s.Version
	r.now[name] = &State{Stored: store.Stored{Key: store.Key{City: t.City, ID: t.ID}, Ticket: &after}, cities: r.cities}
	s.After = r.now[name]
	r.steps = append(r.steps, s)
}

func (r *rig) Head(context.Context) (int64, error) { return int64(len(r.steps)), nil }

func (r *rig) Read(_ context.Context, after int64, limit int, _ time.Duration) ([]change.FeedEvent, error) {
	var out []change.FeedEvent
	for _, s := range r.steps[after:min(after+int64(limit), int64(len(r.steps)))] {
		out = append(out, change.FeedEvent{Position: s.Position})
	}
	return out, nil
}

func (r *rig) Steps(_ context.Context, events []change.FeedEvent) ([]live.Step, error) {
	var out []live.Step
	for _, e := range events {
		s := r.steps[e.Position-1]
		s.Now = r.now[s.Name]
		out = append(out, s)
	}
	return out, nil
}

// watcher is somebody who looks in a way of theirs.
type watcher struct {
	person string
	look   desk.Look
}

// told is what somebody is told who has seen everything up to a position.
func (r *rig) told(t *testing.T, w watcher, after int64) []live.Note {
	t.Helper()
	w.look.City = policytest.Code
	ctx := authn.WithCaller(t.Context(), desktest.Caller(w.person))
	ways, err := r.desk.Ways(ctx, desktest.Caller(w.person), w.look)
	if err != nil {
		t.Fatal(err)
	}
	watching, err := r.Watch(ctx, live.Asked{City: policytest.Code, Ways: ways, After: &after})
	if err != nil {
		t.Fatal(err)
	}
	defer watching.Close()
	news := watching.Take()
	if news.Reset || news.Position != int64(len(r.steps)) {
		t.Fatalf("told %+v", news)
	}
	return news.Notes
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

func TestWhoIsToldWhat(t *testing.T) {
	r := newRig(t)
	all := []watcher{{desktest.Filer, desk.Look{Mine: true}}, {policytest.Attendant, desk.Look{Desk: true}}, {policytest.Attendant2, desk.Look{Desk: true}},
		{policytest.HousingLeader, desk.Look{Unit: policytest.Housing}}, {policytest.MayorOffice, desk.Look{All: true}},
		{desktest.Stranger, desk.Look{Mine: true, Desk: true, All: true}}}
	const none, gone = -1, 0
	one, other := filed(1, desktest.Filer), filed(2, desktest.Filer)
	other.City = "410901"
	for _, c := range []struct {
		happens *ticket.Ticket
		want    []int64
	}{
		{one, []int64{1, none, none, none, 1, none}},
		{held(one, policytest.Permits, policytest.Attendant), []int64{2, 2, none, 2, 2, none}},
		{held(one, policytest.Market, policytest.Attendant2), []int64{3, gone, 3, gone, 3, none}},
		{held(one, policytest.Market, policytest.Attendant2), []int64{4, none, 4, none, 4, none}}, // who held it hears no more
		{other, []int64{none, none, none, none, none, none}},
	} {
		r.happen(c.happens)
		for i, w := range all {
			version := int64(none)
			if notes := r.told(t, w, int64(len(r.steps))-1); len(notes) > 0 {
				version = notes[0].Version
			}
			if version != c.want[i] {
				t.Errorf("watcher %d is told %d of %d, want %d", i, version, len(r.steps), c.want[i])
			}
		}
	}
}

// What a step shows to somebody is not named when the ticket is out of their sight by now.
func TestCheckedAgainstTheTicketAsItIs(t *testing.T) {
	r := newRig(t)
	one := filed(1, desktest.Filer)
	r.happen(one)
	r.happen(held(one, policytest.Permits, policytest.Attendant))
	r.happen(held(one, policytest.Market, policytest.Attendant2))
	if notes := r.told(t, watcher{policytest.Attendant, desk.Look{Desk: true}}, 0); len(notes) != 1 || notes[0].Version != 0 {
		t.Errorf("told %+v", notes)
	}
}

// Whom a ticket turns out to be about is told nothing of it from then on, not even that it went.
func TestWhomItIsAbout(t *testing.T) {
	r := newRig(t)
	attendant := watcher{policytest.Attendant, desk.Look{Desk: true}}
	of := held(filed(1, desktest.Filer), policytest.Permits, policytest.Attendant)
	about := held(of, policytest.Permits, policytest.Attendant)
	about.Conflict = ticket.Conflict{Officials: []string{policytest.Attendant}}
	r.happen(of)
	if notes := r.told(t, attendant, 0); len(notes) != 1 || notes[0].Version != 1 {
		t.Errorf("told %+v before anybody is named", notes)
	}
	r.happen(about)
	r.happen(held(about, policytest.Market, policytest.Attendant2))
	for after := range int64(3) {
		if notes := r.told(t, attendant, after); len(notes) != 0 {
			t.Errorf("told %+v after %d", notes, after)
		}
	}
}

// TestWhateverHappens: tickets go from seat to seat, and people come now and then. Nobody is told of what they never could see, and in the end
// everybody was told of the last of everything they may list, or might before.
func TestWhateverHappens(t *testing.T) {
	all := []watcher{{desktest.Filer, desk.Look{Mine: true}}, {desktest.Colleague, desk.Look{All: true}},
		{desktest.Stranger, desk.Look{All: true, Desk: true}}, {policytest.Attendant, desk.Look{All: true}}, {policytest.Attendant2, desk.Look{All: true}},
		{policytest.HousingLeader, desk.Look{All: true}}, {policytest.MayorOffice, desk.Look{All: true}}, {policytest.Dispatcher, desk.Look{All: true}},
		{policytest.PermitsClerk, desk.Look{All: true}}, {policytest.Auditor, desk.Look{All: true}}}
	seats := []struct{ unit, official string }{{policytest.Desk, ""}, {policytest.Permits, policytest.Attendant},
		{policytest.Market, policytest.Attendant2}, {policytest.Water, policytest.Clerk}}
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		seen, last := make([]int64, len(all)), make([]map[string]live.Note, len(all))
		visit := func(i int) {
			for _, note := range r.told(t, all[i], seen[i]) {
				if err := r.judge(all[i], note); err != nil {
					rt.Fatalf("%s: %v", all[i].person, err)
				}
				last[i][note.Name] = note
			}
			seen[i] = int64(len(r.steps))
		}
		for i := range all {
			last[i] = map[string]live.Note{}
		}
		for range rapid.IntRange(1, 60).Draw(rt, "acts") {
			if rapid.IntRange(0, 2).Draw(rt, "act") == 0 {
				visit(rapid.IntRange(0, len(all)-1).Draw(rt, "watcher"))
				continue
			}
			n := rapid.IntRange(0, 4).Draw(rt, "ticket")
			next := filed(n, []string{desktest.Filer, desktest.Stranger}[n%2])
			if n == 2 {
				next.Enterprise = desktest.Enterprise
			}
			seat := seats[rapid.IntRange(0, len(seats)-1).Draw(rt, "seat")]
			r.happen(held(next, seat.unit, seat.official))
		}
		for i, w := range all {
			visit(i)
			for name, now := range r.now {
				if err := r.complete(w, name, now, last[i][name]); err != nil {
					rt.Fatalf("%s: %v", w.person, err)
				}
			}
		}
	})
}

// judge tells whether somebody may be told what they are told.
func (r *rig) judge(w watcher, note live.Note) error {
	step, caller := r.steps[note.Position-1], desktest.Caller(w.person)
	could := step.Before != nil && step.Before.Sees(caller)
	if note.Version > 0 && (note.Version != step.Version || !step.After.Sees(caller)) || note.Version == 0 && !could {
		return fmt.Errorf("told %v of %+v", note, step)
	}
	return nil
}

// complete tells whether the last that somebody was told of a ticket is all there was to tell.
func (r *rig) complete(w watcher, name string, now *State, told live.Note) error {
	caller := desktest.Caller(w.person)
	of := slices.DeleteFunc(slices.Clone(r.steps), func(s live.Step) bool { return s.Name != name })
	last := of[len(of)-1]
	want := live.Note{Position: last.Position, Name: name, Version: last.Version}
	switch could := last.Before != nil && last.Before.Sees(caller); {
	case now.Sees(caller):
	case could:
		want.Version = 0
	default:
		return nil
	}
	if told != want {
		return fmt.Errorf("told %v of %s last, want %v", told, name, want)
	}
	return nil
}
