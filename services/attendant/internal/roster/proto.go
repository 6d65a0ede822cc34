package roster

import (
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

var roles = map[optionsv1.Role]Role{
	optionsv1.Role_ROLE_ATTENDANT: Attendant,
	optionsv1.Role_ROLE_AGENT:     Agent,
	optionsv1.Role_ROLE_CLERK:     Clerk,
}

// FromProto makes a roster of the directory's configuration.
func FromProto(in *directoryv1.CityConfig) *City {
	c := Config{Code: strings.TrimPrefix(in.GetName(), "cities/"), Version: in.GetVersion()}
	persons := make(map[string]string, len(in.GetOfficials())) // by login
	for _, o := range in.GetOfficials() {
		persons[o.GetLogin()] = lastPart(o.GetPerson())
	}
	for _, o := range in.GetOfficials() {
		official := Official{Person: lastPart(o.GetPerson()), DisplayName: o.GetDisplayName(), Unit: o.GetUnit(), LoadCap: int(o.GetLoadCap()),
			Qualifications: o.GetQualifications(), BindingCap: int(o.GetBindingCap())}
		if o.GetDeputy() != "" {
			official.Deputy = persons[o.GetDeputy()]
		}
		for _, r := range o.GetRoles() {
			official.Roles |= roles[r]
		}
		c.Officials = append(c.Officials, official)
	}
	for _, u := range in.GetUnits() {
		c.Units = append(c.Units, Unit{Code: u.GetCode(), Parent: u.GetParent()})
	}
	for _, g := range in.GetCategories() {
		c.Categories = append(c.Categories, Category{Code: g.GetCode(), Parent: g.GetParent(), Unit: g.GetUnit()})
	}
	return New(c)
}

func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
