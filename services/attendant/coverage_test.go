package attendant_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestCoverage(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTown(t, dsn)
		for n, county := range []string{1: "410902", 2: "410902", 3: "410922"} {
			if n > 0 {
				w.directory.enterprise(n, county)
				w.directory.project(n, n)
			}
		}
		w.idle()
		w.bind(1, rostertest.Wang)
		w.bind(2, rostertest.Wang, func(r *attendantv1.CreateBindingRequest) {
			r.Project = enterpriseName(2) + "/projects/" + rostertest.Project(2)
		})
		got, err := w.coverage.GetCoverage(w.mayor(), &attendantv1.GetCoverageRequest{Name: parent})
		if err != nil || got.GetEnterprises() != 3 || got.GetEnterprisesCovered() != 1 || got.GetProjects() != 3 || got.GetProjectsCovered() != 2 || len(got.GetCounties()) < 2 {
			t.Errorf("%v, %v", got, err)
		}
		var names []string
		for token := ""; ; {
			page, err := w.coverage.ListUncovered(w.mayor(), &attendantv1.ListUncoveredRequest{Parent: parent, PageSize: 1, PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.GetEnterprises() {
				names = append(names, e.GetEnterprise())
			}
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{enterpriseName(2), enterpriseName(3)}, names); diff != "" {
			t.Error(diff)
		}
		county, err := w.coverage.ListUncovered(w.mayor(), &attendantv1.ListUncoveredRequest{Parent: parent, County: "410922"})
		if err != nil || len(county.GetEnterprises()) != 1 || county.GetEnterprises()[0].GetCreateTime() == nil {
			t.Errorf("%v, %v", county, err)
		}
	})
}

func TestLoadsByUnit(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.bind(1, rostertest.Wang)
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed(rostertest.Enterprise(1), "", rostertest.Water))
	w.idle()
	leader := func(unit string) context.Context {
		return w.as(rostertest.Person(81), func(c *authn.Caller) { c.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_LEADER, Unit: unit}} })
	}
	list := func(ctx context.Context, unit string) (names []string) {
		for token := ""; ; {
			page, err := w.coverage.ListLoads(ctx, &attendantv1.ListLoadsRequest{Parent: parent, Unit: unit, PageSize: 2, PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page.GetLoads() {
				names = append(names, o.GetDisplayName())
				if o.GetDisplayName() == "wang" && (o.GetLoad() != 1 || o.GetLoadCap() != 2 || o.GetEnterprises() != 1 || !o.GetPresent() || o.GetUnit() != parent+"/units/water") {
					t.Errorf("wang: %v", o)
				}
			}
			if token = page.GetNextPageToken(); token == "" {
				return names
			}
		}
	}
	water, all := []string{"wang", "li", "zhao"}, []string{"he", "qian", "shi", "cao", "sun", "zhou", "feng", "wang", "li", "zhao", "lu"}
	for name, c := range map[string]struct {
		got, want []string
	}{
		"the mayor":            {list(w.mayor(), ""), all},
		"the mayor, of a unit": {list(w.mayor(), "bureau"), append([]string{"qian"}, water...)},
		"a leader":             {list(leader("bureau"), ""), append([]string{"qian"}, water...)},
		"a leader below":       {list(leader("water"), "bureau"), water},
		"a leader, elsewhere":  {list(leader("water"), "power"), nil},
		"a leader of nothing":  {list(leader(""), ""), nil},
		"a unit there is not":  {list(w.mayor(), "nowhere"), nil},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
