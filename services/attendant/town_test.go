package attendant_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const limit = 20 * time.Second

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) *authn.KeySet { return authn.NewKeySet(key(seed).Public().(ed25519.PublicKey)) }

// The seeds of keys.
const (
	issuerKey = iota + 1
	attendantKey
	standaloneKey
	hotlineKey
)

func verifier(t *testing.T, service string) *authn.Verifier {
	t.Helper()
	v, err := authn.NewVerifier(authn.VerifierConfig{Issuer: "directory", Audience: "suite", Keys: public(issuerKey), Service: service,
		Clock: clock.System(), Revocations: authn.NewRevocations(clock.System()),
		Peers: map[string]authn.Keys{"attendant": public(attendantKey), "standalone": public(standaloneKey), "hotline": public(hotlineKey)}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// serve runs a server over memory until the returned function is called.
func serve(t *testing.T, b *rpcserver.Builder) (*rpcserver.Memory, func()) {
	t.Helper()
	server, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	memory := rpcserver.NewMemory()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, memory) }()
	return memory, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func connect(t *testing.T, service string, memory *rpcserver.Memory, as *authn.ServiceIssuer) *grpc.ClientConn {
	t.Helper()
	conn, err := rpcclient.Connect(rpcclient.Config{Service: service, Dialer: memory.Dial, As: as})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// town is an attendant service between its peers.
type town struct {
	t         *testing.T
	clock     *movable.Clock
	directory *peer
	hotline   *peer
	agency    *peer // nil where there is none
	dsn       string
	service   *attendant.Service
	peers     *grpc.ClientConn // as the hotline
	bindings  attendantv1.BindingServiceClient
	visits    attendantv1.VisitServiceClient
	coverage  attendantv1.CoverageServiceClient
	verifier  *authn.Verifier
	halt      func()
}

// newTown starts one in which the city's first configuration is in force, and which has no approval agency.
func newTown(t *testing.T, dsn string) *town { return foundTown(t, dsn, nil) }

// newTownWithAgency starts one that has an agency too.
func newTownWithAgency(t *testing.T, dsn string) *town {
	return foundTown(t, dsn, func(w *town) { w.agency = newPeer(t, "agency", w.clock) })
}

func foundTown(t *testing.T, dsn string, more func(*town)) *town {
	t.Helper()
	w := &town{t: t, clock: movable.New(rostertest.Start), dsn: dsn, halt: func() {}}
	w.directory, w.hotline = newPeer(t, "directory", w.clock), newPeer(t, "hotline", w.clock)
	if more != nil {
		more(w)
	}
	w.directory.apply(rostertest.Config(1))
	t.Cleanup(func() { w.halt() })
	w.start()
	w.idle()
	return w
}

func (w *town) start() {
	w.t.Helper()
	w.verifier = verifier(w.t, "attendant")
	deps := attendant.Deps{City: w.clock, Wall: clock.System(), Verifier: w.verifier, Log: zap.NewNop(), Metrics: prometheus.NewRegistry(),
		Directory: w.directory.conn, Hotline: w.hotline.conn}
	if w.agency != nil {
		deps.Agency = w.agency.conn
	}
	service, err := attendant.New(context.Background(), attendant.Config{DSN: w.dsn}, deps)
	if err != nil {
		w.t.Fatal(err)
	}
	builder := rpcserver.New(rpcserver.Config{StopTimeout: time.Millisecond}, rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: w.verifier,
		Replay: service.Replay, NotFound: attendant.NotFound})
	service.Register(builder)
	memory, stopServer := serve(w.t, builder)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	w.service = service
	w.peers = connect(w.t, "attendant", memory, authn.NewServiceIssuer("hotline", key(hotlineKey), clock.System()))
	standalone := connect(w.t, "attendant", memory, authn.NewServiceIssuer("standalone", key(standaloneKey), clock.System()))
	w.bindings, w.visits, w.coverage = attendantv1.NewBindingServiceClient(standalone), attendantv1.NewVisitServiceClient(standalone),
		attendantv1.NewCoverageServiceClient(standalone)
	w.halt = func() {
		stopServer()
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		if err := service.Close(); err != nil {
			w.t.Error(err)
		}
		w.halt = func() {}
	}
}

func (w *town) idle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := w.service.Idle(ctx); err != nil {
		w.t.Fatalf("the service does not get idle: %v", err)
	}
}

// as is a context of a person of the city.
func (w *town) as(person string, change func(*authn.Caller), roles ...optionsv1.Role) context.Context {
	w.t.Helper()
	issuer, err := authn.NewIssuer("directory", "suite", key(issuerKey), 10*time.Minute, clock.System())
	if err != nil {
		w.t.Fatal(err)
	}
	caller := authn.Caller{Kind: authn.Person, City: rostertest.Code, Person: person, Session: "s-" + person}
	for _, r := range roles {
		caller.Roles = append(caller.Roles, authn.Grant{Role: r})
	}
	if change != nil {
		change(&caller)
	}
	token, _, err := issuer.Issue(caller)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	w.t.Cleanup(cancel)
	return authn.WithToken(authn.WithCaller(ctx, caller), token)
}

func (w *town) admin() context.Context {
	return w.as(rostertest.Person(rostertest.Wu), nil, optionsv1.Role_ROLE_CITY_ADMIN)
}

// said returns what the service's feed holds, after everything so far was taken up.
func (w *town) said() []*attendantv1.AttendantEvent {
	w.t.Helper()
	w.idle()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	head, err := w.service.Position(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var events []*attendantv1.AttendantEvent
	source := feedrpc.Remote(w.peers)
	for after := int64(0); after < head; {
		read, err := source.Read(ctx, after, 500, 0)
		if err != nil || len(read) == 0 {
			w.t.Fatalf("read the feed after %d: %d events, %v", after, len(read), err)
		}
		for _, e := range read {
			in := &attendantv1.AttendantEvent{}
			if err := proto.Unmarshal(e.Payload, in); err != nil {
				w.t.Fatal(err)
			}
			events, after = append(events, in), e.Position
		}
	}
	return events
}

// proposals returns who was proposed last for each ticket, as "number of the person:reason".
func (w *town) proposals() map[string]string {
	w.t.Helper()
	found := map[string]string{}
	for _, e := range w.said() {
		if p := e.GetRouteProposed(); p != nil {
			found[p.GetTicket()] = p.GetOfficial() + ":" + p.GetReason()
		}
	}
	return found
}

func proposal(n int, reason string) string { return rostertest.Person(n) + ":" + reason }

// load is how many open tickets an official carries.
func (w *town) load(n int) int {
	w.t.Helper()
	w.idle()
	p, err := w.bindings.GetPresence(w.admin(), &attendantv1.GetPresenceRequest{Name: officialName(n)})
	if err != nil {
		w.t.Fatal(err)
	}
	return int(p.GetLoad())
}

const parent = "cities/" + rostertest.Code

func officialName(n int) string   { return parent + "/officials/" + rostertest.Person(n) }
func personName(n int) string     { return parent + "/persons/" + rostertest.Person(n) }
func enterpriseName(n int) string { return parent + "/enterprises/" + rostertest.Enterprise(n) }

// bind binds an official to an enterprise as the standalone process does.
func (w *town) bind(enterprise, official int, more ...func(*attendantv1.CreateBindingRequest)) *attendantv1.Binding {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	r := &attendantv1.CreateBindingRequest{Parent: parent, Official: personName(official), Enterprise: enterpriseName(enterprise)}
	for _, change := range more {
		change(r)
	}
	b, err := w.bindings.CreateBinding(ctx, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}
