package standalone_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// spans keeps what is exported.
type spans struct {
	mu  sync.Mutex
	all tracetest.SpanStubs
}

func (s *spans) ExportSpans(_ context.Context, some []sdk.ReadOnlySpan) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, tracetest.SpanStubsFromReadOnlySpans(some)...)
	return nil
}

func (s *spans) Shutdown(context.Context) error { return nil }

// watched is a product with everything that can be seen of it: a log of every line, metrics, and every trace.
type watched struct {
	*booted
	log     bytes.Buffer
	metrics *prometheus.Registry
	spans   spans
	flush   func(context.Context) error
}

func watch(t *testing.T, with ...func(*standalone.Config)) *watched {
	t.Helper()
	w := &watched{metrics: observe.NewRegistry()}
	w.flush = observe.TraceTo(&w.spans, 1, "throughtrain", "test")
	log, err := observe.NewLogger(observe.LogConfig{Level: "debug", Format: "json"}, &w.log)
	if err != nil {
		t.Fatal(err)
	}
	w.booted = boot(t, t.TempDir(), append(with, func(c *standalone.Config) {
		c.Log, c.Metrics, c.Tracing = log, w.metrics, true
	})...)
	return w
}

// seen stops the product, so that all that there is to see has been said.
func (w *watched) seen() {
	w.t.Helper()
	w.shut()
	if err := w.flush(context.WithoutCancel(w.t.Context())); err != nil {
		w.t.Fatal(err)
	}
}

// TestOneFilingIsOneTrace follows a filing from the request through the services' calls and databases to everybody whom its events concern.
func TestOneFilingIsOneTrace(t *testing.T) {
	w := watch(t)
	filer := w.byCode("13800138000")
	w.want(filer.text("accessToken"), http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水两天。", "category": "0302"})
	w.idle()
	w.seen()

	const root = "POST /v1/{parent=cities/*}/tickets"
	at := slices.IndexFunc(w.spans.all, func(s tracetest.SpanStub) bool { return s.Name == root })
	if at < 0 {
		t.Fatal("the request has no span")
	}
	of := w.spans.all[at].SpanContext.TraceID()
	ids, names := map[trace.SpanID]bool{}, map[string]int{}
	for _, s := range w.spans.all {
		if s.SpanContext.TraceID() == of {
			ids[s.SpanContext.SpanID()] = true
			names[s.Name]++
		}
	}
	for _, s := range w.spans.all {
		if s.SpanContext.TraceID() == of && s.Name != root && !ids[s.Parent.SpanID()] {
			t.Errorf("%s hangs in the air", s.Name)
		}
	}
	for _, want := range []string{root, "throughtrain.hotline.v1.TicketService/CreateTicket", "COMMIT", "follow hotline", "follow attendant", "follow board"} {
		if names[want] == 0 {
			t.Errorf("%s is not in the trace: %v", want, names)
		}
	}
	if n := names["throughtrain.hotline.v1.TicketService/CreateTicket"]; n != 2 { // the caller's and the called one's
		t.Errorf("%d spans of the call", n)
	}
}

// TestNobodyOutsideDecidesWhatIsTraced: a client's trace is linked, and neither joined nor sampled on its word.
func TestNobodyOutsideDecidesWhatIsTraced(t *testing.T) {
	w := watch(t)
	const theirs = "4bf92f3577b34da6a3ce929d0e0e4736"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.base+city, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Traceparent", "00-"+theirs+"-00f067aa0ba902b7-00") // not sampled
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	w.seen()
	linked := false
	for _, s := range w.spans.all {
		if s.SpanContext.TraceID().String() == theirs {
			t.Errorf("%s joined a stranger's trace", s.Name)
		}
		for _, link := range s.Links {
			linked = linked || link.SpanContext.TraceID().String() == theirs
		}
	}
	if !linked {
		t.Error("their trace is not linked")
	}
}

// TestNothingPersonalIsSeen files and fails with marked words in every place that takes words, and looks for them wherever an operator looks. Every
// line of a request names it and its trace.
func TestNothingPersonalIsSeen(t *testing.T) {
	const phone, other = "13912345678", "13787654321"
	words := []string{phone, other, "欧阳马克", "绝密标题", "绝密正文", "绝密留言", "绝密筛选", "绝密路径", "绝密字段", "绝密参数", "绝密企业", "13600001111"}
	w := watch(t)
	filer := w.byCode(phone)
	token := filer.text("accessToken")
	filed := w.want(token, http.MethodPost, city+"/tickets", fields{"title": "绝密标题", "body": "绝密正文，联系13600001111。", "category": "0302",
		"contact": fields{"name": "欧阳马克", "phone": other}})
	name := "/v1/" + filed.text("name")
	w.want(token, http.MethodGet, name, nil)
	w.want(token, http.MethodPost, name+":withdraw", fields{"reason": "绝密留言"})
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, city + "/tickets", fields{"body": "绝密正文", "绝密字段": "x"}},
		{http.MethodPost, city + "/tickets", fields{"body": "绝密正文", "contact": fields{"name": strings.Repeat("欧阳马克", 99), "phone": phone + "9"}}},
		{http.MethodPost, city + "/tickets", fields{"body": strings.Repeat("绝密正文", 9999)}},
		{http.MethodPost, city + "/tickets", fields{"body": "绝密正文", "category": "绝密字段"}},
		{http.MethodPost, city + "/tickets", fields{"body": "绝密正文", "category": phone}},
		{http.MethodPost, name + ":withdraw", fields{"reason": "绝密留言"}},
		{http.MethodGet, city + "/tickets?" + url.Values{"filter": {`title = "绝密筛选"`}}.Encode(), nil},
		{http.MethodGet, city + "/tickets?" + url.Values{"filter": {`绝密筛选 = "` + phone + `"`}}.Encode(), nil},
		{http.MethodGet, city + "/tickets?" + url.Values{"绝密参数": {phone}}.Encode(), nil},
		{http.MethodGet, city + "/tickets/" + url.PathEscape("绝密路径"), nil},
		{http.MethodGet, city + "/tickets/" + phone, nil},
		{http.MethodGet, "/v1/" + url.PathEscape("绝密路径"), nil},
		{http.MethodPost, city + "/sessions:signInWithPassword", fields{"login": "欧阳马克", "password": "绝密字段"}},
		{http.MethodPost, city + "/enterprises", fields{"displayName": "绝密企业", "contactPhone": phone}},
	} {
		w.call(token, c.method, c.path, c.body)
	}
	w.idle()
	w.seen()

	w.nowhere("the log", w.log.String(), words)
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	w.nowhere("the metrics", fmt.Sprint(families), words)
	for _, s := range w.spans.all {
		text := fmt.Sprint(s.Name, s.Status, s.Events, s.Links)
		for _, a := range s.Attributes {
			text += fmt.Sprint(" ", a.Key, "=", a.Value.Emit())
		}
		w.nowhere("a span", text, words)
	}
	if len(w.spans.all) < 20 {
		t.Errorf("only %d spans", len(w.spans.all))
	}
	w.linesNameTheirRequest()
}

func (w *watched) nowhere(where, text string, words []string) {
	w.t.Helper()
	for _, word := range words {
		for _, form := range []string{word, url.PathEscape(word), fmt.Sprintf("%q", word), fmt.Sprintf("%+q", word)} {
			if at := strings.Index(text, strings.Trim(form, `"`)); at >= 0 {
				w.t.Errorf("%s shows %s: …%s…", where, word, text[max(0, at-200):min(len(text), at+200)])
			}
		}
	}
}

func (w *watched) linesNameTheirRequest() {
	w.t.Helper()
	requests, calls := 0, 0
	for _, text := range strings.Split(strings.TrimSpace(w.log.String()), "\n") {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			w.t.Fatalf("%v: %s", err, text)
		}
		switch line["msg"] {
		case "request":
			requests++
		case "call":
			if method, _ := line["method"].(string); strings.HasPrefix(method, "/throughtrain.feed.") {
				continue // nobody's request
			}
			calls++
		default:
			continue
		}
		if line["request_id"] == nil || line["trace_id"] == nil {
			w.t.Errorf("a line does not say of which request it is: %s", text)
		}
	}
	if requests < 15 || calls < 10 {
		w.t.Errorf("%d lines of requests, %d of calls", requests, calls)
	}
}
