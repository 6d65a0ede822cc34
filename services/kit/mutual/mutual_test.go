package mutual_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/mutual/authority"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newAuthority(t *testing.T, life time.Duration) *authority.Authority {
	t.Helper()
	a, err := authority.New(clock.System().Now(), life)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// identity is that of a service in a folder of its own.
func identity(t *testing.T, a *authority.Authority, folder, service string) *mutual.Identity {
	t.Helper()
	files, err := a.Write(folder, service)
	if err != nil {
		t.Fatal(err)
	}
	i, err := mutual.Load(files, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// server is a server that knows whom the last call vouched for.
type server struct {
	address string
	mu      sync.Mutex
	vouches func(service string) error
}

func (s *server) vouched(service string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vouches(service)
}

func serve(t *testing.T, with credentials.TransportCredentials) *server {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: listener.Addr().String()}
	g := grpc.NewServer(grpc.Creds(with), grpc.UnaryInterceptor(func(ctx context.Context, r any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		s.mu.Lock()
		s.vouches = func(service string) error { return mutual.Vouches(ctx, service) }
		s.mu.Unlock()
		return handle(ctx, r)
	}))
	healthv1.RegisterHealthServer(g, health.NewServer())
	done := make(chan error, 1)
	go func() { done <- g.Serve(listener) }()
	t.Cleanup(func() {
		g.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// ask makes one call over a new connection.
func ask(t *testing.T, address string, with credentials.TransportCredentials) error {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(with))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
	return err
}

func TestWhoMayConnect(t *testing.T) {
	ours, others := newAuthority(t, time.Hour), newAuthority(t, time.Hour)
	hotline := identity(t, ours, t.TempDir(), "hotline")
	s := serve(t, hotline.Server(func() []string { return []string{"agency", "gateway"} }))
	for _, c := range []struct {
		name string
		as   *mutual.Identity
		to   string
		want string // part of the error; empty for let in
	}{
		{"named", identity(t, ours, t.TempDir(), "agency"), "hotline", ""},
		{"not named", identity(t, ours, t.TempDir(), "attendant"), "hotline", "certificate"},
		{"of another authority", identity(t, others, t.TempDir(), "agency"), "hotline", "certificate"},
		{"expired", identity(t, newExpired(t), t.TempDir(), "agency"), "hotline", "certificate"},
		{"meant for another service", identity(t, ours, t.TempDir(), "agency"), "directory", "not directory"},
	} {
		err := ask(t, s.address, c.as.Client(c.to))
		// A server that refuses hangs up: what the client hears of it first, the reason or the hanging up, is a matter of luck.
		hungUp := c.want == "certificate" && status.Code(err) == codes.Unavailable
		if c.want == "" && err != nil || c.want != "" && (err == nil || !hungUp && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if s.vouched("agency") != nil || s.vouched("gateway") == nil {
		t.Errorf("the agency's connection vouches for the agency: %v, and for the gateway: %v", s.vouched("agency"), s.vouched("gateway"))
	}
	if err := mutual.Vouches(t.Context(), "agency"); err != nil {
		t.Errorf("in memory: %v", err)
	}
}

// newExpired is an authority all of whose certificates have run out.
func newExpired(t *testing.T) *authority.Authority {
	t.Helper()
	a, err := authority.New(clock.System().Now().Add(-time.Hour), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestCertificatesAreRenewed: a new authority takes over while both sides run; a file that is half written changes nothing.
func TestCertificatesAreRenewed(t *testing.T) {
	folder, first := t.TempDir(), newAuthority(t, time.Hour)
	hotline, agency := identity(t, first, folder, "hotline"), identity(t, first, folder, "agency")
	s := serve(t, hotline.Server(func() []string { return []string{"agency"} }))
	if err := ask(t, s.address, agency.Client("hotline")); err != nil {
		t.Fatal(err)
	}
	stranger := identity(t, first, t.TempDir(), "agency") // keeps what the first authority gave
	second := newAuthority(t, time.Hour)
	for _, service := range []string{"hotline", "agency"} {
		if _, err := second.Write(folder, service); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(t, s.address, agency.Client("hotline")); err != nil {
		t.Errorf("after the renewal: %v", err)
	}
	if err := ask(t, s.address, stranger.Client("hotline")); err == nil {
		t.Error("the authority before is still believed")
	}
	if err := os.WriteFile(filepath.Join(folder, "hotline.pem"), []byte("-----BEGIN CERT"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ask(t, s.address, agency.Client("hotline")); err != nil {
		t.Errorf("while a file is half written: %v", err)
	}
}

func TestAWrongCertificateIsSaidAtTheStart(t *testing.T) {
	folder := t.TempDir()
	i := identity(t, newAuthority(t, time.Hour), folder, "hotline")
	if err := i.Names("hotline"); err != nil {
		t.Error(err)
	}
	if err := i.Names("agency"); err == nil {
		t.Error("one of another service is taken")
	}
	good := mutual.Files{CA: filepath.Join(folder, "authority.pem"), Cert: filepath.Join(folder, "hotline.pem"), Key: filepath.Join(folder, "hotline.key")}
	for _, files := range []mutual.Files{{}, {CA: good.Key, Cert: good.Cert, Key: good.Key}, {CA: good.CA, Cert: good.CA, Key: good.Key}} {
		if _, err := mutual.Load(files, zap.NewNop()); err == nil {
			t.Errorf("%v is taken", files)
		}
	}
}
