package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// IssueSight is how much of a common issue a caller may see. The zero value is nothing: for them there is no such issue. Issue alone is its
// outlines: title, lead unit, month, state and dates.
type IssueSight struct {
	Issue   bool
	Text    bool // plan, reports and result
	History bool
}

// IssueView is a common issue as one caller may see it at one moment.
type IssueView struct {
	Issue   *issue.Issue
	City    *policy.City
	Sight   IssueSight
	Texts   Texts
	Actions []string
	Now     time.Time
	Tickets int  // how many linked tickets the caller may list, as far as they are counted
	Capped  bool // there are more
}

// Etag is the version of the issue as callers name it.
func (v *IssueView) Etag() string { return strconv.FormatInt(v.Issue.Version, 10) }

// Title is what the issue is called.
func (v *IssueView) Title() string {
	if c := v.Texts[v.Issue.Title]; c != nil {
		return c.Title
	}
	return ""
}

// Text is a text of the issue, empty when the caller may not read it.
func (v *IssueView) Text(id string) string {
	if !v.Sight.Text {
		return ""
	}
	return v.Texts.Body(id)
}

// Reports are the texts of progress, newest first.
func (v *IssueView) Reports() []*store.Content {
	if !v.Sight.Text {
		return nil
	}
	var all []*store.Content
	for _, c := range v.Texts {
		if c.Kind == KindReport || c.Kind == KindSolvedReport {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *store.Content) int {
		return cmp.Or(b.CreateTime.Compare(a.CreateTime), cmp.Compare(b.ID, a.ID))
	})
	return all
}

// issueSightOf is what the caller may see of an issue by who they are. Who may list a ticket that is part of it sees its outlines besides.
func issueSightOf(caller authn.Caller, city *policy.City, i *issue.Issue) IssueSight {
	var s IssueSight
	if caller.Kind != authn.Person || caller.City != i.City {
		return s
	}
	for _, grant := range caller.Roles {
		if byRole := sightByRole[grant.Role]; byRole.Ticket {
			s.Issue, s.History, s.Text = true, true, s.Text || byRole.Text
		}
		unit := unitOf(caller, grant)
		if unit != "" && (leadsDesk(city, unit) || slices.ContainsFunc(i.Units(), func(works string) bool { return related(city, works, unit) })) {
			return IssueSight{Issue: true, Text: true, History: true}
		}
	}
	return s
}

// related tells whether one unit is the other, or lies above or below it: who answers for a unit sees what it works on, and its own people do.
func related(city *policy.City, a, b string) bool { return city.IsBelow(a, b) || city.IsBelow(b, a) }

// issueScopeOf is issueSightOf's Issue as a condition on rows.
func issueScopeOf(caller authn.Caller, city *policy.City) store.IssueScope {
	var scope store.IssueScope
	for _, grant := range caller.Roles {
		unit := unitOf(caller, grant)
		if sightByRole[grant.Role].Ticket || unit != "" && leadsDesk(city, unit) {
			return store.IssueScope{All: true}
		}
		for _, u := range city.Units() {
			if unit != "" && related(city, u.Code, unit) && !slices.Contains(scope.Units, u.Code) {
				scope.Units = append(scope.Units, u.Code)
			}
		}
	}
	return scope
}

// issueActorOf is the caller as a common issue knows an actor.
func issueActorOf(caller authn.Caller) issue.Actor {
	a := issue.Actor{Person: caller.Person}
	for _, grant := range caller.Roles {
		unit := unitOf(caller, grant)
		if grant.Role != optionsv1.Role_ROLE_LEADER && grant.Role != optionsv1.Role_ROLE_CLERK {
			unit = ""
		}
		a.Grants = append(a.Grants, issue.Grant{Role: policy.RoleOf(grant.Role), Unit: unit})
	}
	return a
}

// readIssue returns a common issue, or ISSUE_NOT_FOUND.
func (d *Desk) readIssue(ctx context.Context, ref Ref) (store.StoredIssue, error) {
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		return store.StoredIssue{}, issue.ErrNotFound
	}
	stored, err := d.Store.Issue(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.StoredIssue{}, issue.ErrNotFound
	}
	return stored, err
}

// issueView looks at an issue with the caller's eyes, its linked tickets counted.
func (d *Desk) issueView(ctx context.Context, caller authn.Caller, city *policy.City, i *issue.Issue, now time.Time) (IssueView, error) {
	view := IssueView{Issue: i, City: city, Sight: issueSightOf(caller, city, i), Now: now,
		Actions: i.Actions(issue.Context{Now: now, Actor: issueActorOf(caller), City: city})}
	var err error
	view.Tickets, view.Capped, err = d.Store.Count(ctx, store.Query{City: i.City, Scope: scopeOf(caller, city), Filter: `issue = "` + i.ID + `"`})
	return view, err
}

// openIssue reads an issue that the caller may know of.
func (d *Desk) openIssue(ctx context.Context, caller authn.Caller, ref Ref) (IssueView, store.StoredIssue, error) {
	city, err := d.Cities.City(ref.City)
	if err != nil {
		return IssueView{}, store.StoredIssue{}, err
	}
	stored, err := d.readIssue(ctx, ref)
	if err != nil {
		return IssueView{}, store.StoredIssue{}, err
	}
	if caller.Kind != authn.Person || caller.City != ref.City {
		return IssueView{}, store.StoredIssue{}, issue.ErrNotFound
	}
	view, err := d.issueView(ctx, caller, city, stored.Issue, d.City.Now())
	if err != nil {
		return IssueView{}, store.StoredIssue{}, err
	}
	if view.Tickets > 0 {
		view.Sight.Issue = true
	}
	if !view.Sight.Issue {
		return IssueView{}, store.StoredIssue{}, issue.ErrNotFound
	}
	view.Texts, err = d.Store.Contents(ctx, stored.Key)
	return view, stored, err
}

// Issue returns a common issue.
func (d *Desk) Issue(ctx context.Context, caller authn.Caller, ref Ref) (IssueView, error) {
	view, _, err := d.openIssue(ctx, caller, ref)
	return view, err
}

// IssueList is a page of common issues that the caller may see.
type IssueList struct {
	Views         []IssueView
	NextPageToken string
	Total         int // on the first page only
	Capped        bool
}

// CountIssues counts the list of common issues of a filter, as far as store.CountLimit.
func (d *Desk) CountIssues(ctx context.Context, caller authn.Caller, code, filter string) (int, error) {
	city, err := d.Cities.City(code)
	if err != nil {
		return 0, err
	}
	order, err := store.IssueOrders.Parse("")
	if err != nil {
		return 0, err
	}
	n, _, err := d.Store.CountIssues(ctx, store.IssueQuery{City: code, Scope: issueScopeOf(caller, city), Filter: filter, Order: order, Limit: 1})
	return n, err
}

// Issues pages through the common issues of the city, or of the caller's units. Whoever knows one through a ticket reads it by its name.
func (d *Desk) Issues(ctx context.Context, caller authn.Caller, in ListQuery) (IssueList, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return IssueList{}, err
	}
	size, err := page.Size(in.PageSize, defaultPage, maxPage)
	if err != nil {
		return IssueList{}, err
	}
	order, err := store.IssueOrders.Parse(in.OrderBy)
	if err != nil {
		return IssueList{}, err
	}
	bound := page.Query{Parent: in.City + "/commonIssues", Filter: in.Filter, Order: order.String(), View: caller.Person}
	after, err := page.Keys(in.PageToken, bound, order.Like()...)
	if err != nil {
		return IssueList{}, err
	}
	query := store.IssueQuery{City: in.City, Scope: issueScopeOf(caller, city), Filter: in.Filter, Order: order, After: after, Limit: size + 1}
	rows, err := d.Store.Issues(ctx, query)
	if err != nil {
		return IssueList{}, err
	}
	var out IssueList
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = page.Token(bound, rows[size-1].Keys...)
	}
	now := d.City.Now()
	for _, r := range rows {
		view, err := d.issueView(ctx, caller, city, r.Issue, now)
		if err != nil {
			return IssueList{}, err
		}
		view.Texts = Texts{r.Issue.Plan: {ID: r.Issue.Plan, Body: r.Plan}}
		if c := view.Texts[r.Issue.Title]; c != nil {
			c.Title = r.Title
		} else {
			view.Texts[r.Issue.Title] = &store.Content{ID: r.Issue.Title, Title: r.Title}
		}
		out.Views = append(out.Views, view)
	}
	switch {
	case in.PageToken != "":
	case out.NextPageToken == "":
		out.Total = len(rows)
	default:
		out.Total, out.Capped, err = d.Store.CountIssues(ctx, query)
	}
	return out, err
}

// IssueEntry is one event of a common issue at its place in the chain.
type IssueEntry struct {
	Event  issue.Event
	Sealed journal.Sealed
}

// IssueHistory returns an issue's events, oldest first, and whether their chain holds up to the issue's row.
func (d *Desk) IssueHistory(ctx context.Context, caller authn.Caller, ref Ref) (IssueView, []IssueEntry, bool, error) {
	view, stored, err := d.openIssue(ctx, caller, ref)
	if err == nil && !view.Sight.History {
		err = issue.ErrNotFound
	}
	if err != nil {
		return IssueView{}, nil, false, err
	}
	history, err := d.Store.Journal(ctx, stored.City, stored.IssueAggregate(), stored.Month)
	if err != nil {
		return IssueView{}, nil, false, err
	}
	entries := make([]IssueEntry, 0, len(history))
	var chain journal.Chain
	verified := true
	for _, s := range history {
		verified = verified && chain.Extend(s) == nil
		e, err := issuepb.Open(s.Envelope)
		if err != nil {
			return IssueView{}, nil, false, err
		}
		e.Actor = strings.TrimPrefix(e.Actor, personPrefix)
		entries = append(entries, IssueEntry{Event: e, Sealed: s})
	}
	v := stored.Issue.Version
	verified = verified && int64(len(history)) >= v && history[v-1].Hash == stored.Hash
	return view, entries, verified, nil
}
