package rpcclient_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/mutual/authority"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// replica counts its calls.
type replica struct {
	server  *rpcserver.Server
	address string
	calls   atomic.Int64
	stop    func()
	answer  func() error // nil answers well
}

func (r *replica) Echo(_ context.Context, _ string, m echo.Message) (echo.Message, error) {
	r.calls.Add(1)
	if r.answer != nil {
		return m, r.answer()
	}
	return m, nil
}

func (r *replica) Watch(grpc.ServerStream) error { return nil }

// open starts a replica of the service echo, over TLS with a certificate of its own when there is an identity.
func (r *replica) open(t *testing.T, config rpcserver.Config, identity *mutual.Identity) *replica {
	t.Helper()
	return r.openAt(t, "127.0.0.1:0", config, identity)
}

func (r *replica) openAt(t *testing.T, address string, config rpcserver.Config, identity *mutual.Identity) *replica {
	t.Helper()
	verifier, err := authn.NewVerifier(authn.VerifierConfig{Issuer: "directory", Audience: "suite", Keys: keys(1), Service: "echo",
		Clock: clock.System(), Peers: map[string]authn.Keys{"hotline": keys(2), "agency": keys(3)}})
	if err != nil {
		t.Fatal(err)
	}
	deps := rpcserver.Deps{Log: zap.NewNop(), Metrics: prometheus.NewRegistry(), Verifier: verifier}
	if identity != nil {
		deps.Credentials = identity.Server(func() []string { return append(r.server.Callers(), "agency") })
	}
	if r.server, err = rpcserver.New(config, deps).Add(echo.Desc(echo.Service), r).Build(); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.server.Serve(ctx, listener) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

func call(t *testing.T, conn *grpc.ClientConn, id string) error {
	t.Helper()
	m := echo.New("x")
	if id != "" {
		m.Set("request_id", id)
	}
	_, err := echo.Call(t.Context(), conn, echo.Peer, m)
	return err
}

// eventually waits for what only calls can show.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

func TestCallsGoRoundThoseThatServe(t *testing.T) {
	one, two, held := (&replica{}).open(t, rpcserver.Config{}, nil), (&replica{}).open(t, rpcserver.Config{}, nil),
		(&replica{}).open(t, rpcserver.Config{Hold: true}, nil)
	conn := connect(t, rpcclient.Config{Address: strings.Join([]string{one.address, two.address, held.address}, ","), As: hotline()})
	eventually(t, "not both that serve are called", func() bool {
		if err := call(t, conn, "id"); err != nil {
			t.Fatal(err)
		}
		return one.calls.Load() > 3 && two.calls.Load() > 3
	})
	if held.calls.Load() > 0 {
		t.Error("one that does not serve is called")
	}
	held.server.SetServing(true)
	eventually(t, "one that serves now is not called", func() bool { return call(t, conn, "id") == nil && held.calls.Load() > 0 })
	held.server.SetServing(false)
	one.stop()
	for range 50 {
		if err := call(t, conn, "id"); err != nil {
			t.Errorf("when a replica has gone: %v", err)
		}
	}
}

// TestWhatNobodyAnsweredIsAskedAgain: with a request id, and never what a service said itself.
func TestWhatNobodyAnsweredIsAskedAgain(t *testing.T) {
	lost := status.Error(codes.Unavailable, "the connection is gone")
	for _, c := range []struct {
		name  string
		id    string
		fails func(calls int64) error
		want  int64
		good  bool
	}{
		{"answered by another", "id", func(n int64) error {
			if n == 1 {
				return lost
			}
			return nil
		}, 2, true},
		{"without a request id", "", func(int64) error { return lost }, 1, false},
		{"never", "id", func(int64) error { return lost }, 4, false},
		{"said by the service", "id", func(int64) error { return fault.New(fault.Unavailable, "BUSY", "忙", "busy") }, 1, false},
		{"refused", "id", func(int64) error { return fault.New(fault.Invalid, "BAD", "错", "bad") }, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var calls int64
			p := &proxy{fails: func() error { calls++; return c.fails(calls) }}
			conn := p.connect(t)
			err := call(t, conn, c.id)
			if calls != c.want || (err == nil) != c.good {
				t.Errorf("called %d times, then %v", calls, err)
			}
		})
	}
}

// TestWhatReachedNobodyIsAskedAgain: even without a request id, since it cannot have done anything. That is what a caller meets who loses the second replica
// before having found the first again.
func TestWhatReachedNobodyIsAskedAgain(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, rpcclient.Config{Address: address, As: hotline()})
	if err := call(t, conn, ""); !fault.Has(err, "UNAVAILABLE") {
		t.Errorf("with nobody there: %v", err)
	}
	began := make(chan struct{})
	late := make(chan error, 1)
	go func() { close(began); late <- call(t, conn, "") }()
	<-began
	r := (&replica{}).openAt(t, address, rpcserver.Config{}, nil)
	if err := <-late; err != nil || r.calls.Load() != 1 {
		t.Errorf("with somebody there a little later: %v, %d calls", err, r.calls.Load())
	}
}

// proxy is a server without the pipeline: its statuses are those of a connection that failed.
type proxy struct{ fails func() error }

func (p *proxy) Echo(_ context.Context, _ string, m echo.Message) (echo.Message, error) {
	return m, nil
}
func (p *proxy) Watch(grpc.ServerStream) error { return nil }

func (p *proxy) connect(t *testing.T) *grpc.ClientConn {
	t.Helper()
	m := rpcserver.NewMemory()
	g := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		if err := p.fails(); err != nil {
			if own := (*fault.Error)(nil); errors.As(err, &own) {
				return nil, wire.Status(own).Err()
			}
			return nil, err
		}
		return handle(ctx, r)
	}))
	g.RegisterService(echo.Desc(echo.Service), p)
	done := make(chan error, 1)
	go func() { done <- g.Serve(m) }()
	t.Cleanup(func() {
		g.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return connect(t, rpcclient.Config{Dialer: m.Dial, As: hotline()})
}

// TestATokenIsGoodFromItsOwnServiceOnly: a process that has another one's token, key and all, is known by its certificate.
func TestATokenIsGoodFromItsOwnServiceOnly(t *testing.T) {
	a, err := authority.New(clock.System().Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	as := func(service string) *mutual.Identity {
		files, err := a.Write(t.TempDir(), service)
		if err != nil {
			t.Fatal(err)
		}
		identity, err := mutual.Load(files, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		return identity
	}
	r := (&replica{}).open(t, rpcserver.Config{}, as("echo"))
	for service, reason := range map[string]string{"hotline": "", "agency": "TOKEN_INVALID", "attendant": "UNAVAILABLE"} {
		conn := connect(t, rpcclient.Config{Address: r.address, As: hotline(), Credentials: as(service).Client("echo")})
		err := call(t, conn, "")
		if reason == "" && err != nil || reason != "" && !fault.Has(err, reason) {
			t.Errorf("the hotline's token from %s: %v", service, err)
		}
	}
}
