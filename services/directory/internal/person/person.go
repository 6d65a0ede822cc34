package person

import (
	"slices"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Person is somebody known to a city.
type Person struct {
	City, ID    string
	Phone       Phone  // empty for officials, and for those whose data was erased
	DisplayName string // empty until they say
	Language    string // zh-CN or en
}

// Official is a person who serves the city, as its files say.
type Official struct {
	City, Person string
	Login        string
	DisplayName  string
	Title        string
	Unit         string
	Phone        string // of the office, shown to filers
	Roles        []optionsv1.Role
	Dismissed    time.Time // zero while they serve
	DismissedBy  By
}

// By is whose decision a dismissal was.
type By string

// Who dismisses.
const (
	Nobody  By = ""
	ByFiles By = "file"  // no longer in the city's files; back when they are listed again
	ByAdmin By = "admin" // an administrator's order, which files do not undo
)

// Serves tells whether the official is in service.
func (o Official) Serves() bool { return o.Dismissed.IsZero() }

// Holds tells whether an official in service has the role.
func (o Official) Holds(role optionsv1.Role) bool {
	return o.Serves() && slices.Contains(o.Roles, role)
}

// inUnit are the roles that are held within a unit; the others are held in the whole city.
var inUnit = map[optionsv1.Role]bool{
	optionsv1.Role_ROLE_ATTENDANT: true,
	optionsv1.Role_ROLE_AGENT:     true,
	optionsv1.Role_ROLE_CLERK:     true,
	optionsv1.Role_ROLE_LEADER:    true,
}

// UnitOf is the unit in which the official holds a role; empty for a role of the whole city.
func (o Official) UnitOf(role optionsv1.Role) string {
	if inUnit[role] {
		return o.Unit
	}
	return ""
}
