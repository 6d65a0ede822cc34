package standalone_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// frame is a server-sent event.
type frame struct {
	id, event string
	data      document
}

// viewer is an open stream.
type viewer struct {
	t      *testing.T
	frames chan frame // closed when the stream has ended
	mu     sync.Mutex
	raw    strings.Builder
	last   string // id of the last frame read
	close  context.CancelFunc
}

// watch opens a stream, from behind a position where one is given.
func (b *booted) watch(token, query, lastID string) *viewer {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+city+":watch?"+query, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // the stream closes it
	if err != nil {
		b.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" ||
		response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("X-Accel-Buffering") != "no" {
		b.t.Fatalf("%s: %d %v", query, response.StatusCode, response.Header)
	}
	v := &viewer{t: b.t, frames: make(chan frame, 1000), close: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = response.Body.Close() }()
		v.read(response.Body)
	}()
	b.t.Cleanup(func() { cancel(); <-done })
	return v
}

func (v *viewer) read(body io.Reader) {
	defer close(v.frames)
	var f frame
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		line := lines.Text()
		v.mu.Lock()
		v.raw.WriteString(line + "\n")
		v.mu.Unlock()
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "id":
			f.id = value
		case "event":
			f.event = value
		case "data":
			_ = json.Unmarshal([]byte(value), &f.data)
		case "":
			if f.event != "" {
				v.frames <- f
			}
			f = frame{}
		}
	}
}

// next is the next frame.
func (v *viewer) next() frame {
	v.t.Helper()
	select {
	case f, ok := <-v.frames:
		if !ok {
			v.t.Fatal("the stream has ended")
		}
		v.last = f.id
		return f
	case <-time.After(10 * time.Second):
		v.t.Fatal("nothing comes")
		return frame{}
	}
}

// want reads a frame and says so when it is another one.
func (v *viewer) want(event, name, version string) {
	v.t.Helper()
	if f := v.next(); f.event != event || f.data.text("name") != name || f.data.text("version") != version {
		v.t.Errorf("got %v, want %s of %s at %s", f, event, name, version)
	}
}

// text is all that has come.
func (v *viewer) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.raw.String()
}

// reaches reads what is said of a ticket up to a version: what happens at once may be said at once.
func (v *viewer) reaches(name, version string) {
	v.t.Helper()
	for f := v.next(); f.data.text("version") != version; f = v.next() {
		if f.event != "changed" || f.data.text("name") != name {
			v.t.Errorf("got %v, want %s at %s", f, name, version)
		}
	}
}

// TestWatching follows a ticket on the screens of those whom it concerns, and of those whom it does not, over a restart.
func TestWatching(t *testing.T) {
	data := t.TempDir()
	b := boot(t, data, withDemo)
	cast := b.cast()
	token := func(persona string) string { return cast[persona].text("accessToken") }
	mine := b.watch(token("entrepreneur"), "topics=MINE", "")
	desk := b.watch(token("attendant"), "topics=DESK", "")
	office := b.watch(token("mayor"), "topics=ALL&topics=BOARD", "")
	strangers := map[string]*viewer{
		"entrepreneur2": b.watch(token("entrepreneur2"), "topics=MINE&topics=DESK&topics=ALL", ""),
		"attendant2":    b.watch(token("attendant2"), "topics=MINE&topics=DESK&topics=ALL", ""),
	}
	for _, v := range append([]*viewer{mine, desk, office}, strangers["entrepreneur2"], strangers["attendant2"]) {
		v.want("ready", "", "")
	}

	ticket := b.want(token("entrepreneur"), http.MethodPost, city+"/tickets", fields{"title": "停水", "body": "厂区停水，绝密一号。"})
	name := ticket.text("name")
	mine.reaches(name, "2") // filed and dispatched, perhaps in one
	desk.want("changed", name, "2")
	seen := desk.last

	office.invited(name)
	desk.close()
	b.shut()
	if _, open := <-mine.frames; open {
		t.Error("a stream goes on after the process has ended")
	}
	b = boot(t, data, withDemo)
	cast = b.cast()
	b.want(token("attendant"), http.MethodPost, "/v1/"+name+":sign", fields{})
	desk = b.watch(token("attendant"), "topics=DESK", seen)
	desk.want("ready", "", "")
	desk.want("changed", name, "3") // once, and nothing of what was seen
	mine = b.watch(token("entrepreneur"), "topics=MINE", mine.last)
	mine.want("ready", "", "")
	mine.want("changed", name, "3")
	b.want(token("attendant"), http.MethodPost, "/v1/"+name+":contact", fields{"channel": "PHONE", "note": "已联系"})
	desk.want("changed", name, "4")
	mine.want("changed", name, "4")

	one := b.watch(token("mayor"), "ticket="+strings.TrimPrefix(name, "/"), "9223372036854775807")
	one.want("reset", "", "")
	b.refuses(token)
	own := b.want(token("entrepreneur2"), http.MethodPost, city+"/tickets", fields{"title": "另一件", "body": "与前一件无关。"})
	back := b.watch(token("entrepreneur2"), "topics=MINE&topics=DESK&topics=ALL", strangers["entrepreneur2"].last)
	back.want("ready", "", "")
	if f := back.next(); f.event != "changed" || f.data.text("name") != own.text("name") {
		t.Errorf("got %v, want their own", f)
	}
	strangers["entrepreneur2 after the restart"] = back
	for persona, v := range strangers {
		if text := v.text(); strings.Contains(text, name) {
			t.Errorf("%s was told: %s", persona, text)
		}
	}
	for _, v := range []*viewer{mine, desk, office} {
		if text := v.text(); strings.Contains(text, "绝密") || strings.Contains(text, "停水") {
			t.Errorf("content in a stream: %s", text)
		}
	}
	began := time.Now()
	b.shut()
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("with streams open the process took %v to stop", took)
	}
	b.quiet()
}

// invited reads until the board was named too, and looks at what came before.
func (v *viewer) invited(name string) {
	v.t.Helper()
	for f := v.next(); f.event != "board"; f = v.next() {
		if f.event != "changed" || f.data.text("name") != name {
			v.t.Errorf("the mayor's office was told of %v", f)
		}
	}
}

// refuses asks for what nobody may watch.
func (b *booted) refuses(token func(string) string) {
	b.t.Helper()
	for _, c := range []struct {
		persona, path string
		status        int
		reason        string
	}{
		{"", city + ":watch?topics=MINE", http.StatusUnauthorized, "TOKEN_MISSING"},
		{"entrepreneur", city + ":watch", http.StatusBadRequest, "WATCH_NOTHING"},
		{"entrepreneur", city + ":watch?topics=BOARD", http.StatusForbidden, "ROLE_REQUIRED"},
		{"mayor", city + ":watch?unit=cities/410900/units/nowhere", http.StatusBadRequest, "WATCH_UNIT_UNKNOWN"},
		{"entrepreneur", city + ":watch?unit=cities/410900/units/gov", http.StatusForbidden, "ROLE_REQUIRED"},
		{"entrepreneur", city + ":watch?ticket=cities/410900/tickets/" + someID, http.StatusNotFound, "TICKET_NOT_FOUND"},
		{"entrepreneur", "/v1/cities/410901:watch?topics=MINE", http.StatusNotFound, "CITY_NOT_FOUND"},
		{"entrepreneur", city + ":watch?topic=MINE", http.StatusBadRequest, "UNKNOWN_PARAMETER"},
		{"entrepreneur", city + ":watch?topics=EVERYTHING", http.StatusBadRequest, "PARAMETER_INVALID"},
		{"entrepreneur", city + ":watch?access_token=x", http.StatusBadRequest, "UNKNOWN_PARAMETER"},
	} {
		who := ""
		if c.persona != "" {
			who = token(c.persona)
		}
		if status, answer := b.call(who, http.MethodGet, c.path, nil); status != c.status || answer.reason() != c.reason {
			b.t.Errorf("%s: %d %s, want %d %s", c.path, status, answer.reason(), c.status, c.reason)
		}
	}
	if status, answer := b.call(token("entrepreneur"), http.MethodPost, city+":watch", fields{}); status != http.StatusMethodNotAllowed {
		b.t.Errorf("POST: %d %s", status, answer.reason())
	}
}
