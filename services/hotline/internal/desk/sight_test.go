package desk_test

import (
	"slices"
	"testing"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// everybody is one caller for every way to a ticket, and some who have none.
func everybody() map[string]authn.Caller {
	all := map[string]authn.Caller{}
	for name, person := range map[string]string{
		"filer": desktest.Filer, "colleague": desktest.Colleague, "stranger": desktest.Stranger, "mayor": policytest.Mayor,
		"housing leader": policytest.HousingLeader, "market leader": policytest.MarketLeader, "desk leader": policytest.DeskLeader,
		"holder": policytest.Attendant, "other attendant": policytest.Attendant2, "clerk": policytest.Clerk, "agent": policytest.Agent,
		"housing clerk": policytest.HousingClerk, "market clerk": policytest.MarketClerk, "permits clerk": policytest.PermitsClerk,
		"dispatcher": policytest.Dispatcher, "supervisor": policytest.Supervisor, "office": policytest.MayorOffice, "admin": policytest.Admin,
		"auditor": policytest.Auditor,
	} {
		all[name] = desktest.Caller(person)
	}
	elsewhere := desktest.Caller(policytest.Dispatcher)
	elsewhere.City = "410700"
	all["dispatcher of another city"] = elsewhere
	all["service"] = authn.Caller{Kind: authn.Service, Name: "attendant"}
	permits := desktest.Caller(desktest.Stranger)
	permits.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_CLERK, Unit: policytest.Permits}}
	all["clerk of the holder's unit"] = permits
	office := authn.Caller{Kind: authn.Person, City: policytest.Code, Person: anotherOfficer, Unit: policytest.Office}
	office.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_MAYOR_OFFICE}}
	all["another of the office"] = office
	return all
}

const anotherOfficer = "01900000-0000-7000-8000-0000000000f1"

// who may see what of a ticket that the attendant holds.
var sights = map[string]desk.Sight{
	"filer":                      {Ticket: true, Text: true, Contact: true, Phone: true, Identity: true},
	"colleague":                  {Ticket: true, Text: true},
	"holder":                     {Ticket: true, Text: true, Contact: true, Official: true},
	"dispatcher":                 {Ticket: true, Text: true, Contact: true, Official: true},
	"mayor":                      {Ticket: true, Text: true, Official: true},
	"housing leader":             {Ticket: true, Text: true, Official: true},
	"desk leader":                {Ticket: true, Text: true, Official: true},
	"clerk of the holder's unit": {Ticket: true, Text: true, Official: true},
	"permits clerk":              {Ticket: true, Text: true, Official: true},
	"housing clerk":              {Ticket: true, Text: true, Official: true},
	"another of the office":      {Ticket: true, Text: true, Official: true, Identity: true},
	"supervisor":                 {Ticket: true, Text: true, Official: true},
	"office":                     {Ticket: true, Text: true, Official: true, Identity: true},
	"admin":                      {Ticket: true},
	"auditor":                    {Ticket: true},
}

func TestWhoSeesWhat(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := held(t, w)
	for name, caller := range everybody() {
		want := sights[name]
		view, err := w.Get(t.Context(), caller, ref)
		if !want.Ticket {
			if !fault.Has(err, "TICKET_NOT_FOUND") && caller.City == policytest.Code {
				t.Errorf("%s: %+v, %v", name, view.Sight, err)
			}
			if err == nil {
				t.Errorf("%s sees the ticket", name)
			}
			continue
		}
		if err != nil || view.Sight != want {
			t.Errorf("%s: %+v, %v; want %+v", name, view.Sight, err, want)
			continue
		}
		_, phone := view.Contact()
		body := view.Filing().Body
		wantPhone := map[desk.Sight]string{sights["filer"]: desktest.Phone, sights["holder"]: "138****8000", sights["office"]: "138****8000", sights["supervisor"]: "138****8000", sights["colleague"]: "138****8000"}[want]
		if (body != "") != want.Text || phone != wantPhone {
			t.Errorf("%s: body %q, phone %q", name, body, phone)
		}
		_, messages, err := w.Messages(t.Context(), caller, ref)
		wantMessages := map[bool]int{true: 1}[want.Official]
		if err != nil || len(messages) != wantMessages {
			t.Errorf("%s reads %d messages, %v", name, len(messages), err)
		}
	}
}

// held is a ticket in the attendant's hands, with a note that is not for the filer.
func held(t *testing.T, w *desktest.World) desk.Ref {
	t.Helper()
	ref := w.File(t)
	if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, ref, policytest.Attendant); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Sign(t.Context(), desktest.Caller(policytest.Attendant), noCall, ref); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Contact(t.Context(), desktest.Caller(policytest.Attendant), noCall, ref, "Phone", "企业情绪激动"); err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestTheHolderLosesThePhoneWhenItIsClosed(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := held(t, w)
	if _, err := w.Withdraw(t.Context(), desktest.Caller(desktest.Filer), noCall, ref, "已解决"); err != nil {
		t.Fatal(err)
	}
	view, err := w.Get(t.Context(), desktest.Caller(policytest.Attendant), ref)
	if _, phone := view.Contact(); err != nil || phone != "138****8000" {
		t.Errorf("%q, %v", phone, err)
	}
}

// What a list shows is what can be opened: the scope in SQL and the judgement of a ticket are one rule written twice.
func TestListsShowWhatCanBeOpened(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		refs := world(t, w)
		for name, caller := range everybody() {
			var want []string
			for _, ref := range refs {
				if view, err := w.Get(t.Context(), caller, ref); err == nil {
					want = append(want, view.Ticket.ID)
				}
			}
			if caller.City != policytest.Code {
				continue // the server never lets them ask
			}
			var got []string
			query := desk.ListQuery{City: policytest.Code, PageSize: 3}
			for {
				list, err := w.List(t.Context(), caller, query)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, v := range list.Views {
					got = append(got, v.Ticket.ID)
				}
				if query.PageToken == "" && list.Total != len(want) {
					t.Errorf("%s: total %d, want %d", name, list.Total, len(want))
				}
				if query.PageToken = list.NextPageToken; query.PageToken == "" {
					break
				}
			}
			slices.Sort(want)
			if !slices.Equal(slices.Sorted(slices.Values(got)), want) {
				t.Errorf("%s lists %d tickets and can open %d", name, len(got), len(want))
			}
		}
	})
}

// world is tickets of two enterprises and of nobody's, with different holders and in different states.
func world(t *testing.T, w *desktest.World) []desk.Ref {
	t.Helper()
	var refs []desk.Ref
	dispatcher := desktest.Caller(policytest.Dispatcher)
	for i, filer := range []string{desktest.Filer, desktest.Stranger, desktest.Colleague, desktest.Filer, desktest.Stranger, desktest.Filer} {
		view, err := w.Desk.File(t.Context(), desktest.Caller(filer), noCall, desktest.Filing())
		if err != nil {
			t.Fatal(err)
		}
		ref := desktest.Ref(view.Ticket.ID)
		refs = append(refs, ref)
		holders := []string{"", policytest.Attendant, policytest.Attendant2, policytest.Clerk, policytest.Agent, policytest.Attendant}
		if holders[i] == "" {
			continue
		}
		if _, err := w.Dispatch(t.Context(), dispatcher, noCall, ref, holders[i]); err != nil {
			t.Fatal(err)
		}
		if i == 5 {
			if _, err := w.Withdraw(t.Context(), desktest.Caller(filer), noCall, ref, "已解决"); err != nil {
				t.Fatal(err)
			}
		}
	}
	caller := desktest.Filing()
	caller.Channel, caller.Phone, caller.County = "phone", desktest.Phone2, policytest.CountyCode
	view, err := w.Desk.File(t.Context(), dispatcher, noCall, caller)
	if err != nil {
		t.Fatal(err)
	}
	refs = append(refs, desktest.Ref(view.Ticket.ID))
	return append(append(refs, restricted(t, w)...), aside(t, w)...)
}

// restricted is tickets filed in confidence, and about somebody; some by officials who are kept out of what they filed themselves.
func restricted(t *testing.T, w *desktest.World) (refs []desk.Ref) {
	t.Helper()
	for i, r := range []struct {
		filer            string
		confidential     bool
		officials, units []string
		dispatched       string
	}{
		{filer: desktest.Filer, confidential: true, dispatched: policytest.Attendant},
		{filer: policytest.Dispatcher2, confidential: true},
		{filer: desktest.Filer, officials: []string{policytest.HousingLeader}, dispatched: policytest.Attendant2},
		{filer: desktest.Colleague, units: []string{policytest.Market}, dispatched: policytest.Attendant},
		{filer: policytest.MarketClerk, confidential: true, units: []string{policytest.Market}},
		{filer: policytest.HousingClerk, units: []string{policytest.Housing}},
		{filer: desktest.Stranger, officials: []string{policytest.MayorOffice}, dispatched: policytest.Clerk},
		{filer: desktest.Stranger, confidential: true, officials: []string{policytest.Mayor, policytest.Dispatcher}},
		{filer: desktest.Filer, units: []string{policytest.Office, policytest.Desk}},
	} {
		in := desktest.Filing()
		in.Confidential = r.confidential
		for _, o := range r.officials {
			in.ConflictOfficials = append(in.ConflictOfficials, policytest.Name+"/persons/"+o)
		}
		for _, u := range r.units {
			in.ConflictUnits = append(in.ConflictUnits, policytest.Name+"/units/"+u)
		}
		view, err := w.Desk.File(t.Context(), desktest.Caller(r.filer), noCall, in)
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		ref := desktest.Ref(view.Ticket.ID)
		refs = append(refs, ref)
		if r.dispatched == "" {
			continue
		}
		if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, ref, r.dispatched); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	return refs
}

type deciding = func(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)

// aside is tickets with work orders in every state and dialogues with several people, one of them about a unit with a part in it.
func aside(t *testing.T, w *desktest.World) (refs []desk.Ref) {
	t.Helper()
	holder, office := desktest.Actor(policytest.Attendant), desktest.Actor(policytest.MayorOffice)
	order := func(unit string) deciding {
		return func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
			return x.CreateOrder(c, ticket.OrderInput{Unit: unit, Message: "m"})
		}
	}
	sign := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.SignOrder(c, 1) }
	finish := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.FinishOrder(c, 1, "m") }
	waive := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.WaiveOrder(c, 1, "m") }
	ask := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.AskDialogue(c, "m") }
	take := func(who string) deciding {
		return func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
			return x.TakeDialogue(c, who, c.Now.Add(time.Hour), "phone")
		}
	}
	hold := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.HoldDialogue(c, "m", "phone")
	}
	decline := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.DeclineDialogue(c, "m") }
	filer, market := ticket.Actor{Kind: ticket.PersonActor, Person: desktest.Filer}, desktest.Actor(policytest.MarketClerk)
	about := func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.NameConflict(c, nil, []string{policytest.Market})
	}
	type step struct {
		who ticket.Actor
		do  deciding
	}
	for _, steps := range [][]step{
		{{holder, order(policytest.Water)}, {holder, order(policytest.Market)}},
		{{holder, order(policytest.Market)}, {market, sign}, {market, finish}},
		{{holder, order(policytest.Market)}, {holder, waive}},
		{{holder, order(policytest.Market)}, {filer, about}},
		{{filer, ask}, {office, take(policytest.MarketLeader)}},
		{{filer, ask}, {office, take(policytest.MarketLeader)}, {office, hold}, {filer, ask}, {office, take(policytest.DeskLeader)}},
		{{filer, ask}, {office, take(policytest.MarketLeader)}, {office, hold}},
		{{filer, ask}, {office, take(policytest.MarketLeader)}, {office, decline}},
		{{filer, ask}, {office, take(policytest.MarketLeader)}, {filer, about}},
	} {
		ref := w.File(t)
		refs = append(refs, ref)
		if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, ref, policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sign(t.Context(), desktest.Caller(policytest.Attendant), noCall, ref); err != nil {
			t.Fatal(err)
		}
		for _, s := range steps {
			w.Do(t, ref, s.who, s.do)
		}
	}
	return refs
}

// Strangers are told of no verb more than that there is no such ticket; parties of the ticket are told what is not theirs.
func TestVerbsOfStrangers(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := held(t, w)
	before := version(t, w, ref)
	for name, caller := range everybody() {
		if sights[name].Ticket {
			continue
		}
		for verb, err := range everyVerb(t, w, caller, ref) {
			if !fault.Has(err, "TICKET_NOT_FOUND") && !fault.Has(err, "CITY_NOT_FOUND") {
				t.Errorf("%s, %s: %v", name, verb, err)
			}
		}
	}
	for verb, err := range everyVerb(t, w, desktest.Caller(policytest.Auditor), ref) {
		if !fault.Has(err, "NOT_HOLDER") && !fault.Has(err, "NOT_FILER") && !fault.Has(err, "NOT_DESK") && !fault.Has(err, "NOT_PARTY") {
			t.Errorf("auditor, %s: %v", verb, err)
		}
	}
	if version(t, w, ref) != before {
		t.Error("somebody changed something")
	}
}

// everyVerb tries every verb and returns what each was told.
func everyVerb(t *testing.T, w *desktest.World, c authn.Caller, ref desk.Ref) map[string]error {
	t.Helper()
	told := map[string]error{}
	does := func(name string, _ desk.View, err error) { told[name] = err }
	try := func(name string, do func() (desk.View, error)) {
		view, err := do()
		does(name, view, err)
	}
	ctx, verdict := t.Context(), desk.Verdict{Contacted: true, Solved: true, Satisfied: ticket.Satisfied}
	try("dispatch", func() (desk.View, error) { return w.Dispatch(ctx, c, noCall, ref, policytest.Attendant2) })
	try("sign", func() (desk.View, error) { return w.Sign(ctx, c, noCall, ref) })
	try("contact", func() (desk.View, error) { return w.Contact(ctx, c, noCall, ref, "phone", "x") })
	try("ask", func() (desk.View, error) { return w.Ask(ctx, c, noCall, ref, "x") })
	try("reply", func() (desk.View, error) { return w.Reply(ctx, c, noCall, ref, "x") })
	try("answer", func() (desk.View, error) { return w.Answer(ctx, c, noCall, ref, ticket.Solved, "x") })
	try("verify", func() (desk.View, error) { return w.Verify(ctx, c, noCall, ref, verdict) })
	try("callback", func() (desk.View, error) { return w.RecordCallback(ctx, c, noCall, ref, verdict) })
	try("reopen", func() (desk.View, error) { return w.Reopen(ctx, c, noCall, ref, "x") })
	try("withdraw", func() (desk.View, error) { return w.Withdraw(ctx, c, noCall, ref, "x") })
	try("reject", func() (desk.View, error) { return w.Reject(ctx, c, noCall, ref, "police", "x") })
	try("write", func() (desk.View, error) { view, _, err := w.Write(ctx, c, noCall, ref, "x"); return view, err })
	return told
}
