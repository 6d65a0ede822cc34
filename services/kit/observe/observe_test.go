package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLinesCarryTheirRequestAndTrace(t *testing.T) {
	var out bytes.Buffer
	log, err := observe.NewLogger(observe.LogConfig{Level: "info", Format: "json"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(observe.WithRequestID(t.Context(), "r1"), span)
	log.Debug("unseen")
	log.Info("seen", append(observe.Fields(ctx), zap.String("text", "a\nb\x1b[31m"))...)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %q", err, out.String())
	}
	if line["msg"] != "seen" || line["request_id"] != "r1" || line["trace_id"] != span.TraceID().String() {
		t.Errorf("line %v", line)
	}
	if strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "\x1b") {
		t.Errorf("control characters get through: %q", out.String())
	}
	if observe.Fields(t.Context()) != nil {
		t.Error("fields out of nothing")
	}
}

func TestConsoleDoesNotLetControlCharactersThroughEither(t *testing.T) {
	var out bytes.Buffer
	log, err := observe.NewLogger(observe.LogConfig{Level: "debug", Format: "console"}, &out)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("seen", zap.String("text", "a\nb\x1b[31m"))
	if strings.Count(out.String(), "\n") != 1 || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q", out.String())
	}
}

func TestLoggersThatCannotBe(t *testing.T) {
	for _, c := range []observe.LogConfig{{Level: "loud", Format: "json"}, {Level: "info", Format: "xml"}} {
		if _, err := observe.NewLogger(c, io.Discard); err == nil {
			t.Errorf("%+v was made", c)
		}
	}
}

func TestAcceptRequestID(t *testing.T) {
	for _, good := range []string{"a", "0194f0-AZ_9.x", strings.Repeat("x", 64)} {
		if id, ok := observe.AcceptRequestID(good); !ok || id != good {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", strings.Repeat("x", 65), "a b", "a\nb", "é", "<script>"} {
		if id, ok := observe.AcceptRequestID(bad); ok || id == bad || id == "" {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestAdmin(t *testing.T) {
	ready := &observe.Readiness{}
	handler := observe.AdminHandler(observe.NewRegistry(), ready)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	for path, says := range map[string]string{"/metrics": "go_goroutines", "/healthz": `"ok"`, "/readyz": `"ok"`, "/debug/pprof/": "goroutine"} {
		if code, body := get(path); code != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := get("/debug/pprof/cmdline"); code != http.StatusNotFound {
		t.Errorf("cmdline: %d", code)
	}
	ready.Add("fine", func(context.Context) error { return nil })
	ready.Add("database", func(context.Context) error { return errors.New("gone") })
	if code, body := get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, `"database":"gone"`) || strings.Contains(body, "fine") {
		t.Errorf("not ready: %d %s", code, body)
	}
	if code, _ := get("/healthz"); code != http.StatusOK {
		t.Errorf("not ready is not dead: %d", code)
	}
}

func TestServeAdminStopsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- observe.ServeAdmin(ctx, listener, observe.AdminHandler(observe.NewRegistry(), &observe.Readiness{}))
	}()
	response, err := http.Get("http://" + listener.Addr().String() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) && err != nil {
		t.Error(err)
	}
}

func TestTracing(t *testing.T) {
	var off observe.TraceConfig
	stop, err := observe.StartTracing(t.Context(), off, "test", "dev")
	if err != nil || off.Enabled() {
		t.Fatal(err)
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	// Nobody listens there; with nothing traced there is nothing to send, and stopping is quick.
	on := observe.TraceConfig{TraceEndpoint: "http://127.0.0.1:1", TraceRatio: 1}
	if stop, err = observe.StartTracing(t.Context(), on, "test", "dev"); err != nil {
		t.Fatal(err)
	}
	if err := stop(t.Context()); err != nil {
		t.Error(err)
	}
	if (&observe.TraceConfig{TraceRatio: 2}).Validate() == nil || on.Validate() != nil {
		t.Error("ratios are not checked")
	}
}
