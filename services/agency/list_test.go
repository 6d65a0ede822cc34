package agency_test

import (
	"slices"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// Lists come in pages that fit together, ordered and filtered as asked, with their size on the first page; their rows carry what a row needs.
func TestListsOverTheWire(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		var names []string
		for range 5 {
			names = append(names, w.open(t).GetName())
			w.Clock.Advance(time.Minute)
		}
		office := w.as(t, cataloguetest.MayorOffice)
		var found []string
		in := &agencyv1.ListCasesRequest{Parent: city, PageSize: 2, OrderBy: "create_time"}
		for {
			page := must[*agencyv1.ListCasesResponse](t)(w.ListCases(office, in))
			if first := in.GetPageToken() == ""; first != (page.GetTotalSize() == 5) || page.GetTotalCapped() {
				t.Errorf("page %q counts %d", in.GetPageToken(), page.GetTotalSize())
			}
			for _, c := range page.GetCases() {
				found = append(found, c.GetName())
				if len(c.GetItems())+len(c.GetMaterials())+len(c.GetClocks()) > 0 || c.GetTitle() == "" || c.GetContact().GetPhone() != phone || c.GetPlanFinishTime() == nil ||
					c.GetEtag() == "" || !slices.Contains(c.GetActions(), "note") {
					t.Errorf("a row: %v", c)
				}
			}
			if in.PageToken = page.GetNextPageToken(); in.GetPageToken() == "" {
				break
			}
		}
		if !slices.Equal(found, names) {
			t.Errorf("found %v, want %v", found, names)
		}
		other := &agencyv1.ListCasesRequest{Parent: city, PageSize: 2, OrderBy: "create_time"}
		other.PageToken = must[*agencyv1.ListCasesResponse](t)(w.ListCases(office, other)).GetNextPageToken()
		refused[*agencyv1.ListCasesResponse](t, "PAGE_TOKEN_INVALID")(w.ListCases(w.as(t, owner), other)) // which is not theirs
		w.itemsOverTheWire(t, names)
		w.commitmentsOverTheWire(t, names[4])
	})
}

func (w *world) itemsOverTheWire(t *testing.T, names []string) {
	w.principal(t, names[2], cataloguetest.Filing)
	w.submit(t, names[2], cataloguetest.Filing)
	w.at(t, "2026-03-02 15:00")
	w.principal(t, names[1], cataloguetest.Filing)
	w.submit(t, names[1], cataloguetest.Filing)
	w.accept(t, names[2], cataloguetest.Filing)
	clerk := w.as(t, cataloguetest.HualongClerk)
	list := func(filter, order string) (found []string) {
		for _, i := range must[*agencyv1.ListItemsResponse](t)(w.ListItems(clerk, &agencyv1.ListItemsRequest{Parent: city, Filter: filter, OrderBy: order})).GetItems() {
			found = append(found, i.GetName())
			if i.GetCase() == "" || i.GetCaseTitle() == "" || i.GetCaseNumber() == "" || len(i.GetMaterials()) > 0 || i.GetUnitDisplayName() != "华龙区" {
				t.Errorf("a row: %v", i)
			}
		}
		return found
	}
	second, third := itemName(names[1], cataloguetest.Filing), itemName(names[2], cataloguetest.Filing)
	for _, ask := range []struct {
		filter, order string
		want          []string
	}{
		{"open", "", []string{third, second}}, // what is promised soonest comes first
		{"open", "submit_time desc", []string{second, third}},
		{`state = RECEIVED`, "", []string{second}},
		{`state = WINDOW_ACCEPTED AND promised_due_time < "2026-03-04T00:00:00+08:00"`, "", []string{third}},
		{`case = "` + names[1] + `" AND item = "filing"`, "", []string{second}},
		{`unit = "ecology"`, "", nil}, // which is not theirs
	} {
		if got := list(ask.filter, ask.order); !slices.Equal(got, ask.want) {
			t.Errorf("%q by %q: %v, want %v", ask.filter, ask.order, got, ask.want)
		}
	}
	w.at(t, "2026-03-04 09:00")
	if late := list(`due_time < "2026-03-04T09:00:00+08:00"`, ""); !slices.Equal(late, []string{third}) {
		t.Errorf("overdue: %v", late)
	}
	if i := w.item(t, names[2], cataloguetest.Filing); !i.GetOverdue() || i.GetActualWorkdays() != 2 || i.GetPromisedDueTime() == nil {
		t.Errorf("overdue: %v", i)
	}
}

func (w *world) commitmentsOverTheWire(t *testing.T, name string) {
	w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, name, cataloguetest.SitePermit)
	k := w.sign(t, name, cataloguetest.SitePermit, agencyv1.Commitment_TOLERANCE)
	list := func(person, filter string) int {
		got := must[*agencyv1.ListCommitmentsResponse](t)(w.ListCommitments(w.as(t, person), &agencyv1.ListCommitmentsRequest{Parent: city, Filter: filter, OrderBy: "sign_time"}))
		for _, row := range got.GetCommitments() {
			if row.GetName() != k.GetName() || row.GetText() != "" || row.GetCaseNumber() == "" || row.GetEnterprise() != enterpriseName(enterprise) {
				t.Errorf("a row: %v", row)
			}
		}
		return len(got.GetCommitments())
	}
	for _, ask := range []struct {
		person, filter string
		want           int
	}{
		{owner, "", 1}, {stranger, "", 0}, {cataloguetest.PlanningClerk, "state = SIGNED", 1}, {cataloguetest.EcologyClerk, "", 0}, {owner, "kind = PROMISE OR broken", 0},
	} {
		if got := list(ask.person, ask.filter); got != ask.want {
			t.Errorf("%s by %q: %d", ask.person, ask.filter, got)
		}
	}
}

// What somebody may do with a case, an item and a commitment is what they are offered.
func TestWhatIsOffered(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	w.principal(t, name, cataloguetest.Filing)
	offered := func(person string) []string {
		return must[*agencyv1.Item](t)(w.GetItem(w.as(t, person), &agencyv1.GetItemRequest{Name: itemName(name, cataloguetest.Filing)})).GetActions()
	}
	if !slices.Contains(offered(owner), "submit") || len(offered(cataloguetest.HualongClerk)) > 0 || len(offered(cataloguetest.PlanningClerk)) > 0 {
		t.Errorf("offered %v to the owner, %v to the clerk", offered(owner), offered(cataloguetest.HualongClerk))
	}
	w.submit(t, name, cataloguetest.Filing)
	if got := offered(cataloguetest.HualongClerk); !slices.Contains(got, "accept") || slices.Contains(got, "approve") || slices.Contains(offered(owner), "submit") {
		t.Errorf("offered %v to the clerk", got)
	}
	for person, want := range map[string]string{owner: "updateAnswers", cataloguetest.ApprovalsClerk: "offerAgreement", cataloguetest.Auditor: ""} {
		got := must[*agencyv1.Case](t)(w.GetCase(w.as(t, person), &agencyv1.GetCaseRequest{Name: name})).GetActions()
		if want != "" && !slices.Contains(got, want) || want == "" && len(got) > 0 {
			t.Errorf("%s is offered %v", person, got)
		}
	}
	if i := w.item(t, name, cataloguetest.SitePermit); i.GetState() != casefile.Planned || len(i.GetActions()) > 1 {
		t.Errorf("before its turn: %v", i.GetActions())
	}
}
