package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// What happened to a ticket, as far as it concerns who carries it.
type (
	// Filed asks for a holder.
	Filed struct {
		route.Filing
		ConfigVersion int64
		Visit         string // id of the visit it comes from; may be empty
	}
	// Dispatched gives the ticket to somebody, on our proposal or not.
	Dispatched struct{ Official string }
	// HandedOver gives the ticket from its holder to another, on our proposal.
	HandedOver struct{ Official string }
	// Recalled takes it back into the dispatchers' queue, where they decide.
	Recalled struct{}
	// Refused gives a claim back, or says that a hand-over does not happen.
	Refused struct {
		Official string
		Proposal int64 // its position in our feed
	}
	// Conflicted names who the ticket is about.
	Conflicted struct{ route.Conflict }
	// Answered takes the ticket off its holder's open desk.
	Answered struct{}
	// Closed ends it.
	Closed struct{}
	// Reopened puts it back on its holder's desk.
	Reopened struct{}
)

// Happening is one of these, at its place in the hotline's feed.
type Happening struct {
	Position int64
	City     string
	Ticket   string
	Version  int64 // of the ticket
	Time     time.Time
	What     any
}

// Take decides what a stretch of the hotline's feed means: who is proposed for what was filed, and who carries what. It
// returns the one Change that writes it; who calls it adds the cursor. What was decided together counts: each proposal sees the
// loads that the ones before it left.
func (d *Desk) Take(ctx context.Context, happened []Happening) (*change.Change, error) {
	byCity := map[string][]Happening{}
	for _, h := range happened {
		byCity[h.City] = append(byCity[h.City], h)
	}
	c := &change.Change{}
	decided := change.Begin()
	for _, city := range slices.Sorted(maps.Keys(byCity)) {
		f := &folding{c: c, city: city, tickets: map[string]*store.Ticket{}, touched: map[string]*store.Ticket{}, given: map[string]int64{},
			stuck: map[string]time.Time{}}
		var err error
		if decided, err = d.prepare(ctx, f, byCity[city]); err != nil {
			return nil, err
		}
		for _, h := range byCity[city] {
			if err := f.take(h); err != nil {
				return nil, fmt.Errorf("position %d: %w", h.Position, err)
			}
		}
		if err := f.finish(); err != nil {
			return nil, err
		}
	}
	c.Decided = decided
	return c, nil
}

// folding is one city's part of a stretch of the feed while it is decided.
type folding struct {
	c         *change.Change
	city      string
	situation route.Situation
	tickets   map[string]*store.Ticket
	touched   map[string]*store.Ticket // those that changed
	given     map[string]int64
	moves     []change.Statement
	gone      map[string]bool      // of those who hold or get a ticket: who no longer serves
	stuck     map[string]time.Time // when to look for the tickets of those who are gone
}

// prepare reads all that deciding needs, and tells when it had what it waited for.
func (d *Desk) prepare(ctx context.Context, f *folding, happened []Happening) (time.Time, error) {
	var wanted []string
	var version int64
	filed := false
	for _, h := range happened {
		if in, ok := h.What.(Filed); ok {
			filed, version = true, max(version, in.ConfigVersion)
		}
		wanted = append(wanted, h.Ticket)
	}
	var err error
	if filed {
		if f.situation.City, err = d.rosterOf(ctx, f.city, version); err != nil {
			return time.Time{}, err
		}
	}
	decided := change.Begin()
	f.situation.Now = d.City.Now()
	slices.Sort(wanted)
	known, err := d.Store.Tickets(ctx, f.city, slices.Compact(wanted))
	if err != nil {
		return time.Time{}, err
	}
	for _, t := range known {
		f.tickets[t.ID] = t
	}
	if f.gone, err = d.gone(ctx, f, happened); err != nil {
		return time.Time{}, err
	}
	if !filed {
		return decided, nil
	}
	return decided, d.survey(ctx, &f.situation, f.city, happened)
}

// gone tells who of those that may come to hold a ticket no longer serves the city.
func (d *Desk) gone(ctx context.Context, f *folding, happened []Happening) (map[string]bool, error) {
	holders := map[string]bool{}
	for _, h := range happened {
		switch what := h.What.(type) {
		case Dispatched:
			holders[what.Official] = true
		case HandedOver:
			holders[what.Official] = true
		case Reopened, Refused:
			if t := f.tickets[h.Ticket]; t != nil {
				holders[t.Official] = true
			}
		}
	}
	delete(holders, "")
	return d.dismissed(ctx, f.city, slices.Sorted(maps.Keys(holders)))
}

// dismissed tells which of some persons were dismissed and do not serve the city again.
func (d *Desk) dismissed(ctx context.Context, city string, persons []string) (map[string]bool, error) {
	once, err := d.Store.Gone(ctx, city, persons)
	if err != nil || len(once) == 0 {
		return nil, err
	}
	roster, err := d.Roster(ctx, city)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for _, person := range once {
		if _, serves := roster.Official(person); !serves {
			gone[person] = true
		}
	}
	return gone, nil
}

// survey reads what choosing depends on, for all that was filed together.
func (d *Desk) survey(ctx context.Context, s *route.Situation, city string, happened []Happening) error {
	enterprises := map[string]bool{}
	for _, h := range happened {
		if in, ok := h.What.(Filed); ok && in.Enterprise != "" {
			enterprises[in.Enterprise] = true
		}
	}
	var err error
	if s.Bindings, err = d.Store.BindingsOf(ctx, city, slices.Sorted(maps.Keys(enterprises))); err != nil {
		return err
	}
	if s.Presence, err = d.Store.Presences(ctx, city); err != nil {
		return err
	}
	// Loads are counted only where they decide.
	pool := map[string]bool{}
	for _, h := range happened {
		in, ok := h.What.(Filed)
		if !ok {
			continue
		}
		if _, named := s.ByName(in.Filing); named {
			continue
		}
		for _, official := range route.Pool(s.City, in.Category) {
			pool[official] = true
		}
	}
	officials := slices.Sorted(maps.Keys(pool))
	if s.Loads, err = d.Store.Loads(ctx, city, officials); err != nil {
		return err
	}
	s.Given, err = d.Store.Given(ctx, city, officials)
	return err
}

// take decides one thing that happened.
func (f *folding) take(h Happening) error {
	t, known := f.tickets[h.Ticket]
	if !known {
		t = &store.Ticket{City: f.city, ID: h.Ticket}
		f.tickets[h.Ticket] = t
	}
	before := t.Ticket
	switch what := h.What.(type) {
	case Filed:
		if t.Version > 0 || !route.Same(t.Ticket, route.Ticket{}) {
			return nil // it was answered already
		}
		if what.Visit != "" {
			f.c.Statements = append(f.c.Statements, store.LinkVisit(f.city, what.Visit, t.ID, what.Enterprise))
		}
		t.Filing = what.Filing
		choice := f.situation.Choose(what.Filing)
		if err := t.Propose(f.c, h.Version, choice, f.situation.Now); err != nil {
			return err
		}
		t.Ticket = t.Proposed(choice)
		f.carry(t, before, choice.Cap)
		f.give(choice.Official, h.Position)
		return nil
	case Dispatched:
		t.Ticket = t.Dispatched(what.Official)
		if before.Official != what.Official {
			f.give(what.Official, h.Position)
		}
	case HandedOver:
		t.Ticket = t.HandedOver(what.Official)
		f.give(what.Official, h.Position)
	case Recalled:
		t.Ticket = t.Recalled()
	case Refused:
		t.Ticket = t.Refused(what.Official, what.Proposal)
	case Conflicted:
		f.keepOut(t, what.Conflict)
		return nil
	case Answered, Closed:
		t.Ticket = t.Answered()
	case Reopened:
		t.Ticket = t.Reopened()
	default:
		return fmt.Errorf("a happening of type %T", h.What)
	}
	f.watch(t)
	if route.Same(t.Ticket, before) {
		return nil
	}
	if t.Stage == route.Held && (before.Stage != route.Held || before.Official != t.Official) {
		t.Held = h.Time
	}
	f.carry(t, before, 0)
	if official := route.Returns(before, t.Ticket); official != "" {
		return t.Return(f.c, official, f.situation.Now)
	}
	return nil
}

// keepOut remembers who a ticket is about, for whoever chooses its next holder.
func (f *folding) keepOut(t *store.Ticket, c route.Conflict) {
	for _, official := range c.Officials {
		if !slices.Contains(t.Filing.Officials, official) {
			t.Filing.Officials = append(t.Filing.Officials, official)
		}
	}
	for _, unit := range c.Units {
		if !slices.Contains(t.Filing.Units, unit) {
			t.Filing.Units = append(t.Filing.Units, unit)
		}
	}
	f.touched[t.ID] = t
}

// watch sees to it that a ticket does not stay with somebody who is gone: it may have come to them after all the others left, because they
// answered it before and it is open again, because nobody had told the hotline yet, or because its hand-over was refused.
func (f *folding) watch(t *store.Ticket) {
	if t.Stage != route.Held || t.Offer != nil || !f.gone[t.Official] {
		return
	}
	at := f.situation.Now.Add(settling)
	if t.Turned > 1 {
		at = f.situation.Now.Add(patienceWithDesk)
	}
	if set, ok := f.stuck[t.Official]; !ok || at.Before(set) {
		f.stuck[t.Official] = at
	}
}

// carry moves a ticket between loads. The rows move in the order of what happened, so that a cap is guarded in the database at
// the very count at which it was decided.
func (f *folding) carry(t *store.Ticket, before route.Ticket, limit int) {
	f.touched[t.ID] = t
	if before.Offer != nil && t.Offer == nil {
		f.moves = append(f.moves, store.EndOffer(f.city, t.ID, *before.Offer))
	}
	had, has := before.Carriers(), t.Carriers()
	for _, official := range had {
		if !slices.Contains(has, official) {
			f.moves = append(f.moves, store.Unload(f.city, official, t.ID))
			f.weigh(official, -1)
		}
	}
	for _, official := range has {
		if slices.Contains(had, official) {
			continue
		}
		add := store.Load(f.city, official, t.ID)
		if limit > 0 {
			add = store.Claim(f.city, official, t.ID, limit)
		}
		f.moves = append(f.moves, add)
		f.weigh(official, 1)
	}
}

func (f *folding) weigh(official string, by int) {
	if f.situation.Loads != nil {
		f.situation.Loads[official] += by
	}
}

// give notes whose turn it was.
func (f *folding) give(official string, position int64) {
	if official == "" {
		return
	}
	f.given[official] = max(f.given[official], position)
	if f.situation.Given != nil {
		f.situation.Given[official] = f.given[official]
	}
}

// finish writes what was decided: whose turn it was first, because that is what makes those who claim for one official take
// turns, in one order everywhere so that nobody waits for each other; then loads, then tickets.
func (f *folding) finish() error {
	for _, official := range slices.Sorted(maps.Keys(f.given)) {
		f.c.Statements = append(f.c.Statements, store.Give(f.city, official, f.given[official]))
	}
	f.c.Statements = append(f.c.Statements, f.moves...)
	tickets := make([]*store.Ticket, 0, len(f.touched))
	for _, id := range slices.Sorted(maps.Keys(f.touched)) {
		tickets = append(tickets, f.touched[id])
	}
	for _, official := range slices.Sorted(maps.Keys(f.stuck)) {
		f.c.Due = append(f.c.Due, change.Due{City: f.city, Aggregate: store.OfficialAggregate(official), At: f.stuck[official]})
	}
	return store.SaveTickets(f.c, tickets)
}
