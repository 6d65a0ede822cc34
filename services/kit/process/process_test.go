package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/mutual/authority"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service is the least that a process serves.
type service struct {
	closed bool
	ended  bool
}

func (s *service) Register(b *rpcserver.Builder)           { b.Add(echo.Desc(echo.Service), s) }
func (s *service) Run(ctx context.Context) error           { <-ctx.Done(); s.ended = true; return nil }
func (s *service) Position(context.Context) (int64, error) { return 0, nil }
func (s *service) Close() error                            { s.closed = s.ended; return nil }
func (s *service) Watch(grpc.ServerStream) error           { return nil }
func (s *service) Echo(_ context.Context, _ string, m echo.Message) (echo.Message, error) {
	return m, nil
}

// trust is the files of some services.
type trust struct {
	folder string
	files  map[string]mutual.Files
}

func newTrust(t *testing.T, names ...string) *trust {
	t.Helper()
	a, err := authority.New(clock.System().Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	tr := &trust{folder: t.TempDir(), files: map[string]mutual.Files{}}
	if err := os.Mkdir(filepath.Join(tr.folder, "peers"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if tr.files[name], err = a.Write(tr.folder, name); err != nil {
			t.Fatal(err)
		}
		if err := authn.WriteKeyPair(tr.key(name), tr.peers(), name); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func (tr *trust) key(name string) string { return filepath.Join(tr.folder, name+".service") }
func (tr *trust) peers() string          { return filepath.Join(tr.folder, "peers") }

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func (tr *trust) settings(t *testing.T, name string) *process.Settings {
	return &process.Settings{Listen: "127.0.0.1:0", Admin: freeAddress(t), TLS: tr.files[name], ServiceKey: tr.key(name), PeerKeys: tr.peers(),
		StopAfter: time.Second, Log: observe.LogConfig{Level: "info", Format: "json"}}
}

// TestItWaitsSaysForWhatAndDrains is the life of a process: what it lacks is in its log, at /readyz and at its supervisor's socket; calls go
// elsewhere until it is there; and when it is told to stop everything ends in order.
func TestItWaitsSaysForWhatAndDrains(t *testing.T) {
	tr := newTrust(t, "echo", "hotline")
	told := supervisor(t)
	settings := tr.settings(t, "echo")
	log := &bytes.Buffer{}
	p, err := process.Open(t.Context(), "echo", settings, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.WatchDisk(""), p.WatchDisk(t.TempDir())); err != nil {
		t.Fatal(err)
	}
	if text := metrics(t, settings.Admin); !strings.Contains(text, "\nthroughtrain_disk_free_bytes ") {
		t.Errorf("it does not say how much room there is: %s", text)
	}
	tried := 0
	if err := p.Await(t.Context(), process.Wait{For: "database", Until: func(context.Context) error {
		if tried++; tried < 3 {
			return errors.New("it is away")
		}
		return nil
	}}); err != nil || <-told != "STATUS=waiting for database" {
		t.Fatal(err)
	}
	verifier, err := p.Verifier(authn.NewKeySet(), nil)
	if err != nil {
		t.Fatal(err)
	}
	there := make(chan struct{})
	await := []process.Wait{{For: "keys of the directory", Until: func(context.Context) error {
		select {
		case <-there:
			return nil
		default:
			return errors.New("nobody answers")
		}
	}}}
	s := &service{}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx, s, rpcserver.Deps{Verifier: verifier}, await) }()

	if said := <-told; said != "STATUS=waiting for keys of the directory" {
		t.Errorf("its supervisor hears %q", said)
	}
	if code, failing := ready(t, settings.Admin); code != http.StatusServiceUnavailable || failing["keys of the directory"] != "nobody answers" {
		t.Errorf("readyz: %d %v", code, failing)
	}
	key, err := authn.ReadPrivateKey(tr.key("hotline"))
	if err != nil {
		t.Fatal(err)
	}
	identity, err := mutual.Load(tr.files["hotline"], p.Log)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := rpcclient.Connect(rpcclient.Config{Service: "echo", Address: p.Listener().Addr().String(), Credentials: identity.Client("echo"),
		As: authn.NewServiceIssuer("hotline", key, clock.System())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x")); !fault.Has(err, "UNAVAILABLE") {
		t.Errorf("called while it waits: %v", err)
	}
	close(there)
	if said := <-told; said != "READY=1" {
		t.Errorf("its supervisor hears %q", said)
	}
	if code, failing := ready(t, settings.Admin); code != http.StatusOK {
		t.Errorf("readyz: %d %v", code, failing)
	}
	if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x").Set("request_id", "id")); err != nil {
		t.Errorf("called when it is ready: %v", err)
	}
	stop()
	if said := <-told; said != "STOPPING=1" {
		t.Errorf("its supervisor hears %q", said)
	}
	if err := errors.Join(<-served, conn.Close(), p.Close()); err != nil {
		t.Error(err)
	}
	if !s.closed {
		t.Error("the service is not closed after its end")
	}
	if text := log.String(); !strings.Contains(text, `"for":"keys of the directory"`) || !strings.Contains(text, `"stopped"`) {
		t.Errorf("logged %s", text)
	}
}

// supervisor listens as one does; what it is told comes in order.
func supervisor(t *testing.T) <-chan string {
	t.Helper()
	folder, err := os.MkdirTemp("", "process-") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	told := make(chan string, 100)
	var done sync.WaitGroup
	done.Go(func() {
		buffer := make([]byte, 1024)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			told <- string(buffer[:n])
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		done.Wait()
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return told
}

func metrics(t *testing.T, admin string) string {
	t.Helper()
	response, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func ready(t *testing.T, admin string) (int, map[string]string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body struct{ Failing map[string]string }
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body.Failing
}

func TestWhatIsWrongIsSaidAtTheStart(t *testing.T) {
	tr := newTrust(t, "echo", "hotline")
	for name, spoil := range map[string]func(*process.Settings){
		"another service's certificate": func(s *process.Settings) { s.TLS = tr.files["hotline"] },
		"no key":                        func(s *process.Settings) { s.ServiceKey = tr.peers() },
		"no address":                    func(s *process.Settings) { s.Listen = "nonsense" },
		"no admin address":              func(s *process.Settings) { s.Admin = "nonsense" },
	} {
		settings := tr.settings(t, "echo")
		spoil(settings)
		if _, err := process.Open(t.Context(), "echo", settings, io.Discard); err == nil {
			t.Errorf("%s: it is set up", name)
		}
	}
	p, err := process.Open(t.Context(), "echo", tr.settings(t, "echo"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := p.Connect("directory"); err == nil || !strings.Contains(err.Error(), "--peer directory") {
		t.Errorf("a peer that is nowhere: %v", err)
	}
}

type settings struct {
	process.Settings `embed:""`
	run              func(*settings) error
}

func (s *settings) Run(context.Context, *process.Terminal) error { return s.run(s) }

func TestSettingsAreReadFromTheCommandLine(t *testing.T) {
	tr := newTrust(t, "echo")
	flags := []string{"--listen=127.0.0.1:0", "--tls-ca=" + tr.files["echo"].CA, "--tls-cert=" + tr.files["echo"].Cert, "--tls-key=" + tr.files["echo"].Key,
		"--service-key=" + tr.key("echo"), "--peer-keys=" + tr.peers()}
	var got process.Settings
	command := func(err error, more ...string) (int, string) {
		log := &bytes.Buffer{}
		s := &settings{run: func(s *settings) error { got = s.Settings; return err }}
		return process.Command(t.Context(), "echo", "test", s, append(flags, more...), &process.Terminal{Out: io.Discard, Log: log}), log.String()
	}
	code, log := command(nil, "--peer", "directory=127.0.0.1:1,127.0.0.1:2", "--peer", "hotline=dns:///hotline:9000")
	if code != 0 || got.Peer["directory"] != "127.0.0.1:1,127.0.0.1:2" || got.Peer["hotline"] != "dns:///hotline:9000" || got.Allow[0] != "gateway" {
		t.Errorf("%d %s %+v", code, log, got)
	}
	for _, c := range []struct {
		flag string
		err  error
		want int
	}{{"--colour", nil, 2}, {"--stop-after=0s", nil, 2}, {"--trace-ratio=7", nil, 2}, {"--admin=off", errors.New("failed"), 1},
		{"--admin=off", process.ErrUsage, 2}, {"--help", nil, 0}} {
		if code, log := command(c.err, c.flag); code != c.want {
			t.Errorf("%s: %d %s", c.flag, code, log)
		}
	}
}
