package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What a search for officials may fail with.
var (
	ErrTooWide = fault.New(fault.Invalid, "SEARCH_TOO_WIDE",
		"请选择单位，或输入姓名中的至少两个字。", "Choose a unit, or give at least two characters of the name.")
	ErrUnit = fault.New(fault.Invalid, "UNIT_UNKNOWN",
		"所选单位不属于本市，请重新选择。", "The unit is not one of the city's. Choose another.").
		Field("unit", "unit", "不是本市的单位", "is not one of the city's units")
)

// What somebody who only files is told.
const (
	minNamePart    = 2
	maxForTheWorld = 20
)

// configRoles see what the configuration says of an official.
var configRoles = []optionsv1.Role{optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR}

// OfficialQuery is what is asked of a list of officials.
type OfficialQuery struct {
	City, Unit, NamePart string
	Role                 optionsv1.Role // unspecified for any
	Size                 int
	After                []string // keys of the last one shown; nil for the first page
}

// OfficialList is a page of officials as the caller may know them.
type OfficialList struct {
	Officials []*directoryv1.Official
	Next      []string // keys to go on after; nil on the last page
}

// Officials returns those in service, by unit and then by name. A city has few enough of them to be looked through.
func (d *Desk) Officials(ctx context.Context, caller authn.Caller, q OfficialQuery) (OfficialList, error) {
	config, err := d.config(q.City)
	if err != nil || caller.City != q.City {
		return OfficialList{}, cmp.Or(err, error(ErrCity))
	}
	staff := holdsAny(caller, staffRoles)
	switch {
	case staff:
	case q.Role != optionsv1.Role_ROLE_UNSPECIFIED:
		return OfficialList{}, authn.ErrRoleRequired
	case q.Unit == "" && utf8.RuneCountInString(strings.TrimSpace(q.NamePart)) < minNamePart:
		return OfficialList{}, ErrTooWide
	default:
		q.Size, q.After = min(q.Size, maxForTheWorld), nil
	}
	units, err := unitsUnder(config, q.Unit)
	if err != nil {
		return OfficialList{}, err
	}
	all, err := d.Store.Officials(ctx, q.City)
	if err != nil {
		return OfficialList{}, err
	}
	all = slices.DeleteFunc(all, func(o store.Official) bool { return !q.matches(o, units) })
	slices.SortFunc(all, func(a, b store.Official) int { return slices.Compare(officialKeys(a), officialKeys(b)) })
	var out OfficialList
	if len(all) > q.Size {
		all = all[:q.Size]
		if staff {
			out.Next = officialKeys(all[q.Size-1])
		}
	}
	whole := holdsAny(caller, configRoles)
	for _, o := range all {
		out.Officials = append(out.Officials, shownOfficial(config, o, staff, whole))
	}
	return out, nil
}

// matches tells whether an official is in service, asked for, and behind the last one shown. No units means any.
func (q *OfficialQuery) matches(o store.Official, units []string) bool {
	return o.Serves() && (units == nil || slices.Contains(units, o.Unit)) && (q.Role == optionsv1.Role_ROLE_UNSPECIFIED || slices.Contains(o.Roles, q.Role)) &&
		strings.Contains(strings.ToLower(o.DisplayName), strings.ToLower(strings.TrimSpace(q.NamePart))) &&
		(q.After == nil || slices.Compare(officialKeys(o), q.After) > 0)
}

func officialKeys(o store.Official) []string { return []string{o.Unit, o.DisplayName, o.Person} }

// unitsUnder is a unit with all below it; nil for no unit. Parents stand before their children.
func unitsUnder(config *directoryv1.CityConfig, unit string) ([]string, error) {
	if unit == "" {
		return nil, nil
	}
	var all []string
	for _, u := range config.GetUnits() {
		if u.GetCode() == unit || slices.Contains(all, u.GetParent()) {
			all = append(all, u.GetCode())
		}
	}
	if all == nil {
		return nil, ErrUnit
	}
	return all, nil
}

// shownOfficial is as much of an official as staff, administrators or the world may know.
func shownOfficial(config *directoryv1.CityConfig, o store.Official, staff, whole bool) *directoryv1.Official {
	out := &directoryv1.Official{Person: personName(o.City, o.Person), DisplayName: o.DisplayName, Title: o.Title, Unit: o.Unit}
	if !staff {
		return out
	}
	out.Phone, out.Roles = o.Phone, o.Roles
	if !whole {
		return out
	}
	out.Login = o.Login
	for _, c := range config.GetOfficials() {
		if c.GetLogin() == o.Login {
			out.LoadCap, out.BindingCap, out.Deputy, out.Qualifications = c.GetLoadCap(), c.GetBindingCap(), c.GetDeputy(), c.GetQualifications()
		}
	}
	return out
}
