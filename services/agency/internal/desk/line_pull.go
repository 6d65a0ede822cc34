package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/line"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Bounds of one question of a system. Behind each it is told how far it came, and asks on from there.
const (
	defaultPull = 100
	maxPull     = 500
	maxWait     = 25 * time.Second
	pullBatch   = 500
	scanMost    = 5000 // entries of the feed
	casesMost   = 500  // cases read
	pullReserve = 500 * time.Millisecond
)

// LineNews is what happened to items of a system's units.
type LineNews struct {
	Events []LineEvent
	Next   int64 // the position to ask after next
}

// LineEvent is one thing that happened to one item. Several items that an event is about have one each, at the same position.
type LineEvent struct {
	Position int64
	Event    casefile.Event
	Own      bool           // it came from the system that asks
	Item     *casefile.Item // as it is now
	View     *View          // the case as it is now, without what people wrote
}

// Pull returns what happened after a position to the items of a department's system's units. When nothing did, it waits.
func (d *Desk) Pull(ctx context.Context, city, code, jws string) (LineNews, error) {
	m, err := line.Pull(d.lineSystem(city, code), jws, d.Wall.Now())
	if err != nil {
		return LineNews{}, err
	}
	c, err := d.Cities.City(city)
	if err != nil {
		return LineNews{}, err
	}
	system, _ := c.LineSystem(code)
	p := &pull{desk: d, city: c, system: code, units: below(c, system.Unit, nil), limit: defaultPull, cases: map[string]*View{}}
	p.Next = m.GetAfter()
	if n := int(m.GetLimit()); n > 0 {
		p.limit = min(n, maxPull)
	}
	wait := min(time.Duration(m.GetWaitSeconds())*time.Second, maxWait)
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, deadline.Sub(d.Wall.Now())-pullReserve)
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		all, err := p.read(ctx)
		if err != nil || !all || len(p.Events) > 0 {
			return p.LineNews, err
		}
		switch err := d.Store.AwaitFeed(waiting, p.Next); {
		case err == nil:
		case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			return p.LineNews, nil
		default:
			return LineNews{}, err
		}
	}
}

// pull is one question of a system being answered.
type pull struct {
	LineNews
	desk    *Desk
	city    *catalogue.City
	system  string
	units   []string
	limit   int
	scanned int
	cases   map[string]*View // by aggregate; nil for one that is none
}

// read goes on through the feed until a bound is met, or, and then it says so, to its end.
func (p *pull) read(ctx context.Context) (all bool, err error) {
	for p.scanned < scanMost && len(p.Events) < p.limit && len(p.cases) < casesMost {
		entries, err := p.desk.Store.Feed(ctx, p.Next, pullBatch)
		if err != nil || len(entries) == 0 {
			return true, err
		}
		for i := range entries {
			if err := p.take(ctx, &entries[i]); err != nil {
				return false, err
			}
			p.Next = entries[i].Position
			p.scanned++
			if len(p.Events) >= p.limit || len(p.cases) >= casesMost {
				break
			}
		}
	}
	return false, nil
}

// take keeps what is about items of the system's units.
func (p *pull) take(ctx context.Context, at *change.FeedEvent) error {
	if at.City != p.city.Code() {
		return nil
	}
	e, err := opened(at.Sealed)
	if err != nil {
		return err
	}
	view, err := p.view(ctx, at.Aggregate)
	if err != nil || view == nil {
		return err
	}
	for _, code := range itemsOf(view.Case, e.Body) {
		if i := view.Case.Item(code); i != nil && slices.Contains(p.units, i.Unit) {
			p.Events = append(p.Events, LineEvent{Position: at.Position, Event: e, Own: e.Line.GetSystem() == p.system, Item: i, View: view})
		}
	}
	return nil
}

// view is a case as it is now, read once; nil when it is none.
func (p *pull) view(ctx context.Context, aggregate string) (*View, error) {
	if view, known := p.cases[aggregate]; known {
		return view, nil
	}
	p.cases[aggregate] = nil
	id, ofCase := store.CaseOf(aggregate)
	if !ofCase {
		return nil, nil
	}
	stored, err := p.desk.read(ctx, Ref{City: p.city.Code(), ID: id})
	if err != nil {
		return nil, err
	}
	p.cases[aggregate] = &View{Case: stored.Case, City: p.city, Now: p.desk.City.Now()}
	return p.cases[aggregate], nil
}

// itemsOf are the codes of the items that an event is about. Of a material it is about every item that asks for it.
func itemsOf(c *casefile.Case, body proto.Message) []string {
	switch b := body.(type) {
	case *agencyv1.DocumentAdded:
		return asking(c, b.GetMaterial())
	case *agencyv1.MaterialObtained:
		return asking(c, b.GetMaterial())
	case *agencyv1.JointReviewOpened:
		return b.GetItems()
	case *agencyv1.CommitmentKept, *agencyv1.CommitmentBroken, *agencyv1.CommitmentReleased, *agencyv1.CommitmentExtensionRequested,
		*agencyv1.CommitmentExtensionDecided, *agencyv1.CreditRepaired, *agencyv1.PromiseDiffers, *agencyv1.PromiseReported:
		if k := c.Commitment(int(b.(interface{ GetNumber() int32 }).GetNumber())); k != nil {
			return []string{k.Item}
		}
	case interface{ GetClock() int32 }:
		return []string{c.Clocks[b.GetClock()-1].Item}
	case interface{ GetItem() string }:
		return []string{b.GetItem()}
	}
	return nil
}

func asking(c *casefile.Case, material string) (items []string) {
	for n := range c.Items {
		if slices.ContainsFunc(c.Items[n].Def.Materials, func(m catalogue.ItemMaterial) bool { return m.Material == material }) {
			items = append(items, c.Items[n].Def.Code)
		}
	}
	return items
}
