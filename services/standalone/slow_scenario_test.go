//go:build scenario

package standalone_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// onClock lets the city live by a clock that the test moves.
func onClock(c *movable.Clock) func(*standalone.Config) {
	return func(config *standalone.Config) { config.City = c }
}

// monday is a day of work, a quarter past nine in the city.
var monday = time.Date(2026, 11, 23, 9, 15, 0, 0, time.FixedZone("CST", 8*3600))

// clockOf is a ticket's newest clock of a kind.
func clockOf(t *testing.T, ticket document, kind string) document {
	t.Helper()
	var found document
	clocks, _ := ticket["clocks"].([]any)
	for _, c := range clocks {
		if clock := document(c.(map[string]any)); clock.text("kind") == kind {
			found = clock
		}
	}
	if found == nil {
		t.Fatalf("there is no %s clock among %v", kind, clocks)
	}
	return found
}

// at reads a time of an answer.
func at(t *testing.T, text string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

// TestARequestHeldOpenIsLate: whoever sends the headers and half of the answer before the deadline and the rest after it has
// answered after it. Who is one microsecond quicker than the deadline is in time.
func TestARequestHeldOpenIsLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		after time.Duration // the rest of the body, seen from the deadline
		state string
	}{
		{"at the deadline", 0, "MET"},
		{"a microsecond after it", time.Microsecond, "BREACHED"},
		{"and after the sweeper has acted", time.Hour, "BREACHED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := movable.New(monday)
			b := boot(t, t.TempDir(), withDemo, onClock(clock))
			filer, holder := b.as("entrepreneur").text("accessToken"), b.as("attendant").text("accessToken")
			path := "/v1/" + b.want(filer, http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水。"}).text("name")
			b.idle()
			ticket := b.want(holder, http.MethodPost, path+":sign", fields{})
			due := at(t, clockOf(t, ticket, "ANSWER").text("dueTime"))

			clock.Set(due.Add(-time.Second))
			b.idle()
			answer := b.slowly(holder, path+":answer", `{"outcome":"SOLVED","text":"已抢修完毕，今日恢复供水，`, `请放心。"}`, func() {
				clock.Set(due.Add(c.after))
				b.idle()
			})
			if got := clockOf(t, answer, "ANSWER"); got.text("state") != c.state {
				t.Errorf("the answer clock is %s, want %s: %v", got.text("state"), c.state, got)
			}
			if given := at(t, answer.text("answerTime")); !given.Equal(due.Add(c.after)) {
				t.Errorf("answered at %v, want %v after the deadline", given.Sub(due), c.after)
			}
		})
	}
}

// slowly sends a request with half of its body, lets something happen, and sends the rest.
func (b *booted) slowly(token, path, half, rest string, meanwhile func()) document {
	b.t.Helper()
	address := strings.TrimPrefix(b.base, "http://")
	conn, err := (&net.Dialer{}).DialContext(b.t.Context(), "tcp", address)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"+
		"Expect: 100-continue\r\n\r\n", path, address, token, len(half)+len(rest)); err != nil {
		b.t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	// The server says so when it begins to read the body: by then it has the headers.
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		b.t.Fatalf("told to go on: %q, %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		b.t.Fatal(err)
	}
	if _, err := conn.Write([]byte(half)); err != nil {
		b.t.Fatal(err)
	}
	meanwhile()
	if _, err := conn.Write([]byte(rest)); err != nil {
		b.t.Fatal(err)
	}
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	out := document{}
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil || response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %v %v", response.Status, out, err)
	}
	return out
}
