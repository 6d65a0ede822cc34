package guard

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestSeats(t *testing.T) {
	for length, want := range map[int64]int{0: 0, 1: 1, seatBytes: 1, seatBytes + 1: 2, MaxBody: 16, -1: 16, MaxBody * 100: 16} {
		if got := seatsFor(length); got != want {
			t.Errorf("%d bytes take %d seats, not %d", length, got, want)
		}
	}
	s := newSeats(maxSeats, maxSeatsFrom)
	if !s.take("192.0.2.1", maxSeatsFrom) || s.take("192.0.2.1", 1) || !s.take("192.0.2.2", 1) || !s.take("192.0.2.1", 0) {
		t.Error("an address does not get exactly its share")
	}
	if !s.take("2001:db8::1", maxSeatsFrom) || s.take("2001:db8::2", 1) || s.take("::ffff:192.0.2.1", 1) || !s.take("2001:db8:0:1::1", 1) {
		t.Error("a network of IPv6 is not one address, or an address is two")
	}
	s.leave("192.0.2.1", maxSeatsFrom)
	s.leave("192.0.2.2", 1)
	s.leave("2001:db8::1", maxSeatsFrom)
	s.leave("2001:db8:0:1::1", 1)
	if s.taken != 0 || len(s.by) != 0 {
		t.Errorf("%d seats are still taken, by %v", s.taken, s.by)
	}
}

func TestClientAddress(t *testing.T) {
	_, inside, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from      string
		forwarded []string
		want      string
	}{
		"nobody between":               {"192.0.2.1:9", nil, "192.0.2.1"},
		"a claim of a stranger":        {"192.0.2.1:9", []string{"198.51.100.7"}, "192.0.2.1"},
		"a proxy":                      {"10.0.0.1:9", []string{"198.51.100.7"}, "198.51.100.7"},
		"two proxies":                  {"10.0.0.1:9", []string{"198.51.100.7, 10.0.0.2"}, "198.51.100.7"},
		"a claim before a proxy":       {"10.0.0.1:9", []string{"203.0.113.5, 198.51.100.7"}, "198.51.100.7"},
		"a claim in a line of its own": {"10.0.0.1:9", []string{"203.0.113.5", "198.51.100.7"}, "198.51.100.7"},
		"a proxy that says nothing":    {"10.0.0.1:9", nil, "10.0.0.1"},
		"a proxy that says nonsense":   {"10.0.0.1:9", []string{"unknown"}, "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: c.from, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := ClientAddress(r, []*net.IPNet{inside}); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

func TestOverTLS(t *testing.T) {
	_, inside, err := net.ParseCIDR("10.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from string
		said []string
		want bool
	}{
		"a stranger":                  {"192.0.2.1:9", nil, false},
		"a claim of a stranger":       {"192.0.2.1:9", []string{"https"}, false},
		"a proxy":                     {"10.0.0.1:9", []string{"https"}, true},
		"a proxy in the clear":        {"10.0.0.1:9", []string{"http"}, false},
		"a proxy that says nothing":   {"10.0.0.1:9", nil, false},
		"a claim before a proxy":      {"10.0.0.1:9", []string{"https, http"}, false},
		"in a line of its own before": {"10.0.0.1:9", []string{"http", "HTTPS"}, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-Proto"] = c.from, c.said
		if got := OverTLS(r, []*net.IPNet{inside}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		w := httptest.NewRecorder()
		New(http.NotFoundHandler(), Options{Proxies: []*net.IPNet{inside}}).ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security") != ""; got != c.want {
			t.Errorf("%s: told to stay encrypted: %v", name, got)
		}
	}
}
