//go:build scenario

package standalone_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestTheSuiteIsUpgradedAndKilledUnderLoad is one suite under a mixed load: filings, signatures, readings, boards and live updates. It begins with the programs of
// an older version, which are replaced while it runs, put back, and replaced again, one process after the other, so that both versions work side by side;
// and it is restarted once more without a change. Not one request fails. Then each process is killed, PostgreSQL and Redis among them, which forgets everything, and at last all at once:
// now whoever is not answered asks again. At the end what was acknowledged is there once, the boards equal a recount, and every ticket that was filed
// was heard of live.
func TestTheSuiteIsUpgradedAndKilledUnderLoad(t *testing.T) {
	before := older(t)
	s := startSuiteOn(t, suiteFolder(t), before)
	l := s.load()
	if before != "" {
		// The older version's gateway sends again what carries a key only.
		for _, step := range []struct{ name, programs string }{{"upgrade", s.today}, {"rollback", before}, {"upgrade again", s.today}} {
			s.install(step.programs)
			l.rolls(step.name)
		}
	}
	l.keyless.Store(true)
	l.rolls("restart")
	l.keyless.Store(false)
	l.answered(50) // none without a key is under way any more

	l.patient.Store(true)
	for _, name := range replicas {
		l.kills(name)
	}
	l.kills("redis")
	l.kills("postgres")
	l.kills(append(slices.Clone(replicas), "redis", "postgres")...) // as when the power fails
	if log, err := os.ReadFile(s.log); err != nil || !bytes.Contains(log, []byte(`"msg":"waiting","for":"database"`)) {
		t.Errorf("no process said that it waits for its database: %v", err)
	}
	l.stop()
	l.check()
	s.stop()
}

// replicas are the processes of which there are two.
var replicas = []string{"directory-1", "directory-2", "attendant-1", "attendant-2", "hotline-1", "hotline-2", "agency-1", "agency-2", "gateway-1", "gateway-2"}

// kills kills processes at once, waits until all of them work again and calls are answered, and says how long that took.
func (l *load) kills(names ...string) {
	l.t.Helper()
	l.refresh()
	l.slowest()
	killed, heard := time.Now(), l.heard()
	for _, name := range names {
		if err := syscall.Kill(l.pids[name], syscall.SIGKILL); err != nil {
			l.t.Fatalf("%s: %v", name, err)
		}
	}
	for _, name := range names {
		l.saysAfter(heard, name+" works again")
	}
	back := time.Since(killed)
	l.answered(20)
	what := names[0]
	if len(names) > 1 {
		what = fmt.Sprintf("%d at once", len(names))
	}
	l.t.Logf("%-12s killed: works again after %v; the longest that anybody waited was %v", what, back.Round(10*time.Millisecond), l.slowest())
}

// older builds the programs of an older version, where the checkout has its history; empty without it.
func older(t *testing.T) string {
	t.Helper()
	named, err := os.ReadFile("testdata/older-commit")
	if err != nil {
		t.Fatal(err)
	}
	commit := strings.TrimSpace(string(named))
	if out, err := exec.CommandContext(t.Context(), "git", "-C", "../..", "cat-file", "-e", commit+"^{commit}").CombinedOutput(); err != nil {
		t.Logf("version %s is not in this checkout; no upgrade is tried: %v %s", commit, err, out)
		return ""
	}
	source, programs := t.TempDir(), t.TempDir()
	archive := exec.CommandContext(t.Context(), "bash", "-c", `set -o pipefail; git -C ../.. archive "$0" | tar -x -C "$1"`, commit, source)
	if out, err := archive.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	buildSuite(t, source, programs)
	return programs
}

// rolls has every process started again while the load goes on, and expects nobody to notice.
func (l *load) rolls(what string) {
	l.t.Helper()
	l.answered(50)
	good, failed, heard, began := l.good.Load(), l.failed.Load(), l.heard(), time.Now()
	l.slowest()
	if err := l.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		l.t.Fatal(err)
	}
	l.saysAfter(heard, "all started again within")
	took := time.Since(began)
	l.answered(50)
	l.t.Logf("%s, ten processes one after the other: %v, %d requests answered, %d failed, the slowest took %v", what, took.Round(time.Millisecond),
		l.good.Load()-good, l.failed.Load()-failed, l.slowest())
	if l.failed.Load() > failed {
		l.t.Errorf("requests failed during the %s", what)
	}
}

// refresh learns the processes that run now.
func (s *suiteProcess) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, pid := range pidsOf(s.text) {
		s.pids[name] = pid
	}
}

// heard is how much it has said.
func (s *suiteProcess) heard() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.text)
}

// saysAfter waits until it says something that it had not said before.
func (s *suiteProcess) saysAfter(heard int, what string) {
	s.t.Helper()
	limit := time.After(90 * time.Second)
	for {
		s.mu.Lock()
		text, more := s.text[heard:], s.more
		s.mu.Unlock()
		if strings.Contains(text, what) {
			return
		}
		select {
		case <-more:
		case <-limit:
			s.t.Fatalf("it does not say %q: %s", what, text)
		}
	}
}

// load is many who use the suite at once until they are stopped.
type load struct {
	*suiteProcess
	patient atomic.Bool // who is not answered asks again, under the same key
	keyless atomic.Bool // every other writes without a key
	good    atomic.Int64
	failed  atomic.Int64
	until   context.Context // nobody begins anything when it has ended
	stop    func()          // ends the load
	deafen  func()          // ends the live updates

	filer, holder, admin string // tokens

	mu       sync.Mutex
	slow     time.Duration
	filed    map[string]string // name by key
	signed   map[string]bool
	watched  map[string]bool // names of tickets that a live update told of
	progress chan struct{}   // has something whenever a request was answered
}

const (
	askers = 3
	pace   = 20 * time.Millisecond // between the requests of one of them, so that they are many and no flood
)

func (s *suiteProcess) load() *load {
	l := &load{suiteProcess: s, filed: map[string]string{}, signed: map[string]bool{}, watched: map[string]bool{}, progress: make(chan struct{}, 1)}
	as := func(persona string) string {
		return s.want("", "/v1/demo:signIn", "", fields{"persona": persona}).text("accessToken")
	}
	l.filer, l.holder, l.admin = as("entrepreneur"), as("attendant"), as("admin")
	ctx, cancel := context.WithCancel(s.t.Context())
	listening, deafen := context.WithCancel(s.t.Context())
	var all, ears sync.WaitGroup
	l.until, l.stop = ctx, sync.OnceFunc(func() { cancel(); all.Wait() })
	l.deafen = sync.OnceFunc(func() { deafen(); ears.Wait() })
	s.t.Cleanup(func() { l.stop(); l.deafen() })
	for n := range askers {
		all.Go(func() { l.files(n) })
	}
	all.Go(func() { l.signs() })
	all.Go(func() { l.reads() })
	watching := make(chan struct{})
	ears.Go(func() { l.watches(listening, watching) })
	<-watching
	return l
}

// files files tickets.
func (l *load) files(n int) {
	for i := 0; l.until.Err() == nil; i++ {
		key := fmt.Sprintf("drill-%d-%d", n, i)
		sent := key
		if i%2 == 1 && l.keyless.Load() {
			sent = ""
		}
		answer, ok := l.ask(l.filer, http.MethodPost, city+"/tickets", sent, fields{"body": "机器停了，请尽快协调。" + key, "category": "02"})
		if name := answer.text("name"); ok && name != "" {
			l.mu.Lock()
			l.filed[key] = name
			l.mu.Unlock()
		}
		l.rest(l.until)
	}
}

// signs signs what was dispatched to the attendant.
func (l *load) signs() {
	for i := 0; l.until.Err() == nil; i++ {
		list, ok := l.ask(l.holder, http.MethodGet, city+"/tickets?pageSize=5&filter="+url.QueryEscape("state = \"DISPATCHED\""), "", nil)
		tickets, _ := list["tickets"].([]any)
		if !ok || len(tickets) == 0 {
			l.rest(l.until)
			continue
		}
		ticket, _ := tickets[len(tickets)-1].(map[string]any)
		name := document(ticket).text("name")
		key := "sign-" + name
		if l.keyless.Load() {
			key = ""
		}
		if _, ok := l.ask(l.holder, http.MethodPost, "/v1/"+name+":sign", key, fields{}); ok {
			l.mu.Lock()
			l.signed[name] = true
			l.mu.Unlock()
		}
		l.rest(l.until)
	}
}

func (l *load) reads() {
	for i := 0; l.until.Err() == nil; i++ {
		path := []string{"/board", "/tickets", "/cases", "/approvalBoard"}[i%4]
		l.ask(l.admin, http.MethodGet, city+path, "", nil)
		l.rest(l.until)
	}
}

func (l *load) rest(ctx context.Context) {
	select {
	case <-time.After(pace):
	case <-ctx.Done():
	}
}

// ask makes one request; while patience is asked for, again until it is answered. An answer of refusal is a failure always.
func (l *load) ask(token, method, path, key string, body any) (document, bool) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			l.t.Error(err)
		}
	}
	began, ctx := time.Now(), l.t.Context()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, method, l.base+path, bytes.NewReader(text))
		if err != nil {
			l.t.Error(err)
			return nil, false
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		if key != "" {
			request.Header.Set("Idempotency-Key", key)
		}
		out := document{}
		response, err := http.DefaultClient.Do(request)
		code := 0
		if err == nil {
			code = response.StatusCode
			err = json.NewDecoder(response.Body).Decode(&out)
			_ = response.Body.Close()
		}
		if ctx.Err() != nil {
			return nil, false
		}
		if err == nil && code == http.StatusOK {
			l.done(time.Since(began))
			return out, true
		}
		away := err != nil || code == http.StatusBadGateway || code == http.StatusServiceUnavailable || code == http.StatusGatewayTimeout
		if !l.patient.Load() || !away {
			l.failed.Add(1)
			l.t.Errorf("%s %s: %d %v %v", method, path, code, out, err)
			return nil, false
		}
		l.rest(ctx)
	}
	return nil, false
}

func (l *load) done(took time.Duration) {
	l.good.Add(1)
	l.mu.Lock()
	l.slow = max(l.slow, took)
	l.mu.Unlock()
	l.told()
}

// told wakes whoever awaits something.
func (l *load) told() {
	select {
	case l.progress <- struct{}{}:
	default:
	}
}

// slowest is the longest that a request took since it was asked for last.
func (l *load) slowest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	took := l.slow
	l.slow = 0
	return took.Round(time.Millisecond)
}

// answered waits until so many more requests are answered.
func (l *load) answered(more int64) {
	l.t.Helper()
	from := l.good.Load()
	l.awaits(fmt.Sprintf("%d more requests are answered", more), func() bool { return l.good.Load() >= from+more })
}

// awaits waits until something holds that an answer or a live update brings about.
func (l *load) awaits(what string, holds func() bool) {
	l.t.Helper()
	limit := time.After(time.Minute)
	for !holds() {
		select {
		case <-l.progress:
		case <-limit:
			l.t.Errorf("not within a minute: %s", what)
			return
		}
	}
}

// watches follows the filer's live updates, each connection from where the last one ended. Told to read everything anew it does.
func (l *load) watches(ctx context.Context, watching chan<- struct{}) {
	last := ""
	begun := sync.OnceFunc(func() { close(watching) })
	defer begun()
	for ; ctx.Err() == nil; l.rest(ctx) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+city+":watch?topics=MINE", nil)
		if err != nil {
			l.t.Error(err)
			return
		}
		request.Header.Set("Authorization", "Bearer "+l.filer)
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		if response.StatusCode != http.StatusOK && !l.patient.Load() {
			l.failed.Add(1)
			l.t.Errorf("live updates: %d", response.StatusCode)
		}
		event := ""
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				last = value
			case "event":
				if event = value; event == "reset" {
					l.hears(slices.Collect(maps.Keys(l.list()))...)
				}
				begun()
			case "data":
				var told struct{ Name string }
				if err := json.Unmarshal([]byte(value), &told); err == nil && event == "changed" {
					l.hears(told.Name)
				}
			}
		}
		_ = response.Body.Close()
	}
}

func (l *load) hears(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.watched[name] = true
	}
	l.told()
}

// list reads all tickets of the filer: how often each name is there.
func (l *load) list() map[string]int {
	there := map[string]int{}
	for page := ""; ; {
		list, _ := l.ask(l.filer, http.MethodGet, city+"/tickets?pageSize=100&pageToken="+url.QueryEscape(page), "", nil)
		tickets, _ := list["tickets"].([]any)
		for _, ticket := range tickets {
			one, _ := ticket.(map[string]any)
			there[document(one).text("name")]++
		}
		if page = list.text("nextPageToken"); page == "" {
			return there
		}
	}
}

// check looks for everything that was acknowledged, and heard of, when nobody asks any more.
func (l *load) check() {
	l.t.Helper()
	keys := map[string]string{}
	for key, name := range l.filed {
		if other, twice := keys[name]; twice {
			l.t.Errorf("%s and %s are both %s", key, other, name)
		}
		keys[name] = key
	}
	l.awaits("live updates tell of every ticket", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for name := range keys {
			if !l.watched[name] {
				return false
			}
		}
		return true
	})
	l.deafen()
	there := l.list()
	for name, key := range keys {
		if there[name] != 1 {
			l.t.Errorf("%s, acknowledged as %s, is there %d times", key, name, there[name])
		}
	}
	if len(there) != len(keys) {
		l.t.Errorf("%d tickets are there, %d were acknowledged", len(there), len(keys))
	}
	for name := range l.signed {
		events, _ := l.ask(l.filer, http.MethodGet, "/v1/"+name+"/events", "", nil)
		list, _ := events["events"].([]any)
		signed := 0
		for _, event := range list {
			if one, _ := event.(map[string]any); document(one).text("type") == "signed" {
				signed++
			}
		}
		if signed != 1 {
			l.t.Errorf("%s was signed %d times", name, signed)
		}
	}
	for _, board := range []string{"board", "approvalBoard"} {
		if check, _ := l.ask(l.admin, http.MethodGet, city+"/"+board+":check", "", nil); check["equal"] != true {
			l.t.Errorf("%s does not equal a recount: %v", board, check)
		}
	}
	l.t.Logf("%d filed, %d signed, %d requests answered", len(l.filed), len(l.signed), l.good.Load())
	if len(l.filed) == 0 || len(l.signed) == 0 {
		l.t.Error("the load did nothing")
	}
}
