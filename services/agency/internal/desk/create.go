package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/text"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Opening is a case as it is sent in.
type Opening struct {
	City              string
	Title             string
	Enterprise        string // id
	Project           string // id
	ProjectOf         string // id of the enterprise in the project's name
	Counties          []string
	Eligibility       agencyv1.Case_Eligibility
	Answers           catalogue.Answers
	Name, Phone, Duty string // whom to speak to; the phone signed in with when empty
	Unit              string // code of the unit that opens it on the enterprise's behalf
	Arranged          string
}

// takenLimit bounds how often an opening meets a number that is taken.
const takenLimit = 24

// Create opens a case. It is committed when Create returns.
func (d *Desk) Create(ctx context.Context, caller authn.Caller, call Call, in Opening) (View, error) {
	content, err := openingOf(caller, in)
	taken := 0
	for attempt := 0; attempt < change.Attempts; attempt++ {
		if err != nil {
			return d.createdBefore(ctx, caller, call, in.City, err)
		}
		start := change.Begin()
		city, lost := d.Cities.City(in.City) // as it is now: a decision that came too late is made anew
		if lost != nil {
			return View{}, lost
		}
		var c *change.Change
		var view View
		if c, view, err = d.decideOpening(ctx, caller, call, city, in, content); err != nil {
			continue
		}
		c.Decided = start
		day := view.Case.CreateTime.In(worktime.Zone)
		var unique *change.UniqueError
		switch failed := d.Store.Commit(ctx, c); {
		case failed == nil:
			d.Numbers.Kept(in.City, day)
			return view, nil
		case errors.Is(failed, change.ErrRequestSeen):
			err = failed
		case errors.As(failed, &unique) && unique.Name == store.NumberTaken && taken < takenLimit:
			d.Numbers.Taken(in.City, day)
			taken++
			attempt--
		case !raced(failed):
			return View{}, failed
		}
	}
	if err != nil {
		return d.createdBefore(ctx, caller, call, in.City, err)
	}
	return View{}, ErrTooBusy
}

// createdBefore answers a repeated opening with the case it led to, in its present state; otherwise the refusal stands.
func (d *Desk) createdBefore(ctx context.Context, caller authn.Caller, call Call, city string, refusal error) (View, error) {
	if !refused(refusal) {
		return View{}, refusal
	}
	resource, found, err := d.replayed(ctx, caller, city, call)
	switch {
	case err != nil:
		return View{}, err
	case !found:
		return View{}, refusal
	}
	return d.Get(ctx, caller, Ref{City: city, ID: resource})
}

// openingOf judges what was written.
func openingOf(caller authn.Caller, in Opening) (store.Content, error) {
	c := store.Content{ID: store.Opening, Kind: KindOpening, Person: caller.Person, Title: strings.TrimSpace(in.Title), Body: in.Duty, Name: in.Name}
	if text.Blank(in.Title) {
		return c, casefile.ErrTextEmpty.Field("title", "text.empty", "不能为空", "must not be empty")
	}
	err := errors.Join(text.Optional("title", in.Title), text.Optional("contactName", in.Name), text.Optional("contactDuty", in.Duty), text.Optional("arrangedText", in.Arranged))
	if err != nil {
		return c, first(err)
	}
	if in.Project != "" && in.ProjectOf != in.Enterprise {
		return c, ErrProjectForeign
	}
	if c.Phone, err = text.Phone("contactPhone", in.Phone); err != nil {
		return c, err
	}
	if c.Phone == "" && in.Unit == "" {
		if c.Phone, err = text.Phone("contactPhone", caller.Phone); err != nil {
			c.Phone = "" // what the directory accepted once is no reason to refuse
		}
	}
	return c, nil
}

// decideOpening lets the domain open the case now, under a new id and number.
func (d *Desk) decideOpening(ctx context.Context, caller authn.Caller, call Call, city *catalogue.City, in Opening, written store.Content) (*change.Change, View, error) {
	now := d.City.Now()
	content := store.NewContent(written)
	content.CreateTime = now
	texts := []*store.Content{&content}
	actor := actorOf(caller, city)
	actor.Claims = in.Enterprise
	opening := casefile.Opening{City: in.City, ID: d.ids.New(), Number: d.Numbers.Next(in.City, now.In(worktime.Zone)), Enterprise: in.Enterprise, Project: in.Project,
		Counties: slices.Compact(slices.Clone(in.Counties)), Eligibility: in.Eligibility, OpenerUnit: in.Unit, Answers: in.Answers, ContentMAC: content.MAC()}
	if in.Eligibility == agencyv1.Case_ARRANGED_BY_CITY && !text.Blank(in.Arranged) {
		arranged := store.NewContent(store.Content{ID: d.ids.New(), Kind: KindReason, Person: caller.Person, Body: in.Arranged, CreateTime: now})
		texts, opening.Arranged = append(texts, &arranged), arranged.ID
	}
	events, err := casefile.New(casefile.Context{Now: now, Actor: actor, City: city}, opening)
	if err != nil {
		return nil, View{}, err
	}
	c, err := casefile.Fold(in.City, opening.ID, events)
	if err != nil {
		return nil, View{}, err
	}
	key, err := store.KeyOf(in.City, opening.ID)
	if err != nil {
		return nil, View{}, err
	}
	sealed, hash, err := seal(key, [32]byte{}, events)
	if err != nil {
		return nil, View{}, err
	}
	out := &change.Change{Events: sealed, Due: []change.Due{dueOf(key, c)}, Request: call.request(caller, in.City, opening.ID, time.Time{})}
	if out.Statements, err = store.Open(key, c, fact.Of(c, city), hash); err != nil {
		return nil, View{}, err
	}
	for _, t := range texts {
		out.Statements = append(out.Statements, store.AddContent(key, t))
	}
	view, err := d.view(ctx, caller, city, store.Stored{Key: key, Case: c, Hash: hash})
	view.Texts = Texts{}
	for _, t := range texts {
		view.Texts[t.ID] = t
	}
	return out, view, err
}
