package guard

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestWhatArrivedOfAPieceIsKept: a piece that is cut off, or too slow, reaches the handler as far as it came, and says why it is not whole.
func TestWhatArrivedOfAPieceIsKept(t *testing.T) {
	type got struct {
		content string
		reason  string
	}
	handled := make(chan got, 1)
	s := httptest.NewServer(New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := r.Body.(*Body)
		content, _ := io.ReadAll(body)
		g := got{content: string(content)}
		if body.Fault != nil {
			g.reason = body.Fault.Reason
		}
		if !body.Piece {
			t.Error("is taken for no piece")
		}
		handled <- g
	}), Options{Patience: 100 * time.Millisecond}))
	t.Cleanup(s.Close)
	for _, c := range []struct {
		name   string
		length int
		sends  string
		hangUp bool
		want   got
	}{
		{"whole", 5, "whole", false, got{"whole", ""}},
		{"cut off", 10, "half", true, got{"half", "BODY_INCOMPLETE"}},
		{"too slow", 10, "half", false, got{"half", "BODY_TOO_SLOW"}},
		{"too large", MaxBody + 1, "half", false, got{"", "BODY_TOO_LARGE"}},
		{"nothing", 0, "", false, got{"", ""}},
	} {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		head := "PATCH /v1/x HTTP/1.1\r\nHost: x\r\nContent-Type: " + PieceType + "\r\nContent-Length: " + strconv.Itoa(c.length) + "\r\n\r\n"
		if _, err := io.WriteString(connection, head+c.sends); err != nil {
			t.Fatal(err)
		}
		if c.hangUp {
			_ = connection.(*net.TCPConn).CloseWrite()
		}
		if g := <-handled; g != c.want {
			t.Errorf("%s: %+v", c.name, g)
		}
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatalf("%s: no answer: %v", c.name, err)
		}
		_ = response.Body.Close()
		_ = connection.Close()
	}
}
