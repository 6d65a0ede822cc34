package rpc_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/directory/internal/password"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/rpc"
	"github.com/throughtrain/throughtrain/services/directory/internal/sender"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

const city = "410900"

// cities is a configuration without files.
type cities map[string]*directoryv1.CityConfig

func (c cities) Config(city string) (*directoryv1.CityConfig, bool) {
	config, ok := c[city]
	return config, ok
}

// phones is the messages that were sent, as their owners have them.
type phones struct {
	mu    sync.Mutex
	sent  int
	last  map[person.Phone]string
	error error
}

func (p *phones) Send(_ context.Context, m sender.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.error != nil {
		return p.error
	}
	p.sent++
	if p.last == nil {
		p.last = map[person.Phone]string{}
	}
	p.last[m.Phone] = m.Code
	return nil
}

func (p *phones) code(phone person.Phone) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[phone]
}

func (p *phones) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent
}

// world is a directory over a memory listener, with clocks that stand still.
type world struct {
	t           *testing.T
	city, wall  *movable.Clock
	store       *store.Store
	desk        *desk.Desk
	phones      *phones
	ids         *ids.Source
	revocations *authn.Revocations
	service     *authn.ServiceIssuer // of hotline

	sessions    directoryv1.SessionServiceClient
	demo        directoryv1.DemoServiceClient
	enterprises directoryv1.EnterpriseServiceClient
	persons     directoryv1.PersonServiceClient
	feed        feedv1.FeedServiceClient
	cast        *rpc.Demo
	connection  *grpc.ClientConn
}

func newWorld(t *testing.T, limits desk.Limits) *world {
	t.Helper()
	return newWorldOn(t, "sqlite::memory:", limits)
}

func newWorldOn(t *testing.T, dsn string, limits desk.Limits) *world {
	t.Helper()
	start := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	w := &world{t: t, city: movable.New(start.AddDate(-2, 0, 0)), wall: movable.New(start), phones: &phones{}}
	changes := kittest.OpenStore(t, dsn, change.Options{Wall: w.wall}, store.Schema())
	w.store = store.New(changes, w.wall)
	w.ids = ids.New(w.city)
	ring, err := keys.Open(t.TempDir())
	w.must(err)
	issuer, err := authn.NewIssuer("directory-test", "throughtrain", ring.Signing(), 10*time.Minute, w.wall)
	w.must(err)
	w.desk = desk.New(desk.Deps{Store: w.store, Keys: ring, Issuer: issuer, Sender: w.phones, Hasher: password.NewHasher(2),
		Cities: cities{
			city: {Name: "cities/410900", Units: []*directoryv1.Unit{{Code: "gov", DisplayName: "市政府", DisplayNameEn: "City"},
				{Code: "gxj", Parent: "gov", DisplayName: "工信局", DisplayNameEn: "Industry"}, {Code: "zjj", DisplayName: "住建局", DisplayNameEn: "Housing"}}, Counties: []*directoryv1.County{{Code: "410902"}, {Code: "410928"}}},
			"410500": {Name: "cities/410500", Counties: []*directoryv1.County{{Code: "410502"}}},
		},
		City: w.city, Wall: w.wall, Limits: limits, Log: zap.NewNop()})
	w.serve(ring)
	return w
}

// serve puts the servers on a memory listener, behind the pipeline that every service has.
func (w *world) serve(ring *keys.Ring) {
	w.t.Helper()
	w.revocations = authn.NewRevocations(w.wall)
	hotline, err := keys.Open(w.t.TempDir()) // any folder of keys will do
	w.must(err)
	w.service = authn.NewServiceIssuer("hotline", hotline.Signing(), w.wall)
	verifier, err := authn.NewVerifier(authn.VerifierConfig{Issuer: "directory-test", Audience: "throughtrain", Keys: ring.Public(),
		Service: "directory", Peers: map[string]authn.Keys{"hotline": hotline.Public()}, Revocations: w.revocations, Clock: w.wall})
	w.must(err)
	enterprises, persons, settings := &rpc.Enterprises{Desk: w.desk}, &rpc.Persons{Desk: w.desk}, &rpc.Settings{Desk: w.desk}
	feed := feedrpc.NewServer(w.store.Store)
	w.cast = &rpc.Demo{Desk: w.desk}
	builder := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: verifier,
		Replay: (&rpc.Replayer{Enterprises: enterprises, Persons: persons, Settings: settings, Desk: w.desk}).Replay})
	server, err := builder.Add(&directoryv1.SessionService_ServiceDesc, &rpc.Sessions{Desk: w.desk, Keys: ring.Public()}).
		Add(&directoryv1.DemoService_ServiceDesc, w.cast).
		Add(&directoryv1.EnterpriseService_ServiceDesc, enterprises).
		Add(&directoryv1.PersonService_ServiceDesc, persons).
		Add(&directoryv1.StaffService_ServiceDesc, &rpc.Staff{Desk: w.desk}).
		Add(&directoryv1.SettingsService_ServiceDesc, settings).
		Add(&feedv1.FeedService_ServiceDesc, feed).Build()
	w.must(err)
	listener := rpcserver.NewMemory()
	serving, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serving, listener) }()
	w.t.Cleanup(func() {
		feed.Drain()
		end()
		if err := <-ended; err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	connect := func(as *authn.ServiceIssuer) *grpc.ClientConn {
		connection, err := rpcclient.Connect(rpcclient.Config{Service: "directory", Dialer: listener.Dial, As: as})
		w.must(err)
		w.t.Cleanup(func() { _ = connection.Close() })
		return connection
	}
	w.connection = connect(nil)
	w.sessions = directoryv1.NewSessionServiceClient(w.connection)
	w.demo = directoryv1.NewDemoServiceClient(w.connection)
	w.enterprises = directoryv1.NewEnterpriseServiceClient(w.connection)
	w.persons = directoryv1.NewPersonServiceClient(w.connection)
	w.feed = feedv1.NewFeedServiceClient(connect(w.service))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// as is the context of a signed-in person.
func (w *world) as(s *directoryv1.Session) context.Context {
	return authn.WithCaller(authn.WithToken(w.t.Context(), s.GetAccessToken()), authn.Caller{Kind: authn.Person})
}

// from is the context of a call from an address.
func (w *world) from(address string) context.Context {
	return metadata.AppendToOutgoingContext(w.t.Context(), rpc.AddressKey, address)
}

// ask asks for a code and returns the challenge.
func (w *world) ask(phone person.Phone) string {
	w.t.Helper()
	sent, err := w.sessions.RequestCode(w.t.Context(), &directoryv1.RequestCodeRequest{Parent: "cities/" + city, Phone: string(phone)})
	w.must(err)
	return sent.GetChallenge()
}

// signIn signs somebody in by code.
func (w *world) signIn(phone person.Phone) *directoryv1.Session {
	w.t.Helper()
	challenge := w.ask(phone)
	s, err := w.sessions.SignInWithCode(w.t.Context(), &directoryv1.SignInWithCodeRequest{Parent: "cities/" + city, Challenge: challenge,
		Code: w.phones.code(phone)})
	w.must(err)
	return s
}

// official adds an official and returns their person's id.
func (w *world) official(login string, roles ...optionsv1.Role) string {
	w.t.Helper()
	o := store.Official{Official: person.Official{City: city, Person: w.ids.New(), Login: login, DisplayName: "王建国", Title: "科长",
		Unit: "gxj", Phone: "0393-5550123", Roles: roles}}
	c := &change.Change{}
	w.must(store.AddOfficial(c, &o, w.city.Now(), "system/test"))
	w.must(w.store.Commit(w.t.Context(), c))
	return o.Person
}

// desk signs an official in without a password.
func (w *world) persona(name string, roles ...optionsv1.Role) *directoryv1.Session {
	w.t.Helper()
	w.cast.SetCast(map[string]rpc.Persona{name: {City: city, Person: w.official(name, roles...)}})
	s, err := w.demo.DemoSignIn(w.t.Context(), &directoryv1.DemoSignInRequest{Persona: name})
	w.must(err)
	return s
}

// takeUp does what the façade's watch does: it reads the feed and revokes.
func (w *world) takeUp() {
	w.t.Helper()
	revoked, err := w.store.Revocations(w.t.Context())
	w.must(err)
	for _, r := range revoked {
		if r.Session != "" {
			w.revocations.RevokeSession(r.Session, r.IssuedUntil.Add(store.TokenLife))
		} else {
			w.revocations.RevokePerson(r.City, r.Person, r.IssuedUntil, r.IssuedUntil.Add(store.TokenLife))
		}
	}
}

// wants checks a failure: kind, reason, both languages.
func wants(t *testing.T, what string, err error, kind fault.Kind, reason string) {
	t.Helper()
	_ = failure(t, what, err, kind, reason)
}

// failure checks as wants does and returns the failure, for what else it says.
func failure(t *testing.T, what string, err error, kind fault.Kind, reason string) *fault.Error {
	t.Helper()
	f := fault.From(err)
	switch {
	case err == nil:
		t.Errorf("%s: passes, want %s", what, reason)
		return fault.New(kind, reason, "", "")
	case f.Kind != kind || f.Reason != reason:
		t.Errorf("%s: got %v %s (%v), want %v %s", what, f.Kind, f.Reason, err, kind, reason)
	case f.Text.Zh == "" || f.Text.En == "":
		t.Errorf("%s: a text is missing", what)
	}
	return f
}

// phone makes mobile numbers.
func phone(n int) person.Phone { return person.Phone(fmt.Sprintf("138%08d", n)) }
