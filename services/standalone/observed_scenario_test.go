//go:build scenario

package standalone_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
)

// collected is a collector of traces: what each process sent of them.
type collected struct {
	collector.UnimplementedTraceServiceServer

	mu    sync.Mutex
	spans []span
	texts []string
	more  chan struct{} // closed when there are more
}

type span struct{ process, trace, id, parent, name string }

func (c *collected) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range r.GetResourceSpans() {
		process := ""
		for _, a := range from.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				process = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range from.GetScopeSpans() {
			for _, s := range scope.GetSpans() {
				c.spans = append(c.spans, span{process, hex.EncodeToString(s.GetTraceId()), hex.EncodeToString(s.GetSpanId()), hex.EncodeToString(s.GetParentSpanId()), s.GetName()})
				c.texts = append(c.texts, textOf(s))
			}
		}
	}
	close(c.more)
	c.more = make(chan struct{})
	return &collector.ExportTraceServiceResponse{}, nil
}

// textOf is all that is said in a span.
func textOf(s *tracev1.Span) string {
	return fmt.Sprint(s.GetName(), s.GetAttributes(), s.GetEvents(), s.GetStatus(), s.GetTraceState())
}

// of returns the spans of one trace, and what tells of more.
func (c *collected) of(trace string) (spans []span, more <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.trace == trace {
			spans = append(spans, s)
		}
	}
	return spans, c.more
}

// root is the trace that a request to the gateway began.
func (c *collected) root(name string) (trace string, more <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.process == "gateway" && s.name == name && strings.Trim(s.parent, "0") == "" {
			return s.trace, c.more
		}
	}
	return "", c.more
}

// TestTheSuiteIsSeen files with marked words at processes that run apart: one filing is one trace through all of them, whatever lies between; the metrics of
// each process lead to traces; every line of a log names its request; and the words are nowhere.
func TestTheSuiteIsSeen(t *testing.T) {
	c := &collected{more: make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	t.Setenv("THROUGHTRAIN_TRACE_ENDPOINT", "http://"+listener.Addr().String())
	t.Setenv("THROUGHTRAIN_TRACE_RATIO", "1")
	t.Setenv("THROUGHTRAIN_LOG_LEVEL", "debug")
	t.Setenv("THROUGHTRAIN_LOG_FORMAT", "json")
	s := startSuite(t)

	words := []string{"欧阳马克", "绝密标题", "绝密正文", "13600001111", "13787654321"}
	token := s.want("", "/v1/demo:signIn", "", fields{"persona": "entrepreneur"}).text("accessToken")
	s.want(token, city+"/tickets", "seen", fields{"title": "绝密标题", "body": "绝密正文，联系13600001111。", "category": "0302", "contact": fields{"name": "欧阳马克", "phone": "13787654321"}})

	const filing = "POST /v1/{parent=cities/*}/tickets"
	within, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	wanted := []span{
		{process: "gateway", name: filing}, {process: "gateway", name: "throughtrain.hotline.v1.TicketService/CreateTicket"}, {process: "hotline", name: "throughtrain.hotline.v1.TicketService/CreateTicket"},
		{process: "hotline", name: "COMMIT"}, {process: "hotline", name: "follow board"}, {process: "attendant", name: "follow hotline"}, {process: "hotline", name: "follow attendant"},
	}
	for missing := wanted; len(missing) > 0; {
		trace, more := c.root(filing)
		spans := []span{}
		if trace != "" {
			spans, more = c.of(trace)
		}
		missing = nil
		for _, want := range wanted {
			found := false
			for _, s := range spans {
				found = found || s.process == want.process && s.name == want.name
			}
			if !found {
				missing = append(missing, want)
			}
		}
		if len(missing) == 0 {
			break
		}
		select {
		case <-more:
		case <-within.Done():
			t.Fatalf("not in the trace: %v; in it: %v", missing, spans)
		}
	}

	exemplars := 0
	for process, admin := range adminsOf(s.text) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", "application/openmetrics-text; version=1.0.0")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("metrics of %s: %d %v", process, response.StatusCode, err)
		}
		nowhereIn(t, "the metrics of "+process, string(text), words)
		exemplars += strings.Count(string(text), `# {trace_id="`)
	}
	if exemplars == 0 {
		t.Error("no metric leads to a trace")
	}
	s.stop()

	c.mu.Lock()
	nowhereIn(t, "a span", strings.Join(c.texts, "\n"), words)
	c.mu.Unlock()
	log, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	nowhereIn(t, "the log", string(log), words)
	named := map[string]int{}
	for _, text := range strings.Split(string(log), "\n") {
		at := strings.Index(text, "{")
		var line map[string]any
		if at < 0 || json.Unmarshal([]byte(text[at:]), &line) != nil {
			continue // of PostgreSQL or Redis
		}
		if method, _ := line["method"].(string); line["msg"] != "request" && line["msg"] != "call" || strings.HasPrefix(method, "/throughtrain.feed.") || strings.HasPrefix(method, "/grpc.health.") {
			continue
		}
		if line["request_id"] == nil || line["trace_id"] == nil {
			t.Errorf("a line does not say of which request it is: %s", text)
		}
		named[fmt.Sprint(line["msg"])]++
	}
	if named["request"] < 2 || named["call"] < 3 {
		t.Errorf("lines of the log: %v", named)
	}
}

// adminsOf reads from the table of a suite where operators look into each process.
func adminsOf(text string) map[string]string {
	admins := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^ +([a-z]+-\d) +\S+ +(127\.0\.0\.1:\d+) +\d+$`).FindAllStringSubmatch(text, -1) {
		admins[row[1]] = row[2]
	}
	return admins
}

func nowhereIn(t *testing.T, where, text string, words []string) {
	t.Helper()
	for _, word := range words {
		for _, form := range []string{word, url.PathEscape(word), strings.Trim(fmt.Sprintf("%+q", word), `"`)} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s shows %s: …%s…", where, word, text[max(0, at-200):min(len(text), at+200)])
			}
		}
	}
}
