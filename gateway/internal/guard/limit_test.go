package guard_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/limit"
)

// An address that sends too many requests is told when to come back, and keeps nobody else out, nor itself from the app.
func TestRequestsOfAnAddress(t *testing.T) {
	wall := movable.New(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	_, proxies, err := net.ParseCIDR("192.0.2.0/24") // where httptest's requests come from
	if err != nil {
		t.Fatal(err)
	}
	h := guard.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), guard.Options{
		Limiter: limit.NewLocal(wall), PerAddress: limit.Rate{Most: 3, Per: time.Minute}, Proxies: []*net.IPNet{proxies},
		AtHand: func(r *http.Request) bool { return r.URL.Path == "/app" },
	})
	ask := func(path, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("X-Forwarded-For", from)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for i := range 3 {
		if w := ask("/v1/x", "2001:db8::"+strconv.Itoa(i+1)); w.Code != http.StatusNoContent {
			t.Errorf("request %d: %d", i, w.Code)
		}
	}
	w := ask("/v1/x", "2001:db8::9")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "20" {
		t.Errorf("%d, come back after %q", w.Code, w.Header().Get("Retry-After"))
	}
	if ask("/v1/x", "198.51.100.7").Code != http.StatusNoContent || ask("/app", "2001:db8::9").Code != http.StatusNoContent {
		t.Error("another address, or the app, is refused")
	}
	wall.Advance(20 * time.Second)
	if ask("/v1/x", "2001:db8::9").Code != http.StatusNoContent {
		t.Error("refused when it comes back")
	}
}
