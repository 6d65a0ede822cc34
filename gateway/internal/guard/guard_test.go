package guard_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
)

// large is an answer that does not fit the server's buffer, so that the server sends it while the handler still runs.
var large = strings.Repeat("x", 64<<10)

func serve(t *testing.T, patience time.Duration) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(guard.New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, large)
	}), guard.Options{Patience: patience}))
	t.Cleanup(s.Close)
	return s
}

// send opens a connection and sends the beginning of a request.
func send(t *testing.T, s *httptest.Server, head string) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	return c
}

func status(t *testing.T, c net.Conn, within time.Duration) int {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("no answer within %v: %v", within, err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// TestABodyThatNeverComes: each request is answered when patience ends, whatever its method and whatever else is wrong with it.
// The server itself would wait for the body for ever before it sends an answer.
func TestABodyThatNeverComes(t *testing.T) {
	t.Parallel()
	s := serve(t, 200*time.Millisecond)
	for name, head := range map[string]string{
		"POST":             "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
		"POST with query":  "POST /v1/x?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
		"POST compressed":  "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n{",
		"POST in chunks":   "POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
		"GET":              "GET /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
		"GET in chunks":    "GET /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"other origin":     "POST /v1/x HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 9\r\n\r\n{",
		"unknown method":   "BREW /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
		"expects continue": "POST /v1/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := status(t, send(t, s, head), 5*time.Second)
			if name == "expects continue" && got == http.StatusContinue {
				return
			}
			if got != http.StatusRequestTimeout {
				t.Errorf("answered %d", got)
			}
		})
	}
}

// TestSlowSendersKeepNobodyOut: one address with more unfinished bodies than it gets seats is told so at once, and everybody who
// sends nothing is served.
func TestSlowSendersKeepNobodyOut(t *testing.T) {
	s := serve(t, time.Minute)
	const seats = 512
	for range seats {
		send(t, s, "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
	}
	refused := 0
	for range 20 { // the last of those before may still be on their way in
		c := send(t, s, "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
		if status(t, c, 5*time.Second) == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused == 0 {
		t.Error("one address takes every seat")
	}
	if got := status(t, send(t, s, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), 5*time.Second); got != http.StatusOK {
		t.Errorf("who sends nothing is answered %d", got)
	}
}

// TestAConnectionServesOn: a body that came whole leaves no deadline behind.
func TestAConnectionServesOn(t *testing.T) {
	s := serve(t, 100*time.Millisecond)
	c := send(t, s, "")
	in := bufio.NewReader(c)
	for i := range 3 {
		if _, err := fmt.Fprint(c, "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %d, %v", i, response.StatusCode, err)
		}
		<-time.After(150 * time.Millisecond) // longer than patience: what is tested is that it has been taken back
	}
}

// TestReadersOfTheAppKeepNobodyOut: a page loads thirty files at once, and an address that reads all it may without an end keeps neither others from the
// app nor itself from the API.
func TestReadersOfTheAppKeepNobodyOut(t *testing.T) {
	reading, done := make(chan struct{}), make(chan struct{})
	g := guard.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/slow") {
			reading <- struct{}{}
			<-done
		}
	}), guard.Options{AtHand: func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/assets/") }})
	ask := func(path, from string) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = from + ":9"
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		return w.Code
	}
	const share = guard.MaxInFlight / 4
	var all sync.WaitGroup
	for range share {
		all.Go(func() { ask("/assets/slow.js", "192.0.2.1") })
	}
	for range share {
		<-reading
	}
	for path, want := range map[string]int{"/assets/a.js": http.StatusServiceUnavailable, "/v1/x": http.StatusOK} {
		if got := ask(path, "192.0.2.1"); got != want {
			t.Errorf("who reads all they may and asks for %s: %d", path, got)
		}
	}
	for i := range 30 {
		if got := ask(fmt.Sprintf("/assets/%d.js", i), "192.0.2.2"); got != http.StatusOK {
			t.Errorf("somebody else: %d", got)
		}
	}
	close(done)
	all.Wait()
	if got := ask("/assets/a.js", "192.0.2.1"); got != http.StatusOK {
		t.Errorf("afterwards: %d", got)
	}
}
