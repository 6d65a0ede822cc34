package authn_test

import (
	"slices"
	"testing"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

func TestRolesOfACaller(t *testing.T) {
	held := map[optionsv1.Role]bool{optionsv1.Role_ROLE_CLERK: true, optionsv1.Role_ROLE_AUDITOR: true,
		optionsv1.Role_ROLE_MEMBER: true, optionsv1.Role_ROLE_ENTERPRISE_ADMIN: true}
	for number := range optionsv1.Role_name {
		role := optionsv1.Role(number)
		if clerk.HasRole(role) != held[role] {
			t.Errorf("%v: %v", role, clerk.HasRole(role))
		}
		if (authn.Caller{Kind: authn.Person}).HasRole(role) {
			t.Errorf("nobody holds %v", role)
		}
		if role == 0 {
			continue
		}
		if back, err := authn.ParseRole(authn.RoleName(role)); err != nil || back != role {
			t.Errorf("%v is spelled %s", role, authn.RoleName(role))
		}
	}
	nothing := authn.Caller{Roles: []authn.Grant{{Unit: "HRSS"}}}
	if nothing.HasRole(0) || nothing.UnitsOf(0) != nil {
		t.Error("the unspecified role is held")
	}
	if got := clerk.UnitsOf(optionsv1.Role_ROLE_CLERK); !slices.Equal(got, []string{"HRSS"}) {
		t.Errorf("units %v", got)
	}
	if clerk.UnitsOf(optionsv1.Role_ROLE_AUDITOR) != nil {
		t.Error("a role of the whole city has no unit")
	}
	if !clerk.MemberOf("e1") || clerk.MemberOf("e3") || clerk.MemberOf("") || !clerk.Administers("e2") || clerk.Administers("e1") {
		t.Error("enterprises are mixed up")
	}
}

func TestCallerInContext(t *testing.T) {
	if c := authn.FromContext(t.Context()); c.Kind != authn.Anonymous || c.ID() != "" {
		t.Errorf("out of nothing: %+v", c)
	}
	ctx := authn.WithToken(authn.WithCaller(t.Context(), clerk), "raw")
	if token, ok := authn.Token(ctx); authn.FromContext(ctx).ID() != "p1" || token != "raw" || !ok {
		t.Error("the caller is lost")
	}
	if s := authn.SystemCaller("sweeper", "410900"); s.ID() != "sweeper" || s.Kind.String() != "system" {
		t.Errorf("%+v", s)
	}
}

func TestCityOf(t *testing.T) {
	for name, want := range map[string]string{"cities/410900/tickets/1": "410900", "cities/410900": "410900", "cities/": "", "tickets/1": "-", "": "-", "xcities/1": "-"} {
		city, ok := authn.CityOf(name)
		if (want == "-") == ok || ok && city != want {
			t.Errorf("%q: %q %v", name, city, ok)
		}
	}
}
