package desk

import (
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// aboutOf is who a caller is among those a ticket can be about, as the hotline judges it: whoever is named is kept out, and everybody who works
// or has a role in a unit named or below it; the mayor's office only by name, the public not at all.
func aboutOf(caller authn.Caller, city *roster.City) store.About {
	if caller.Kind != authn.Person || caller.Unit == "" && len(caller.Roles) == 0 {
		return store.About{}
	}
	about := store.About{Person: caller.Person}
	if caller.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE) {
		return about
	}
	units := []string{caller.Unit}
	for _, grant := range caller.Roles {
		units = append(units, grant.Unit)
	}
	for _, unit := range units {
		for _, above := range city.Line(unit) {
			if !slices.Contains(about.Units, above) {
				about.Units = append(about.Units, above)
			}
		}
	}
	return about
}

// mayKnow tells whether a caller may know of a ticket: nobody is kept out of what their enterprise filed.
func mayKnow(caller authn.Caller, about store.About, t *store.Ticket) bool {
	return caller.MemberOf(t.Filing.Enterprise) || !about.Of(t.Filing.Conflict)
}
