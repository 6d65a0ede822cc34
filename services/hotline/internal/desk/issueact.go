package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// The kinds of text in a common issue, and who writes them. Reasons are KindReason.
const (
	KindPlan         = "PLAN"
	KindReport       = "REPORT"
	KindSolvedReport = "SOLVED_REPORT"
	KindResult       = "RESULT"

	authorOffice = "OFFICE"
	authorUnit   = "UNIT"
)

// IssueOpening is a common issue as it is put before a unit.
type IssueOpening struct {
	City, Month, Lead, Date string
	Assisting               []string
	Title, Plan             string
}

// OpenIssue puts a common issue before its lead unit.
func (d *Desk) OpenIssue(ctx context.Context, caller authn.Caller, call Call, in IssueOpening) (IssueView, error) {
	for range change.Attempts {
		start := change.Begin()
		c, key, err := d.opening(caller, call, in)
		if err == nil {
			c.Decided = start
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			return d.Issue(ctx, caller, Ref{City: key.City, ID: key.ID})
		case !raced(err):
			return d.issueDoneBefore(ctx, caller, call, in.City, err)
		}
	}
	return IssueView{}, ErrTooBusy
}

func (d *Desk) opening(caller authn.Caller, call Call, in IssueOpening) (*change.Change, store.Key, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return nil, store.Key{}, err
	}
	for field, s := range map[string]string{"title": in.Title, "plan": in.Plan} {
		if err := text.Required(field, s); err != nil {
			return nil, store.Key{}, err
		}
	}
	key, err := store.KeyOf(in.City, d.ids.New())
	if err != nil {
		return nil, store.Key{}, err
	}
	plan := store.NewContent(store.Content{ID: d.ids.New(), Kind: KindPlan, Author: authorOffice, Person: caller.Person, Title: in.Title, Body: in.Plan})
	events, err := issue.Open(issue.Context{Now: d.City.Now(), Actor: issueActorOf(caller), City: city}, issue.Opening{City: in.City, ID: key.ID,
		Month: in.Month, Lead: in.Lead, Assisting: in.Assisting, Date: in.Date, Plan: plan.ID, ContentMAC: plan.MAC()})
	if err != nil {
		return nil, store.Key{}, err
	}
	opened, err := issue.Fold(in.City, key.ID, events)
	if err != nil {
		return nil, store.Key{}, err
	}
	sealed, hash, err := sealIssue(key, journal.Hash{}, events)
	if err != nil {
		return nil, store.Key{}, err
	}
	c := &change.Change{Events: sealed, Request: call.request(caller, in.City, key.ID, d.Wall.Now().Add(keepRequests))}
	if c.Statements, err = store.OpenIssue(key, opened, hash); err != nil {
		return nil, store.Key{}, err
	}
	plan.CreateTime = events[0].Time
	c.Statements = append(c.Statements, store.AddContent(key, &plan))
	return c, key, nil
}

// sealIssue makes journal entries of an issue's events and returns the hash of the last.
func sealIssue(k store.Key, previous journal.Hash, events []issue.Event) ([]change.Event, journal.Hash, error) {
	sealed := make([]change.Event, 0, len(events))
	for _, e := range events {
		envelope, err := issuepb.Envelope(k.City, k.IssueAggregate(), e)
		if err != nil {
			return nil, previous, err
		}
		envelope.Actor = actorName(e.Actor)
		s := journal.Seal(previous, envelope)
		previous = s.Hash
		sealed = append(sealed, change.Event{Sealed: s, Month: k.Month})
	}
	return sealed, previous, nil
}

// issueAct is one attempt to do something to a common issue.
type issueAct struct {
	desk    *Desk
	from    store.StoredIssue
	context issue.Context
	texts   []*store.Content
}

// say keeps a text that must say something, and returns its id.
func (a *issueAct) say(field, kind, author, body string) (string, error) {
	if err := text.Required(field, body); err != nil {
		return "", err
	}
	c := store.NewContent(store.Content{ID: a.desk.ids.New(), Kind: kind, Author: author, Person: a.context.Actor.Person, Body: body})
	a.texts = append(a.texts, &c)
	return c.ID, nil
}

// actIssue is every verb of a common issue: it reads, judges, decides and commits, and answers with the issue after it.
func (d *Desk) actIssue(ctx context.Context, caller authn.Caller, call Call, ref Ref, decide func(*issueAct) ([]issue.Event, error)) (IssueView, error) {
	for range change.Attempts {
		start := change.Begin()
		city, err := d.Cities.City(ref.City)
		if err != nil {
			return IssueView{}, err
		}
		stored, err := d.readIssue(ctx, ref)
		if err != nil {
			return IssueView{}, err
		}
		if !issueSightOf(caller, city, stored.Issue).Issue {
			return IssueView{}, issue.ErrNotFound
		}
		a := &issueAct{desk: d, from: stored, context: issue.Context{Now: d.City.Now(), Actor: issueActorOf(caller), City: city}}
		c, err := a.decide(caller, call, decide)
		if err == nil {
			c.Decided = start
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			return d.Issue(ctx, caller, ref)
		case !raced(err):
			return d.issueDoneBefore(ctx, caller, call, ref.City, err)
		}
	}
	return IssueView{}, ErrTooBusy
}

// decide makes the Change of one attempt.
func (a *issueAct) decide(caller authn.Caller, call Call, verb func(*issueAct) ([]issue.Event, error)) (*change.Change, error) {
	view := IssueView{Issue: a.from.Issue}
	if call.Etag != "" && call.Etag != view.Etag() {
		return nil, ErrEtagMismatch
	}
	events, err := verb(a)
	if err != nil {
		return nil, err
	}
	after, err := a.from.Issue.After(events...)
	if err != nil {
		return nil, err
	}
	sealed, hash, err := sealIssue(a.from.Key, a.from.Hash, events)
	if err != nil {
		return nil, err
	}
	row, err := store.UpdateIssue(a.from, after, hash)
	if err != nil {
		return nil, err
	}
	c := &change.Change{Statements: []change.Statement{row}, Events: sealed,
		Request: call.request(caller, a.from.City, a.from.ID, a.desk.Wall.Now().Add(keepRequests))}
	for _, t := range a.texts {
		t.CreateTime = events[len(events)-1].Time
		c.Statements = append(c.Statements, store.AddContent(a.from.Key, t))
	}
	return c, nil
}

// issueDoneBefore answers a repeated call with the issue in its present state; otherwise the refusal stands.
func (d *Desk) issueDoneBefore(ctx context.Context, caller authn.Caller, call Call, city string, refusal error) (IssueView, error) {
	if !refused(refusal) {
		return IssueView{}, refusal
	}
	view, found, err := d.ReplayIssue(ctx, caller, call, city)
	switch {
	case err != nil:
		return IssueView{}, err
	case !found:
		return IssueView{}, refusal
	}
	return view, nil
}

// ReplayIssue answers a call about a common issue that was made before.
func (d *Desk) ReplayIssue(ctx context.Context, caller authn.Caller, call Call, city string) (IssueView, bool, error) {
	id, found, err := d.replayed(ctx, caller, city, call)
	if err != nil || !found {
		return IssueView{}, false, err
	}
	view, err := d.Issue(ctx, caller, Ref{City: city, ID: id})
	return view, err == nil, err
}

// ReplanIssue changes plan or date, or asks for it.
func (d *Desk) ReplanIssue(ctx context.Context, caller authn.Caller, call Call, ref Ref, plan, date, reason string) (IssueView, error) {
	return d.actIssue(ctx, caller, call, ref, func(a *issueAct) ([]issue.Event, error) {
		why, err := a.say("reason", KindReason, authorOffice, reason)
		if err != nil {
			return nil, err
		}
		var what string
		if plan != "" {
			if what, err = a.say("plan", KindPlan, authorOffice, plan); err != nil {
				return nil, err
			}
		}
		return a.from.Issue.Replan(a.context, what, date, why)
	})
}

// DecideReplan grants or refuses what the lead unit asked for.
func (d *Desk) DecideReplan(ctx context.Context, caller authn.Caller, call Call, ref Ref, granted bool, reason string) (IssueView, error) {
	return d.actIssue(ctx, caller, call, ref, func(a *issueAct) ([]issue.Event, error) {
		why, err := a.say("reason", KindReason, authorOffice, reason)
		if err != nil {
			return nil, err
		}
		return a.from.Issue.Decide(a.context, granted, why)
	})
}

// ReportIssue records progress.
func (d *Desk) ReportIssue(ctx context.Context, caller authn.Caller, call Call, ref Ref, report string, solved bool) (IssueView, error) {
	kind := KindReport
	if solved {
		kind = KindSolvedReport
	}
	return d.actIssue(ctx, caller, call, ref, func(a *issueAct) ([]issue.Event, error) {
		id, err := a.say("text", kind, authorUnit, report)
		if err != nil {
			return nil, err
		}
		events, err := a.from.Issue.Report(a.context, id, solved)
		if err == nil {
			if reported, ok := events[len(events)-1].Body.(issue.Reported); ok {
				a.texts[0].Name = reported.Unit
			}
		}
		return events, err
	})
}

// CloseIssue ends a common issue.
func (d *Desk) CloseIssue(ctx context.Context, caller authn.Caller, call Call, ref Ref, state issue.State, result string) (IssueView, error) {
	return d.actIssue(ctx, caller, call, ref, func(a *issueAct) ([]issue.Event, error) {
		id, err := a.say("result", KindResult, authorOffice, result)
		if err != nil {
			return nil, err
		}
		return a.from.Issue.Close(a.context, state, id)
	})
}

// ReopenIssue opens a common issue again.
func (d *Desk) ReopenIssue(ctx context.Context, caller authn.Caller, call Call, ref Ref, date, reason string) (IssueView, error) {
	return d.actIssue(ctx, caller, call, ref, func(a *issueAct) ([]issue.Event, error) {
		id, err := a.say("reason", KindReason, authorOffice, reason)
		if err != nil {
			return nil, err
		}
		return a.from.Issue.Reopen(a.context, date, id)
	})
}

// LinkTickets makes tickets part of a common issue, all or none. The issue itself is not written, only held to be as it was read: which
// tickets are part of it is a fact of each ticket.
func (d *Desk) LinkTickets(ctx context.Context, caller authn.Caller, call Call, ref Ref, tickets []Ref) (IssueView, error) {
	return d.move(ctx, caller, call, ref, tickets, (*issue.Issue).MayLink, func(t *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return t.LinkIssue(c, ref.ID)
	})
}

// UnlinkTickets takes tickets out of a common issue, all or none.
func (d *Desk) UnlinkTickets(ctx context.Context, caller authn.Caller, call Call, ref Ref, tickets []Ref) (IssueView, error) {
	return d.move(ctx, caller, call, ref, tickets, (*issue.Issue).MayUnlink, func(t *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return t.UnlinkIssue(c, ref.ID)
	})
}

type moving func(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)

func (d *Desk) move(ctx context.Context, caller authn.Caller, call Call, ref Ref, tickets []Ref,
	may func(*issue.Issue, issue.Context) error, decide moving,
) (IssueView, error) {
	for range change.Attempts {
		c, err := d.moved(ctx, caller, call, ref, tickets, may, decide)
		if err == nil {
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			return d.Issue(ctx, caller, ref)
		case !raced(err):
			return d.issueDoneBefore(ctx, caller, call, ref.City, err)
		}
	}
	return IssueView{}, ErrTooBusy
}

// moved makes the Change of one attempt. Rows are locked in one order by everybody: the issue, then the tickets by id.
func (d *Desk) moved(ctx context.Context, caller authn.Caller, call Call, ref Ref, tickets []Ref,
	may func(*issue.Issue, issue.Context) error, decide moving,
) (*change.Change, error) {
	city, err := d.Cities.City(ref.City)
	if err != nil {
		return nil, err
	}
	stored, err := d.readIssue(ctx, ref)
	if err != nil {
		return nil, err
	}
	if !issueSightOf(caller, city, stored.Issue).Issue {
		return nil, issue.ErrNotFound
	}
	if err := may(stored.Issue, issue.Context{Now: d.City.Now(), Actor: issueActorOf(caller), City: city}); err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(tickets))
	for _, t := range tickets {
		if t.City != ref.City {
			return nil, ticket.ErrNotFound.With("ticket", "cities/"+t.City+"/tickets/"+t.ID)
		}
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	found, err := d.byID(ctx, ref.City, ids)
	if err != nil {
		return nil, err
	}
	// All that takes long is read: from here on it is a decision.
	now := d.City.Now()
	c := &change.Change{Decided: change.Begin(), Statements: []change.Statement{store.IssueUnchanged(stored)},
		Request: call.request(caller, ref.City, ref.ID, d.Wall.Now().Add(keepRequests))}
	for _, id := range ids {
		name := "cities/" + ref.City + "/tickets/" + id
		s, there := found[id]
		if !there || !sightOf(caller, city, s).Ticket {
			return nil, ticket.ErrNotFound.With("ticket", name)
		}
		events, err := decide(s.Ticket, ticket.Context{Now: now, Actor: actorOf(caller, city, s), City: city})
		if err != nil {
			return nil, naming(err, name)
		}
		if len(events) == 0 {
			continue
		}
		part, after, err := write(s, events)
		if err != nil {
			return nil, err
		}
		d.Store.Keep(after, part.Events[len(part.Events)-1].Hash)
		c.Statements = append(c.Statements, part.Statements...)
		c.Events = append(c.Events, part.Events...)
		c.Due = append(c.Due, part.Due...)
	}
	return c, nil
}

// naming says which ticket a refusal is about.
func naming(err error, name string) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.With("ticket", name)
	}
	return err
}
