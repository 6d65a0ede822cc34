package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/throughtrain/throughtrain/gateway"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// hotline is a hotline with behaviour: it files what it is given and remembers how it was asked.
type hotline struct {
	hotlinev1.UnimplementedTicketServiceServer
	got  *hotlinev1.CreateTicketRequest
	sign *hotlinev1.SignTicketRequest
	list *hotlinev1.ListTicketsRequest
	meta metadata.MD
	fail *fault.Error
}

func (h *hotline) CreateTicket(ctx context.Context, r *hotlinev1.CreateTicketRequest) (*hotlinev1.Ticket, error) {
	h.got = r
	h.meta, _ = metadata.FromIncomingContext(ctx)
	if h.fail != nil {
		return nil, wire.Status(h.fail).Err()
	}
	return &hotlinev1.Ticket{Name: r.GetParent() + "/tickets/0192", State: hotlinev1.Ticket_FILED, Etag: "1", Body: r.GetBody()}, nil
}

func (h *hotline) SignTicket(_ context.Context, r *hotlinev1.SignTicketRequest) (*hotlinev1.Ticket, error) {
	h.sign = r
	return &hotlinev1.Ticket{Name: r.GetName(), Etag: "2"}, nil
}

func (h *hotline) ListTickets(_ context.Context, r *hotlinev1.ListTicketsRequest) (*hotlinev1.ListTicketsResponse, error) {
	h.list = r
	return &hotlinev1.ListTicketsResponse{}, nil
}

type sessions struct {
	directoryv1.UnimplementedSessionServiceServer
}

func (sessions) GetKeys(context.Context, *directoryv1.GetKeysRequest) (*directoryv1.GetKeysResponse, error) {
	return &directoryv1.GetKeysResponse{Jwks: []byte(`{"keys":[]}`)}, nil
}

type rig struct {
	*httptest.Server
	hotline *hotline
	health  *health.Server
}

func newRig(t *testing.T) *rig {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	r := &rig{hotline: &hotline{}, health: health.NewServer()}
	hotlinev1.RegisterTicketServiceServer(server, r.hotline)
	directoryv1.RegisterSessionServiceServer(server, sessions{})
	healthv1.RegisterHealthServer(server, r.health)
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := gateway.New(t.Context(), gateway.Upstreams{Directory: conn, Hotline: conn, Attendant: conn, Agency: conn}, gateway.Options{Demo: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Server = httptest.NewServer(handler)
	t.Cleanup(func() { r.Close(); _ = conn.Close(); server.Stop() })
	return r
}

type answer struct {
	status int
	header http.Header
	text   string
	body   struct {
		Code    *int             `json:"code"`
		Message string           `json:"message"`
		Details []map[string]any `json:"details"`
	}
}

func (a *answer) reason() string {
	for _, d := range a.body.Details {
		if d["@type"] == "type.googleapis.com/google.rpc.ErrorInfo" {
			return d["reason"].(string)
		}
	}
	return ""
}

func (a *answer) texts() (zh, en string) {
	for _, d := range a.body.Details {
		switch {
		case d["locale"] == "zh-CN":
			zh = d["message"].(string)
		case d["locale"] == "en":
			en = d["message"].(string)
		}
	}
	return zh, en
}

func (r *rig) do(t *testing.T, method, path, body string, header ...string) *answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := &answer{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.body)
	return a
}

const tickets = "/v1/cities/410900/tickets"

func TestBadInputIsRefusedByName(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		reason                   string
	}{
		{name: "unknown field", method: "POST", path: tickets, body: `{"body":"x","tittle":"y"}`, status: 400, reason: "UNKNOWN_FIELD"},
		{name: "unknown nested field", method: "POST", path: tickets, body: `{"body":"x","contact":{"fone":"1"}}`, status: 400, reason: "UNKNOWN_FIELD"},
		{name: "the path's field in the body", method: "POST", path: tickets, body: `{"body":"x","parent":"cities/410901"}`, status: 400, reason: "UNKNOWN_FIELD"},
		{name: "wrong type", method: "POST", path: tickets, body: `{"body":5}`, status: 400, reason: "FIELD_VALUE_INVALID"},
		{name: "unknown enum word", method: "POST", path: tickets, body: `{"body":"x","urgency":"SOON"}`, status: 400, reason: "FIELD_VALUE_INVALID"},
		{name: "duplicate key", method: "POST", path: tickets, body: `{"body":"x","body":"y"}`, status: 400, reason: "JSON_INVALID"},
		{name: "duplicate key by another spelling", method: "POST", path: tickets, body: `{"body":"x","appealType":"a","appeal_type":"b"}`, status: 400, reason: "JSON_INVALID"},
		{name: "trailing value", method: "POST", path: tickets, body: `{"body":"x"} {}`, status: 400, reason: "JSON_INVALID"},
		{name: "cut off", method: "POST", path: tickets, body: `{"body":"x"`, status: 400, reason: "JSON_INVALID"},
		{name: "array", method: "POST", path: tickets, body: `["x"]`, status: 400, reason: "JSON_INVALID"},
		{name: "null", method: "POST", path: tickets, body: `null`, status: 400, reason: "JSON_INVALID"},
		{name: "number beyond reach", method: "POST", path: tickets, body: `{"urgency":1e999}`, status: 400, reason: "FIELD_VALUE_INVALID"},
		{name: "deep", method: "POST", path: tickets, body: deep, status: 400, reason: "JSON_INVALID"},
		{name: "not UTF-8", method: "POST", path: tickets, body: "{\"body\":\"\xff\"}", status: 400, reason: "BODY_NOT_UTF8"},
		{name: "lone surrogate", method: "POST", path: tickets, body: `{"body":"\ud800"}`, status: 400, reason: "JSON_INVALID"},
		{name: "too large", method: "POST", path: tickets, body: `{"body":"` + strings.Repeat("x", 1<<20) + `"}`, status: 413, reason: "BODY_TOO_LARGE"},
		{name: "form", method: "POST", path: tickets, body: `body=x`, header: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, reason: "CONTENT_TYPE_UNSUPPORTED"},
		{name: "xml", method: "POST", path: tickets, body: `<a/>`, header: []string{"Content-Type", "application/xml"}, status: 415, reason: "CONTENT_TYPE_UNSUPPORTED"},
		{name: "other charset", method: "POST", path: tickets, body: `{}`, header: []string{"Content-Type", "application/json; charset=gbk"}, status: 415, reason: "CONTENT_TYPE_UNSUPPORTED"},
		{name: "gzip", method: "POST", path: tickets, body: `x`, header: []string{"Content-Encoding", "gzip"}, status: 415, reason: "CONTENT_ENCODING_UNSUPPORTED"},
		{name: "query on a POST", method: "POST", path: tickets + "?body=x", body: `{}`, status: 400, reason: "UNKNOWN_PARAMETER"},
		{name: "unknown parameter", method: "GET", path: tickets + "?pagesize=3", status: 400, reason: "UNKNOWN_PARAMETER"},
		{name: "unknown parameter where there is none", method: "GET", path: tickets + "/0192?view=full", status: 400, reason: "UNKNOWN_PARAMETER"},
		{name: "parameter that is no text", method: "GET", path: tickets + "?%ff=1", status: 400, reason: "UNKNOWN_PARAMETER"},
		{name: "path field in the query", method: "GET", path: tickets + "?parent=cities/1", status: 400, reason: "UNKNOWN_PARAMETER"},
		{name: "parameter twice", method: "GET", path: tickets + "?pageSize=3&pageSize=4", status: 400, reason: "PARAMETER_INVALID"},
		{name: "parameter not a number", method: "GET", path: tickets + "?pageSize=three", status: 400, reason: "PARAMETER_INVALID"},
		{name: "no route", method: "GET", path: "/v2/cities", status: 404, reason: "ROUTE_NOT_FOUND"},
		{name: "no verb", method: "POST", path: tickets + "/1:explode", body: `{}`, status: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "wrong method", method: "DELETE", path: tickets, status: 405, reason: "METHOD_NOT_ALLOWED"},
		{name: "request id twice", method: "POST", path: tickets, body: `{"body":"x","requestId":"a"}`, header: []string{"Idempotency-Key", "b"}, status: 400, reason: "HEADER_CONFLICT"},
		{name: "request id not UTF-8", method: "POST", path: tickets, body: `{"body":"x"}`, header: []string{"Idempotency-Key", "\xff"}, status: 400, reason: "REQUEST_INVALID"},
		{name: "version not UTF-8", method: "POST", path: tickets + "/1:sign", body: `{}`, header: []string{"If-Match", "\xff"}, status: 400, reason: "REQUEST_INVALID"},
		{name: "version of nothing", method: "POST", path: tickets + "/1:sign", body: `{}`, header: []string{"If-Match", `""`}, status: 400, reason: "REQUEST_INVALID"},
		{name: "another site", method: "POST", path: tickets, body: `{"body":"x"}`, header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403, reason: "CROSS_ORIGIN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newRig(t).do(t, c.method, c.path, c.body, c.header...)
			zh, en := a.texts()
			if a.status != c.status || a.reason() != c.reason || zh == "" || en == "" || a.body.Message != zh || a.body.Code == nil {
				t.Errorf("status %d reason %q, want %d %q: %s", a.status, a.reason(), c.status, c.reason, a.text)
			}
		})
	}
}

func TestHeadersReachTheMessage(t *testing.T) {
	r := newRig(t)
	a := r.do(t, "POST", tickets, `{"body":"停电"}`, "Idempotency-Key", "k-1", "Authorization", "Bearer t", "X-Service", "forged", "X-Client-Address", "9.9.9.9")
	if a.status != 200 || r.hotline.got.GetRequestId() != "k-1" || r.hotline.got.GetParent() != "cities/410900" || r.hotline.got.GetBody() != "停电" {
		t.Fatalf("%d %s, got %v", a.status, a.text, r.hotline.got)
	}
	if got := r.hotline.meta.Get("authorization"); len(got) != 1 || got[0] != "Bearer t" {
		t.Errorf("authorization %v", got)
	}
	if got := r.hotline.meta.Get("x-client-address"); len(got) != 1 || got[0] != "127.0.0.1" {
		t.Errorf("client address %v", got)
	}
	if len(r.hotline.meta.Get("x-service")) > 0 {
		t.Error("a foreign header went through")
	}
	if a.header.Get("ETag") != `"1"` {
		t.Errorf("ETag %q", a.header.Get("ETag"))
	}
	if !strings.Contains(a.text, `"rung"`) {
		t.Error("zero values vanished")
	}
	if a := r.do(t, "GET", tickets, "", "Grpc-Timeout", "1n"); a.status != 200 {
		t.Errorf("a client's own deadline: %d %s", a.status, a.text)
	}
	if a := r.do(t, "POST", tickets+"/0192:sign", "", "If-Match", `*`); a.status != 200 || r.hotline.sign.GetEtag() != "" {
		t.Errorf("any version: %d, etag %q", a.status, r.hotline.sign.GetEtag())
	}
	if a := r.do(t, "POST", tickets+"/0192:sign", "", "If-Match", `W/"7"`); a.status != 200 || r.hotline.sign.GetEtag() != "7" {
		t.Errorf("If-Match: %d, etag %q", a.status, r.hotline.sign.GetEtag())
	}
}

func TestQueryReachesTheMessage(t *testing.T) {
	r := newRig(t)
	a := r.do(t, "GET", tickets+"?pageSize=3&order_by=due_time&filter=state%3D%22FILED%22", "")
	if a.status != 200 || r.hotline.list.GetPageSize() != 3 || r.hotline.list.GetOrderBy() != "due_time" || r.hotline.list.GetFilter() != `state="FILED"` {
		t.Errorf("%d %s, got %v", a.status, a.text, r.hotline.list)
	}
}

func TestFaultsKeepReasonAndLanguage(t *testing.T) {
	r := newRig(t)
	r.hotline.fail = fault.New(fault.Exhausted, "CODE_LIMIT", "请稍候。", "Wait.").With("limit", "5").RetryIn(1500000000)
	a := r.do(t, "POST", tickets, `{"body":"x"}`, "Accept-Language", "en-GB,en;q=0.9,zh;q=0.2", "X-Request-Id", "abc-1")
	if a.status != 429 || a.reason() != "CODE_LIMIT" || a.body.Message != "Wait." || a.header.Get("Retry-After") != "2" || a.header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("%d %s %v", a.status, a.text, a.header)
	}
	for _, name := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "Cache-Control"} {
		if a.header.Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
}

func TestRequestIDsAreClean(t *testing.T) {
	r := newRig(t)
	if a := r.do(t, "GET", "/nowhere", "", "X-Request-Id", strings.Repeat("x", 500)); len(a.header.Get("X-Request-Id")) > 64 || a.header.Get("X-Request-Id") == "" {
		t.Errorf("id %q", a.header.Get("X-Request-Id"))
	}
}

func TestHealthFollowsTheServices(t *testing.T) {
	r := newRig(t)
	if a := r.do(t, "GET", "/healthz", ""); a.status != 200 {
		t.Errorf("ready: %d %s", a.status, a.text)
	}
	r.health.SetServingStatus("", healthv1.HealthCheckResponse_NOT_SERVING)
	if a := r.do(t, "GET", "/healthz", ""); a.status != 503 || a.reason() != "NOT_READY" || a.header.Get("Retry-After") == "" {
		t.Errorf("not ready: %d %s", a.status, a.text)
	}
}

func TestDocuments(t *testing.T) {
	r := newRig(t)
	for path, part := range map[string]string{"/openapi.json": `"openapi"`, "/docs/": "<h1>", "/docs/docs.js": "render", "/docs/docs.css": "--paper", "/.well-known/jwks.json": `"keys"`} {
		if a := r.do(t, "GET", path, ""); a.status != 200 || !strings.Contains(a.text, part) {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	page := r.do(t, "GET", "/docs/", "")
	if strings.Contains(page.text, "<script>") || strings.Contains(page.text, "style=") || !strings.Contains(page.header.Get("Content-Security-Policy"), "script-src 'self'") {
		t.Error("the page needs more than its policy allows")
	}
}

// A body that arrives piece by piece is decided only when it is whole.
func TestSlowBodyIsReadBeforeTheCall(t *testing.T) {
	r := newRig(t)
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+tickets, reader)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int, 1)
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			done <- 0
			return
		}
		response.Body.Close()
		done <- response.StatusCode
	}()
	for _, piece := range []string{`{"bo`, `dy":`, `"慢"`} {
		if _, err := writer.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
		if r.hotline.got != nil {
			t.Fatal("called before the body was whole")
		}
	}
	_, _ = writer.Write([]byte("}"))
	_ = writer.Close()
	if status := <-done; status != 200 || r.hotline.got.GetBody() != "慢" {
		t.Errorf("status %d", status)
	}
}

func BenchmarkFile(b *testing.B) {
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	hotlinev1.RegisterTicketServiceServer(server, &hotline{})
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///memory", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	handler, err := gateway.New(b.Context(), gateway.Upstreams{Directory: conn, Hotline: conn, Attendant: conn, Agency: conn}, gateway.Options{})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"title":"停电","body":"` + strings.Repeat("工业园区每天下午停电，生产线无法运行。", 10) + `"}`)
	b.ReportAllocs()
	for b.Loop() {
		request := httptest.NewRequest("POST", tickets, bytes.NewReader(body))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request)
		if w.Code != 200 {
			b.Fatal(w.Code, w.Body.String())
		}
	}
}

// TestTheAppIsAtTheRoot: its page under its own addresses, the documents and the one shape of failures where they were.
func TestTheAppIsAtTheRoot(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/", "/tickets/260101000017", "/board"} {
		if a := r.do(t, "GET", path, "", "Accept", "text/html,*/*;q=0.8"); a.status != 200 || !strings.Contains(a.text, "<html lang=") {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	for _, path := range []string{"/v1/nowhere", "/v1", "/web/nowhere", "/web/session:nothing", "/check", "/assets/none.js", "/assets/../v1/nowhere", "/assets/%2e%2e/index.html/x"} {
		if a := r.do(t, "GET", path, "", "Accept", "text/html"); a.status != 404 || a.reason() != "ROUTE_NOT_FOUND" {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	if a := r.do(t, "GET", "/tickets/260101000017", ""); a.status != 404 || a.reason() != "ROUTE_NOT_FOUND" {
		t.Errorf("who does not read pages: %d %s", a.status, a.text)
	}
}

// A name of another site that leads to this machine does not lead into a demonstration.
func TestADemonstrationIsReachedUnderItsOwnAddress(t *testing.T) {
	r := newRig(t)
	for host, want := range map[string]int{"evil.example:8080": 403, "localhost:8080": 200, "127.0.0.1": 200, "[::1]:8080": 200, "[::1]": 200, "10.0.0.1": 403} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", r.URL+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d", host, response.StatusCode)
		}
	}
}
