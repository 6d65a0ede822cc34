package desk

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/line"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Reports of departments' own systems. Those on one item in one attempt carry the system's own count, and are taken in that order, each in a Change of its own:
// what has been taken is in the case itself (casefile.LineCount), what came early waits in a row. A report is therefore taken once, whatever comes twice, at the
// same time or the wrong way round, and a crash between two of them loses nothing: whatever is done to the item next finds what waits.

const (
	// maxAhead is how far ahead of what has been taken a report may wait.
	maxAhead = 100
	// waitReports is how long one waits for those before it.
	waitReports = 30 * 24 * time.Hour
	// reportMethod sets the ids of systems' messages apart from everybody else's.
	reportMethod = "ReportItemEvents"
)

// LineOutcome is what became of one report.
type LineOutcome struct {
	State   agencyv1.LineOutcome_State
	Refusal *fault.Error // of a refused one
	Next    int64        // the count that is expected next; 0 when there is no such item for the system
}

// Report takes what a department's system reports in a message that it signed. What the rules refuse stands in the outcomes; an error is about the message as a
// whole, or ours, and then the message may be sent again.
func (d *Desk) Report(ctx context.Context, city, code, jws string) ([]LineOutcome, error) {
	m, err := line.Report(d.lineSystem(city, code), jws, d.Wall.Now())
	if err != nil {
		return nil, err
	}
	if err := d.takeMessage(ctx, city, code, m); err != nil {
		return nil, err
	}
	places := make([]int, len(m.GetEvents()))
	for n := range places {
		places[n] = n
	}
	// What lies in one message in the wrong order need not wait.
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(m.GetEvents()[a].GetSequence(), m.GetEvents()[b].GetSequence()) })
	out := make([]LineOutcome, len(places))
	for _, n := range places {
		if out[n], err = d.takeReport(ctx, city, code, m.GetId(), m.GetEvents()[n]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// lineSystem is a city's system; one without a key, for which nobody can sign, when there is none.
func (d *Desk) lineSystem(city, code string) catalogue.LineSystem {
	c, err := d.Cities.City(city)
	if err != nil {
		return catalogue.LineSystem{}
	}
	system, _ := c.LineSystem(code)
	return system
}

// takeMessage claims a message's id for what it says. The same again is answered from what is true by then: what was taken is a duplicate, what a crash kept from
// being taken is taken now.
func (d *Desk) takeMessage(ctx context.Context, city, code string, m *agencyv1.LineReportMessage) error {
	identity, err := line.Identity(m)
	if err != nil {
		return err
	}
	request := &change.Request{City: city, Person: lineActor(code, nil).ID(), Method: reportMethod, ID: m.GetId(), BodyHash: identity, Resource: code}
	err = d.Store.Decide(ctx, func(context.Context) (*change.Change, error) {
		request.Expires = d.Wall.Now().Add(keepRequests)
		return &change.Change{Request: request}, nil
	})
	if !errors.Is(err, change.ErrRequestSeen) {
		return err
	}
	seen, found, err := d.Store.Request(ctx, city, request.Person, request.Method, request.ID)
	if err == nil && found && !bytes.Equal(seen.BodyHash, identity) {
		err = ErrRequestReused
	}
	return err
}

// lineActor is a system as the domain knows an actor: it speaks for the clerks of some units.
func lineActor(code string, units []string) casefile.Actor {
	return casefile.Actor{Kind: casefile.LineActor, Name: code, Clerk: units}
}

// takeReport takes one report, and then what waited for it.
func (d *Desk) takeReport(ctx context.Context, city, code, message string, e *agencyv1.LineItemEvent) (LineOutcome, error) {
	event, err := proto.Marshal(e)
	if err != nil {
		return LineOutcome{}, err
	}
	id, err := d.Store.ByNumber(ctx, city, e.GetCaseNumber())
	if errors.Is(err, store.ErrNotFound) {
		id, err = nobodys, nil // refused like a case of other units, and as late
	}
	if err != nil {
		return LineOutcome{}, err
	}
	return d.takeInOrder(ctx, store.Report{City: city, System: code, Case: id, Item: e.GetItem(), Attempt: int(e.GetAttempt()), Sequence: e.GetSequence(),
		Message: message, Event: event, Received: d.Wall.Now()})
}

// takeInOrder takes one report, and then those after it that wait.
func (d *Desk) takeInOrder(ctx context.Context, r store.Report) (LineOutcome, error) {
	out, err := d.takeOne(ctx, r)
	for err == nil && out.State != agencyv1.LineOutcome_REFUSED {
		next, lost := d.Store.WaitingReport(ctx, r.At(out.Next))
		if errors.Is(lost, store.ErrNotFound) {
			return out, nil
		}
		if lost != nil {
			return LineOutcome{}, lost
		}
		var taken LineOutcome
		if taken, err = d.takeOne(ctx, next); err != nil {
			break
		}
		if next.Sequence == r.Sequence {
			out = taken // it waited, and those before it were there after all
		}
		if out.Next = taken.Next; taken.State == agencyv1.LineOutcome_REFUSED {
			return out, nil
		}
	}
	return out, err
}

// takeOne takes, keeps or refuses one report as things stand.
func (d *Desk) takeOne(ctx context.Context, r store.Report) (LineOutcome, error) {
	for range change.Attempts {
		start := change.Begin()
		c, out, err := d.decideReport(ctx, r)
		var refusal *fault.Error
		if errors.As(err, &refusal) {
			out.State, out.Refusal = agencyv1.LineOutcome_REFUSED, refusal
			c, err = &change.Change{Statements: []change.Statement{store.DropReport(r)}}, nil // a corrected one will take its place
		}
		if err == nil && c != nil {
			c.Decided = start
			err = d.Store.Commit(ctx, c)
		}
		if err == nil || !raced(err) {
			return out, err
		}
	}
	return LineOutcome{}, ErrTooBusy
}

// Why a report is refused, beyond the refusals of the case.
var (
	ErrReportAttempt = fault.New(fault.Precondition, agencyv1.ErrorReason_REPORT_ATTEMPT_OTHER.String(),
		"报告的不是该事项当前这次申请，请核对申请次数。",
		"The report is not on the item's present application. Check which attempt it is.")
	ErrReportAhead = fault.New(fault.Precondition, agencyv1.ErrorReason_REPORT_AHEAD.String(),
		"报告的序号超前太多，请先补报之前的报告。",
		"The report is too far ahead. Send those before it first.")
)

// decideReport makes the Change of one report; nil when there is nothing to write. A fault is a refusal.
func (d *Desk) decideReport(ctx context.Context, r store.Report) (*change.Change, LineOutcome, error) {
	city, err := d.Cities.City(r.City)
	if err != nil {
		return nil, LineOutcome{}, fmt.Errorf("a report without the configuration of city %s", r.City) // no refusal: it will come
	}
	system, _ := city.LineSystem(r.System)
	by := lineActor(r.System, below(city, system.Unit, nil))
	from, err := d.read(ctx, Ref{City: r.City, ID: r.Case})
	if errors.Is(err, casefile.ErrNotFound) {
		return nil, LineOutcome{}, casefile.ErrItemNotFound
	}
	if err != nil {
		return nil, LineOutcome{}, err
	}
	item := from.Case.Item(r.Item)
	if item == nil || !slices.Contains(by.Clerk, item.Unit) {
		return nil, LineOutcome{}, casefile.ErrItemNotFound
	}
	last := item.Reported(r.System, r.Attempt)
	out := LineOutcome{Next: last + 1}
	switch {
	case r.Sequence <= last:
		out.State = agencyv1.LineOutcome_DUPLICATE
		return nil, out, nil
	case r.Attempt != item.Attempt:
		return nil, out, ErrReportAttempt.With("attempt", fmt.Sprint(item.Attempt))
	case r.Sequence > last+maxAhead:
		return nil, out, ErrReportAhead.With("nextSequence", fmt.Sprint(out.Next))
	case r.Sequence > out.Next:
		out.State = agencyv1.LineOutcome_WAITING
		if r.Waiting {
			return nil, out, nil
		}
		// The gap may be closing just now: whoever closes it must find this row, or this must find it closed.
		return &change.Change{Statements: []change.Statement{store.Unchanged(from), store.AwaitReport(r)}}, out, nil
	}
	c, err := d.applied(ctx, city, from, by, r)
	if err == nil {
		out.State, out.Next = agencyv1.LineOutcome_APPLIED, r.Sequence+1
	}
	return c, out, err
}

// applied lets what was reported happen. What a clerk, or its time, had done before is counted.
func (d *Desk) applied(ctx context.Context, city *catalogue.City, from store.Stored, by casefile.Actor, r store.Report) (*change.Change, error) {
	e := &agencyv1.LineItemEvent{}
	if err := proto.Unmarshal(r.Event, e); err != nil {
		return nil, fmt.Errorf("report %d on %s of case %s: %w", r.Sequence, r.Item, r.Case, err)
	}
	verb, known := lineVerbs[e.GetKind()]
	if !known {
		return nil, casefile.ErrItemStateForbids.With("kind", e.GetKind().String())
	}
	try := func(do func(a *act) ([]casefile.Event, error)) (*change.Change, error) {
		a, err := d.attempt(ctx, city, from, by)
		if err != nil {
			return nil, err
		}
		a.context.Line = &agencyv1.LineReport{System: r.System, Report: r.Message, Sequence: r.Sequence, ClaimedTime: e.GetEventTime(), Item: r.Item}
		a.rows = append(a.rows, store.DropReport(r))
		c, _, err := a.decide(authn.Caller{}, Call{}, do)
		return c, err
	}
	c, err := try(func(a *act) ([]casefile.Event, error) { return verb.do(a, e) })
	if verb.past == "" || !errors.Is(err, casefile.ErrItemStateForbids) {
		return c, err
	}
	noted, late := try(func(a *act) ([]casefile.Event, error) { return a.from.Case.NoteReport(a.context, r.Item, verb.past) })
	if errors.Is(late, casefile.ErrItemStateForbids) {
		return nil, err
	}
	return noted, late
}

// retryBatch is how many waiting reports are looked at together.
const retryBatch = 200

// RetryReports takes the reports that wait although those before them are there, because a crash kept them from being taken, and lets go of those that waited too
// long, or for what will not come any more.
func (d *Desk) RetryReports(ctx context.Context) error {
	var after store.Report
	var failed error
	for {
		batch, err := d.Store.WaitingReports(ctx, after, retryBatch)
		if err != nil || len(batch) == 0 {
			return errors.Join(failed, err)
		}
		for _, r := range batch {
			if !r.Beside(after) { // those behind the first are taken with it, or wait on
				failed = errors.Join(failed, d.retry(ctx, r))
			}
			after = r
		}
	}
}

func (d *Desk) retry(ctx context.Context, r store.Report) error {
	if d.Wall.Now().Sub(r.Received) > waitReports {
		return d.Store.Commit(ctx, &change.Change{Statements: []change.Statement{store.DropReport(r)}})
	}
	_, err := d.takeInOrder(ctx, r)
	return err
}
