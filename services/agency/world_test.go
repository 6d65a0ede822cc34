package agency_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

const (
	city   = cataloguetest.Name
	issuer = "https://directory.test"
	suite  = "throughtrain"
)

// start is where the city's clock stands at first: a Monday morning.
var start = cataloguetest.At("2026-03-02 09:00")

// world is the agency as a process composes it, with a directory, an attendant service and a hotline that say what a test wants.
type world struct {
	agencyv1.CaseServiceClient
	agencyv1.ItemServiceClient
	agencyv1.JointReviewServiceClient
	agencyv1.CommitmentServiceClient
	agencyv1.MaterialServiceClient
	agencyv1.ApprovalCatalogueServiceClient
	agencyv1.CertificateServiceClient
	Service   *agency.Service
	Clock     *movable.Clock
	Wall      clock.Clock
	Directory *neighbour
	Attendant *neighbour
	Hotline   *neighbour
	Tickets   *tickets         // what is filed there
	peer      *grpc.ClientConn // as the attendant service
	bare      *grpc.ClientConn // shows statuses as they went over the wire
	issuer    *authn.Issuer
	deps      agency.Deps
	log       *zap.Logger
}

// neighbour is another service's feed, and for the directory its configurations.
type neighbour struct {
	directoryv1.UnimplementedCityServiceServer
	store   *change.Store
	clock   clock.Clock // of what happens there
	configs map[int64]*directoryv1.CityConfig
	count   int64
	last    map[string]journal.Sealed // by aggregate
}

func (n *neighbour) GetCityConfig(_ context.Context, in *directoryv1.GetCityConfigRequest) (*directoryv1.CityConfig, error) {
	if c := n.configs[in.GetVersion()]; c != nil {
		return c, nil
	}
	return nil, errors.New("no such version")
}

// say puts something into the neighbour's feed and returns its position.
func (n *neighbour) say(t testing.TB, aggregate string, event proto.Message) int64 {
	t.Helper()
	payload, err := proto.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	n.count++
	last := n.last[aggregate]
	sealed := journal.Seal(last.Hash, journal.Envelope{City: cataloguetest.Code, Aggregate: aggregate, Version: last.Version + 1,
		Type: "test", Time: n.clock.Now(), Actor: "system/test", Payload: payload})
	n.last[aggregate] = sealed
	if err := n.store.Commit(context.Background(), &change.Change{Events: []change.Event{{Sealed: sealed}}}); err != nil {
		t.Fatal(err)
	}
	return n.count
}

// apply lets the directory apply a configuration.
func (n *neighbour) apply(t testing.TB, config *directoryv1.CityConfig) {
	t.Helper()
	n.configs[config.GetVersion()] = config
	n.say(t, "city", &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_CityApplied{CityApplied: &directoryv1.CityApplied{Version: config.GetVersion()}}})
}

// propose lets the attendant service propose an agent.
func (n *neighbour) propose(t testing.TB, p *attendantv1.AgentProposed) int64 {
	t.Helper()
	return n.say(t, "cases/"+p.GetCase(), &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_AgentProposed{AgentProposed: p}})
}

// ticket lets something happen to a ticket at the hotline.
func (n *neighbour) ticket(t testing.TB, id string, event *hotlinev1.TicketEvent) {
	t.Helper()
	n.say(t, "tickets/"+id, event)
}

func newKey(t testing.TB) (ed25519.PrivateKey, *authn.KeySet) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return private, authn.NewKeySet(public)
}

// serve puts services on a memory listener until the test ends and returns a connection as the given service, or as nobody.
func serve(t testing.TB, builder *rpcserver.Builder, name string, as *authn.ServiceIssuer) (*grpc.ClientConn, *rpcserver.Memory) {
	t.Helper()
	server, err := builder.Build()
	if err != nil {
		t.Fatal(err)
	}
	memory := rpcserver.NewMemory()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, memory) }()
	conn, err := rpcclient.Connect(rpcclient.Config{Service: name, Dialer: memory.Dial, As: as, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, conn.Close()); err != nil {
			t.Errorf("%s ended with %v", name, err)
		}
	})
	return conn, memory
}

// eachDatabase runs a test on every engine, and under the race detector on a file only: nothing of the service knows which engine it is on, and all of
// them together are too much there. scripts/test runs this package without the race detector as well.
func eachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	if !kittest.Race {
		kittest.EachDatabase(t, test)
		return
	}
	t.Run("file", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db")) })
}

// newWorld starts everything over a database.
func newWorld(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{Clock: movable.New(start), Wall: clock.System(), Tickets: newTickets(), log: zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))}
	key, keys := newKey(t)
	ownKey, ownKeys := newKey(t)
	peerKey, peerKeys := newKey(t)
	var err error
	if w.issuer, err = authn.NewIssuer(issuer, suite, key, 10*time.Minute, w.Wall); err != nil {
		t.Fatal(err)
	}
	verifier := func(service string, peers map[string]authn.Keys) *authn.Verifier {
		v, err := authn.NewVerifier(authn.VerifierConfig{Issuer: issuer, Audience: suite, Keys: keys, Service: service, Peers: peers,
			Revocations: authn.NewRevocations(w.Wall), Clock: w.Wall})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	own := authn.NewServiceIssuer(agency.Name, ownKey, w.Wall)
	neighbourOf := func(name string) (*neighbour, *grpc.ClientConn) {
		n := &neighbour{store: kittest.OpenStore(t, "sqlite::memory:", change.Options{}), clock: w.Clock, configs: map[int64]*directoryv1.CityConfig{},
			last: map[string]journal.Sealed{}}
		b := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(),
			Verifier: verifier(name, map[string]authn.Keys{agency.Name: ownKeys})})
		b.Add(&feedv1.FeedService_ServiceDesc, feedrpc.NewServer(n.store))
		switch name {
		case "directory":
			b.Add(&directoryv1.CityService_ServiceDesc, n)
		case "hotline":
			b.Add(&hotlinev1.TicketService_ServiceDesc, w.Tickets)
		}
		conn, _ := serve(t, b, name, own)
		return n, conn
	}
	var directory, attendant, hotline *grpc.ClientConn
	w.Directory, directory = neighbourOf("directory")
	w.Attendant, attendant = neighbourOf("attendant")
	w.Hotline, hotline = neighbourOf("hotline")
	w.Directory.apply(t, cataloguetest.Config())
	w.deps = agency.Deps{City: w.Clock, Wall: w.Wall, Verifier: verifier(agency.Name, map[string]authn.Keys{"attendant": peerKeys}), Log: w.log,
		Directory: directory, Attendant: attendant, Hotline: hotline}
	w.start(t, dsn, authn.NewServiceIssuer("attendant", peerKey, w.Wall))
	w.idle(t)
	return w
}

// start runs the service until the test ends.
func (w *world) start(t testing.TB, dsn string, peer *authn.ServiceIssuer) {
	t.Helper()
	var err error
	if w.Service, err = agency.New(context.Background(), agency.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, w.deps); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, w.Service.Close()); err != nil {
			t.Errorf("the agency ended with %v", err)
		}
	})
	b := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(), Verifier: w.deps.Verifier,
		Replay: w.Service.Replay, NotFound: agency.NotFound})
	w.Service.Register(b)
	conn, memory := serve(t, b, agency.Name, peer)
	if w.bare, err = grpc.NewClient("passthrough:///agency", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return memory.Dial(ctx) })); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.bare.Close(); err != nil {
			t.Error(err)
		}
	})
	w.peer = conn
	w.connect(conn)
}

// connect takes a connection into use.
func (w *world) connect(conn grpc.ClientConnInterface) {
	w.CaseServiceClient, w.ItemServiceClient = agencyv1.NewCaseServiceClient(conn), agencyv1.NewItemServiceClient(conn)
	w.JointReviewServiceClient, w.CommitmentServiceClient = agencyv1.NewJointReviewServiceClient(conn), agencyv1.NewCommitmentServiceClient(conn)
	w.MaterialServiceClient = agencyv1.NewMaterialServiceClient(conn)
	w.ApprovalCatalogueServiceClient, w.CertificateServiceClient = agencyv1.NewApprovalCatalogueServiceClient(conn), agencyv1.NewCertificateServiceClient(conn)
}

// idle waits until nothing is left to do.
func (w *world) idle(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.Service.Idle(ctx); err != nil {
		t.Fatalf("never idle: %v", err)
	}
}

// at moves the city's clock and waits until all that was due by then has happened.
func (w *world) at(t testing.TB, text string) {
	t.Helper()
	w.Clock.Set(cataloguetest.At(text))
	w.idle(t)
}

// as is a context in which somebody calls.
func (w *world) as(t testing.TB, person string) context.Context { return w.with(t, caller(person)) }

func (w *world) with(t testing.TB, c authn.Caller) context.Context {
	t.Helper()
	token, _, err := w.issuer.Issue(c)
	if err != nil {
		t.Fatal(err)
	}
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
}

// in is a context whose caller reads a language.
func in(ctx context.Context, language string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "accept-language", language)
}

// must is a call that succeeds.
func must[T any](t testing.TB) func(T, error) T {
	return func(got T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
}

func file(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "agency.db") }
