package attendant_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// peer is another service of which only the feed is real.
type peer struct {
	directoryv1.UnimplementedCityServiceServer
	t     *testing.T
	store *change.Store
	clock clock.Clock
	conn  *grpc.ClientConn
	stop  func() // its server

	mu      sync.Mutex
	heads   map[string]journal.Head
	configs map[int64]*directoryv1.CityConfig
}

func newPeer(t *testing.T, name string, city clock.Clock) *peer {
	t.Helper()
	p := &peer{t: t, store: kittest.OpenStore(t, "sqlite::memory:", change.Options{}), clock: city, heads: map[string]journal.Head{},
		configs: map[int64]*directoryv1.CityConfig{}}
	memory, stop := serve(t, rpcserver.New(rpcserver.Config{StopTimeout: time.Millisecond},
		rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: verifier(t, name)}).
		Add(&feedv1.FeedService_ServiceDesc, feedrpc.NewServer(p.store)).Add(&directoryv1.CityService_ServiceDesc, p))
	p.stop = sync.OnceFunc(stop)
	t.Cleanup(p.stop)
	p.conn = connect(t, name, memory, authn.NewServiceIssuer("attendant", key(attendantKey), clock.System()))
	return p
}

// GetCityConfig implements the directory's contract.
func (p *peer) GetCityConfig(_ context.Context, r *directoryv1.GetCityConfigRequest) (*directoryv1.CityConfig, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.configs[r.GetVersion()], nil
}

// tell appends events of one aggregate to the peer's feed.
func (p *peer) tell(kind, id string, events ...proto.Message) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &change.Change{}
	aggregate := kind + id
	head := p.heads[aggregate]
	month, _ := ids.Month(id) // a city's configuration has none
	for _, e := range events {
		payload, err := proto.Marshal(e)
		if err != nil {
			p.t.Fatal(err)
		}
		sealed := journal.Seal(head.Hash, journal.Envelope{City: rostertest.Code, Aggregate: aggregate, Version: head.Version + 1,
			Type: string(e.ProtoReflect().Descriptor().FullName()), Time: p.clock.Now(), Actor: "system/test", Payload: payload})
		head = journal.Head{Version: sealed.Version, Hash: sealed.Hash}
		c.Events = append(c.Events, change.Event{Sealed: sealed, Month: month})
	}
	if err := p.store.Commit(context.Background(), c); err != nil {
		p.t.Fatal(err)
	}
	p.heads[aggregate] = head
}

// apply puts a configuration into force.
func (p *peer) apply(c *directoryv1.CityConfig) {
	p.t.Helper()
	p.mu.Lock()
	p.configs[c.GetVersion()] = c
	p.mu.Unlock()
	p.tell("config", "", &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_CityApplied{
		CityApplied: &directoryv1.CityApplied{Version: c.GetVersion()}}})
}

func (p *peer) dismiss(n int) {
	p.t.Helper()
	p.tell("persons/", rostertest.Person(n), &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{
		OfficialDismissed: &directoryv1.OfficialDismissed{Person: rostertest.Person(n)}}})
}

func (p *peer) project(n, enterprise int) {
	p.t.Helper()
	p.tell("projects/", rostertest.Project(n), &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_ProjectCreated{
		ProjectCreated: &directoryv1.ProjectCreated{Project: rostertest.Project(n), Enterprise: rostertest.Enterprise(enterprise)}}})
}

func (p *peer) enterprise(n int, county string) {
	p.t.Helper()
	p.tell("enterprises/", rostertest.Enterprise(n), &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_EnterpriseCreated{
		EnterpriseCreated: &directoryv1.EnterpriseCreated{Enterprise: rostertest.Enterprise(n), County: county}}})
}

// The agency's events.

func sealed(enterprise int, centres ...string) *agencyv1.CaseEvent {
	return &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_AgreementSealed{AgreementSealed: &agencyv1.AgreementSealed{Number: 1, Centres: centres,
		Enterprise: rostertest.Enterprise(enterprise), Project: rostertest.Project(enterprise), ConfigVersion: 1}}}
}

func assigned(centre string, n int) *agencyv1.CaseEvent {
	return &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_AgentAssigned{AgentAssigned: &agencyv1.AgentAssigned{Centre: centre, Official: rostertest.Person(n)}}}
}

func released(centre string, n int, reason string) *agencyv1.CaseEvent {
	return &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_AgentReleased{AgentReleased: &agencyv1.AgentReleased{Centre: centre, Official: rostertest.Person(n),
		Reason: reason}}}
}

func agentRefused(centre string, proposal int64) *agencyv1.CaseEvent {
	return &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_AgentRefused{AgentRefused: &agencyv1.AgentRefused{Centre: centre, Proposal: proposal, Reason: "changed"}}}
}

var (
	terminated    = &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_AgreementTerminated{AgreementTerminated: &agencyv1.AgreementTerminated{Number: 1, Cause: "enterprise"}}}
	completed     = &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_CaseCompleted{CaseCompleted: &agencyv1.CaseCompleted{}}}
	caseReopened  = &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_CaseReopened{CaseReopened: &agencyv1.CaseReopened{}}}
	caseClosed    = &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_CaseClosed{CaseClosed: &agencyv1.CaseClosed{}}}
	itemSubmitted = &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_ItemSubmitted{ItemSubmitted: &agencyv1.ItemSubmitted{}}}
)

// The hotline's events.

func filed(enterprise, project, category string) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Filed{Filed: &hotlinev1.TicketFiled{Enterprise: enterprise, Project: project,
		Category: category, ConfigVersion: 1}}}
}

func dispatched(n int) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Dispatched{Dispatched: &hotlinev1.TicketDispatched{Official: rostertest.Person(n)}}}
}

func refused(n int) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_RouteRefused{RouteRefused: &hotlinev1.RouteRefused{Official: rostertest.Person(n)}}}
}

// filedOn is a problem found on a visit.
func filedOn(visit string) *hotlinev1.TicketEvent {
	e := filed(rostertest.Enterprise(1), "", rostertest.Water)
	e.GetFiled().Source = "visits/" + visit
	return e
}

// filedAbout is a ticket about a unit and a person.
func filedAbout(enterprise, unit string, person int) *hotlinev1.TicketEvent {
	e := filed(enterprise, "", rostertest.Water)
	e.GetFiled().ConflictUnits, e.GetFiled().ConflictOfficials = []string{unit}, []string{rostertest.Person(person)}
	return e
}

func handedOver(n int) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_HandedOver{HandedOver: &hotlinev1.TicketHandedOver{Official: rostertest.Person(n)}}}
}

func conflicted(unit string) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_ConflictNamed{ConflictNamed: &hotlinev1.ConflictNamed{Units: []string{unit}}}}
}

func refusedAt(position int64) *hotlinev1.TicketEvent {
	return &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_RouteRefused{RouteRefused: &hotlinev1.RouteRefused{Proposal: position, Reason: "conflict"}}}
}

var (
	recalled = &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Recalled{Recalled: &hotlinev1.TicketRecalled{Cause: "return"}}}
	warned   = &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_ClockWarned{ClockWarned: &hotlinev1.ClockWarned{}}}
	answered = &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Answered{Answered: &hotlinev1.TicketAnswered{}}}
	reopened = &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Reopened{Reopened: &hotlinev1.TicketReopened{}}}
	closed   = &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Closed{Closed: &hotlinev1.TicketClosed{}}}
)
