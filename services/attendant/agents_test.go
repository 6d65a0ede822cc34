package attendant_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

const (
	approvals  = rostertest.Approvals
	investment = rostertest.Investment
)

func caseName(n int) string { return parent + "/cases/" + rostertest.Case(n) }

// agents are who was proposed last for each centre of a case, as "number of the person:reason", or with "→" behind whom they are to replace.
func (w *town) agents(n int) map[string]string {
	w.t.Helper()
	found := map[string]string{}
	for _, e := range w.said() {
		if p := e.GetAgentProposed(); p != nil && p.GetCase() == rostertest.Case(n) {
			found[p.GetCentre()] = p.GetOfficial() + ":" + p.GetReason()
			if p.GetFrom() != "" {
				found[p.GetCentre()] = p.GetFrom() + "→" + found[p.GetCentre()]
			}
		}
	}
	return found
}

func instead(from, n int, reason string) string {
	if n == 0 {
		return rostertest.Person(from) + "→:" + reason
	}
	return rostertest.Person(from) + "→" + proposal(n, reason)
}

// lastProposal is the position of the last agent proposed.
func (w *town) lastProposal() (position int64) {
	w.t.Helper()
	w.idle()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	head, err := w.service.Position(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for after := int64(0); after < head; {
		read, err := feedrpc.Remote(w.peers).Read(ctx, after, 500, 0)
		if err != nil || len(read) == 0 {
			w.t.Fatalf("read the feed after %d: %d events, %v", after, len(read), err)
		}
		for _, e := range read {
			in := &attendantv1.AttendantEvent{}
			if err := proto.Unmarshal(e.Payload, in); err != nil {
				w.t.Fatal(err)
			}
			if after = e.Position; in.GetAgentProposed() != nil {
				position = e.Position
				if e.Aggregate != "cases/"+in.GetAgentProposed().GetCase() {
					w.t.Errorf("a proposal is said of %s", e.Aggregate)
				}
			}
		}
	}
	return position
}

func TestEachCentreGetsAnAgent(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTownWithAgency(t, dsn)
		w.bind(1, rostertest.Lu, func(r *attendantv1.CreateBindingRequest) { r.Role = attendantv1.Binding_AGENT })
		w.agency.tell("cases/", rostertest.Case(1), itemSubmitted, sealed(1, approvals, investment))
		w.agency.tell("cases/", rostertest.Case(2), sealed(2, approvals))
		w.agency.tell("lines/", rostertest.Case(3), sealed(3, approvals)) // no case's
		got := w.agents(1)
		if len(got) != 2 || got[approvals] != proposal(rostertest.Lu, "bound") || got[investment] != proposal(rostertest.Shi, "least-loaded") {
			t.Errorf("proposed %v", got)
		}
		if got := w.agents(2); len(got) != 1 || got[approvals] != proposal(rostertest.He, "least-loaded") {
			t.Errorf("proposed %v", got)
		}
		if said := w.said(); len(said) != 4 {
			t.Errorf("said %v", said)
		}
		for n, want := range map[int]int{rostertest.Lu: 1, rostertest.Shi: 1, rostertest.He: 1, rostertest.Cao: 0} {
			if got := w.load(n); got != want {
				t.Errorf("official %d carries %d, want %d", n, got, want)
			}
		}
	})
}

// A case is carried by who acts in it, from the proposal to its end.
func TestACaseIsCarriedByItsAgent(t *testing.T) {
	w := newTownWithAgency(t, "sqlite::memory:")
	he, lu := rostertest.He, rostertest.Lu
	tell := func(events ...proto.Message) { w.agency.tell("cases/", rostertest.Case(1), events...) }
	expect := func(when string, heLoad, luLoad int) {
		t.Helper()
		if a, b := w.load(he), w.load(lu); a != heLoad || b != luLoad {
			t.Errorf("%s: %d and %d are carried, want %d and %d", when, a, b, heLoad, luLoad)
		}
	}
	tell(sealed(1, approvals))
	expect("proposed", 1, 0)
	first := w.lastProposal()
	tell(assigned(approvals, lu), agentRefused(approvals, first))
	expect("the centre chose another", 0, 1)
	tell(released(approvals, lu, "chosen"), assigned(approvals, he))
	expect("and then the first", 1, 0)
	tell(completed)
	expect("completed", 0, 0)
	tell(caseReopened)
	expect("open again", 1, 0)
	tell(terminated, released(approvals, he, "terminated"))
	expect("terminated", 0, 0)
	again := sealed(1, approvals)
	again.GetAgreementSealed().Number = 2
	tell(again)
	expect("another agreement", 0, 1)
	tell(agentRefused(approvals, first))
	expect("an old answer", 0, 1)
	tell(terminated, caseClosed)
	expect("closed", 0, 0)
	var returned []string
	for _, e := range w.said() {
		if r := e.GetAgentClaimReturned(); r != nil {
			returned = append(returned, r.GetCase()+r.GetCentre()+r.GetOfficial())
		}
	}
	of := rostertest.Case(1) + approvals
	if !slices.Equal(returned, []string{of + rostertest.Person(he), of + rostertest.Person(lu)}) {
		t.Errorf("given back: %v", returned)
	}
}

// The service is away while agreements are sealed and centres choose. When it is back, each is answered once, whom a centre chose carries the case, and starting
// again changes nothing.
func TestAnHourAwayFromTheAgency(t *testing.T) {
	const cases = 600 // several stretches of the feed
	w := newTownWithAgency(t, "sqlite:"+t.TempDir()+"/attendant.db")
	w.halt()
	for i := range cases {
		w.agency.tell("cases/", rostertest.Case(i), sealed(i%3, investment))
	}
	w.clock.Advance(time.Hour)
	for i := 0; i < cases; i += 6 {
		w.agency.tell("cases/", rostertest.Case(i), assigned(investment, rostertest.Cao))
	}
	w.start()
	said := w.said()
	answers := map[string]int{}
	for _, e := range said {
		if p := e.GetAgentProposed(); p != nil {
			answers[p.GetCase()]++
		}
	}
	for i := range cases {
		if n := answers[rostertest.Case(i)]; n != 1 {
			t.Fatalf("case %d was answered %d times", i, n)
		}
	}
	loads := map[int]int{}
	for _, n := range []int{rostertest.Shi, rostertest.Cao} {
		loads[n] = w.load(n)
	}
	if loads[rostertest.Shi]+loads[rostertest.Cao] != cases || loads[rostertest.Cao] < cases/6 || loads[rostertest.Cao] > cases/6+2 {
		t.Errorf("carried %v", loads)
	}
	w.halt()
	w.start()
	if again := w.said(); len(again) != len(said) {
		t.Errorf("starting again said %d things more", len(again)-len(said))
	}
	for n, load := range loads {
		if got := w.load(n); got != load {
			t.Errorf("starting again changed the load of official %d from %d to %d", n, load, got)
		}
	}
}

// While the agency is away, tickets find their holders all the same.
func TestTheAgencyIsAway(t *testing.T) {
	w := newTownWithAgency(t, "sqlite::memory:")
	w.agency.tell("cases/", rostertest.Case(1), sealed(1, approvals))
	if got := w.load(rostertest.He); got != 1 {
		t.Fatalf("carries %d", got)
	}
	w.agency.stop()
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed("", "", rostertest.Power))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := w.service.CaughtUp(ctx, "hotline"); err != nil {
		t.Fatal(err)
	}
	p, err := w.bindings.GetPresence(w.admin(), &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Feng)})
	if err != nil || p.GetLoad() != 1 {
		t.Errorf("while the agency is away: %v, %v", p, err)
	}
}

// Two replicas over one database propose an agent for every case once, and never over a cap.
func TestTwoReplicasProposeAgentsOnce(t *testing.T) {
	const cases = 60
	w := newTownWithAgency(t, kittest.Postgres(t))
	other := &town{t: t, clock: w.clock, directory: w.directory, hotline: w.hotline, agency: w.agency, dsn: w.dsn}
	other.start()
	defer func() { other.halt() }()
	for i := range cases {
		w.agency.tell("cases/", rostertest.Case(i), sealed(i, approvals, investment))
		w.hotline.tell("tickets/", rostertest.Ticket(i), filed("", "", rostertest.Finance))
	}
	other.idle()
	answers := map[string]int{}
	for _, e := range w.said() {
		if p := e.GetAgentProposed(); p != nil {
			answers[p.GetCase()+p.GetCentre()]++
		}
	}
	for i := range cases {
		for _, centre := range []string{approvals, investment} {
			if n := answers[rostertest.Case(i)+centre]; n != 1 {
				t.Fatalf("case %d was answered %d times for %s", i, n, centre)
			}
		}
	}
	for n, want := range map[int]int{rostertest.He: 2, rostertest.Lu: 2, rostertest.Cao: 2} {
		if got := w.load(n); got != want {
			t.Errorf("official %d carries %d, want %d", n, got, want)
		}
	}
}

func TestAnAgentsCasesAreHandedOver(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTownWithAgency(t, dsn)
		w.agency.tell("cases/", rostertest.Case(1), sealed(1), assigned(approvals, rostertest.He))
		w.agency.tell("cases/", rostertest.Case(2), sealed(2), assigned(approvals, rostertest.He))
		w.hotline.tell("tickets/", rostertest.Ticket(1), filed("", "", rostertest.Power), dispatched(rostertest.He))
		w.idle()
		supervisor := w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_SUPERVISOR)
		ask := &attendantv1.HandOverRequest{Name: officialName(rostertest.He), Target: attendantv1.Handover_OFFICIAL, To: personName(rostertest.Lu), Note: "调岗",
			RequestId: "h-1", ValidateOnly: true}
		list, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || len(list.GetTickets()) != 1 || len(list.GetCases()) != 2 || list.GetCases()[0].GetCase() != caseName(1) ||
			list.GetCases()[0].GetCentre() != parent+"/units/"+approvals || list.GetCases()[0].GetActTime() == nil {
			t.Fatalf("the open work: %v, %v", list, err)
		}
		ask = proto.Clone(ask).(*attendantv1.HandOverRequest)
		ask.ValidateOnly, ask.RequestId, ask.Cases = false, "h-2", []string{caseName(2)}
		made, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || len(made.GetTickets()) != 0 || len(made.GetCases()) != 1 || made.GetCases()[0].GetOfficial() != personName(rostertest.Lu) ||
			made.GetCasesLeft() != 1 || made.GetTicketsLeft() != 1 {
			t.Fatalf("made: %v, %v", made, err)
		}
		again, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || again.GetName() != made.GetName() || len(again.GetCases()) != 1 {
			t.Errorf("asked again: %v, %v", again, err)
		}
		if got := w.agents(2); got[approvals] != instead(rostertest.He, rostertest.Lu, "handover") {
			t.Errorf("proposed %v", got)
		}
		if a, b := w.load(rostertest.He), w.load(rostertest.Lu); a != 3 || b != 1 {
			t.Errorf("while the agency has not answered, %d and %d are carried", a, b)
		}
		ask = proto.Clone(ask).(*attendantv1.HandOverRequest)
		ask.RequestId = "h-3"
		if _, err := w.bindings.HandOver(supervisor, ask); !fault.Has(err, "CASE_NOT_HELD") {
			t.Errorf("a case on its way: %v", err)
		}
		w.agency.tell("cases/", rostertest.Case(2), released(approvals, rostertest.He, "handover"))
		if a, b := w.load(rostertest.He), w.load(rostertest.Lu); a != 2 || b != 1 {
			t.Errorf("when the first half of the answer is there, %d and %d", a, b)
		}
		w.agency.tell("cases/", rostertest.Case(2), assigned(approvals, rostertest.Lu))
		if a, b := w.load(rostertest.He), w.load(rostertest.Lu); a != 2 || b != 1 {
			t.Errorf("then %d and %d", a, b)
		}
	})
}

// Whoever is dismissed leaves no case behind, and none that comes to them afterwards.
func TestADismissedAgentLeavesNoCaseBehind(t *testing.T) {
	w := newTownWithAgency(t, "sqlite::memory:")
	w.agency.tell("cases/", rostertest.Case(1), sealed(1), assigned(approvals, rostertest.He))
	w.agency.tell("cases/", rostertest.Case(2), sealed(2), assigned(approvals, rostertest.He), completed)
	w.idle()
	w.directory.dismiss(rostertest.He)
	w.idle()
	w.clock.Advance(5 * time.Second)
	if one, two := w.agents(1), w.agents(2); one[approvals] != instead(rostertest.He, rostertest.Lu, "dismissed") || len(two) != 0 {
		t.Fatalf("proposed %v and %v", one, two)
	}
	w.agency.tell("cases/", rostertest.Case(1), agentRefused(approvals, w.lastProposal()))
	w.agency.tell("cases/", rostertest.Case(2), caseReopened)
	w.idle()
	w.clock.Advance(5 * time.Second)
	if one, two := w.agents(1), w.agents(2); one[approvals] != instead(rostertest.He, 0, "dismissed") || two[approvals] != instead(rostertest.He, rostertest.Lu, "dismissed") {
		t.Fatalf("then proposed %v and %v", one, two)
	}
	w.agency.tell("cases/", rostertest.Case(2), released(approvals, rostertest.He, "dismissed"), assigned(approvals, rostertest.Lu))
	w.agency.tell("cases/", rostertest.Case(1), released(approvals, rostertest.He, "dismissed"))
	if got := w.load(rostertest.Lu); got != 1 {
		t.Errorf("carries %d", got)
	}
}

func TestLeaveProposesTheDeputyAsAgent(t *testing.T) {
	w := newTownWithAgency(t, "sqlite::memory:")
	w.agency.tell("cases/", rostertest.Case(1), sealed(1), assigned(approvals, rostertest.He))
	w.idle()
	begin := w.clock.Now().Add(time.Hour)
	_, err := w.bindings.SetPresence(w.as(rostertest.Person(rostertest.He), nil, optionsv1.Role_ROLE_AGENT), &attendantv1.SetPresenceRequest{
		Name: officialName(rostertest.He), Present: proto.Bool(false), AwayFrom: timestamppb.New(begin), HandOver: true})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Set(begin.Add(5 * time.Second))
	if got := w.agents(1); got[approvals] != instead(rostertest.He, rostertest.Lu, "leave") {
		t.Errorf("proposed %v", got)
	}
	w.agency.tell("cases/", rostertest.Case(2), sealed(2, approvals))
	if got := w.agents(2); got[approvals] != proposal(rostertest.Lu, "least-loaded") {
		t.Errorf("proposed %v although away", got)
	}
}
