package casefile

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestACaseRefusesWhatCannotHaveHappened: from a case with an agreement in force, an accepted item and nothing else.
func TestACaseRefusesWhatCannotHaveHappened(t *testing.T) {
	p := staged(t, stageNamed("accepted"), false, opening())
	next := p.c.Version + 1
	clock := func(change func(*Clock)) []Clock {
		k := *p.c.Clock(p.c.Item(theItem), KindPromised)
		change(&k)
		return []Clock{k}
	}
	decided := p.c.Clocks[0] // to admit
	decided.State = Running
	warned := &agencyv1.ClockWarned{Clock: 1}
	for name, e := range map[string]Event{
		"a gap":                        {Version: next + 1, Body: &agencyv1.NoteWritten{}},
		"the same again":               {Version: next - 1, Body: &agencyv1.NoteWritten{}},
		"a step back":                  {Version: next, Time: p.now.Add(-tick), Body: &agencyv1.NoteWritten{}},
		"nothing":                      {Version: next},
		"no event":                     {Version: next, Body: &agencyv1.Case{}},
		"a second opening":             {Version: next, Body: &agencyv1.CaseOpened{}},
		"a clock out of line":          {Version: next, Body: warned, Clocks: []Clock{{ID: 99, State: Running}}},
		"a clock without a number":     {Version: next, Body: warned, Clocks: []Clock{{State: Running}}},
		"a new clock that has stopped": {Version: next, Body: warned, Clocks: []Clock{{ID: len(p.c.Clocks) + 1, State: Met, Stop: p.now}}},
		"a decided clock":              {Version: next, Body: warned, Clocks: []Clock{decided}},
		"another start":                {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.Start = k.Start.Add(time.Hour) })},
		"another first due time":       {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.FirstDue = k.FirstDue.Add(time.Hour) })},
		"another kind":                 {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.Kind = KindStatutory })},
		"another item":                 {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.Item = ct.Filing })},
		"another attempt":              {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.Attempt = 2 })},
		"another who owes":             {Version: next, Body: warned, Clocks: clock(func(k *Clock) { k.Unit = ct.Housing })},
		"units and items that differ":  {Version: next, Body: &agencyv1.CasePlanned{Units: []string{"planning"}}},
		"a second agreement":           {Version: next, Body: &agencyv1.AgreementOffered{Number: 2}},
		"an agreement ahead":           {Version: next, Body: &agencyv1.AgreementOffered{Number: 3}},
		"a signature of another":       {Version: next, Body: &agencyv1.AgreementSigned{Number: 2}},
		"a second signature":           {Version: next, Body: &agencyv1.AgreementSigned{Number: 1}},
		"a second seal":                {Version: next, Body: &agencyv1.AgreementSealed{Number: 1}},
		"the end of another":           {Version: next, Body: &agencyv1.AgreementTerminated{Number: 2}},
		"a second agent":               {Version: next, Body: &agencyv1.AgentAssigned{Centre: ct.Approvals, Official: ct.ApprovalsAgent2}},
		"nobody as an agent":           {Version: next, Body: &agencyv1.AgentAssigned{Centre: ct.Housing}},
		"an agent who does not act":    {Version: next, Body: &agencyv1.AgentReleased{Centre: ct.Approvals, Official: ct.ApprovalsAgent2}},
		"a request ahead":              {Version: next, Body: &agencyv1.MaterialRequested{Number: 2}},
		"a version of a material":      {Version: next, Body: &agencyv1.DocumentAdded{Purpose: PurposeMaterial, Material: ct.Form, Version: 3}},
		"a version of shared data":     {Version: next, Body: &agencyv1.MaterialObtained{Material: ct.Form, Version: 1}},
		"a commitment ahead":           {Version: next, Body: &agencyv1.CommitmentSigned{Number: 2, Item: theItem, Attempt: 1}},
		"a commitment of nothing":      {Version: next, Body: &agencyv1.CommitmentSigned{Number: 1, Item: "none", Attempt: 1}},
		"a commitment of the past":     {Version: next, Body: &agencyv1.CommitmentSigned{Number: 1, Item: theItem, Attempt: 2}},
		"no commitment":                {Version: next, Body: &agencyv1.CommitmentKept{Number: 1}},
		"a review ahead":               {Version: next, Body: &agencyv1.JointReviewOpened{Number: 2}},
		"a review of nothing":          {Version: next, Body: &agencyv1.JointReviewOpened{Number: 1, Items: []string{"none"}}},
		"no review to speak in":        {Version: next, Body: &agencyv1.OpinionGiven{Number: 1}},
		"no review to conclude":        {Version: next, Body: &agencyv1.JointReviewConcluded{Number: 1}},
		"no ticket":                    {Version: next, Body: &agencyv1.TicketMoved{Ticket: "none"}},
		"a second admission":           {Version: next, Body: &agencyv1.CaseAdmitted{}},
		"a late refusal":               {Version: next, Body: &agencyv1.CaseDeclined{}},
		"a case opened again":          {Version: next, Body: &agencyv1.CaseReopened{}},
	} {
		if e.Time.IsZero() {
			e.Time = p.now
		}
		if err := p.c.clone().Apply(e); err == nil || fault.From(err).Kind != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Fold(ct.Code, caseID, []Event{{Version: 1, Time: p.now, Body: &agencyv1.CaseAdmitted{}}}); err == nil {
		t.Error("a history that begins with an admission")
	}
	if _, err := p.c.After(Event{Version: next, Time: p.now, Body: &agencyv1.CaseAdmitted{}}); err == nil {
		t.Error("a second admission, after")
	}
}

// TestNoEventOfItemsHappensTwice: whatever changes an item cannot happen to it again, nor in the states that the grid leaves out.
func TestNoEventOfItemsHappensTwice(t *testing.T) {
	moving := map[string]proto.Message{
		"ItemSubmitted": &agencyv1.ItemSubmitted{Item: theItem}, "ItemAccepted": &agencyv1.ItemAccepted{Item: theItem},
		"ItemTakenOn": &agencyv1.ItemTakenOn{Item: theItem}, "ItemNotAccepted": &agencyv1.ItemNotAccepted{Item: theItem},
		"AcceptanceRefused": &agencyv1.AcceptanceRefused{Item: theItem}, "CorrectionRequested": &agencyv1.CorrectionRequested{Item: theItem},
		"CorrectionMade": &agencyv1.CorrectionMade{Item: theItem}, "ProcedureStarted": &agencyv1.ProcedureStarted{Item: theItem},
		"ProcedureEnded": &agencyv1.ProcedureEnded{Item: theItem}, "LimitExtended": &agencyv1.LimitExtended{Item: theItem},
		"ItemApproved": &agencyv1.ItemApproved{Item: theItem}, "ItemRefused": &agencyv1.ItemRefused{Item: theItem},
		"ItemRetracted": &agencyv1.ItemRetracted{Item: theItem}, "WithdrawalRequested": &agencyv1.WithdrawalRequested{Item: theItem},
		"WithdrawalDeclined": &agencyv1.WithdrawalDeclined{Item: theItem}, "ItemWithdrawn": &agencyv1.ItemWithdrawn{Item: theItem},
		"ItemRevoked": &agencyv1.ItemRevoked{Item: theItem}, "ItemConfirmed": &agencyv1.ItemConfirmed{Item: theItem},
		"CertificateIssued": &agencyv1.CertificateIssued{Item: theItem, Number: "1"},
	}
	for _, s := range stages {
		p := staged(t, s, false, opening())
		for name, body := range moving {
			if b, ok := body.(*agencyv1.ItemSubmitted); ok {
				b.Attempt = int32(p.c.Item(theItem).Attempt + 1)
			}
			c := p.c.clone()
			if c.Apply(Event{Version: c.Version + 1, Time: p.now, Body: body}) != nil {
				continue
			}
			if err := c.Apply(Event{Version: c.Version + 1, Time: p.now, Body: body}); err == nil {
				t.Errorf("%s twice when %s", name, s.name)
			}
		}
		for name, body := range moving {
			other := proto.Clone(body)
			m := other.ProtoReflect()
			m.Clear(m.Descriptor().Fields().ByName("item"))
			c := p.c.clone()
			if err := c.Apply(Event{Version: c.Version + 1, Time: p.now, Body: other}); err == nil {
				t.Errorf("%s of no item when %s", name, s.name)
			}
		}
	}
}

// TestCommitmentsEndOnce: what ended a commitment cannot happen to it, nor anything else.
func TestCommitmentsEndOnce(t *testing.T) {
	for _, w := range words {
		p := site(t, "2026-03-02 09:00", true)
		w.come(p)
		for body, may := range map[proto.Message]bool{
			&agencyv1.CommitmentKept{Number: 1}:     p.c.Commitment(1).Live(),
			&agencyv1.CommitmentBroken{Number: 1}:   p.c.Commitment(1).Live(),
			&agencyv1.CommitmentReleased{Number: 1}: p.c.Commitment(1).Live() || w.state == agencyv1.Commitment_SIGNED,
			&agencyv1.CreditRepaired{Number: 1}:     p.c.Commitment(1).Bars(),
			&agencyv1.PromiseReported{Number: 1}:    w.kind == promise && p.c.Commitment(1).Live() && !p.c.Commitment(1).Reported,
			&agencyv1.PromiseDiffers{Number: 1}:     p.c.Commitment(1).Live() && p.c.Commitment(1).Reported,
			&agencyv1.CommitmentExtensionRequested{Number: 1}: p.c.Commitment(1).Live() && !p.c.Commitment(1).Reported &&
				!p.c.Commitment(1).Waits(),
			&agencyv1.CommitmentExtensionDecided{Number: 1}: p.c.Commitment(1).Waits(),
		} {
			c := p.c.clone()
			if err := c.Apply(Event{Version: c.Version + 1, Time: p.now, Body: body}); (err == nil) != may {
				t.Errorf("%s, %s: %v", w.name, body.ProtoReflect().Descriptor().Name(), err)
			}
		}
	}
}

// TestVerbsLeaveTheCaseAlone: a verb decides and changes nothing, and none of them panics wherever the case stands.
func TestVerbsLeaveTheCaseAlone(t *testing.T) {
	for _, s := range stages {
		for _, lean := range []bool{false, true} {
			p := staged(t, s, lean, opening()).at("2026-06-01 12:00") // so that there is much to settle
			before := snapshot(t, p.c)
			for _, m := range cast {
				ctx := p.context(m.actor)
				for _, row := range grid {
					_, _ = use(row.verb, row.kind, p, ctx, "document")
				}
				for _, row := range caseGrid {
					_, _ = useOnCase(row.verb, p, ctx)
				}
				for _, row := range commitmentGrid {
					_, _ = useOnCommitment(row, p, ctx)
				}
				p.c.Actions(ctx)
				p.c.ItemActions(ctx, theItem)
				p.c.CommitmentActions(ctx, 1)
				_, _ = p.c.Recompute(ctx)
				p.c.Plan(p.city, p.now)
			}
			if after := snapshot(t, p.c); after != before {
				t.Fatalf("%s changed the case:\n%s", s.name, cmp.Diff(before, after))
			}
		}
	}
}

// TestWhatIsNotThere: every verb on something that the case does not have says so.
func TestWhatIsNotThere(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false)
	ctx := p.context(theMember)
	for name, err := range map[string]error{
		"an item":       second(p.c.Submit(ctx, "none", false)),
		"an item noted": second(p.c.WriteNote(ctx, "none", "text")),
		"an item met":   second(p.c.RecordMeeting(p.context(theCentre), "none", p.now, "text")),
		"an item raised": func() error {
			_, err := p.c.MayRaise(ctx, "none")
			return err
		}(),
		"terms": func() error {
			_, err := p.c.TermsOf(ctx, tolerance, "none", 0)
			return err
		}(),
	} {
		if !fault.Has(err, "ITEM_NOT_FOUND") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := second(p.c.ReportPromise(ctx, 1, "")); !fault.Has(err, "COMMITMENT_NOT_FOUND") {
		t.Error(err)
	}
	if err := second(p.c.GiveOpinion(p.context(planning), 1, ct.Planning, OpinionAgree, "")); !fault.Has(err, "JOINT_REVIEW_NOT_FOUND") {
		t.Error(err)
	}
	if err := second(p.c.ConcludeJointReview(p.context(planning), 0, "text")); !fault.Has(err, "JOINT_REVIEW_NOT_FOUND") {
		t.Error(err)
	}
	if p.c.Item("none") != nil || p.c.Commitment(0) != nil || p.c.Agreement() != nil || p.c.Entrusted() != nil || p.c.Supply("none") != nil ||
		p.c.ItemActions(ctx, "none") != nil || p.c.CommitmentActions(ctx, 1) != nil {
		t.Error("something is there")
	}
}

func second[T any](_ T, err error) error { return err }

func snapshot(tb testing.TB, c *Case) string {
	tb.Helper()
	b, err := json.Marshal(c)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// TestEventsInTheContract: every event that a case knows goes into the contract and comes back.
func TestEventsInTheContract(t *testing.T) {
	for _, name := range Types() {
		f := (&agencyv1.CaseEvent{}).ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name))
		body := (&agencyv1.CaseEvent{}).ProtoReflect().NewField(f).Message().Interface()
		in, ok := Wrap(body)
		if !ok || !proto.Equal(Unwrap(in), body) || (Event{Body: body}).Type() != name {
			t.Errorf("%s comes back as %v", name, Unwrap(in))
		}
		if known, _ := (&Case{}).apply(Event{Version: 1, Body: body}); !known {
			t.Errorf("no case knows %s", name)
		}
	}
	if _, ok := Wrap(&agencyv1.Case{}); ok || Unwrap(&agencyv1.CaseEvent{}) != nil || (Event{Body: &agencyv1.Case{}}).Type() != "" || (Event{}).Type() != "" {
		t.Error("what is no event")
	}
}
