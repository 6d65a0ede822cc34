package desk_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/number"
)

// A refusal of what is hidden asks the database as often as one of what is not there, and so takes as long.
func TestARefusalCostsTheSame(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	in := desktest.Filing()
	in.Confidential, in.ConflictOfficials = true, []string{policytest.Name + "/persons/" + policytest.HousingLeader}
	view, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Filer), noCall, in)
	if err != nil {
		t.Fatal(err)
	}
	caller := in
	caller.Channel, caller.Confidential, caller.Phone = "phone", false, desktest.Phone2
	called, err := w.Desk.File(t.Context(), desktest.Caller(policytest.Dispatcher), noCall, caller)
	if err != nil {
		t.Fatal(err)
	}
	hidden, missing := desktest.Ref(view.Ticket.ID), desktest.Ref("019c0000-0000-7000-8000-000000000000")
	out, filer := desktest.Caller(policytest.HousingLeader), desktest.Caller(desktest.Filer)
	nobodys := ""
	for digit := range 10 {
		if n, err := number.Parse(fmt.Sprint("250101000000", digit)); err == nil {
			nobodys = n
		}
	}
	byRef := func(do func(context.Context, authn.Caller, desk.Ref) error) [2]func() error {
		return [2]func() error{func() error { return do(t.Context(), out, hidden) }, func() error { return do(t.Context(), out, missing) }}
	}
	for name, both := range map[string][2]func() error{
		"get": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, err := w.Get(ctx, c, ref)
			return err
		}),
		"messages": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, _, err := w.Messages(ctx, c, ref)
			return err
		}),
		"explain": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, _, err := w.Explain(ctx, c, ref)
			return err
		}),
		"history": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, _, _, err := w.History(ctx, c, ref)
			return err
		}),
		"sign": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, err := w.Sign(ctx, c, desktest.Call("SignTicket", "s"), ref)
			return err
		}),
		"supervise": byRef(func(ctx context.Context, c authn.Caller, ref desk.Ref) error {
			_, err := w.Supervise(ctx, c, desktest.Call("SuperviseTicket", "s"), ref, "文字")
			return err
		}),
		"lookup": {
			func() error { _, err := w.Lookup(t.Context(), out, policytest.Code, view.Ticket.Number); return err },
			func() error { _, err := w.Lookup(t.Context(), out, policytest.Code, nobodys); return err },
		},
		"claim": {
			func() error {
				_, err := w.Claim(t.Context(), filer, noCall, policytest.Code, called.Ticket.Number)
				return err
			},
			func() error { _, err := w.Claim(t.Context(), filer, noCall, policytest.Code, nobodys); return err },
		},
	} {
		var statements [2]int64
		for i, ask := range both {
			before := w.Store.DB().Counts().Statements
			if err := ask(); !fault.Has(err, "TICKET_NOT_FOUND") {
				t.Errorf("%s: %v", name, err)
			}
			statements[i] = w.Store.DB().Counts().Statements - before
		}
		if statements[0] != statements[1] {
			t.Errorf("%s: %d statements for what is hidden, %d for what is not there", name, statements[0], statements[1])
		}
	}
}

// A merge closes one ticket and writes into the other, both or neither, once however often it is asked for.
func TestMergingIsOneChange(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	first, second := w.File(t), w.File(t)
	other, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Stranger), noCall, desktest.Filing())
	if err != nil {
		t.Fatal(err)
	}
	dispatcher, call := desktest.Caller(policytest.Dispatcher), desktest.Call("MergeTicket", "m")
	if _, err := w.Merge(t.Context(), dispatcher, noCall, second, desktest.Ref(other.Ticket.ID), "同一问题"); !fault.Has(err, "MERGE_FOREIGN") {
		t.Errorf("into another enterprise's: %v", err)
	}
	if _, err := w.Merge(t.Context(), dispatcher, noCall, first, second, "同一问题"); !fault.Has(err, "MERGE_LATER") {
		t.Errorf("into a later one: %v", err)
	}
	if _, err := w.Merge(t.Context(), desktest.Caller(desktest.Stranger), noCall, second, desktest.Ref(other.Ticket.ID), "同一问题"); !fault.Has(err, "TICKET_NOT_FOUND") {
		t.Errorf("a ticket that the caller may not know of: %v", err)
	}
	for range 2 {
		view, err := w.Merge(t.Context(), dispatcher, call, second, first, "同一问题")
		if err != nil || view.Ticket.ID != second.ID || view.Ticket.CloseReason != ticket.ClosedMerged || view.Ticket.MergedInto != first.ID {
			t.Fatalf("%+v, %v", view.Ticket, err)
		}
	}
	goesOn, err := w.Get(t.Context(), dispatcher, first)
	if err != nil || len(goesOn.Ticket.Merged) != 1 || !goesOn.Ticket.State.Open() {
		t.Errorf("the other: %+v, %v", goesOn.Ticket, err)
	}
}

// Two confidential tickets are merged when one person filed both, which only their rows tell.
func TestConfidentialTicketsOfOnePersonAreMerged(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	in := desktest.Filing()
	in.Confidential = true
	var refs []desk.Ref
	for _, filer := range []string{desktest.Filer, desktest.Filer, desktest.Colleague} {
		view, err := w.Desk.File(t.Context(), desktest.Caller(filer), noCall, in)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, desktest.Ref(view.Ticket.ID))
	}
	office := desktest.Caller(policytest.MayorOffice)
	if _, err := w.Merge(t.Context(), office, noCall, refs[2], refs[0], "同一问题"); !fault.Has(err, "MERGE_FOREIGN") {
		t.Errorf("of two persons: %v", err)
	}
	view, err := w.Merge(t.Context(), office, noCall, refs[1], refs[0], "同一问题")
	if err != nil || view.Whose.Filer != desktest.Filer || view.Whose.Enterprise != desktest.Enterprise || view.Whose.County != policytest.CountyCode {
		t.Errorf("of one: %+v, %v", view.Whose, err)
	}
	if name, phone := view.Contact(); phone != "138****8000" || name != "" {
		t.Errorf("the office reads %q, %q", name, phone)
	}
	desk, err := w.Get(t.Context(), desktest.Caller(policytest.Dispatcher), refs[0])
	if _, phone := desk.Contact(); err != nil || phone != "" || desk.Whose.Filer != "" || desk.Sight.Contact {
		t.Errorf("the desk reads %+v, %q, %v", desk.Whose, phone, err)
	}
}
