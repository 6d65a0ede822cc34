package rpcserver_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

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

// world is a server under test, reached over memory, and what can be seen of it.
type world struct {
	t        testing.TB
	conn     *grpc.ClientConn // signs as the service named hotline when there is no person
	log      *bytes.Buffer
	metrics  *prometheus.Registry
	issuer   *authn.Issuer
	verifier *authn.Verifier
	stop     context.CancelFunc
	stopped  chan error
	echo     func(ctx context.Context, method string, m echo.Message) (echo.Message, error)
	watch    func(grpc.ServerStream) error
}

func (w *world) Echo(ctx context.Context, method string, m echo.Message) (echo.Message, error) {
	return w.echo(ctx, method, m)
}

func (w *world) Watch(s grpc.ServerStream) error { return w.watch(s) }

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey { return key(seed).Public().(ed25519.PublicKey) }

func deps(t testing.TB, w *world) rpcserver.Deps {
	t.Helper()
	w.log, w.metrics = &bytes.Buffer{}, prometheus.NewRegistry()
	log, err := observe.NewLogger(observe.LogConfig{Level: "debug", Format: "json"}, w.log)
	if err != nil {
		t.Fatal(err)
	}
	w.verifier, err = authn.NewVerifier(authn.VerifierConfig{Issuer: "directory", Audience: "suite", Service: "echo", Clock: clock.System(),
		Keys:  authn.NewKeySet(public(1)),
		Peers: map[string]authn.Keys{"hotline": authn.NewKeySet(public(2)), "agency": authn.NewKeySet(public(3))}})
	if err != nil {
		t.Fatal(err)
	}
	w.issuer, err = authn.NewIssuer("directory", "suite", key(1), time.Minute, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	return rpcserver.Deps{Log: log, Metrics: w.metrics, Verifier: w.verifier}
}

func start(t testing.TB, config rpcserver.Config, adjust ...func(*rpcserver.Deps)) *world {
	t.Helper()
	w := &world{t: t, stopped: make(chan error, 1),
		echo: func(_ context.Context, _ string, m echo.Message) (echo.Message, error) { return m, nil }}
	d := deps(t, w)
	for _, a := range adjust {
		a(&d)
	}
	server, err := rpcserver.New(config, d).Add(echo.Desc(echo.Service), w).Build()
	if err != nil {
		t.Fatal(err)
	}
	memory := rpcserver.NewMemory()
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	go func() { w.stopped <- server.Serve(ctx, memory) }()
	w.conn = w.connect(memory, "hotline", key(2))
	t.Cleanup(func() {
		w.stop()
		if err := <-w.stopped; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return w
}

func (w *world) connect(memory *rpcserver.Memory, as string, key ed25519.PrivateKey) *grpc.ClientConn {
	w.t.Helper()
	conn, err := rpcclient.Connect(rpcclient.Config{Service: "echo", Dialer: memory.Dial, As: authn.NewServiceIssuer(as, key, clock.System())})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return conn
}

// as is a context in which calls are made for a person of the city 410900.
func (w *world) as(roles ...optionsv1.Role) context.Context {
	w.t.Helper()
	c := authn.Caller{Kind: authn.Person, City: "410900", Person: "p1", Session: "s1"}
	for _, role := range roles {
		c.Roles = append(c.Roles, authn.Grant{Role: role, Unit: "HRSS"})
	}
	token, _, err := w.issuer.Issue(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return authn.WithToken(authn.WithCaller(w.t.Context(), c), token)
}

func TestWhoMayCallWhat(t *testing.T) {
	w := start(t, rpcserver.Config{})
	const clerk, auditor = optionsv1.Role_ROLE_CLERK, optionsv1.Role_ROLE_AUDITOR
	who := map[string]context.Context{
		"hotline": t.Context(),
		"person":  w.as(),
		"clerk":   w.as(clerk),
		"auditor": w.as(auditor),
		"refused": authn.WithToken(authn.WithCaller(t.Context(), authn.Caller{Kind: authn.Person}), "no.good.token"),
	}
	tests := []struct {
		method string
		caller string
		want   string // reason; empty for let in
	}{
		{echo.Public, "hotline", ""}, {echo.Public, "person", ""}, {echo.Public, "refused", ""},
		{echo.Person, "person", ""}, {echo.Person, "auditor", ""}, {echo.Person, "hotline", "ROLE_REQUIRED"}, {echo.Person, "refused", "TOKEN_INVALID"},
		{echo.Clerk, "clerk", ""}, {echo.Clerk, "hotline", ""}, {echo.Clerk, "person", "ROLE_REQUIRED"}, {echo.Clerk, "auditor", "ROLE_REQUIRED"},
		{echo.Peer, "hotline", ""}, {echo.Peer, "clerk", "ROLE_REQUIRED"}, {echo.Peer, "refused", "TOKEN_INVALID"},
	}
	for _, tt := range tests {
		t.Run(strings.TrimPrefix(tt.method, "/"+echo.Service+"/")+" by "+tt.caller, func(t *testing.T) {
			_, err := echo.Call(who[tt.caller], w.conn, tt.method, echo.New("x"))
			expect(t, err, tt.want)
		})
	}
}

// expect holds an error against the reason it should have; empty for none.
func expect(t *testing.T, err error, reason string) {
	t.Helper()
	if reason != "" {
		_ = refusal(t, err, reason)
	} else if err != nil {
		t.Fatalf("refused: %v", err)
	}
}

// refusal is the fault in an error, which must have that reason and speak both languages.
func refusal(t *testing.T, err error, reason string) *fault.Error {
	t.Helper()
	var failure *fault.Error
	if !errors.As(err, &failure) || failure.Reason != reason {
		t.Fatalf("got %v, want %s", err, reason)
	}
	if failure.Text.Zh == "" || failure.Text.En == "" {
		t.Errorf("%s lacks a text: %+v", reason, failure.Text)
	}
	return failure
}

func TestAServiceWithoutRulesIsNotBuilt(t *testing.T) {
	w := &world{}
	d := deps(t, w)
	_, err := rpcserver.New(rpcserver.Config{}, d).Add(echo.Desc(echo.Unruled), w).Build()
	if err == nil {
		t.Fatal("it was built")
	}
	for _, method := range []string{"Missing", "Empty", "PublicRole", "PersonRole", "Unspecified", "Nameless"} {
		if !strings.Contains(err.Error(), echo.Unruled+"."+method) {
			t.Errorf("%s is not named in: %v", method, err)
		}
	}
}

func TestWhatElseIsNotBuilt(t *testing.T) {
	w := &world{}
	d := deps(t, w)
	good := echo.Desc(echo.Service)
	unknown := *good
	unknown.ServiceName = "throughtrain.nowhere.v1.Service"
	tests := map[string]*rpcserver.Builder{
		"no implementation":    rpcserver.New(rpcserver.Config{}, d).Add(good, nil),
		"wrong implementation": rpcserver.New(rpcserver.Config{}, d).Add(good, "string"),
		"twice":                rpcserver.New(rpcserver.Config{}, d).Add(good, w).Add(good, w),
		"no contract":          rpcserver.New(rpcserver.Config{}, d).Add(&unknown, w),
		"nothing to work with": rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: zap.NewNop()}).Add(good, w),
	}
	for name, b := range tests {
		if _, err := b.Build(); err == nil {
			t.Errorf("%s: it was built", name)
		}
	}
}

func TestAnotherCityIsAsIfMissing(t *testing.T) {
	missing := fault.New(fault.NotFound, "THING_NOT_FOUND", "未找到", "not found")
	w := start(t, rpcserver.Config{}, func(d *rpcserver.Deps) { d.NotFound = func(string) *fault.Error { return missing } })
	person := w.as()
	for name, m := range map[string]echo.Message{
		"name":            echo.New("x").Set("name", "cities/410700/things/1"),
		"nothing after":   echo.New("x").Set("name", "cities/410700"),
		"longer code":     echo.New("x").Set("name", "cities/4109001/things/1"),
		"no code":         echo.New("x").Set("name", "cities/"),
		"by pattern":      echo.New("x").Set("unit", "cities/410700/units/A"),
		"inside":          echo.New("x").Item("name", "cities/410700/things/1"),
		"inside a list":   echo.New("x").AddItem("name", "cities/410900/a").AddItem("name", "cities/410700/a"),
		"before validity": echo.New("").Set("name", "cities/410700/things/1"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := echo.Call(person, w.conn, echo.Person, m)
			expect(t, err, "THING_NOT_FOUND")
		})
	}
	for name, m := range map[string]echo.Message{
		"own city":             echo.New("x").Set("name", "cities/410900/things/1").Item("name", "cities/410900"),
		"text that looks so":   echo.New("cities/410700/things/1"),
		"another sort of name": echo.New("x").Set("name", "things/1"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := echo.Call(person, w.conn, echo.Person, m)
			expect(t, err, "")
		})
	}
	t.Run("a service belongs to no city", func(t *testing.T) {
		_, err := echo.Call(t.Context(), w.conn, echo.Peer, echo.New("x").Set("name", "cities/410700/things/1"))
		expect(t, err, "")
	})
}

func TestAReplayIsAskedForOnlyWhenTheRequestIsNoLongerValid(t *testing.T) {
	asked := 0
	w := start(t, rpcserver.Config{}, func(d *rpcserver.Deps) {
		d.Replay = func(ctx context.Context, method string, m proto.Message) (proto.Message, bool, error) {
			asked++
			if authn.FromContext(ctx).Person != "p1" || method != echo.Person {
				t.Errorf("replay for %q at %s", authn.FromContext(ctx).Person, method)
			}
			switch m.(echo.Message).GetRequestId() {
			case "known":
				return echo.New("as before"), true, nil
			case "other":
				return nil, false, fault.New(fault.Exists, "REQUEST_ID_REUSED", "编号已用", "used")
			}
			return nil, false, nil
		}
	})
	person := w.as()
	call := func(text, id string) (echo.Message, error) {
		return echo.Call(person, w.conn, echo.Person, echo.New(text).Set("request_id", id))
	}
	if m, err := call("", "known"); err != nil || m.Text() != "as before" {
		t.Errorf("%v, %v", m, err)
	}
	_, err := call("", "other")
	expect(t, err, "REQUEST_ID_REUSED")
	_, err = call("", "new")
	expect(t, err, "REQUEST_INVALID")
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
	if _, err := call("fine", "known"); err != nil || asked != 3 {
		t.Errorf("asked for a sound request: %v", err)
	}
	_, err = call("", "")
	expect(t, err, "REQUEST_INVALID")
	if asked != 3 {
		t.Error("asked without a request id")
	}
}
