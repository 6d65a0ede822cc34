package directory_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const city = "410900"

// phones is where codes arrive.
type phones struct {
	mu    sync.Mutex
	codes map[string]string
}

func (p *phones) Send(_ context.Context, m directory.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[string(m.Phone)] = m.Code
	return nil
}

// instance is a running directory with a server of its own, as a process would have it.
type instance struct {
	*directory.Service
	t          *testing.T
	phones     *phones
	log        *observer.ObservedLogs
	connection *grpc.ClientConn
	peer       *grpc.ClientConn // as hotline
	sessions   directoryv1.SessionServiceClient
	persons    directoryv1.PersonServiceClient
	stop       func()
}

func start(t *testing.T, folder string, demo bool) *instance {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	wall := clock.System()
	core, logs := observer.New(zapcore.WarnLevel)
	revocations := authn.NewRevocations(wall)
	i := &instance{t: t, phones: &phones{codes: map[string]string{}}, log: logs}
	service, err := directory.New(t.Context(), directory.Config{DSN: "sqlite:" + filepath.Join(folder, "directory.db"),
		Keys: filepath.Join(folder, "keys"), Demo: demo},
		directory.Deps{City: wall, Wall: wall, Log: zap.New(core), Sender: i.phones, Revocations: revocations})
	must(err)
	i.Service = service
	public, peerKey, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	hotline := authn.NewServiceIssuer("hotline", peerKey, wall)
	verifier, err := authn.NewVerifier(authn.VerifierConfig{Issuer: directory.TokenIssuer, Audience: directory.TokenAudience, Keys: service.Keys(),
		Service: directory.Name, Peers: map[string]authn.Keys{"hotline": authn.NewKeySet(public)}, Revocations: revocations, Clock: wall})
	must(err)
	builder := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: verifier,
		Replay: service.Replay()})
	service.Register(builder)
	server, err := builder.Build()
	must(err)
	listener := rpcserver.NewMemory()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- server.Serve(ctx, listener) }()
	go func() { ended <- service.Run(ctx) }()
	connect := func(as *authn.ServiceIssuer) *grpc.ClientConn {
		c, err := rpcclient.Connect(rpcclient.Config{Service: directory.Name, Dialer: listener.Dial, As: as})
		must(err)
		return c
	}
	i.connection, i.peer = connect(nil), connect(hotline)
	i.sessions = directoryv1.NewSessionServiceClient(i.connection)
	i.persons = directoryv1.NewPersonServiceClient(i.connection)
	i.stop = sync.OnceFunc(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if err := service.Close(); err != nil {
			t.Error(err)
		}
		_, _ = i.connection.Close(), i.peer.Close()
	})
	t.Cleanup(i.stop)
	return i
}

// cityFiles is the folder of the shipped city.
func cityFiles(t *testing.T) []*directoryv1.CityFile {
	t.Helper()
	code, files, err := directory.ReadCity(filepath.Join("..", "..", "deploy", "config", "cities", city))
	if err != nil || code != city {
		t.Fatal(code, err)
	}
	return files
}

func (i *instance) apply() {
	i.t.Helper()
	if _, err := i.ApplyCity(i.t.Context(), "standalone", city, cityFiles(i.t)); err != nil {
		i.t.Fatal(err)
	}
}

func (i *instance) signIn(phone string) *directoryv1.Session {
	i.t.Helper()
	sent, err := i.sessions.RequestCode(i.t.Context(), &directoryv1.RequestCodeRequest{Parent: "cities/" + city, Phone: phone})
	if err != nil {
		i.t.Fatal(err)
	}
	s, err := i.sessions.SignInWithCode(i.t.Context(), &directoryv1.SignInWithCodeRequest{Parent: "cities/" + city, Challenge: sent.GetChallenge(),
		Code: i.phones.codes[phone]})
	if err != nil {
		i.t.Fatal(err)
	}
	return s
}

func as(ctx context.Context, s *directoryv1.Session) context.Context {
	return authn.WithCaller(authn.WithToken(ctx, s.GetAccessToken()), authn.Caller{Kind: authn.Person})
}

func TestAServiceThatIsStoppedAndStartedGoesOn(t *testing.T) {
	folder := t.TempDir()
	first := start(t, folder, false)
	first.apply()
	s := first.signIn("13800000001")
	other := first.signIn("13800000002")
	if _, err := first.sessions.SignOut(as(t.Context(), other), &directoryv1.SignOutRequest{}); err != nil {
		t.Fatal(err)
	}
	first.stop()

	second := start(t, folder, false)
	if _, ok := second.Config(city); !ok {
		t.Error("the city is gone")
	}
	if _, err := second.persons.GetPerson(as(t.Context(), s), &directoryv1.GetPersonRequest{Name: s.GetPerson()}); err != nil {
		t.Errorf("a token from before: %v", err)
	}
	if _, err := second.persons.GetPerson(as(t.Context(), other), &directoryv1.GetPersonRequest{Name: other.GetPerson()}); !fault.Has(err, "SESSION_REVOKED") {
		t.Errorf("a token revoked before: %v", err)
	}
	next, err := second.sessions.RefreshSession(t.Context(), &directoryv1.RefreshSessionRequest{RefreshToken: s.GetRefreshToken()})
	if err != nil || next.GetPerson() != s.GetPerson() {
		t.Errorf("a refresh token from before: %v", err)
	}
}

func TestSigningOutReachesTheVerifierByItself(t *testing.T) {
	i := start(t, t.TempDir(), false)
	i.apply()
	s := i.signIn("13800000001")
	if _, err := i.sessions.SignOut(as(t.Context(), s), &directoryv1.SignOutRequest{}); err != nil {
		t.Fatal(err)
	}
	if err := i.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := i.persons.GetPerson(as(t.Context(), s), &directoryv1.GetPersonRequest{Name: s.GetPerson()}); !fault.Has(err, "SESSION_REVOKED") {
		t.Errorf("got %v", err)
	}
}

func TestANewInstallationIsEnteredByItsAdministratorOnce(t *testing.T) {
	i := start(t, t.TempDir(), false)
	i.apply()
	if err := i.Bootstrap(t.Context(), city); err != nil {
		t.Fatal(err)
	}
	told := i.log.FilterMessageSnippet("initial password").All()
	if len(told) == 0 {
		t.Fatal("no administrator was told a password")
	}
	login, password := told[0].ContextMap()["login"].(string), told[0].ContextMap()["password"].(string)
	enter := func(password string) (*directoryv1.Session, error) {
		return i.sessions.SignInWithPassword(t.Context(), &directoryv1.SignInWithPasswordRequest{Parent: "cities/" + city, Login: login, Password: password})
	}
	s, err := enter(password)
	if err != nil || !strings.Contains(strings.Join(s.GetRoles(), " "), "ROLE_CITY_ADMIN") {
		t.Fatalf("%v, %v", s.GetRoles(), err)
	}
	if _, err := enter(password); !fault.Has(err, "PASSWORD_WRONG") {
		t.Errorf("a second time: %v", err)
	}
	const own = "teapot mango harbour"
	if _, err := i.persons.SetPassword(as(t.Context(), s), &directoryv1.SetPasswordRequest{Name: s.GetPerson(), OldPassword: password, NewPassword: own}); err != nil {
		t.Fatal(err)
	}
	if _, err := enter(own); err != nil {
		t.Error(err)
	}
	before := i.log.Len()
	if err := i.Bootstrap(t.Context(), city); err != nil {
		t.Fatal(err)
	}
	for _, entry := range i.log.All()[before:] {
		if entry.ContextMap()["login"] == login {
			t.Error("an administrator with an own password was given another")
		}
	}
}

func TestDemoOnlyInADemonstration(t *testing.T) {
	for _, demo := range []bool{false, true} {
		i := start(t, t.TempDir(), demo)
		i.apply()
		person, err := i.EnsurePerson(t.Context(), city, "13800000001", "张三")
		if err != nil {
			t.Fatal(err)
		}
		again, err := i.EnsurePerson(t.Context(), city, "+86 138 0000 0001", "李四")
		if err != nil || again != person {
			t.Errorf("%s and %s are one phone's: %v", person, again, err)
		}
		i.SetCast(map[string]directory.Persona{"entrepreneur": {City: city, Person: person}})
		s, err := directoryv1.NewDemoServiceClient(i.connection).DemoSignIn(t.Context(), &directoryv1.DemoSignInRequest{Persona: "entrepreneur"})
		switch {
		case demo && (err != nil || s.GetPerson() != "cities/"+city+"/persons/"+person):
			t.Errorf("in a demonstration: %v, %v", s, err)
		case !demo && fault.KindOf(err) != fault.Unimplemented:
			t.Errorf("without one: %v", err)
		}
		i.stop()
	}
}

func TestTheFeedIsReadByPeersAndDoesNotHoldUpTheEnd(t *testing.T) {
	i := start(t, t.TempDir(), false)
	i.apply()
	i.signIn("13800000001")
	client := feedv1.NewFeedServiceClient(i.peer)
	got, err := client.ListEvents(t.Context(), &feedv1.ListEventsRequest{Limit: 2000})
	if err != nil || len(got.GetEvents()) == 0 || got.GetHead() != int64(len(got.GetEvents())) {
		t.Fatalf("%d events to %d, %v", len(got.GetEvents()), got.GetHead(), err)
	}
	for n, e := range got.GetEvents() {
		if e.GetPosition() != int64(n)+1 || e.GetHash() == nil || e.GetActor() == "" || !strings.HasPrefix(e.GetType(), "throughtrain.directory.v1.") {
			t.Fatalf("event %d is %v", n, e)
		}
	}
	if _, err := feedv1.NewFeedServiceClient(i.connection).ListEvents(t.Context(), &feedv1.ListEventsRequest{}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a stranger reads the feed: %v", err)
	}
	waited := make(chan error, 1)
	go func() {
		_, err := client.ListEvents(context.Background(), &feedv1.ListEventsRequest{After: got.GetHead(), Wait: durationpb.New(8 * time.Second)})
		waited <- err
	}()
	began := time.Now()
	i.Drain()
	if err := <-waited; err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a waiting reader held the end up for %v", took)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	if _, err := directory.New(t.Context(), directory.Config{}, directory.Deps{}); err == nil {
		t.Error("a service out of nothing")
	}
	wall := clock.System()
	_, err := directory.New(t.Context(), directory.Config{DSN: "sqlite::memory:", Keys: t.TempDir(), Gateway: directory.Gateway{URL: "http://sms.example"}},
		directory.Deps{City: wall, Wall: wall, Log: zap.NewNop()})
	if err == nil {
		t.Error("codes would go over an open network")
	}
}
