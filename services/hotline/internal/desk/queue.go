package desk

import (
	"context"
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/queue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// Sizes of a queue.
const (
	defaultQueue = 200
	maxQueue     = 1000
)

// QueueEntry is a piece of work as the caller may see it.
type QueueEntry struct {
	View
	queue.Entry
	Next ticket.Verb // what the caller does next; empty while somebody else acts
}

// Queue is the work that waits for somebody, the most urgent first.
type Queue struct {
	Entries []*QueueEntry
	Total   int
	Capped  bool
	Counts  map[queue.Kind]int
}

// Queue returns what the caller has to act upon or waits for. Each kind of work is found by the index that serves it; nobody else's is looked at.
func (d *Desk) Queue(ctx context.Context, caller authn.Caller, code string, size int32, kinds []queue.Kind) (Queue, error) {
	city, err := d.Cities.City(code)
	if err != nil {
		return Queue{}, err
	}
	shown, err := page.Size(size, defaultQueue, maxQueue)
	if err != nil {
		return Queue{}, err
	}
	l := &lister{Desk: d, caller: caller, city: city}
	for _, way := range l.ways() {
		if len(kinds) > 0 && !slices.Contains(kinds, way.kind) {
			continue
		}
		if err := way.list(ctx, way.kind); err != nil {
			return Queue{}, err
		}
	}
	slices.SortFunc(l.found, func(a, b *QueueEntry) int { return queue.Compare(&a.Entry, &b.Entry) })
	out := Queue{Capped: l.capped || len(l.found) > maxQueue, Counts: map[queue.Kind]int{}}
	l.found = l.found[:min(len(l.found), maxQueue)]
	for _, e := range l.found {
		out.Counts[e.Kind]++
	}
	out.Total, out.Entries = len(l.found), l.found[:min(len(l.found), shown)]
	return out, nil
}

// lister gathers somebody's work.
type lister struct {
	*Desk
	caller authn.Caller
	city   *policy.City
	found  []*QueueEntry
	capped bool
}

// way is how one kind of work is found.
type way struct {
	kind queue.Kind
	list func(context.Context, queue.Kind) error
}

// ways are those that the caller's roles open.
func (l *lister) ways() (ways []way) {
	own := store.Scope{Person: l.caller.Person, KeptOut: keptOutOf(l.caller, l.city), Worker: onlyWorks(l.caller)}
	all := store.Scope{All: true, Person: l.caller.Person, KeptOut: own.KeptOut}
	add := func(kind queue.Kind, scope store.Scope, filter string) {
		ways = append(ways, way{kind, func(ctx context.Context, kind queue.Kind) error { return l.tickets(ctx, kind, scope, filter) }})
	}
	const speaks = `dialogue = "REQUESTED" OR dialogue = "TAKEN"`
	has := l.caller.HasRole
	if has(optionsv1.Role_ROLE_ATTENDANT) || has(optionsv1.Role_ROLE_AGENT) || has(optionsv1.Role_ROLE_CLERK) {
		add(queue.Held, own, `official = "`+l.caller.Person+`" AND desk = true`)
	}
	if has(optionsv1.Role_ROLE_CLERK) {
		ways = append(ways, way{queue.Order, l.orders})
	}
	if has(optionsv1.Role_ROLE_DISPATCHER) {
		add(queue.Dispatch, all, `unit = "`+l.city.DeskUnit()+`" AND open = true AND state = "FILED"`)
		add(queue.Return, all, `returned.decision = "pending" AND open = true`)
		add(queue.Callback, all, `callback = "`+ticket.CallbackDue+`" OR callback = "`+ticket.CallbackMissedOnce+`"`)
	}
	if has(optionsv1.Role_ROLE_SUPERVISOR) {
		add(queue.Extension, all, `extension.due:* AND open = true`)
	}
	if has(optionsv1.Role_ROLE_MAYOR_OFFICE) {
		add(queue.Dialogue, all, speaks)
	} else if has(optionsv1.Role_ROLE_LEADER) {
		add(queue.Dialogue, own, `dialogue_official = "`+l.caller.Person+`" AND (`+speaks+`)`)
	}
	return ways
}

// tickets finds the work of one kind by its tickets.
func (l *lister) tickets(ctx context.Context, kind queue.Kind, scope store.Scope, filter string) error {
	order, err := store.Orders.Parse("due_time")
	if err != nil {
		return err
	}
	rows, err := l.Store.List(ctx, store.Query{City: l.city.Code(), Scope: scope, Filter: filter, Order: order, Limit: maxQueue + 1})
	if err != nil {
		return err
	}
	l.capped = l.capped || len(rows) > maxQueue
	now := l.City.Now()
	views := make([]View, 0, len(rows))
	for i := range rows {
		v := l.view(l.caller, l.city, rows[i].Stored, now)
		v.Texts = Texts{store.Filing: &rows[i].Filing}
		if v.Sight.Ticket {
			views = append(views, v)
		}
	}
	if err := l.linkAll(ctx, l.caller, l.city, views); err != nil {
		return err
	}
	for _, v := range views {
		l.work(v, kind)
	}
	return nil
}

// orders finds the open work orders of the units that the caller signs for.
func (l *lister) orders(ctx context.Context, _ queue.Kind) error {
	actor := actorOf(l.caller, l.city, store.Stored{})
	if len(actor.Units) == 0 {
		return nil
	}
	order, err := store.OrderOrders.Parse("due_time")
	if err != nil {
		return err
	}
	scope := store.Scope{Units: actor.Units, KeptOut: keptOutOf(l.caller, l.city)}
	rows, err := l.Store.ListOrders(ctx, store.OrderQuery{City: l.city.Code(), Scope: scope, Filter: "open = true", Order: order, Limit: maxQueue + 1})
	if err != nil {
		return err
	}
	l.capped = l.capped || len(rows) > maxQueue
	now := l.City.Now()
	for _, row := range rows {
		v := l.view(l.caller, l.city, row.Stored, now)
		v.Texts = Texts{store.Filing: &store.Content{ID: store.Filing, Kind: KindFiling, Title: row.Title}}
		if v.Sight.Ticket {
			l.add(v, queue.Entry{Kind: queue.Order, Order: row.Number}, first(v.OrderActions(row.Number), ticket.VerbSignOrder, ticket.VerbFinishOrder))
		}
	}
	return nil
}

// work adds what there is to do about a ticket. What only somebody else may do is no work of the caller's, but what the caller holds stays theirs.
func (l *lister) work(v View, kind queue.Kind) {
	switch kind {
	case queue.Held:
		next := first(v.Actions, ticket.VerbSign, ticket.VerbContact, ticket.VerbAnswer)
		if contact := v.Ticket.Clock(ticket.KindContact); next == ticket.VerbContact && (contact == nil || !contact.Owed()) {
			next = first(v.Actions, ticket.VerbAnswer)
		}
		l.add(v, queue.Entry{Kind: kind}, next)
	case queue.Dispatch:
		l.may(v, queue.Entry{Kind: kind}, ticket.VerbDispatch)
	case queue.Return:
		for _, r := range v.Ticket.Returns {
			if r.Decision == "" {
				l.may(v, queue.Entry{Kind: kind, Order: r.Order, Number: r.Number}, ticket.VerbDecideReturn)
			}
		}
	case queue.Callback:
		if cb := v.Ticket.Callback; cb.Waits() && !v.Now.Before(cb.Next) {
			l.may(v, queue.Entry{Kind: kind}, ticket.VerbCallback)
		}
	case queue.Extension:
		l.may(v, queue.Entry{Kind: kind, Number: len(v.Ticket.Extensions)}, ticket.VerbDecideExtension)
	case queue.Dialogue:
		d := v.Ticket.Dialogue()
		if d == nil || d.Speaker.Official != "" && d.Speaker.Official != l.caller.Person {
			return // another's
		}
		e := queue.Entry{Kind: kind, Number: d.Number}
		if d.State == ticket.DialogueAsked {
			l.may(v, e, ticket.VerbTakeDialogue)
		} else {
			l.may(v, e, ticket.VerbHoldDialogue)
		}
	default: // orders come by themselves
	}
}

// may adds work that the caller may do.
func (l *lister) may(v View, e queue.Entry, verb ticket.Verb) {
	if next := first(v.Actions, verb); next != "" {
		l.add(v, e, next)
	}
}

func (l *lister) add(v View, e queue.Entry, next ticket.Verb) {
	e.Ticket = v.Ticket
	e.Judge(l.city, v.Now)
	l.found = append(l.found, &QueueEntry{View: v, Entry: e, Next: next})
}

// first is the first of some verbs that is among the actions; empty for none.
func first(actions []string, verbs ...ticket.Verb) ticket.Verb {
	for _, verb := range verbs {
		if slices.Contains(actions, string(verb)) {
			return verb
		}
	}
	return ""
}
