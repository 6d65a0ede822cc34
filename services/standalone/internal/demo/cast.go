// Package demo opens a demonstration: it chooses a cast among a city's officials, adds entrepreneurs and their enterprises, and
// binds officials to them, all through the public contracts and with nobody's rules bent. Doing it again changes nothing, and what
// was changed while playing stays changed.
//
// It depends on the contracts and on the directory's façade, for people who have not signed in yet.
package demo

import (
	"fmt"
	"slices"
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory"
)

// The personas of officials.
const (
	Attendant  = "attendant"
	Attendant2 = "attendant2"
	Clerk      = "clerk"
	Dispatcher = "dispatcher"
	Supervisor = "supervisor"
	Mayor      = "mayor"
	Leader     = "leader"
	Agent      = "agent"
	Admin      = "admin"
	Admin2     = "admin2" // where a city has a second administrator
	Auditor    = "auditor"
)

// crew is the officials who take part: one for each persona, and the chief attendants in the order in which enterprises are bound
// to them, one of each unit so that the board has a shape.
type crew struct {
	personas   map[string]*directoryv1.Official
	attendants []*directoryv1.Official
	byLogin    map[string]*directoryv1.Official
}

// choose takes the first official of each role, whoever that is in the city's files. The clerk and the leader are of the first
// attendant's unit, so that they see what happens to the first entrepreneur's tickets.
func choose(config *directoryv1.CityConfig) (*crew, error) {
	c := &crew{personas: map[string]*directoryv1.Official{}, byLogin: map[string]*directoryv1.Official{}}
	units := map[string]bool{}
	for _, o := range config.GetOfficials() {
		c.byLogin[o.GetLogin()] = o
		if slices.Contains(o.GetRoles(), optionsv1.Role_ROLE_ATTENDANT) && !units[o.GetUnit()] {
			units[o.GetUnit()] = true
			c.attendants = append(c.attendants, o)
		}
	}
	if len(c.attendants) < 2 {
		return nil, fmt.Errorf("city %s has too few units with a chief attendant to play with: %d", config.GetName(), len(c.attendants))
	}
	c.personas[Attendant], c.personas[Attendant2] = c.attendants[0], c.attendants[1]
	unit := c.attendants[0].GetUnit()
	for persona, role := range map[string]optionsv1.Role{
		Clerk: optionsv1.Role_ROLE_CLERK, Dispatcher: optionsv1.Role_ROLE_DISPATCHER, Supervisor: optionsv1.Role_ROLE_SUPERVISOR,
		Mayor: optionsv1.Role_ROLE_MAYOR_OFFICE, Leader: optionsv1.Role_ROLE_LEADER, Agent: optionsv1.Role_ROLE_AGENT,
		Admin: optionsv1.Role_ROLE_CITY_ADMIN, Auditor: optionsv1.Role_ROLE_AUDITOR,
	} {
		o := firstOf(config.GetOfficials(), role, unit)
		if o == nil {
			return nil, fmt.Errorf("city %s has nobody to play the %s: no official holds %s", config.GetName(), persona, role)
		}
		c.personas[persona] = o
	}
	for _, o := range config.GetOfficials() {
		if slices.Contains(o.GetRoles(), optionsv1.Role_ROLE_CITY_ADMIN) && o != c.personas[Admin] {
			c.personas[Admin2] = o
			break
		}
	}
	c.byUnit(config)
	return c, nil
}

// byUnit adds who takes part in approvals: the first clerk, leader and agent of each unit, as clerk-zrj, leader-zrj, agent-tzzx.
func (c *crew) byUnit(config *directoryv1.CityConfig) {
	for _, o := range config.GetOfficials() {
		for persona, role := range map[string]optionsv1.Role{Clerk: optionsv1.Role_ROLE_CLERK, Leader: optionsv1.Role_ROLE_LEADER, Agent: optionsv1.Role_ROLE_AGENT} {
			name := persona + "-" + o.GetUnit()
			if _, taken := c.personas[name]; !taken && slices.Contains(o.GetRoles(), role) {
				c.personas[name] = o
			}
		}
	}
}

// firstOf prefers somebody of the unit.
func firstOf(officials []*directoryv1.Official, role optionsv1.Role, unit string) *directoryv1.Official {
	var first *directoryv1.Official
	for _, o := range officials {
		switch {
		case !slices.Contains(o.GetRoles(), role):
		case o.GetUnit() == unit:
			return o
		case first == nil:
			first = o
		}
	}
	return first
}

// entrepreneur is one who files, with the enterprise they speak for.
type entrepreneur struct {
	persona, name, phone string
	enterprise           string
	uscc                 string // valid and nobody's; empty where the kind has none
	kind                 directoryv1.Enterprise_Kind
	project              string // name of the investment project; empty for none
}

// entrepreneurs are invented, every one. The first two are those that scripts know.
var entrepreneurs = []entrepreneur{
	{"entrepreneur", "陈小满", "13900000001", "濮阳市麦浪食品有限公司", "9141090200000T018K", directoryv1.Enterprise_REGISTERED, "年产三万吨面制品扩建项目"},
	{"entrepreneur2", "林向阳", "13900000002", "濮阳市向阳新材料有限公司", "9141097100000T026C", directoryv1.Enterprise_REGISTERED, ""},
	{"entrepreneur3", "何木兰", "13900000003", "清丰县木兰家居有限公司", "9141092200000T0348", directoryv1.Enterprise_REGISTERED, ""},
	{"entrepreneur4", "赵石头", "13900000004", "南乐县石头生物科技有限公司", "9141092300000T042H", directoryv1.Enterprise_REGISTERED, ""},
	{"entrepreneur5", "周羽", "13900000005", "范县羽绒制品有限公司", "9141092600000T050P", directoryv1.Enterprise_REGISTERED, ""},
	{"entrepreneur6", "高远", "13900000006", "远方物流（筹）", "", directoryv1.Enterprise_FOUNDING, ""},
	{"entrepreneur7", "苏南", "13900000007", "深圳市南风智能装备有限公司", "9144030500000T085A", directoryv1.Enterprise_OUTSIDE_INVESTOR, "智能装备产业园一期"},
	{"entrepreneur8", "Anna Weber", "13900000008", "Weber Fine Chemicals GmbH", "", directoryv1.Enterprise_FOREIGN, ""},
}

// personID is the id at the end of a person's name.
func personID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func cityCode(config *directoryv1.CityConfig) string {
	return strings.TrimPrefix(config.GetName(), "cities/")
}

func cast(city string, people map[string]string) map[string]directory.Persona {
	out := make(map[string]directory.Persona, len(people))
	for persona, id := range people {
		out[persona] = directory.Persona{City: city, Person: id}
	}
	return out
}

// Personas lists everybody who can be signed in, those who file first.
func Personas() []string {
	var out []string
	for _, e := range entrepreneurs {
		out = append(out, e.persona)
	}
	return append(out, Attendant, Attendant2, Clerk, Dispatcher, Supervisor, Mayor, Leader, Agent, Admin, Admin2, Auditor)
}
