package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// NewVisit is what is asked for.
type NewVisit struct {
	City       string
	Enterprise string
	Official   string // empty for the caller
	Time       time.Time
	Purpose    string
	Override   string // why the rules are set aside; empty when they are not
}

// PlanVisit plans a visit and returns its id.
func (d *Desk) PlanVisit(ctx context.Context, call Call, in NewVisit) (string, error) {
	if in.Official == "" {
		in.Official = call.Caller.Person
	}
	office := call.Caller.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE)
	switch {
	case in.Official != call.Caller.Person && !office && !call.Caller.HasRole(optionsv1.Role_ROLE_SUPERVISOR):
		return "", ErrNotVisitor
	case in.Override != "" && !office:
		return "", ErrOverride
	}
	return d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		r, err := d.roster(ctx, in.City)
		if err != nil {
			return nil, "", err
		}
		now := d.City.Now()
		official, err := d.visitor(ctx, r.city, in, office, now)
		if err != nil {
			return nil, "", err
		}
		around, read, err := d.around(ctx, r, in)
		if err != nil {
			return nil, "", err
		}
		planned, aside, err := visit.Plan(visit.Visit{City: in.City, ID: d.ids.New(), Official: official.Person, DisplayName: official.DisplayName,
			Unit: official.Unit, Enterprise: in.Enterprise, Time: in.Time}, around, now, in.Override != "")
		if err != nil {
			return nil, "", err
		}
		texts := []store.Text{{Kind: store.Purpose, Body: in.Purpose}}
		if in.Override != "" {
			texts = append(texts, store.Text{Kind: store.Override, Body: in.Override})
		}
		c := &change.Change{}
		return c, planned.ID, store.PlanVisit(c, planned, read, aside, texts, call.actor())
	})
}

// visitor is who goes, if they may: somebody bound to the enterprise or a deputy of theirs, or whomever the mayor's office sends. Whether
// there is such an enterprise is told only to who could know.
func (d *Desk) visitor(ctx context.Context, city *roster.City, in NewVisit, office bool, now time.Time) (roster.Official, error) {
	official, ok := city.Official(in.Official)
	if !ok {
		return official, ErrOfficial.Field("official", "official.unknown", "不是本市的工作人员", "is not an official of the city")
	}
	if !office {
		bound, err := d.serves(ctx, city, in.Enterprise, official.Person, now)
		switch {
		case err != nil:
			return official, err
		case !bound:
			return official, ErrNotBound
		}
	}
	known, err := d.Store.HasEnterprise(ctx, in.City, in.Enterprise)
	if err == nil && !known {
		err = ErrEnterprise
	}
	return official, err
}

// serves tells whether somebody is bound to an enterprise or one of its projects, or stands in for who is.
func (d *Desk) serves(ctx context.Context, city *roster.City, enterprise, person string, now time.Time) (bool, error) {
	bindings, err := d.Store.BindingsOf(ctx, city.Code(), []string{enterprise})
	if err != nil {
		return false, err
	}
	for _, b := range bindings {
		if !b.InForce(now) {
			continue
		}
		if b.Official == person || b.Deputy == person {
			return true, nil
		}
		said, err := d.Store.Presence(ctx, city.Code(), b.Official)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return false, err
		}
		if o, _ := city.Official(b.Official); o.Deputy == person || said.Deputy == person {
			return true, nil
		}
	}
	return false, nil
}

// around reads what a plan has to keep its distance from.
func (d *Desk) around(ctx context.Context, r kept, in NewVisit) (visit.Around, store.Quiet, error) {
	around := visit.Around{Interval: r.interval}
	read, err := d.Store.Quiet(ctx, in.City, in.Enterprise) // before the visits: whoever plans one meanwhile has turned it
	if err != nil {
		return around, read, err
	}
	around.Quiet = read.Quiet
	around.Before, around.After, err = d.Store.Near(ctx, in.City, in.Enterprise, in.Time)
	return around, read, err
}

// VisitRecord is what is said of a visit that was held.
type VisitRecord struct {
	Time     time.Time // zero for as planned
	Notes    string
	Problems []string
}

// RecordVisit says that a visit was held.
func (d *Desk) RecordVisit(ctx context.Context, call Call, id, etag string, in VisitRecord) (string, error) {
	return d.endVisit(ctx, call, id, etag, func(v store.Visit) error {
		if v.Official != call.Caller.Person && !call.Caller.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE) {
			return ErrNotVisitor
		}
		return nil
	}, func(v store.Visit, now time.Time) (visit.Visit, []store.Text, error) {
		var texts []store.Text
		if in.Notes != "" {
			texts = append(texts, store.Text{Kind: store.Notes, Body: in.Notes})
		}
		for i, problem := range in.Problems {
			texts = append(texts, store.Text{Kind: store.Problem, Number: i, Body: problem})
		}
		held, err := v.Hold(in.Time, now)
		return held, texts, err
	})
}

// CancelVisit takes a plan back.
func (d *Desk) CancelVisit(ctx context.Context, call Call, id, etag, reason string) (string, error) {
	return d.endVisit(ctx, call, id, etag, func(v store.Visit) error {
		c := call.Caller
		if v.Official != c.Person && !c.MemberOf(v.Enterprise) && !c.HasRole(optionsv1.Role_ROLE_SUPERVISOR) && !c.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE) {
			return ErrNotVisitor
		}
		return nil
	}, func(v store.Visit, _ time.Time) (visit.Visit, []store.Text, error) {
		off, err := v.Cancel()
		return off, []store.Text{{Kind: store.Cancel, Body: reason}}, err
	})
}

func (d *Desk) endVisit(ctx context.Context, call Call, id, etag string, may func(store.Visit) error,
	end func(store.Visit, time.Time) (visit.Visit, []store.Text, error),
) (string, error) {
	return d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		scope, err := d.visitScope(ctx, call.City, call.Caller)
		if err != nil {
			return nil, "", err
		}
		before, err := d.visit(ctx, call.City, id, scope)
		if err != nil {
			return nil, "", err
		}
		if err := may(before); err != nil {
			return nil, "", err
		}
		if etag != "" && etag != VisitEtag(before) {
			return nil, "", ErrVisitEtag
		}
		now := d.City.Now()
		after, texts, err := end(before, now)
		if err != nil {
			return nil, "", err
		}
		c := &change.Change{}
		return c, id, store.EndVisit(c, before, after, texts, now, call.actor())
	})
}

func (d *Desk) visit(ctx context.Context, city, id string, scope store.Scope) (store.Visit, error) {
	v, err := d.Store.Visit(ctx, city, id, scope)
	if errors.Is(err, store.ErrNotFound) {
		return v, ErrVisit
	}
	return v, err
}

// visitScope is whose visits a caller sees: offices and desks the city's, a leader those of their units and the ones below, an official
// their own, a member their enterprises'.
func (d *Desk) visitScope(ctx context.Context, city string, c authn.Caller) (store.Scope, error) {
	scope := store.Scope{All: slices.ContainsFunc(cityRoles, c.HasRole), Official: c.Person, Enterprises: c.Enterprises}
	if scope.All || !c.HasRole(optionsv1.Role_ROLE_LEADER) {
		return scope, nil
	}
	r, err := d.Roster(ctx, city)
	if err != nil {
		return scope, err
	}
	scope.Units = r.Below(c.UnitsOf(optionsv1.Role_ROLE_LEADER))
	return scope, nil
}

// cityRoles see all of a city's visits, loads and coverage.
var cityRoles = []optionsv1.Role{optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE,
	optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR}

// VisitView is a visit with what was written about it and what came of it, as far as its viewer may know.
type VisitView struct {
	store.Visit
	Texts   []store.Text
	Tickets []string
}

// Visit returns a visit to somebody who may see it.
func (d *Desk) Visit(ctx context.Context, caller authn.Caller, city, id string) (VisitView, error) {
	scope, err := d.visitScope(ctx, city, caller)
	if err != nil {
		return VisitView{}, err
	}
	v, err := d.visit(ctx, city, id, scope)
	if err != nil {
		return VisitView{}, err
	}
	views, err := d.view(ctx, caller, city, []store.Visit{v})
	if err != nil {
		return VisitView{}, err
	}
	return views[0], nil
}

// Visits returns a page of the visits that a caller may see, newest first.
func (d *Desk) Visits(ctx context.Context, caller authn.Caller, l store.List) ([]VisitView, error) {
	if _, err := d.Roster(ctx, l.City); err != nil {
		return nil, err
	}
	var err error
	if l.Scope, err = d.visitScope(ctx, l.City, caller); err != nil {
		return nil, err
	}
	found, err := d.Store.Visits(ctx, l)
	if err != nil {
		return nil, err
	}
	return d.view(ctx, caller, l.City, found)
}

func (d *Desk) view(ctx context.Context, caller authn.Caller, city string, visits []store.Visit) ([]VisitView, error) {
	wanted := make([]string, len(visits))
	for i, v := range visits {
		wanted[i] = v.ID
	}
	texts, err := d.Store.Texts(ctx, city, wanted)
	if err != nil {
		return nil, err
	}
	tickets, err := d.visitTickets(ctx, caller, city, wanted)
	if err != nil {
		return nil, err
	}
	views := make([]VisitView, len(visits))
	for i, v := range visits {
		views[i] = VisitView{Visit: v, Tickets: tickets[v.ID]}
		for _, t := range texts[v.ID] {
			if mayRead(caller, v, t) {
				views[i].Texts = append(views[i].Texts, t)
			}
		}
	}
	return views, nil
}

// visitTickets are the tickets that came of visits, by visit: those that a caller may know of.
func (d *Desk) visitTickets(ctx context.Context, caller authn.Caller, city string, visits []string) (map[string][]string, error) {
	linked, err := d.Store.VisitTickets(ctx, city, visits)
	if err != nil || len(linked) == 0 {
		return nil, err
	}
	r, err := d.Roster(ctx, city)
	if err != nil {
		return nil, err
	}
	known, err := d.Store.Tickets(ctx, city, slices.Concat(slices.Collect(maps.Values(linked))...))
	if err != nil {
		return nil, err
	}
	about, may := aboutOf(caller, r), map[string]bool{}
	for _, t := range known {
		may[t.ID] = mayKnow(caller, about, t)
	}
	for visit := range linked {
		linked[visit] = slices.DeleteFunc(linked[visit], func(ticket string) bool { return !may[ticket] })
	}
	return linked, nil
}

// mayRead tells whether a caller who sees a visit reads a text of it: the administrator reads none, and an enterprise not what the
// official noted for themselves.
func mayRead(c authn.Caller, v store.Visit, t store.Text) bool {
	if c.Person == v.Official {
		return true
	}
	if len(c.Roles) == 0 {
		return t.Kind != store.Notes
	}
	return slices.ContainsFunc(c.Roles, func(g authn.Grant) bool { return g.Role != optionsv1.Role_ROLE_CITY_ADMIN })
}

// SetQuiet says that an enterprise wants no visits, or wants them again.
func (d *Desk) SetQuiet(ctx context.Context, call Call, in visit.Quiet, reason string) error {
	if !call.Caller.MemberOf(in.Enterprise) {
		return ErrEnterprise
	}
	_, err := d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		now := d.City.Now()
		said, err := visit.NewQuiet(in, now)
		if err != nil {
			return nil, "", err
		}
		before, err := d.Store.Quiet(ctx, in.City, in.Enterprise)
		switch {
		case err != nil:
			return nil, "", err
		case before.Quiet == said && before.Reason == reason:
			return nil, in.Enterprise, nil
		}
		c := &change.Change{}
		return c, in.Enterprise, store.SaveQuiet(c, before, said, reason, now, call.actor())
	})
	return err
}

// QuietView is whether an enterprise wants no visits now.
type QuietView struct {
	store.Quiet
	Now bool
}

// Quiet tells an enterprise's members and officials whether it wants no visits.
func (d *Desk) Quiet(ctx context.Context, caller authn.Caller, city, enterprise string) (QuietView, error) {
	known, err := d.Store.HasEnterprise(ctx, city, enterprise)
	switch {
	case err != nil:
		return QuietView{}, err
	case !caller.MemberOf(enterprise) && (!known || len(caller.Roles) == 0):
		return QuietView{}, ErrEnterprise
	}
	q, err := d.Store.Quiet(ctx, city, enterprise)
	return QuietView{Quiet: q, Now: q.At(d.City.Now())}, err
}
