package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/hotline/recompute"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// The policies of the city of the detours, written down a second time.
var (
	detourRungs  = []int{0, 1, 3, 5}
	urgentPolicy = recompute.Policy{Rungs: detourRungs, Rules: []recompute.Rule{
		{Clock: "DISPATCH", Limit: "2 hours"}, {Clock: "SIGN", Limit: "1 hour"}, {Clock: "CONTACT", Limit: "2 hours", FromSign: true},
		{Clock: "ANSWER", Limit: "24 hours", FromSign: true, Ladder: true}, {Clock: "VERIFY", Limit: "5 workdays"}, {Clock: "ORDER_SIGN", Limit: "1 hour"},
		{Clock: "HANDLE", Limit: "12 hours", FromSign: true}, {Clock: "RETURN", Limit: "2 hours"}, {Clock: "EXTENSION", Limit: "2 hours"},
		{Clock: "DIALOGUE", Limit: "1 workday"},
	}}
	consultationPolicy = recompute.Policy{Rungs: detourRungs, Rules: []recompute.Rule{
		{Clock: "DISPATCH", Limit: "24 hours"}, {Clock: "SIGN", Limit: "24 hours, roll"}, {Clock: "CONTACT", Limit: "1 workday"},
		{Clock: "ANSWER", Limit: "10 days, roll", Ladder: true}, {Clock: "VERIFY", Limit: "5 workdays"}, {Clock: "ORDER_SIGN", Limit: "24 hours, roll"},
		{Clock: "HANDLE", Limit: "5 days, roll"}, {Clock: "RETURN", Limit: "1 workday"}, {Clock: "EXTENSION", Limit: "1 workday"},
		{Clock: "DIALOGUE", Limit: "3 workdays"},
	}}
	generalPolicy = recompute.Policy{Rungs: detourRungs, Rules: []recompute.Rule{
		{Clock: "DISPATCH", Limit: "24 hours"}, {Clock: "SIGN", Limit: "24 hours, roll"}, {Clock: "CONTACT", Limit: "1 workday"},
		{Clock: "ANSWER", Limit: "5 workdays", Ladder: true}, {Clock: "VERIFY", Limit: "5 workdays"}, {Clock: "ORDER_SIGN", Limit: "1 workday"},
		{Clock: "HANDLE", Limit: "3 workdays", Ladder: true}, {Clock: "RETURN", Limit: "1 workday"}, {Clock: "EXTENSION", Limit: "1 workday"},
		{Clock: "DIALOGUE", Limit: "3 workdays"},
	}}
)

// played is a ticket as it is in the end, with its history.
type played struct {
	id       string // of the message, with the number of the ticket beside it
	sight    sight
	raw      json.RawMessage // what GET …/events answers
	verified bool            // the chain
	events   []recorded
	clocks   []clockChange // as the last event left each
}

// readBack reads every ticket and its history, in the order of the messages.
func (d *detours) readBack(ctx context.Context) ([]*played, error) {
	var all []*played
	for _, w := range d.walks {
		if w.main == "" {
			continue
		}
		id := d.messages[w.message].id
		all = append(all, &played{id: id, sight: sight{Name: w.main}})
		for i, twin := range w.twins {
			all = append(all, &played{id: fmt.Sprintf("%s+%d", id, i+1), sight: sight{Name: twin}})
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, p := range all {
		group.Go(func() error { return p.read(ctx, d.viewer()) })
	}
	return all, group.Wait()
}

func (p *played) read(ctx context.Context, by *person) error {
	name := p.sight.Name
	if err := by.get(ctx, "/v1/"+name, &p.sight); err != nil {
		return err
	}
	if err := by.get(ctx, "/v1/"+name+"/events", &p.raw); err != nil {
		return err
	}
	return p.unfold()
}

// unfold reads the history.
func (p *played) unfold() error {
	var list struct {
		ChainVerified bool
		Events        []recorded
	}
	if err := json.Unmarshal(p.raw, &list); err != nil {
		return fmt.Errorf("history of %s: %w", p.id, err)
	}
	p.verified, p.events = list.ChainVerified, list.Events
	for _, e := range p.events {
		for _, c := range e.Event.Clocks {
			if c.ID > len(p.clocks) {
				p.clocks = append(p.clocks, c)
			}
			p.clocks[c.ID-1] = c
		}
	}
	return nil
}

// policy is the one that binds the ticket.
func (p *played) policy() recompute.Policy {
	switch f := p.events[0].Event.Filed; {
	case f.Urgency == "URGENT":
		return urgentPolicy
	case f.AppealType == "consultation":
		return consultationPolicy
	}
	return generalPolicy
}

// audit holds what the product says of everything against itself, and against a recomputation that shares nothing with it.
func (d *detours) audit(ctx context.Context, all []*played) error {
	var errs []error
	for _, p := range all {
		errs = append(errs, p.sound())
	}
	errs = append(errs, d.recomputed(all), d.loads(ctx, all))
	board, err := d.standalone.CheckBoard(ctx, cityCode)
	switch {
	case err != nil:
		errs = append(errs, err)
	case !board.GetEqual():
		errs = append(errs, fmt.Errorf("the board differs from a recount: %v", board.GetDifferences()))
	}
	errs = append(errs, d.standalone.VerifyJournals(ctx, func(service string, found change.Verified) {
		if len(found.Faults) > 0 {
			errs = append(errs, fmt.Errorf("the journal of %s: %w", service, errors.Join(found.Faults...)))
		}
	}))
	return errors.Join(errs...)
}

// sound: the chain verifies, and a closed ticket owes nothing.
func (p *played) sound() error {
	if !p.verified {
		return fmt.Errorf("%s: the chain does not verify", p.id)
	}
	for _, c := range p.clocks {
		if p.sight.State == closed && c.Stop == nil {
			return fmt.Errorf("%s is closed and owes %s", p.id, c.Kind)
		}
	}
	return nil
}

// recomputed compares every clock and rung with what the histories come to.
func (d *detours) recomputed(all []*played) error {
	histories := make([]recompute.History, len(all))
	for i, p := range all {
		histories[i] = recompute.History{Ticket: last(p.sight.Name), Events: p.raw, Policy: p.policy()}
	}
	got, err := recompute.All(histories, d.clock.Now())
	if err != nil {
		return err
	}
	var errs []error
	for i, p := range all {
		var said, come []string
		for _, c := range p.clocks {
			var rungs []time.Time
			for _, s := range c.Steps[:c.StepsReached] {
				rungs = append(rungs, s.Time)
			}
			said = append(said, clockLine(c.Kind, c.Cycle, c.Order, c.Start, c.Due, c.State, c.Provisional, rungs))
		}
		for _, c := range got[i].Clocks {
			come = append(come, clockLine(c.Kind, c.Cycle, c.Order, c.Start, c.Due, c.State, c.Provisional, c.Rungs))
		}
		slices.Sort(said)
		slices.Sort(come)
		if !slices.Equal(said, come) || got[i].Rung != p.sight.Rung {
			errs = append(errs, fmt.Errorf("%s: the product says rung %d, %q; its history comes to rung %d, %q", p.id, p.sight.Rung, less(said, come), got[i].Rung, less(come, said)))
		}
	}
	return errors.Join(errs...)
}

func clockLine(kind string, cycle, order int, start, due time.Time, state string, provisional bool, rungs []time.Time) string {
	line := fmt.Sprintf("%s %d/%d %s → %s %s provisional=%t", kind, cycle, order, local(start), local(due), state, provisional)
	for _, r := range rungs {
		line += " " + local(r)
	}
	return line
}

// less is what of a list is not in another.
func less(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// loads compares what each attendant counts as carrying with what they hold.
func (d *detours) loads(ctx context.Context, all []*played) error {
	held := map[string]int{}
	for _, p := range all {
		if slices.Contains([]string{dispatched, inProgress, waiting}, p.sight.State) {
			held[p.sight.Holder]++
		}
	}
	var errs []error
	for _, o := range d.town.holders {
		var presence struct{ Load int }
		if err := d.town.admin.get(ctx, "/v1/"+city+"/officials/"+last(o.session.Person)+"/presence", &presence); err != nil {
			return err
		}
		if presence.Load != held[o.session.Person] {
			errs = append(errs, fmt.Errorf("%s carries %d tickets and holds %d", o.session.Person, presence.Load, held[o.session.Person]))
		}
	}
	return errors.Join(errs...)
}
