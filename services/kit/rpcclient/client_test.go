package rpcclient_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func keys(seed byte) *authn.KeySet { return authn.NewKeySet(key(seed).Public().(ed25519.PublicKey)) }

// peer is a server that tells what it received.
type peer struct {
	caller  authn.Caller
	request string
	fail    error
}

func (p *peer) Echo(ctx context.Context, _ string, m echo.Message) (echo.Message, error) {
	p.caller, p.request = authn.FromContext(ctx), observe.RequestID(ctx)
	return m, p.fail
}

func (p *peer) Watch(s grpc.ServerStream) error {
	p.caller = authn.FromContext(s.Context())
	if err := s.SendMsg(echo.New("x")); err != nil {
		return err
	}
	return p.fail
}

// serve starts the peer on a listener; what it returns stops it.
func (p *peer) serve(t *testing.T, listener net.Listener) (stop func()) {
	t.Helper()
	verifier, err := authn.NewVerifier(authn.VerifierConfig{Issuer: "directory", Audience: "suite", Keys: keys(1), Service: "echo",
		Clock: clock.System(), Peers: map[string]authn.Keys{"hotline": keys(2)}})
	if err != nil {
		t.Fatal(err)
	}
	server, err := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: verifier}).
		Add(echo.Desc(echo.Service), p).Build()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func connect(t *testing.T, c rpcclient.Config) *grpc.ClientConn {
	t.Helper()
	c.Service = "echo"
	conn, err := rpcclient.Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func memory(t *testing.T, p *peer, as *authn.ServiceIssuer) *grpc.ClientConn {
	t.Helper()
	m := rpcserver.NewMemory()
	t.Cleanup(p.serve(t, m))
	return connect(t, rpcclient.Config{Dialer: m.Dial, As: as})
}

func hotline() *authn.ServiceIssuer { return authn.NewServiceIssuer("hotline", key(2), clock.System()) }

// signedIn is the context of a use case that a clerk's request runs in.
func signedIn(t *testing.T) context.Context {
	t.Helper()
	issuer, err := authn.NewIssuer("directory", "suite", key(1), time.Minute, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	clerk := authn.Caller{Kind: authn.Person, City: "410900", Person: "p1", Session: "s1", Roles: []authn.Grant{{Role: optionsv1.Role_ROLE_CLERK, Unit: "HRSS"}}}
	token, _, err := issuer.Issue(clerk)
	if err != nil {
		t.Fatal(err)
	}
	return authn.WithToken(authn.WithCaller(t.Context(), clerk), token)
}

func TestForWhomACallIsMade(t *testing.T) {
	p := &peer{}
	both := memory(t, p, hotline())
	person := signedIn(t)
	service := authn.WithToken(authn.WithCaller(t.Context(), authn.Caller{Kind: authn.Service, Name: "agency"}), "agency's own token")
	system := authn.WithCaller(t.Context(), authn.SystemCaller("sweeper", "410900"))
	for name, tt := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"a person's request":                {person, "person p1"},
		"on the service's own account":      {rpcclient.AsService(person), "service hotline"},
		"nobody's request":                  {t.Context(), "service hotline"},
		"the sweeper's":                     {system, "service hotline"},
		"another service's: never its name": {service, "service hotline"},
		"a token set by hand":               {metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+tokenOf(person, t)), "person p1"},
	} {
		p.caller = authn.Caller{}
		if _, err := echo.Call(tt.ctx, both, echo.Clerk, echo.New("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := p.caller.Kind.String() + " " + p.caller.ID(); got != tt.want {
			t.Errorf("%s: called by %s", name, got)
		}
	}
	if _, err := echo.Call(t.Context(), memory(t, p, nil), echo.Clerk, echo.New("x")); !fault.Has(err, "TOKEN_MISSING") {
		t.Errorf("nobody, and no key to sign with: %v", err)
	}
}

func tokenOf(ctx context.Context, t *testing.T) string {
	t.Helper()
	token, ok := authn.Token(ctx)
	if !ok {
		t.Fatal("no token")
	}
	return token
}

func TestTheRequestIDGoesAlong(t *testing.T) {
	p := &peer{}
	conn := memory(t, p, hotline())
	for _, ctx := range []context.Context{
		observe.WithRequestID(t.Context(), "r-1"),
		metadata.AppendToOutgoingContext(observe.WithRequestID(t.Context(), "other"), "x-request-id", "r-1"),
	} {
		if _, err := echo.Call(ctx, conn, echo.Peer, echo.New("x")); err != nil || p.request != "r-1" {
			t.Errorf("received %q, %v", p.request, err)
		}
	}
}

func TestAFaultArrivesAsItWasMade(t *testing.T) {
	want := fault.New(fault.Precondition, "STATE_FORBIDS", "当前状态不允许此操作", "not in this state").With("state", "CLOSED").
		Field("etag", "stale", "已过期", "is stale").RetryIn(1500 * time.Millisecond)
	p := &peer{fail: want.Wrap(errors.New("secret"))}
	conn := memory(t, p, hotline())
	compare := func(err error) {
		t.Helper()
		var got *fault.Error
		if !errors.As(err, &got) || !errors.Is(err, want) {
			t.Fatalf("got %v", err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(fault.Error{})); diff != "" {
			t.Error(diff)
		}
	}
	_, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x"))
	compare(err)

	stream, err := echo.Open(signedIn(t), conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(echo.New("")); err != nil {
		t.Fatal(err)
	}
	compare(stream.RecvMsg(echo.New("")))

	p.fail = nil
	if stream, err = echo.Open(signedIn(t), conn); err != nil {
		t.Fatal(err)
	}
	for err = nil; err == nil; {
		err = stream.RecvMsg(echo.New(""))
	}
	if !errors.Is(err, io.EOF) {
		t.Errorf("a stream's good end is %v", err)
	}
}

func TestNobodyThereAndThereAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	p := &peer{}
	stop := p.serve(t, listener)
	conn := connect(t, rpcclient.Config{Address: address, As: hotline()})
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x")); err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x")); !fault.Has(err, "UNAVAILABLE") {
		t.Errorf("nobody there: %v", err)
	}
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Skipf("the port is gone: %v", err)
	}
	defer p.serve(t, listener)()
	begin := time.Now()
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x"), grpc.WaitForReady(true)); err != nil {
		t.Errorf("there again: %v", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("found again after %v", took)
	}
}

func TestADeadlineIsSetWhereThereIsNone(t *testing.T) {
	m := rpcserver.NewMemory() // nobody accepts: calls hang
	defer m.Close()
	conn := connect(t, rpcclient.Config{Dialer: m.Dial, As: hotline(), Timeout: 20 * time.Millisecond})
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x"), grpc.WaitForReady(true)); !fault.Has(err, "DEADLINE_EXCEEDED") {
		t.Errorf("got %v", err)
	}
}

func TestConnectionsThatCannotBe(t *testing.T) {
	m := rpcserver.NewMemory()
	defer m.Close()
	for name, c := range map[string]rpcclient.Config{
		"no service": {Address: "a:1"}, "nowhere": {Service: "echo"}, "two ways": {Service: "echo", Address: "a:1", Dialer: m.Dial},
	} {
		if _, err := rpcclient.Connect(c); err == nil {
			t.Errorf("%s: connected", name)
		}
	}
}
