package hotline_test

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

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
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
	city   = policytest.Name
	issuer = "https://directory.test"
	suite  = "throughtrain"
)

// world is the hotline as a process composes it, with a directory and an attendant service that say what a test wants.
type world struct {
	hotlinev1.TicketServiceClient
	hotlinev1.WorkOrderServiceClient
	hotlinev1.TicketOversightServiceClient
	hotlinev1.DialogueServiceClient
	Feed      feedv1.FeedServiceClient // as the attendant service
	Service   *hotline.Service
	Clock     *movable.Clock
	Wall      clock.Clock
	Directory *neighbour
	Attendant *neighbour
	bare      *grpc.ClientConn // shows statuses as they went over the wire
	issuer    *authn.Issuer
	deps      hotline.Deps
	log       *zap.Logger
}

// neighbour is another service's feed, and for the directory its configurations.
type neighbour struct {
	directoryv1.UnimplementedCityServiceServer
	directoryv1.UnimplementedEnterpriseServiceServer
	names   map[string]string // of enterprises, by resource name
	store   *change.Store
	configs map[int64]*directoryv1.CityConfig
	count   int64
}

func (n *neighbour) GetCityConfig(_ context.Context, in *directoryv1.GetCityConfigRequest) (*directoryv1.CityConfig, error) {
	if c := n.configs[in.GetVersion()]; c != nil {
		return c, nil
	}
	return nil, errors.New("no such version")
}

func (n *neighbour) BatchGetEnterpriseNames(_ context.Context, in *directoryv1.BatchGetEnterpriseNamesRequest) (*directoryv1.BatchGetEnterpriseNamesResponse, error) {
	out := &directoryv1.BatchGetEnterpriseNamesResponse{}
	for _, name := range in.GetNames() {
		if said, ok := n.names[name]; ok {
			out.Names = append(out.Names, &directoryv1.EnterpriseName{Name: name, DisplayName: said})
		}
	}
	return out, nil
}

// say puts something into the neighbour's feed.
func (n *neighbour) say(t testing.TB, event proto.Message) int64 {
	t.Helper()
	payload, err := proto.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	n.count++
	sealed := journal.Seal(journal.Hash{}, journal.Envelope{City: policytest.Code, Aggregate: "test/" + time.Now().String(), Version: 1,
		Type: "test", Time: time.Now(), Actor: "system/test", Payload: payload})
	if err := n.store.Commit(context.Background(), &change.Change{Events: []change.Event{{Sealed: sealed}}}); err != nil {
		t.Fatal(err)
	}
	return n.count
}

// apply lets the directory apply a configuration.
func (n *neighbour) apply(t testing.TB, config *directoryv1.CityConfig) {
	t.Helper()
	n.configs[config.GetVersion()] = config
	n.say(t, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_CityApplied{CityApplied: &directoryv1.CityApplied{Version: config.GetVersion()}}})
}

// propose lets the attendant service propose a holder.
func (n *neighbour) propose(t testing.TB, ticket string, version int64, official, reason string) {
	t.Helper()
	n.say(t, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_RouteProposed{RouteProposed: &attendantv1.RouteProposed{
		Ticket: ticket, Version: version, Official: official, Reason: reason}}})
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
	conn := connect(t, memory, name, as)
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%s ended with %v", name, err)
		}
	})
	return conn, memory
}

func connect(t testing.TB, memory *rpcserver.Memory, name string, as *authn.ServiceIssuer) *grpc.ClientConn {
	t.Helper()
	conn, err := rpcclient.Connect(rpcclient.Config{Service: name, Dialer: memory.Dial, As: as, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// newWorld starts everything over a database.
func newWorld(t testing.TB, dsn string) *world {
	t.Helper()
	w := &world{Clock: movable.New(desktest.Start), Wall: clock.System(), log: zap.NewNop()}
	if _, quiet := t.(*testing.B); !quiet {
		w.log = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	}
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
	own := authn.NewServiceIssuer("hotline", ownKey, w.Wall)
	builder := func(service string, peers map[string]authn.Keys) *rpcserver.Builder {
		return rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(), Verifier: verifier(service, peers)})
	}
	ofHotline := map[string]authn.Keys{"hotline": ownKeys}
	neighbourOf := func(name string) (*neighbour, *grpc.ClientConn) {
		n := &neighbour{store: kittest.OpenStore(t, "sqlite::memory:", change.Options{}), configs: map[int64]*directoryv1.CityConfig{}}
		b := builder(name, ofHotline)
		b.Add(&feedv1.FeedService_ServiceDesc, feedrpc.NewServer(n.store))
		if name == "directory" {
			b.Add(&directoryv1.CityService_ServiceDesc, n)
			b.Add(&directoryv1.EnterpriseService_ServiceDesc, n)
		}
		conn, _ := serve(t, b, name, own)
		return n, conn
	}
	var directory, attendant *grpc.ClientConn
	w.Directory, directory = neighbourOf("directory")
	w.Attendant, attendant = neighbourOf("attendant")
	w.Directory.apply(t, policytest.Config())

	hotlineVerifier := verifier("hotline", map[string]authn.Keys{"attendant": peerKeys})
	w.deps = hotline.Deps{City: w.Clock, Wall: w.Wall, Verifier: hotlineVerifier, Log: w.log, Metrics: prometheus.NewRegistry(), Directory: directory, Attendant: attendant}
	w.start(t, dsn, authn.NewServiceIssuer("attendant", peerKey, w.Wall))
	w.idle(t)
	return w
}

// start runs the service until the test ends.
func (w *world) start(t testing.TB, dsn string, peer *authn.ServiceIssuer) {
	t.Helper()
	var err error
	if w.Service, err = hotline.New(context.Background(), hotline.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, w.deps); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, w.Service.Close()); err != nil {
			t.Errorf("the hotline ended with %v", err)
		}
	})
	b := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(), Verifier: w.deps.Verifier,
		Replay: w.Service.Replay, NotFound: hotline.NotFound})
	w.Service.Register(b)
	conn, memory := serve(t, b, "hotline", peer)
	if w.bare, err = grpc.NewClient("passthrough:///hotline", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return memory.Dial(ctx) })); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.bare.Close(); err != nil {
			t.Error(err)
		}
	})
	w.TicketServiceClient, w.Feed = hotlinev1.NewTicketServiceClient(conn), feedv1.NewFeedServiceClient(conn)
	w.WorkOrderServiceClient, w.TicketOversightServiceClient = hotlinev1.NewWorkOrderServiceClient(conn), hotlinev1.NewTicketOversightServiceClient(conn)
	w.DialogueServiceClient = hotlinev1.NewDialogueServiceClient(conn)
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
	w.Clock.Set(policytest.At(text))
	w.idle(t)
}

// as is a context in which somebody calls.
func (w *world) as(t testing.TB, person string) context.Context {
	return w.with(t, desktest.Caller(person))
}

func (w *world) with(t testing.TB, c authn.Caller) context.Context {
	t.Helper()
	token, _, err := w.issuer.Issue(c)
	if err != nil {
		t.Fatal(err)
	}
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
}

// filing is a request that needs nothing else.
func filing() *hotlinev1.CreateTicketRequest {
	return &hotlinev1.CreateTicketRequest{Parent: city, Title: "施工许可迟迟未批", Body: "材料交了两个月，施工许可还没有批下来，工期已经耽误。", Category: "0702"}
}

// file files a ticket for the filer.
func (w *world) file(t testing.TB) *hotlinev1.Ticket {
	t.Helper()
	ticket, err := w.CreateTicket(w.as(t, desktest.Filer), filing())
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func file(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "hotline.db") }
