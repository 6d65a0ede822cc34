package replay

import "fmt"

// unbound: of so many filers one has no chief attendant, so that their tickets stay in the desk's queue.
const unbound = 3

// departments have the clerks and the attendants of the city of the detours, who go round them in this order.
var departments = []string{"housing", "market", "water", "permits"}

// detourLogins are those who take part in detours only, in the order of cast.
var detourLogins = func() []string {
	logins := []string{"dispatcher02", "dispatcher03", "supervisor02", "office01", "office02", "mayor", "secretary"}
	for i := range departments {
		logins = append(logins, fmt.Sprintf("clerk%02d", i+1))
	}
	return logins
}()

// cast gives everybody who takes part in detours their parts.
func (t *town) cast(people []*person) {
	t.desks = append([]*person{t.dispatcher}, people[:2]...)
	t.supers = []*person{t.supervisor, people[2]}
	t.offices = people[3:5]
	t.leaders = []*official{{people[5], "gov"}, {people[6], "gov-office"}}
	t.byName = map[string]*official{}
	for i, p := range people[7:] {
		t.clerks = append(t.clerks, &official{p, departments[i]})
	}
	for i, p := range t.attendants {
		o := &official{p, departments[i%len(departments)]}
		t.holders = append(t.holders, o)
		t.byName[p.session.Person] = o
	}
}
