package authn_test

import (
	"errors"
	"strings"
	"testing"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
)

// Every method of the contract against every sort of caller and every role: who is not named is refused.
func TestTheWholeGridOfRules(t *testing.T) {
	rules, err := authn.LoadRules(echo.Service)
	if err != nil {
		t.Fatal(err)
	}
	callers := map[string]authn.Caller{
		"anonymous": {}, "person": {Kind: authn.Person}, "hotline": {Kind: authn.Service, Name: "hotline"}, "agency": {Kind: authn.Service, Name: "agency"},
		"unnamed service": {Kind: authn.Service}, "system": authn.SystemCaller("hotline", "410900"),
	}
	for number, name := range optionsv1.Role_name {
		role := optionsv1.Role(number)
		c := authn.Caller{Kind: authn.Person, Roles: []authn.Grant{{Role: role}}}
		switch role {
		case optionsv1.Role_ROLE_MEMBER:
			c.Enterprises = []string{"e1"}
		case optionsv1.Role_ROLE_ENTERPRISE_ADMIN:
			c.AdminOf = []string{"e1"}
		default:
		}
		callers[name] = c
	}
	// A service does not become a clerk by carrying a clerk's role.
	callers["a service with roles"] = authn.Caller{Kind: authn.Service, Name: "agency", Roles: []authn.Grant{{Role: optionsv1.Role_ROLE_CLERK}}}

	person := func(name string) bool { return callers[name].Kind == authn.Person }
	open := map[string]func(name string) bool{
		echo.Public:                     func(string) bool { return true },
		echo.Person:                     person,
		echo.Watch:                      person,
		echo.Clerk:                      func(name string) bool { return name == "ROLE_CLERK" || name == "hotline" },
		echo.Peer:                       func(name string) bool { return name == "hotline" },
		"/" + echo.Service + "/Nothing": func(string) bool { return false },
	}
	if len(rules.Methods()) != len(open)-1 {
		t.Errorf("methods %v", rules.Methods())
	}
	for method, may := range open {
		if rules.Public(method) != (method == echo.Public) {
			t.Errorf("%s public: %v", method, rules.Public(method))
		}
		for name, c := range callers {
			err := rules.Allow(method, c)
			if may(name) != (err == nil) {
				t.Errorf("%s by %s: %v", method, name, err)
			}
			if err != nil && !errors.Is(err, authn.ErrRoleRequired) && !errors.Is(err, authn.ErrTokenMissing) {
				t.Errorf("%s by %s: %v", method, name, err)
			}
		}
	}
}

func TestRulesThatCannotBeLoaded(t *testing.T) {
	_, err := authn.LoadRules(echo.Service, echo.Unruled)
	if err == nil || strings.Count(err.Error(), "method ") != 6 || strings.Contains(err.Error(), echo.Service) {
		t.Errorf("all six and only they must be named: %v", err)
	}
	for _, name := range []string{"nothing.of.the.Kind", "throughtrain.options.v1.Rule"} {
		if _, err := authn.LoadRules(name); err == nil {
			t.Errorf("%s has rules", name)
		}
	}
}

func TestForeignName(t *testing.T) {
	for name, tt := range map[string]struct {
		request echo.Message
		want    string
	}{
		"own":        {echo.New("").Set("name", "cities/410900/a/1").Set("unit", "cities/410900/units/A"), ""},
		"no city":    {echo.New("").Set("name", "things/1"), ""},
		"free text":  {echo.New("cities/410700/a/1"), ""},
		"name":       {echo.New("").Set("name", "cities/410700/a/1"), "cities/410700/a/1"},
		"by pattern": {echo.New("").Set("unit", "cities/410700/units/A"), "cities/410700/units/A"},
		"inside":     {echo.New("").Item("name", "cities/1"), "cities/1"},
		"in a list":  {echo.New("").AddItem("name", "cities/410900").AddItem("name", "cities/2/x"), "cities/2/x"},
	} {
		got, foreign := authn.ForeignName(tt.request, "410900")
		if got != tt.want || foreign != (tt.want != "") {
			t.Errorf("%s: %q %v", name, got, foreign)
		}
	}
}

func BenchmarkForeignName(b *testing.B) {
	m := echo.New("x").Set("name", "cities/410900/a/1").Item("name", "cities/410900/a/2")
	for b.Loop() {
		authn.ForeignName(m, "410900")
	}
}
