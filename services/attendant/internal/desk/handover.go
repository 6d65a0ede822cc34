package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

const (
	// mostAtOnce is how many tickets one decision hands over. What is left goes with the next one.
	mostAtOnce = 500
	// ticketsToACase is how many tickets cost as much as a case, which is written with a history of its own: so many fewer cases go along.
	ticketsToACase = 5
)

// portions are how many tickets the attempts at one decision take: half as many each time, so that a machine that cannot write as many
// within the age that a decision may have still gets on.
func portions() func() int {
	most := 2 * mostAtOnce
	return func() int {
		most = max(1, most/2)
		return most
	}
}

// HandOver is what is asked for.
type HandOver struct {
	City         string
	From         string
	Way          route.Way
	To           string   // for route.ToOfficial
	Tickets      []string // only these and the cases named; everything when neither are
	Cases        []string
	KeepBindings bool
	Note         string
}

// some tells whether only some work is asked for, and none of the rest.
func (h HandOver) some() bool { return len(h.Tickets)+len(h.Cases) > 0 }

// OpenTicket is a ticket on an official's open desk.
type OpenTicket struct {
	ID    string
	Held  time.Time // zero when nobody noted it
	To    string    // who gets it; empty for the desk's queue, or when it stays
	Stays bool
}

// OpenCase is a centre's part in an open case, for which an official acts.
type OpenCase struct {
	ID     string
	Centre string
	Since  time.Time
	To     string // who gets it; empty when the centre is to choose, or when it stays
	Stays  bool
}

// Handover is a decision to hand over, made or only thought about.
type Handover struct {
	store.Handover
	Tickets []OpenTicket
	Left    int // open tickets that wait for another decision
	// Cases are the open cases, with the centres' parts in them, and CasesLeft those that wait for another decision.
	Cases     []OpenCase
	CasesLeft int
	// Moving are the bindings that go along: those in force when only thought about, those that began when made.
	Moving []store.Binding
}

// PlanHandover lists an official's open work and says who would get it.
func (d *Desk) PlanHandover(ctx context.Context, caller authn.Caller, in HandOver) (Handover, error) {
	s, err := d.succession(ctx, caller, in, mostAtOnce)
	if err != nil {
		return Handover{}, err
	}
	return s.Handover, nil
}

// MakeHandover hands an official's open work over and returns the decision's id.
func (d *Desk) MakeHandover(ctx context.Context, call Call, in HandOver) (string, error) {
	portion := portions()
	return d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		s, err := d.succession(ctx, call.Caller, in, portion())
		if err != nil {
			return nil, "", err
		}
		c := &change.Change{Statements: []change.Statement{store.Binds(in.City, s.revision)}}
		s.ID, s.Note, s.Reason, s.Time = d.ids.New(), in.Note, route.ByHandover, s.now
		if err := s.rebind(c, d.ids.New, call.actor()); err != nil {
			return nil, "", err
		}
		for _, v := range s.visits {
			if err := store.ReassignVisit(c, v, s.heir.Person, s.heir.DisplayName, s.heir.Unit, s.now, call.actor()); err != nil {
				return nil, "", err
			}
		}
		return c, s.ID, s.propose(c, call.actor())
	})
}

// succession is a hand-over while it is decided.
type succession struct {
	Handover
	revision int64
	now      time.Time
	after    int64           // where our feed stood before anything was read
	heir     roster.Official // who takes over, where it is one
	visits   []store.Visit
	work     []*store.Ticket
	cases    []*store.Case
}

// succession reads an official's open work and decides who gets it. What is about the caller is not theirs to see or to move: it stays.
func (d *Desk) succession(ctx context.Context, caller authn.Caller, in HandOver, most int) (*succession, error) {
	r, err := d.roster(ctx, in.City)
	if err != nil {
		return nil, err
	}
	s := &succession{Handover: Handover{Handover: store.Handover{City: in.City, From: in.From, Way: in.Way}}, revision: r.revision, now: d.City.Now()}
	from, serves := r.city.Official(in.From)
	if !serves {
		gone, err := d.dismissed(ctx, in.City, []string{in.From})
		switch {
		case err != nil:
			return nil, err
		case !gone[in.From]:
			return nil, ErrNoOfficial
		}
	}
	situation := &route.Situation{Now: s.now, City: r.city}
	if situation.Presence, err = d.Store.Presences(ctx, in.City); err != nil {
		return nil, err
	}
	if err := s.inherit(situation, in); err != nil {
		return nil, err
	}
	if err := d.openWork(ctx, s, aboutOf(caller, r.city), in, most); err != nil {
		return nil, err
	}
	pool := r.city.Staff(from.Unit, roster.Holders)
	for _, v := range s.vacancies() {
		pool = append(pool, route.Agents(r.city, v.Centre)...)
	}
	if err := d.weigh(ctx, situation, pool); err != nil {
		return nil, err
	}
	s.place(situation, route.Succession{From: in.From, Unit: from.Unit, Way: in.Way, To: in.To})
	if in.some() || in.KeepBindings || s.heir.Person == "" {
		return s, nil
	}
	return s, d.moving(ctx, s)
}

// inherit finds out who takes over, where it is one person.
func (s *succession) inherit(situation *route.Situation, in HandOver) error {
	switch {
	case in.Way != route.ToOfficial && in.To != "":
		return ErrOfficial.Field("to", "official.superfluous", "只有指定人员时才能填写", "is only for the target OFFICIAL")
	case in.Way == route.ToOfficial:
		heir, ok := situation.City.Holder(in.To)
		switch {
		case in.To == in.From:
			return ErrHandoverSelf.Field("to", "official.self", "不能是本人", "must be somebody else")
		case !ok:
			return ErrOfficial.Field("to", "official.unknown", "不是本市可以承办诉求的工作人员", "is not an official of the city who can hold tickets")
		}
		s.heir = heir
	case in.Way == route.ToDeputy:
		choice, ok := situation.StandIn(in.From, "", route.Conflict{})
		if !ok {
			return ErrNoDeputy
		}
		s.heir, _ = situation.City.Official(choice.Official)
	}
	s.Official = s.heir.Person
	return nil
}

// openWork is an official's open tickets and cases that are not being handed over already, the tickets not about whoever asks: those wanted, all of
// them, or if none are named the oldest that this attempt takes.
func (d *Desk) openWork(ctx context.Context, s *succession, without store.About, in HandOver, most int) (err error) {
	// The position first: a proposal decided upon what is read after it lies behind it.
	if s.after, err = d.Store.FeedHead(ctx); err != nil {
		return err
	}
	if in.some() {
		if err := d.wantedTickets(ctx, s, without, in.Tickets); err != nil {
			return err
		}
		return d.wantedCases(ctx, s, in.Cases)
	}
	var all int
	if s.work, all, err = d.Store.OpenWork(ctx, s.City, s.From, without, most); err != nil {
		return err
	}
	s.Left = max(0, all-len(s.work))
	s.cases, all, err = d.Store.OpenCases(ctx, s.City, s.From, max(1, most/ticketsToACase))
	s.CasesLeft = max(0, all-len(s.cases))
	return err
}

func (d *Desk) wantedTickets(ctx context.Context, s *succession, without store.About, wanted []string) (err error) {
	if s.work, err = d.Store.Tickets(ctx, s.City, wanted); err != nil {
		return err
	}
	s.work = slices.DeleteFunc(s.work, func(t *store.Ticket) bool {
		return !t.HeldBy(s.From) || t.Offer != nil || without.Of(t.Filing.Conflict)
	})
	for i, id := range wanted {
		if !slices.ContainsFunc(s.work, func(t *store.Ticket) bool { return t.ID == id }) {
			return ErrTicketNotHeld.Field(fmt.Sprintf("tickets[%d]", i), "ticket.elsewhere", "不在该人员名下，或正在移交",
				"is not held by the official, or is being handed over")
		}
	}
	slices.SortFunc(s.work, func(a, b *store.Ticket) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func (d *Desk) wantedCases(ctx context.Context, s *succession, wanted []string) (err error) {
	if s.cases, err = d.Store.Cases(ctx, s.City, wanted); err != nil {
		return err
	}
	s.cases = slices.DeleteFunc(s.cases, func(k *store.Case) bool { return len(k.ActedBy(s.From)) == 0 })
	for i, id := range wanted {
		if !slices.ContainsFunc(s.cases, func(k *store.Case) bool { return k.ID == id }) {
			return ErrCaseNotHeld.Field(fmt.Sprintf("cases[%d]", i), "case.elsewhere", "不是由该人员代办，或正在移交",
				"is not one in which the official acts, or is being handed over")
		}
	}
	slices.SortFunc(s.cases, func(a, b *store.Case) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

// vacancies are where the official's cases want another agent.
func (s *succession) vacancies() []route.Vacancy {
	var all []route.Vacancy
	for _, k := range s.cases {
		for _, centre := range k.ActedBy(s.From) {
			all = append(all, k.Vacancy(centre))
		}
	}
	return all
}

// place chooses a successor for each ticket and each case. Each sees the loads that the ones before it left.
func (s *succession) place(situation *route.Situation, g route.Succession) {
	for _, t := range s.work {
		choice, goes := situation.Successor(g, t.Filing, t.Turned)
		if goes && choice.Official == g.From && choice.Official != "" {
			goes = false
		}
		s.Tickets = append(s.Tickets, OpenTicket{ID: t.ID, Held: t.Held, To: choice.Official, Stays: !goes})
		if !goes {
			continue
		}
		if choice.Official != "" {
			situation.Loads[choice.Official]++
		}
		s.Proposals = append(s.Proposals, store.Proposal{Ticket: t.ID, Choice: choice})
	}
	for _, k := range s.cases {
		s.placeCase(situation, g, k)
	}
}

func (s *succession) placeCase(situation *route.Situation, g route.Succession, k *store.Case) {
	carriers := k.Carriers()
	for _, centre := range k.ActedBy(g.From) {
		seat := k.Seat(centre)
		choice, goes := situation.NextAgent(g, k.Vacancy(centre), seat.Turned)
		s.Cases = append(s.Cases, OpenCase{ID: k.ID, Centre: centre, Since: seat.Since, To: choice.Official, Stays: !goes})
		if !goes {
			continue
		}
		if choice.Official != "" && !slices.Contains(carriers, choice.Official) {
			carriers = append(carriers, choice.Official)
			situation.Loads[choice.Official]++
		}
		s.CaseProposals = append(s.CaseProposals, store.CaseProposal{Case: k.ID, Centre: centre, Choice: choice})
	}
}

// moving finds the bindings and visits that go along, and whether they may.
func (d *Desk) moving(ctx context.Context, s *succession) error {
	bound, err := d.Store.BoundTo(ctx, s.City, s.From)
	if err != nil {
		return err
	}
	var enterprises []string
	for _, b := range bound {
		if b.Over(s.now) {
			continue
		}
		if !s.heir.Has(rosterRole(b.Role)) {
			return ErrOfficial.Field("to", "official.role", "不担任所移交服务关系的角色", "does not hold the role of a binding that goes along")
		}
		if b.Role == binding.Attendant && !slices.Contains(enterprises, b.Enterprise) {
			enterprises = append(enterprises, b.Enterprise)
		}
		s.Moving = append(s.Moving, b)
	}
	if s.heir.BindingCap > 0 && len(enterprises) > 0 {
		had, err := d.Store.Enterprises(ctx, s.City, s.heir.Person, "")
		if err != nil {
			return err
		}
		if had+len(enterprises) > s.heir.BindingCap {
			return ErrBindingCap.With("cap", fmt.Sprint(s.heir.BindingCap))
		}
	}
	if s.visits, err = d.Store.PlannedVisits(ctx, s.City, s.From); err != nil {
		return err
	}
	for _, v := range s.visits {
		s.Visits = append(s.Visits, v.ID)
	}
	return nil
}

// rebind ends the bindings that go along and begins them anew from the same instant.
func (s *succession) rebind(c *change.Change, id func() string, actor string) error {
	for _, b := range s.Moving {
		ended := b.Ended(s.now)
		if err := store.EndBinding(c, b, ended, actor); err != nil {
			return err
		}
		next := binding.Binding{Post: b.Post, ID: id(), Official: s.heir.Person, DisplayName: s.heir.DisplayName, Unit: s.heir.Unit, End: b.End}
		if b.Deputy != s.heir.Person {
			next.Deputy = b.Deputy
		}
		begun, err := binding.New(next, ended.End)
		if err != nil {
			return err
		}
		if err := store.AddBinding(c, begun, actor); err != nil {
			return err
		}
		s.Ended, s.Bindings = append(s.Ended, b.ID), append(s.Bindings, begun.ID)
	}
	return nil
}

// propose writes the decision. Whoever is chosen by load takes turns first, in one order everywhere.
func (s *succession) propose(c *change.Change, actor string) error {
	byLoad := map[string]bool{}
	for _, p := range s.Proposals {
		if p.Choice.Cap > 0 {
			byLoad[p.Choice.Official] = true
		}
	}
	for _, p := range s.CaseProposals {
		if p.Choice.Cap > 0 {
			byLoad[p.Choice.Official] = true
		}
	}
	for _, heir := range slices.Sorted(maps.Keys(byLoad)) {
		c.Statements = append(c.Statements, store.Turn(s.City, heir))
	}
	if err := store.AddHandover(c, s.Handover.Handover, s.after, actor); err != nil {
		return err
	}
	return s.proposeAgents(c, actor)
}

// proposeAgents says in each case's own history who should act instead, and counts them as loaded: the loads first, as everywhere.
func (s *succession) proposeAgents(c *change.Change, actor string) error {
	moved := &change.Change{}
	for _, k := range s.cases {
		said := k.Version
		for _, p := range s.CaseProposals {
			if p.Case != k.ID {
				continue
			}
			before := k.Carriers()
			p.Choice.Reason = s.Reason
			if err := k.Propose(c, p.Centre, p.Choice, s.now, actor); err != nil {
				return err
			}
			c.Statements = append(c.Statements, store.Shift(s.City, store.CaseAggregate(k.ID), before, k.Carriers(), p.Choice.Cap)...)
		}
		if k.Version > said {
			store.SaveCase(moved, k)
		}
	}
	c.Statements = append(c.Statements, moved.Statements...)
	return nil
}

// Handover returns a decision that was made, with what has become of it, as far as the caller may know.
func (d *Desk) Handover(ctx context.Context, caller authn.Caller, city, id string) (Handover, error) {
	r, err := d.Roster(ctx, city)
	if err != nil {
		return Handover{}, err
	}
	about := aboutOf(caller, r)
	made, err := d.Store.Handover(ctx, city, id)
	if err != nil {
		return Handover{}, err
	}
	h := Handover{Handover: made}
	wanted := make([]string, len(made.Proposals))
	for i, p := range made.Proposals {
		wanted[i] = p.Ticket
	}
	known, err := d.Store.Tickets(ctx, city, wanted)
	if err != nil {
		return Handover{}, err
	}
	for _, p := range made.Proposals {
		t := OpenTicket{ID: p.Ticket, To: p.Choice.Official}
		if i := slices.IndexFunc(known, func(k *store.Ticket) bool { return k.ID == p.Ticket }); i >= 0 {
			if !mayKnow(caller, about, known[i]) {
				continue // it was named since whom it is about
			}
			t.Held = known[i].Held
		}
		h.Tickets = append(h.Tickets, t)
	}
	for _, id := range made.Bindings {
		b, err := d.Store.Binding(ctx, city, id)
		if err != nil {
			return Handover{}, err
		}
		h.Moving = append(h.Moving, b)
	}
	if _, h.Left, err = d.Store.OpenWork(ctx, city, made.From, about, 1); err != nil {
		return Handover{}, err
	}
	if h.Cases, err = d.handedCases(ctx, made); err != nil {
		return Handover{}, err
	}
	_, h.CasesLeft, err = d.Store.OpenCases(ctx, city, made.From, 1)
	return h, err
}

// handedCases are the cases that a hand-over proposed to others.
func (d *Desk) handedCases(ctx context.Context, made store.Handover) ([]OpenCase, error) {
	wanted := map[string]bool{}
	for _, p := range made.CaseProposals {
		wanted[p.Case] = true
	}
	known, err := d.Store.Cases(ctx, made.City, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return nil, err
	}
	var cases []OpenCase
	for _, p := range made.CaseProposals {
		of := OpenCase{ID: p.Case, Centre: p.Centre, To: p.Choice.Official}
		if i := slices.IndexFunc(known, func(k *store.Case) bool { return k.ID == p.Case }); i >= 0 {
			of.Since = known[i].Seat(p.Centre).Since
		}
		cases = append(cases, of)
	}
	return cases, nil
}
