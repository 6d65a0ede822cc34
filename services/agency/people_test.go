package agency_test

import (
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/authn"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// People who are no officials, and their enterprises.
const (
	owner       = "01910000-0000-7000-8000-000000000001" // member of enterprise
	colleague   = "01910000-0000-7000-8000-000000000002" // member of enterprise
	stranger    = "01910000-0000-7000-8000-000000000003" // member of enterprise2
	claimant    = "01910000-0000-7000-8000-000000000004" // member of nothing yet
	enterprise  = "01920000-0000-7000-8000-000000000001"
	enterprise2 = "01920000-0000-7000-8000-000000000002"
	phone       = "13800138000"
)

// caller is somebody signed in to the test city: an official in their roles and unit, or one of the people above.
func caller(person string) authn.Caller {
	c := authn.Caller{Kind: authn.Person, City: cataloguetest.Code, Person: person, Session: "session-of-" + person}
	switch person {
	case owner, colleague:
		c.Enterprises, c.Phone = []string{enterprise}, phone
		return c
	case stranger:
		c.Enterprises, c.Phone = []string{enterprise2}, "13900139000"
		return c
	}
	for _, o := range cataloguetest.Config().GetOfficials() {
		if o.GetPerson() == personName(person) {
			c.Unit = o.GetUnit()
			for _, role := range o.GetRoles() {
				c.Roles = append(c.Roles, grant(role, o.GetUnit()))
			}
		}
	}
	return c
}

// grant is a role as the directory puts it into a token: with the unit where it is a unit's.
func grant(role optionsv1.Role, unit string) authn.Grant {
	switch role {
	case optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE, optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR:
		unit = ""
	}
	return authn.Grant{Role: role, Unit: unit}
}

func personName(id string) string     { return cataloguetest.Name + "/persons/" + id }
func unitName(code string) string     { return cataloguetest.Name + "/units/" + code }
func enterpriseName(id string) string { return cataloguetest.Name + "/enterprises/" + id }
