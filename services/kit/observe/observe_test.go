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

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
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

// TestASlowCallLeadsToItsTrace: the histogram that a traced call is counted in names its trace, to who asks for OpenMetrics.
func TestASlowCallLeadsToItsTrace(t *testing.T) {
	registry := observe.NewRegistry()
	seconds := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "seconds", Buckets: []float64{1}})
	registry.MustRegister(seconds)
	at := func(flags trace.TraceFlags) context.Context {
		return trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{byte(flags) + 1}, SpanID: trace.SpanID{1}, TraceFlags: flags}))
	}
	observe.Exemplify(t.Context(), seconds, .5)
	observe.Exemplify(at(0), seconds, .5) // not sampled: there is no trace to look at
	get := func(accept string) string {
		r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		observe.AdminHandler(registry, &observe.Readiness{}).ServeHTTP(w, r)
		return w.Body.String()
	}
	const open = "application/openmetrics-text; version=1.0.0"
	if text := get(open); strings.Contains(text, "trace_id") || !strings.Contains(text, `seconds_bucket{le="1.0"} 2`) {
		t.Errorf("untraced: %s", text)
	}
	observe.Exemplify(at(trace.FlagsSampled), seconds, .5)
	if text := get(open); !strings.Contains(text, `seconds_bucket{le="1.0"} 3 # {trace_id="02000000000000000000000000000000"} 0.5`) {
		t.Errorf("traced: %s", text)
	}
	if text := get("text/plain"); strings.Contains(text, "trace_id") {
		t.Errorf("exemplars in a form that has none: %s", text)
	}
}

func TestTheDiskIsWatched(t *testing.T) {
	registry := prometheus.NewRegistry()
	if err := observe.WatchDisk(registry, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		values[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
	}
	if free, size := values["throughtrain_disk_free_bytes"], values["throughtrain_disk_size_bytes"]; free <= 0 || size < free {
		t.Errorf("%v of %v bytes are free", free, size)
	}
	gone := prometheus.NewRegistry()
	if err := observe.WatchDisk(gone, "/does/not/exist"); err != nil {
		t.Fatal(err)
	}
	if families, err := gone.Gather(); err != nil || len(families) > 0 {
		t.Errorf("a folder that is not there: %v %v", families, err)
	}
}

// sink keeps what is exported.
type sink struct{ spans []sdk.ReadOnlySpan }

func (s *sink) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	s.spans = append(s.spans, spans...)
	return nil
}
func (s *sink) Shutdown(context.Context) error { return nil }

// TestSpansDoNotRepeatErrors: what a library says of an error may hold what somebody sent.
func TestSpansDoNotRepeatErrors(t *testing.T) {
	var out sink
	stop := observe.TraceTo(&out, 1, "test", "dev")
	_, span := otel.Tracer("test").Start(t.Context(), "work")
	span.RecordError(errors.New("13800138000"))
	span.SetStatus(codes.Error, "13800138000")
	span.End()
	if err := stop(t.Context()); err != nil || len(out.spans) != 1 {
		t.Fatal(err, len(out.spans))
	}
	if s := out.spans[0]; s.Status().Code != codes.Error || s.Status().Description != "" || len(s.Events()) > 0 {
		t.Errorf("%v %v", s.Status(), s.Events())
	}
}
