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

// Take decides what a stretch of the hotline's feed means: who is proposed for what was filed, and who carries what. It
// returns the one Change that writes it; who calls it adds the cursor. What was decided together counts: each proposal sees the
// loads that the ones before it left.
func (d *Desk) Take(ctx context.Context, happened []Happening) (*change.Change, error) {
	return fold(ctx, happened, func(c *change.Change, city string) folding {
		return &routing{tally: d.tally(c, city), tickets: map[string]*store.Ticket{}, touched: map[string]*store.Ticket{}}
	})
}

// routing is what happened to a city's tickets while it is decided.
type routing struct {
	tally
	tickets map[string]*store.Ticket
	touched map[string]*store.Ticket // those that changed
}

func (f *routing) prepare(ctx context.Context, happened []Happening) (time.Time, error) {
	var tickets []string
	var version int64
	var filings []route.Filing
	for _, h := range happened {
		if in, ok := h.What.(Filed); ok {
			version, filings = max(version, in.ConfigVersion), append(filings, in.Filing)
		}
		tickets = append(tickets, h.ID)
	}
	var err error
	if len(filings) > 0 {
		if f.situation.City, err = f.desk.rosterOf(ctx, f.city, version); err != nil {
			return time.Time{}, err
		}
	}
	decided := change.Begin()
	f.situation.Now = f.desk.City.Now()
	slices.Sort(tickets)
	known, err := f.desk.Store.Tickets(ctx, f.city, slices.Compact(tickets))
	if err != nil {
		return time.Time{}, err
	}
	for _, t := range known {
		f.tickets[t.ID] = t
	}
	if f.gone, err = f.desk.dismissed(ctx, f.city, f.holders(happened)); err != nil || len(filings) == 0 {
		return decided, err
	}
	return decided, f.desk.survey(ctx, &f.situation, wanted{filings: filings})
}

// holders are those that may come to hold a ticket.
func (f *routing) holders(happened []Happening) []string {
	holders := map[string]bool{}
	for _, h := range happened {
		switch what := h.What.(type) {
		case Dispatched:
			holders[what.Official] = true
		case HandedOver:
			holders[what.Official] = true
		case Reopened, Refused:
			if t := f.tickets[h.ID]; t != nil {
				holders[t.Official] = true
			}
		}
	}
	delete(holders, "")
	return slices.Sorted(maps.Keys(holders))
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

func (f *routing) take(h Happening) error {
	t, known := f.tickets[h.ID]
	if !known {
		t = &store.Ticket{City: f.city, ID: h.ID}
		f.tickets[h.ID] = t
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
		f.move(t, before, choice.Cap)
		f.give(f.situation.Given, choice.Official, h.Position)
		return nil
	case Dispatched:
		t.Ticket = t.Dispatched(what.Official)
		if before.Official != what.Official {
			f.give(f.situation.Given, what.Official, h.Position)
		}
	case HandedOver:
		t.Ticket = t.HandedOver(what.Official)
		f.give(f.situation.Given, what.Official, h.Position)
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
	if t.Stage == route.Held && t.Offer == nil {
		f.watch(t.Official, t.Turned)
	}
	if route.Same(t.Ticket, before) {
		return nil
	}
	if t.Stage == route.Held && (before.Stage != route.Held || before.Official != t.Official) {
		t.Held = h.Time
	}
	f.move(t, before, 0)
	if official := route.Returns(before, t.Ticket); official != "" {
		return t.Return(f.c, official, f.situation.Now)
	}
	return nil
}

// keepOut remembers who a ticket is about, for whoever chooses its next holder.
func (f *routing) keepOut(t *store.Ticket, c route.Conflict) {
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

// move notes that a ticket changed, and who carries it.
func (f *routing) move(t *store.Ticket, before route.Ticket, limit int) {
	f.touched[t.ID] = t
	if before.Offer != nil && t.Offer == nil {
		f.moves = append(f.moves, store.EndOffer(f.city, t.ID, *before.Offer))
	}
	f.carry(t.ID, before.Carriers(), t.Carriers(), limit)
}

func (f *routing) finish() error {
	f.write(store.Give)
	tickets := make([]*store.Ticket, 0, len(f.touched))
	for _, id := range slices.Sorted(maps.Keys(f.touched)) {
		tickets = append(tickets, f.touched[id])
	}
	return store.SaveTickets(f.c, tickets)
}
