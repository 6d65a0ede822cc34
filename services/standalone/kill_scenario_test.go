//go:build scenario

package standalone_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/run"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// The product of this scenario is a process of its own, so that it can be killed: this test's program, started again.
const (
	childData  = "THROUGHTRAIN_SCENARIO_DATA"
	childEpoch = "THROUGHTRAIN_SCENARIO_EPOCH"
)

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		ctx, stop := run.Signals(context.Background())
		defer stop()
		if err := serveChild(ctx, data); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveChild is main, but for the city clock and for what it prints: the address.
func serveChild(ctx context.Context, data string) error {
	epoch, err := time.Parse(time.RFC3339Nano, os.Getenv(childEpoch))
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	log, err := observe.NewLogger(observe.LogConfig{Level: "warn", Format: "json"}, os.Stderr)
	if err != nil {
		return err
	}
	s, err := standalone.New(ctx, standalone.Config{Data: data, Cities: []string{puyang}, Demo: true, City: hurried{epoch}, Log: log, Listener: listener,
		Ready: func() { fmt.Println(listener.Addr()) }})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// hurried is a city clock on which a second is five hours and a half, so that deadlines come in the middle of everything. It goes on
// while the process is down.
type hurried struct{ epoch time.Time }

const hurry = 20_000

func (h hurried) Now() time.Time {
	return monday.Add(time.Since(h.epoch) * hurry).UTC().Truncate(time.Microsecond)
}

func (h hurried) WaitUntil(ctx context.Context, t time.Time) error {
	for left := t.Sub(h.Now()); left > 0; left = t.Sub(h.Now()) {
		if err := clock.System().WaitUntil(ctx, time.Now().Add(left/hurry+time.Microsecond)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

const (
	kills  = 20
	filers = 8
)

// TestKilledInAStorm kills the process twenty times while eight file as fast as they can, one signs and leaves the straight way, and deadlines pass. What was
// acknowledged is there, however often it is sent again there is one of it, every clock has fired once at its own time, every
// history verifies, and the board equals a recount.
func TestKilledInAStorm(t *testing.T) {
	s := &storm{t: t, data: t.TempDir(), epoch: time.Now(), acknowledged: map[string]string{}, signed: map[string]bool{}, aside: map[string]string{}}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range kills {
		s.rise()
		s.settle() // what the kill before left open
		s.rage(round, 20+random.IntN(100))
	}
	s.rise()
	s.settle()
	s.fall()
	t.Logf("%d filings acknowledged, %d signatures, %d acts beside the straight way", len(s.acknowledged), len(s.signed), len(s.aside))
	s.judge()
}

// storm is what the clients know: they are not killed.
type storm struct {
	t     *testing.T
	data  string
	epoch time.Time

	child  *exec.Cmd
	output *bytes.Buffer
	base   string

	mu           sync.Mutex
	acknowledged map[string]string // name of the ticket by request id
	signed       map[string]bool   // names of the tickets whose signing was acknowledged
	aside        map[string]string // type of the event by which a ticket left the straight way, by the ticket's name, when that was acknowledged
	open         []string          // request ids without an answer
	fresh        []string          // request ids acknowledged since the last kill
}

// progress counts what clients have seen acknowledged, so that a fast machine and a slow one are killed in the middle of the same work.
type progress chan struct{}

func newProgress() progress { return make(progress, 1<<10) }

func (p progress) note() {
	select {
	case p <- struct{}{}:
	default: // nobody waits for that many
	}
}

// await returns when n things were acknowledged.
func (p progress) await(t *testing.T, n int) {
	t.Helper()
	late := time.After(time.Minute)
	for i := range n {
		select {
		case <-p:
		case <-late:
			t.Fatalf("of %d things %d were acknowledged within a minute", n, i)
		}
	}
}

// rise starts the process and waits until it says where it serves.
func (s *storm) rise() {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	s.output = &bytes.Buffer{}
	s.child = exec.Command(self)
	s.child.Env = append(os.Environ(), childData+"="+s.data, childEpoch+"="+s.epoch.Format(time.RFC3339Nano))
	s.child.Stderr = s.output
	out, err := s.child.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.child.Start(); err != nil {
		s.t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = s.child.Wait()
		s.t.Fatalf("the process does not start: %v: %s", err, s.output)
	}
	s.base = "http://" + strings.TrimSpace(address)
}

// fall kills the process as the kernel does.
func (s *storm) fall() {
	s.t.Helper()
	if err := s.child.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.child.Wait() // it was killed
	for line := range strings.Lines(s.output.String()) {
		if strings.Contains(line, "panic") || strings.Contains(line, `"level":"error"`) {
			s.t.Errorf("logged: %s", line)
		}
	}
}

// settle sends again what has no answer, twice, and what was acknowledged since the last kill.
func (s *storm) settle() {
	s.t.Helper()
	token := s.signIn("entrepreneur")
	for _, key := range s.open {
		s.acknowledged[key] = s.file(token, key)
	}
	for _, key := range append(s.open, s.fresh...) {
		if again := s.file(token, key); again != s.acknowledged[key] {
			s.t.Errorf("request %s led to %s and now to %s", key, s.acknowledged[key], again)
		}
	}
	s.open, s.fresh = nil, nil
}

// file files what must be taken.
func (s *storm) file(token, key string) string {
	s.t.Helper()
	ticket, status, err := s.send(token, http.MethodPost, city+"/tickets", filingOf(key))
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("file %s: %d %v %v", key, status, ticket, err)
	}
	return ticket.text("name")
}

func filingOf(key string) fields {
	return fields{"title": "停电", "body": "园区停电，请求编号 " + key, "category": "0302", "requestId": key}
}

// rage files and signs until the process is killed, after so many filings and a step off the straight way.
func (s *storm) rage(round, filings int) {
	s.t.Helper()
	filer, holder := s.signIn("entrepreneur"), s.signIn("attendant")
	filed, left := newProgress(), newProgress()
	var clients sync.WaitGroup
	for i := range filers {
		clients.Go(func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("%d-%d-%d", round, i, n)
				ticket, status, err := s.send(filer, http.MethodPost, city+"/tickets", filingOf(key))
				s.mu.Lock()
				if err == nil && status == http.StatusOK {
					s.acknowledged[key] = ticket.text("name")
					s.fresh = append(s.fresh, key)
					filed.note()
				} else {
					s.open = append(s.open, key)
				}
				s.mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	clients.Go(func() { s.signAll(holder, filer, left) })
	filed.await(s.t, filings)
	left.await(s.t, 1)
	s.fall()
	clients.Wait()
}

// detours are ways off the straight one that the holder, or the filer, can take with what was just signed, and the events they leave.
var detours = []struct {
	verb, event string
	filer       bool
	body        fields
}{
	{"/workOrders", "order_created", false, fields{"unit": city[len("/v1/"):] + "/units/zjj", "lead": true, "text": "请核实。"}},
	{":extend", "extension_requested", false, fields{"workdays": 3, "reason": "需要专家评审。"}},
	{":return", "return_requested", false, fields{"reason": "not-our-duty", "basis": "三定方案。", "targetUnit": city[len("/v1/"):] + "/units/zjj"}},
	{":requestDialogue", "dialogue_requested", true, fields{"topic": "想当面说明。"}},
}

// leave takes a detour with a ticket; false when the process is gone.
func (s *storm) leave(holder, filer, name string, n int, left progress) bool {
	d := detours[n%len(detours)]
	who := holder
	if d.filer {
		who = filer
	}
	_, status, err := s.send(who, http.MethodPost, "/v1/"+name+d.verb, d.body)
	if err == nil && status == http.StatusOK {
		s.mu.Lock()
		s.aside[name] = d.event
		left.note()
		s.mu.Unlock()
	}
	return err == nil
}

// signAll signs what is dispatched, and leaves the straight way with it, until the process is gone.
func (s *storm) signAll(holder, filer string, left progress) {
	for {
		list, _, err := s.send(holder, http.MethodGet, city+"/tickets?pageSize=20&filter="+url.QueryEscape("state = DISPATCHED"), nil)
		if err != nil {
			return
		}
		tickets, _ := list["tickets"].([]any)
		for i, t := range tickets {
			if i%4 > 0 {
				continue // the others are late
			}
			name := document(t.(map[string]any)).text("name")
			_, status, err := s.send(holder, http.MethodPost, "/v1/"+name+":sign", fields{})
			if err != nil {
				return
			}
			if status != http.StatusOK {
				continue
			}
			s.mu.Lock()
			s.signed[name] = true
			n := len(s.signed)
			s.mu.Unlock()
			if !s.leave(holder, filer, name, n, left) {
				return
			}
		}
	}
}

func (s *storm) signIn(persona string) string {
	s.t.Helper()
	session, status, err := s.send("", http.MethodPost, "/v1/demo:signIn", fields{"persona": persona})
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("sign %s in: %d %v", persona, status, err)
	}
	return session.text("accessToken")
}

// send sends a request to a process that may be killed meanwhile: an error says that there is no answer.
func (s *storm) send(token, method, path string, body any) (document, int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, 0, err
	}
	if body == nil {
		text = nil
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = response.Body.Close() }()
	out := document{}
	return out, response.StatusCode, json.NewDecoder(response.Body).Decode(&out)
}

// judge opens what is left, two months later, and looks at all of it.
func (s *storm) judge() {
	t := s.t
	later := movable.New(hurried{s.epoch}.Now().AddDate(0, 2, 0))
	b := boot(t, s.data, withDemo, onClock(later))
	b.idle()
	office := b.as("mayor").text("accessToken")
	listed := map[string]document{}
	for page := ""; ; {
		list := b.want(office, http.MethodGet, city+"/tickets?pageSize=200&pageToken="+url.QueryEscape(page), nil)
		for _, ticket := range list["tickets"].([]any) {
			listed[document(ticket.(map[string]any)).text("name")] = ticket.(map[string]any)
		}
		if page = list.text("nextPageToken"); page == "" {
			break
		}
	}
	names, numbers := map[string]bool{}, map[string]bool{}
	for key, name := range s.acknowledged {
		names[name] = true
		if listed[name] == nil {
			t.Errorf("request %s was acknowledged and its ticket %s is lost", key, name)
		}
	}
	if len(names) != len(s.acknowledged) || len(listed) != len(names) {
		t.Errorf("%d request ids led to %d tickets, and there are %d", len(s.acknowledged), len(names), len(listed))
	}
	work := make(chan document)
	var judges sync.WaitGroup
	for range 4 {
		judges.Go(func() {
			for ticket := range work {
				b.judge(office, ticket, s.signed[ticket.text("name")], s.aside[ticket.text("name")])
			}
		})
	}
	for _, ticket := range listed {
		numbers[ticket.text("number")] = true
		work <- ticket
	}
	close(work)
	judges.Wait()
	if len(numbers) != len(listed) {
		t.Errorf("%d tickets have %d numbers", len(listed), len(numbers))
	}
	if check := b.want(b.as("admin").text("accessToken"), http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
	for _, line := range b.logs.All() {
		if line.Level >= zap.ErrorLevel {
			t.Errorf("logged: %s %v", line.Message, line.ContextMap())
		}
	}
	b.shut()
	if n := verify(t, s.data); n > 0 {
		t.Errorf("%d histories do not verify", n)
	}
}

// judge looks at one life: what was acknowledged happened, and each clock and each rung fired once, at its own time.
func (b *booted) judge(office string, ticket document, signed bool, aside string) {
	b.t.Helper()
	name := ticket.text("name")
	if signed && ticket.text("signTime") == "" {
		b.t.Errorf("%s: its signing was acknowledged and is lost", name)
	}
	seen := map[string]int{}
	var breached []string
	for i, e := range b.events(office, "/v1/"+name) {
		if e.text("version") != fmt.Sprint(i+1) {
			b.t.Errorf("%s: event %d has version %s", name, i+1, e.text("version"))
		}
		switch e.text("type") {
		case "clock_breached":
			id := int(e.in("event", "clockBreached")["clock"].(float64))
			breached = append(breached, fmt.Sprint(id, " at ", e.text("time")))
			seen[fmt.Sprint("breach of ", id)]++
		case "clock_warned":
			seen[fmt.Sprint("warning of ", e.in("event", "clockWarned")["clock"])]++
		case "rung_reached":
			rung := e.in("event", "rungReached")
			seen[fmt.Sprint("rung ", rung["rung"], " of ", rung["clock"])]++
		case "filed", "dispatched", "signed", "order_created", "extension_requested", "return_requested", "dialogue_requested":
			seen[e.text("type")]++
		}
	}
	if aside != "" && seen[aside] == 0 {
		b.t.Errorf("%s: its %s was acknowledged and is lost", name, aside)
	}
	for what, n := range seen {
		if n != 1 {
			b.t.Errorf("%s: %s %d times", name, what, n)
		}
	}
	var want []string
	for i, c := range ticket["clocks"].([]any) {
		switch c := document(c.(map[string]any)); c.text("state") {
		case "BREACHED":
			want = append(want, fmt.Sprint(i+1, " at ", c.text("dueTime")))
		case "RUNNING":
			b.t.Errorf("%s: two months later its %s clock has not fired", name, c.text("kind"))
		}
	}
	for _, mark := range want {
		found := false
		for _, b := range breached {
			found = found || b == mark
		}
		if !found {
			b.t.Errorf("%s: clock %s is not among the marks %v", name, mark, breached)
		}
	}
	if len(want) != len(breached) || len(want) == 0 {
		b.t.Errorf("%s: %d clocks are breached, %d marks were made", name, len(want), len(breached))
	}
}
