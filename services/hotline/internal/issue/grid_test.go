package issue

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// grid is the whole process once more, written down apart from the table in the code: for each verb the reason by which strangers to it
// are refused, and what it does in each state for those who are not. One letter a state, in the order OPEN, SOLVED, CLOSED:
//
//	O S C  it works and leads to that state
//	.      ISSUE_STATE_FORBIDS
//	r      a request: the state stays and the request is kept
//	o      ISSUE_OWN
//	x      refused like a stranger
var grid = []struct {
	verb   Verb
	denied string
	rows   map[string]string
}{
	{VerbReplan, "NOT_LEAD_UNIT", map[string]string{
		"office": "O..", "supervisor": "O..", "leader": "r..", "clerk": "r..", "below": "r..", "office in lead": "r..", "office in assisting": "o.."}},
	{VerbDecide, "NOT_OFFICE", map[string]string{"office": "O..", "supervisor": "O..", "office in lead": "o..", "office in assisting": "o.."}},
	{VerbReport, "NOT_LEAD_UNIT", map[string]string{
		"leader": "O..", "clerk": "O..", "below": "O..", "assisting": "O..", "office in lead": "O..", "office in assisting": "O.."}},
	{VerbClose, "NOT_OFFICE", map[string]string{"office": "S..", "supervisor": "S..", "office in lead": "o..", "office in assisting": "o.."}},
	{VerbReopen, "NOT_OFFICE", map[string]string{"office": ".OO", "supervisor": ".OO", "office in lead": ".OO", "office in assisting": ".OO"}},
	{VerbLink, "NOT_ISSUE_DESK", map[string]string{
		"office": "O..", "supervisor": "O..", "desk": "O..", "office in lead": "O..", "office in assisting": "O.."}},
	{VerbUnlink, "NOT_ISSUE_DESK", map[string]string{
		"office": "OSC", "supervisor": "OSC", "desk": "OSC", "office in lead": "OSC", "office in assisting": "OSC"}},
}

func actor(person string, grants ...Grant) Actor { return Actor{Person: person, Grants: grants} }

var (
	office     = actor(pt.MayorOffice, Grant{policy.RoleMayorOffice, ""})
	theLeader  = actor(pt.HousingLeader, Grant{policy.RoleLeader, pt.Housing})
	deskMember = actor(pt.Dispatcher, Grant{policy.RoleDispatcher, ""})
)

var cast = map[string]Actor{
	"office": office, "supervisor": actor(pt.Supervisor, Grant{policy.RoleSupervisor, ""}), "desk": deskMember, "leader": theLeader,
	"clerk":               actor("c", Grant{policy.RoleClerk, pt.Housing}),
	"below":               actor("b", Grant{policy.RoleClerk, pt.Permits}),
	"assisting":           actor("a", Grant{policy.RoleClerk, pt.Market}),
	"office in lead":      actor("d", Grant{policy.RoleMayorOffice, ""}, Grant{policy.RoleClerk, pt.Housing}),
	"office in assisting": actor("e", Grant{policy.RoleSupervisor, ""}, Grant{policy.RoleLeader, pt.Market}),
	"above":               actor(pt.Mayor, Grant{policy.RoleLeader, pt.Government}),
	"elsewhere":           actor("f", Grant{policy.RoleLeader, pt.Water}),
	"attendant":           actor(pt.Attendant, Grant{policy.RoleAttendant, pt.Housing}),
	"admin":               actor(pt.Admin, Grant{policy.RoleCityAdmin, ""}),
	"auditor":             actor(pt.Auditor, Grant{policy.RoleAuditor, ""}),
	"filer":               actor("g"),
	"nobody":              {Grants: []Grant{{policy.RoleMayorOffice, ""}, {policy.RoleLeader, pt.Housing}}},
}

// play is an issue in a test.
type play struct {
	testing.TB
	city *policy.City
	now  time.Time
	i    *Issue
}

func begin(tb testing.TB) *play {
	p := &play{TB: tb, city: pt.City(tb), now: pt.At("2026-03-02 09:00")}
	events, err := Open(p.as(office), Opening{City: pt.Code, ID: "id", Month: "2026-03", Lead: pt.Housing, Assisting: []string{pt.Market}, Date: "2026-03-31",
		Plan: "plan"})
	if err != nil {
		tb.Fatal(err)
	}
	if p.i, err = Fold(pt.Code, "id", events); err != nil {
		tb.Fatal(err)
	}
	return p
}

func (p *play) as(a Actor) Context { return Context{Now: p.now, Actor: a, City: p.city} }

func (p *play) at(text string) *play {
	p.now = pt.At(text)
	return p
}

func (p *play) take(events []Event, err error) *play {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	if p.i, err = p.i.After(events...); err != nil {
		p.Fatal(err)
	}
	return p
}

// in returns an issue in a state; open, it has been reported as solved and has a request, where that is needed to get on.
func in(tb testing.TB, v Verb, s State) *play {
	p := begin(tb)
	p.take(p.i.Report(p.as(theLeader), "done", true))
	switch {
	case s != StateOpen:
		p.take(p.i.Close(p.as(office), s, "result"))
	case v == VerbDecide:
		p.take(p.i.Replan(p.as(theLeader), "", "2026-04-10", "reason"))
	}
	return p
}

func use(v Verb, i *Issue, c Context) ([]Event, error) {
	switch v {
	case VerbReplan:
		return i.Replan(c, "plan2", "2026-04-10", "reason")
	case VerbDecide:
		return i.Decide(c, true, "reason")
	case VerbReport:
		return i.Report(c, "report", false)
	case VerbClose:
		return i.Close(c, StateSolved, "result")
	case VerbReopen:
		return i.Reopen(c, "2026-04-10", "reason")
	case VerbLink:
		return nil, i.MayLink(c)
	case VerbUnlink:
		return nil, i.MayUnlink(c)
	}
	panic("no such verb: " + v)
}

func TestGrid(t *testing.T) {
	letters := map[byte]State{'O': StateOpen, 'S': StateSolved, 'C': StateClosed, 'r': StateOpen}
	for _, row := range grid {
		for who, a := range cast {
			for n, s := range States() {
				cell := byte('x')
				if cells, ok := row.rows[who]; ok {
					cell = cells[n]
				}
				t.Run(string(row.verb)+"/"+who+"/"+s.String(), func(t *testing.T) {
					p := in(t, row.verb, s)
					before := snapshot(t, p.i)
					offered := slices.Contains(p.i.Actions(p.as(a)), string(row.verb))
					events, err := use(row.verb, p.i, p.as(a))
					if snapshot(t, p.i) != before {
						t.Error("the verb changed the issue")
					}
					to, works := letters[cell]
					if works != offered {
						t.Errorf("works %t, offered %t", works, offered)
					}
					if works {
						p.take(events, err)
						if p.i.State != to || (cell == 'r') != (p.i.Request != nil) {
							t.Errorf("leads to %s with request %v", p.i.State, p.i.Request)
						}
						return
					}
					reason := map[byte]string{'.': "ISSUE_STATE_FORBIDS", 'x': row.denied, 'o': "ISSUE_OWN"}[cell]
					if !fault.Has(err, reason) || events != nil {
						t.Errorf("got %v, %v, want %s", events, err, reason)
					}
				})
			}
		}
	}
}

func snapshot(tb interface{ Fatal(...any) }, i *Issue) string {
	b, err := json.Marshal(i)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func TestWhoOpens(t *testing.T) {
	p := begin(t)
	for who, a := range cast {
		_, err := Open(p.as(a), Opening{City: pt.Code, ID: "id", Month: "2026-03", Lead: pt.Water, Date: "2026-03-02", Plan: "plan"})
		may := slices.Contains([]string{"office", "supervisor", "desk", "office in lead", "office in assisting"}, who)
		if may != (err == nil) || err != nil && !fault.Has(err, "NOT_ISSUE_DESK") {
			t.Errorf("%s: %v", who, err)
		}
	}
}
