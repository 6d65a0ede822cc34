package suite

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTheFrontGoesRound: what could not be handed to one gateway goes to the next with its whole body; what one received is handed to no other.
func TestTheFrontGoesRound(t *testing.T) {
	var calls atomic.Int64
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/dies" {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, r.Host+" "+r.Header.Get("X-Forwarded-For")+" "+string(body))
	}))
	defer gateway.Close()
	gone, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	alive := gateway.Listener.Addr().String()
	front := httptest.NewServer(newFront([]string{gone.Addr().String(), alive}).handler())
	defer front.Close()
	post := func(base, path string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+path, strings.NewReader("诉求"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Forwarded-For", "192.0.2.1") // said by somebody whom nobody has reason to believe
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	for range 4 {
		if code, body := post(front.URL, "/"); code != http.StatusOK || body != front.Listener.Addr().String()+" 127.0.0.1 诉求" {
			t.Errorf("%d %s", code, body)
		}
	}
	calls.Store(0)
	if code, _ := post(front.URL, "/dies"); code != http.StatusBadGateway || calls.Load() != 1 {
		t.Errorf("%d after %d calls", code, calls.Load())
	}
	alone := httptest.NewServer(newFront([]string{gone.Addr().String()}).handler())
	defer alone.Close()
	if code, body := post(alone.URL, "/"); code != http.StatusBadGateway || !strings.Contains(body, `"code": 14`) {
		t.Errorf("with nobody behind it: %d %s", code, body)
	}
}
