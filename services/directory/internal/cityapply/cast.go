package cityapply

import (
	"slices"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// cast turns the officials that a city has into those that its files list.
type cast struct {
	*Service
	city   *city.City
	caller authn.Caller
	change *change.Change
	now    time.Time
	actor  string
}

// recast adds, changes, dismisses and takes back officials, and returns the ids of those listed by login. A login is one
// person's for ever: who is listed again is who they were.
func (a *cast) recast(known []store.Official) (map[string]string, error) {
	byLogin := make(map[string]store.Official, len(known))
	for _, o := range known {
		byLogin[o.Login] = o
	}
	if faults := a.faults(byLogin); len(faults) > 0 {
		return nil, refusal(faults)
	}
	persons := make(map[string]string, len(a.city.Officials))
	for _, listed := range a.city.Officials {
		o, err := a.list(listed, byLogin)
		if err != nil {
			return nil, err
		}
		persons[listed.Login] = o.Person
	}
	for _, o := range known { // in the order of logins, so that the same files make the same events
		if _, listed := persons[o.Login]; listed {
			continue
		}
		if err := a.leave(o); err != nil {
			return nil, err
		}
	}
	return persons, nil
}

// list adds an official or brings what is known of one in line with the files.
func (a *cast) list(listed city.Official, byLogin map[string]store.Official) (store.Official, error) {
	before, known := byLogin[listed.Login]
	o := before
	o.City, o.Login = a.city.Code, listed.Login
	o.DisplayName, o.Title, o.Unit, o.Phone = listed.Name, listed.Title, listed.Unit, listed.Phone
	o.Roles = sortedRoles(listed.Roles)
	o.Dismissed, o.DismissedBy = time.Time{}, person.Nobody
	if !known {
		o.Person = a.ids.New()
		return o, store.AddOfficial(a.change, &o, a.now, a.actor)
	}
	if same(before, o) {
		return o, nil
	}
	return o, store.SaveOfficial(a.change, before, &o, a.now, a.Wall.Now(), a.actor)
}

// leave ends the service of somebody who is no longer listed. Whom an administrator dismissed is taken out of the files with
// this, so that a later version may list them again.
func (a *cast) leave(o store.Official) error {
	switch {
	case o.Serves():
		return store.DismissOfficial(a.change, &o, person.ByFiles, a.now, a.Wall.Now(), a.actor)
	case o.DismissedBy == person.ByAdmin:
		before := o
		o.DismissedBy = person.ByFiles
		return store.SaveOfficial(a.change, before, &o, a.now, a.Wall.Now(), a.actor)
	}
	return nil
}

// faults is what only the city that is in force can show to be wrong.
func (a *cast) faults(byLogin map[string]store.Official) city.Faults {
	var faults city.Faults
	blame := func(line int, zh, en string) {
		faults = append(faults, city.Fault{File: "staff.yaml", Line: line, Rule: city.RuleRole, Zh: zh, En: en})
	}
	for _, listed := range a.city.Officials {
		o, known := byLogin[listed.Login]
		if !known {
			continue
		}
		if o.DismissedBy == person.ByAdmin {
			blame(listed.Line, "该人员已被管理员停用；请先从文件中移除，以后才能重新列入",
				"an administrator dismissed this official: take them out first, and list them again in a later version")
		}
		if !a.self(o) {
			continue
		}
		for _, role := range sortedRoles(listed.Roles) {
			if !slices.Contains(o.Roles, role) {
				blame(listed.Line, "不能给自己增加角色，请由其他管理员操作", "nobody gives themselves a role: ask another administrator")
				break
			}
		}
	}
	for _, o := range byLogin {
		if _, listed := a.city.Official(o.Login); a.self(o) && !listed {
			blame(0, "不能停用本人的账号，请由其他管理员操作", "nobody takes themselves out: ask another administrator")
		}
	}
	return faults
}

// self reports whether an official is the one who asks.
func (a *cast) self(o store.Official) bool {
	return a.caller.Kind == authn.Person && a.caller.Person == o.Person
}

// same reports whether nothing that is stored of an official has changed.
func same(a, b store.Official) bool {
	return a.DisplayName == b.DisplayName && a.Title == b.Title && a.Unit == b.Unit && a.Phone == b.Phone &&
		slices.Equal(a.Roles, b.Roles) && a.Dismissed.Equal(b.Dismissed) && a.DismissedBy == b.DismissedBy
}

// sortedRoles makes the order of roles in a file mean nothing.
func sortedRoles(roles []city.Role) []optionsv1.Role {
	sorted := citypb.Roles(roles)
	slices.Sort(sorted)
	return sorted
}
