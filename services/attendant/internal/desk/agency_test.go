package desk_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
)

const (
	approvals  = rostertest.Approvals
	investment = rostertest.Investment
)

// caseHappens is the next thing in the agency's feed.
func (o *office) caseHappens(n int, what any) desk.Happening {
	h := o.happens(0, what)
	h.ID = rostertest.Case(n)
	return h
}

func (o *office) takeCases(happened ...desk.Happening) {
	o.t.Helper()
	c, err := o.TakeCases(context.Background(), happened)
	if err != nil {
		o.t.Fatal(err)
	}
	o.commit(c)
}

// saidOf is what this service said of a case, in words.
func (o *office) saidOf(n int) []string {
	o.t.Helper()
	history, err := o.store.CaseHistory(context.Background(), o.city, rostertest.Case(n))
	if err != nil {
		o.t.Fatal(err)
	}
	var words []string
	for _, e := range history {
		in := &attendantv1.AttendantEvent{}
		if err := proto.Unmarshal(e.Payload, in); err != nil {
			o.t.Fatal(err)
		}
		if p := in.GetAgentProposed(); p != nil {
			words = append(words, strings.TrimSpace(p.GetCentre()+" "+proposed(p.GetOfficial(), p.GetReason())+" "+p.GetFrom()))
		}
		if r := in.GetAgentClaimReturned(); r != nil {
			words = append(words, r.GetCentre()+" "+returned(r.GetOfficial()))
		}
	}
	return words
}

// proposedFor is a first proposal, instead of another's one.
func proposedFor(centre string, n int, reason string) string {
	if n == 0 {
		return centre + " proposed  " + reason
	}
	return centre + " " + proposed(rostertest.Person(n), reason)
}

func instead(centre string, n int, reason string, from int) string {
	return proposedFor(centre, n, reason) + " " + rostertest.Person(from)
}

func returnedFor(centre string, n int) string { return centre + " " + returned(rostertest.Person(n)) }

func sealed(centres ...string) desk.Sealed {
	return desk.Sealed{Agreement: 1, Centres: centres, Enterprise: rostertest.Enterprise(1), Project: rostertest.Project(1), ConfigVersion: 1}
}

func assigned(centre string, n int) desk.Assigned {
	return desk.Assigned{Centre: centre, Official: rostertest.Person(n)}
}

func released(centre string, n int) desk.Released {
	return desk.Released{Centre: centre, Official: rostertest.Person(n)}
}

// acting lets somebody act in cases, as the agency says.
func (o *office) acting(centre string, official int, cases ...int) {
	o.t.Helper()
	for _, n := range cases {
		o.takeCases(o.caseHappens(n, sealed()), o.caseHappens(n, assigned(centre, official)))
	}
}

// bindAgent binds somebody as an agent to an enterprise.
func (o *office) bindAgent(official, enterprise int) {
	o.t.Helper()
	if _, err := o.CreateBinding(context.Background(), admin(o.city), desk.NewBinding{Official: rostertest.Person(official),
		Post: binding.Post{City: o.city, Enterprise: rostertest.Enterprise(enterprise), Role: binding.Agent}}); err != nil {
		o.t.Fatal(err)
	}
}

// agentProposal is a proposal of an agent, at its place in this service's feed.
type agentProposal struct {
	position int64
	*attendantv1.AgentProposed
}

// agentProposals are those said after a position, and where the feed then stands.
func (o *office) agentProposals(after int64) (all []agentProposal, head int64) {
	o.t.Helper()
	head, err := o.store.Settled(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	for after < head {
		events, err := o.store.Feed(context.Background(), after, 1000)
		if err != nil || len(events) == 0 {
			o.t.Fatalf("%d events after %d of %d, %v", len(events), after, head, err)
		}
		for _, e := range events {
			after = e.Position
			in := &attendantv1.AttendantEvent{}
			if err := proto.Unmarshal(e.Payload, in); err != nil {
				o.t.Fatal(err)
			}
			if p := in.GetAgentProposed(); p != nil && e.City == o.city {
				all = append(all, agentProposal{e.Position, p})
			}
		}
	}
	return all, head
}

// agency decides upon proposals as the real one does, and tells of it: each case's agreement and agents, and what was not yet read of the feed.
type agency struct {
	*office
	roster *roster.City
	cases  map[int]*entrusted
	read   int64 // of the attendant's feed
	told   []desk.Happening
}

type entrusted struct {
	agreement int
	inForce   bool
	open      bool
	ended     bool
	agents    map[string]string // by centre
}

func newAgency(o *office) *agency {
	head, err := o.store.Settled(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	r, err := o.Roster(context.Background(), o.city)
	if err != nil {
		o.t.Fatal(err)
	}
	return &agency{office: o, roster: r, cases: map[int]*entrusted{}, read: head}
}

func (a *agency) tell(n int, what any) { a.told = append(a.told, a.caseHappens(n, what)) }

func (a *agency) of(n int) *entrusted {
	if a.cases[n] == nil {
		a.cases[n] = &entrusted{open: true, agents: map[string]string{}}
	}
	return a.cases[n]
}

func (a *agency) seal(n int, centres ...string) {
	k := a.of(n)
	if k.inForce || !k.open {
		return
	}
	k.agreement++
	k.inForce = true
	in := sealed(centres...)
	in.Agreement = k.agreement
	a.tell(n, in)
}

func (a *agency) terminate(n int) {
	k := a.of(n)
	if !k.inForce {
		return
	}
	k.inForce = false
	a.tell(n, desk.Terminated{})
	for centre, official := range k.agents {
		a.tell(n, desk.Released{Centre: centre, Official: official})
	}
	clear(k.agents)
}

// choose is a centre's own choice.
func (a *agency) choose(n int, centre, official string) {
	k := a.of(n)
	o, known := a.roster.Official(official)
	if !k.inForce || !k.open || k.agents[centre] == official || !known || !o.Has(roster.Agent) || !a.roster.Within(o.Unit, centre) {
		return
	}
	if now := k.agents[centre]; now != "" {
		a.tell(n, desk.Released{Centre: centre, Official: now})
	}
	k.agents[centre] = official
	a.tell(n, desk.Assigned{Centre: centre, Official: official})
}

func (a *agency) move(n int, open bool) {
	if k := a.of(n); k.open != open && !k.ended && k.agreement > 0 {
		k.open = open
		a.tell(n, map[bool]any{true: desk.Reopened{}, false: desk.Completed{}}[open])
	}
}

func (a *agency) end(n int) {
	if k := a.of(n); k.open {
		a.terminate(n)
		k.open, k.ended = false, true
		a.tell(n, desk.Closed{})
	}
}

// answer decides upon everything that was proposed and not yet read.
func (a *agency) answer() {
	var proposals []agentProposal
	proposals, a.read = a.agentProposals(a.read)
	for _, p := range proposals {
		a.decide(numberOf(p.GetCase()), p)
	}
}

func (a *agency) decide(n int, p agentProposal) {
	k := a.of(n)
	refused := desk.AgentRefused{Centre: p.GetCentre(), Proposal: p.position}
	o, known := a.roster.Official(p.GetOfficial())
	switch {
	case !k.inForce || k.ended, p.GetFrom() != k.agents[p.GetCentre()], p.GetFrom() == "" && int(p.GetAgreement()) != k.agreement,
		p.GetFrom() == "" && p.GetOfficial() == "", p.GetOfficial() != "" && (!known || !o.Has(roster.Agent) || !a.roster.Within(o.Unit, p.GetCentre())):
		a.tell(n, refused)
		return
	case p.GetFrom() != "":
		a.tell(n, desk.Released{Centre: p.GetCentre(), Official: p.GetFrom()})
	}
	delete(k.agents, p.GetCentre())
	if p.GetOfficial() == "" {
		a.tell(n, refused)
		return
	}
	k.agents[p.GetCentre()] = p.GetOfficial()
	a.tell(n, desk.Assigned{Centre: p.GetCentre(), Official: p.GetOfficial()})
}

// deliver lets the attendant take up the oldest of what was told, in one stretch.
func (a *agency) deliver(most int) {
	n := min(most, len(a.told))
	if n > 0 {
		a.takeCases(a.told[:n]...)
		a.told = a.told[n:]
	}
}

// settled lets both take up everything until neither says anything new.
func (a *agency) settled() {
	a.t.Helper()
	for range 100 {
		before := a.read
		a.answer()
		if len(a.told) == 0 && a.read == before {
			return
		}
		a.deliver(len(a.told))
	}
	a.t.Fatal("they go on answering each other")
}

// acted counts the open cases in which each of some officials acts.
func (a *agency) acted(officials ...int) []int {
	counts := make([]int, len(officials))
	for _, k := range a.cases {
		var agents []string
		for _, official := range k.agents {
			if k.open && !slices.Contains(agents, official) {
				agents = append(agents, official)
			}
		}
		for i, n := range officials {
			if slices.Contains(agents, rostertest.Person(n)) {
				counts[i]++
			}
		}
	}
	return counts
}

// nextDue is when somebody's work is looked for next; the zero time when nobody's is.
func (o *office) nextDue() time.Time {
	o.t.Helper()
	due, ok, err := o.store.NextDue(context.Background())
	if err != nil {
		o.t.Fatal(err)
	}
	if !ok {
		return time.Time{}
	}
	return due
}

// carriedCases recounts what each of some officials carries from the cases.
func (o *office) carriedCases(cases int, officials ...int) []int {
	o.t.Helper()
	var ids []string
	for i := range cases {
		ids = append(ids, rostertest.Case(i))
	}
	stored, err := o.store.Cases(context.Background(), o.city, ids)
	if err != nil {
		o.t.Fatal(err)
	}
	counted := make([]int, len(officials))
	for i, n := range officials {
		for _, k := range stored {
			if slices.Contains(k.Carriers(), rostertest.Person(n)) {
				counted[i]++
			}
		}
	}
	return counted
}
