package roster_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
)

func persons(staff []roster.Official) []string {
	var all []string
	for _, o := range staff {
		all = append(all, o.Person)
	}
	return all
}

func TestRosterIsWhatTheDirectorySays(t *testing.T) {
	c := roster.FromProto(rostertest.Config(7))
	if c.Code() != rostertest.Code || c.Version() != 7 {
		t.Errorf("city %s, version %d", c.Code(), c.Version())
	}
	wang, ok := c.Official(rostertest.Person(rostertest.Wang))
	want := roster.Official{Person: rostertest.Person(rostertest.Wang), DisplayName: "wang", Unit: "water", Roles: roster.Attendant, LoadCap: 2, Deputy: rostertest.Person(rostertest.Li)}
	if diff := cmp.Diff(want, wang); diff != "" || !ok {
		t.Errorf("official (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{rostertest.Person(rostertest.Wang), rostertest.Person(rostertest.Li)}, persons(c.Staff("water", roster.Attendant))); diff != "" {
		t.Errorf("attendants of water:\n%s", diff)
	}
	if _, ok := c.Holder(rostertest.Person(rostertest.Zheng)); ok {
		t.Error("a leader can hold a ticket")
	}
	if _, ok := c.Official(rostertest.Person(rostertest.Zheng)); !ok {
		t.Error("a leader is no official")
	}
}

func TestHandlersFollowTheTrees(t *testing.T) {
	c := roster.FromProto(rostertest.Config(1))
	for category, want := range map[string][]string{
		rostertest.Water:     {"water", "bureau"},
		rostertest.Supply:    {"water", "bureau"},
		rostertest.Power:     {"power", "office"},
		rostertest.Unhandled: nil,
		"unknown":            nil,
		"":                   nil,
	} {
		if diff := cmp.Diff(want, c.Handlers(category)); diff != "" {
			t.Errorf("category %q:\n%s", category, diff)
		}
	}
}

func TestTreesThatGoRoundInCirclesEnd(t *testing.T) {
	c := roster.New(roster.Config{Units: []roster.Unit{{Code: "a", Parent: "b"}, {Code: "b", Parent: "a"}},
		Categories: []roster.Category{{Code: "1", Unit: "a"}, {Code: "2", Parent: "3"}, {Code: "3", Parent: "2"}}})
	if diff := cmp.Diff([]string{"a", "b"}, c.Handlers("1")); diff != "" {
		t.Error(diff)
	}
	if got := c.Handlers("2"); got != nil {
		t.Errorf("handled by %v", got)
	}
}

func TestDismissedOfficialsVanish(t *testing.T) {
	whole := roster.FromProto(rostertest.Config(1))
	left := whole.Without(rostertest.Person(rostertest.Wang))
	if _, ok := left.Official(rostertest.Person(rostertest.Wang)); ok {
		t.Error("a dismissed official still serves")
	}
	if diff := cmp.Diff([]string{rostertest.Person(rostertest.Li)}, persons(left.Staff("water", roster.Attendant))); diff != "" {
		t.Error(diff)
	}
	if len(whole.Staff("water", roster.Attendant)) != 2 {
		t.Error("taking somebody out changed the roster it was taken out of")
	}
}
