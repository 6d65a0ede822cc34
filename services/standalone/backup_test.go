package standalone_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/standalone/internal/backup"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

// TestABackupWhileEverythingGoesOn backs up while tickets are filed, restores into another place and starts there: what was acknowledged before
// is there, and a file is what was sent.
func TestABackupWhileEverythingGoesOn(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	b := boot(t, data, withDemo)
	filer := b.as("entrepreneur")
	token := filer.text("accessToken")
	first := "/v1/" + b.want(token, http.MethodPost, city+"/tickets", fields{"body": "主线路故障，已停电两天。", "category": "0302"}).text("name")
	picture := photo(t, 64)
	file := b.announce(token, first, "现场.jpg", "PHOTO", picture)
	if last := b.upload(token, file, picture, len(picture)); last.document(t).text("state") != "READY" {
		t.Fatalf("upload: %s", last.body)
	}
	opened := b.foreign(filer)
	raised := b.want(token, http.MethodPost, "/v1/"+opened.text("name")+":raiseTicket", fields{"item": "foreign-report", "text": "请协调", "requestId": "r"})
	b.idle() // every service has heard of all of it

	writers := b.keepFiling(token)
	writers.until(20)
	before := writers.acknowledged()
	place, err := datafolder.Find(data)
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "backup")
	made, err := backup.Make(t.Context(), place, kept, clock.System())
	if err != nil || len(made.Missing) > 0 {
		t.Fatalf("backup: %v, missing %v", err, made.Missing)
	}
	writers.until(len(before) + 10) // they were never held up for good
	writers.stop()
	b.shut()

	back := filepath.Join(t.TempDir(), "back")
	m, err := backup.Check(kept)
	if err != nil {
		t.Fatal(err)
	}
	if err := backup.Restore(t.Context(), kept, m, datafolder.Layout(back, false)); err != nil {
		t.Fatal(err)
	}
	b = boot(t, back, withDemo)
	b.idle()
	token = b.as("entrepreneur").text("accessToken")
	for _, name := range append(before, first[len("/v1/"):], raised.text("ticket"), opened.text("name")) {
		if status, answer := b.call(token, http.MethodGet, "/v1/"+name, nil); status != http.StatusOK {
			t.Errorf("%s was acknowledged before the backup began: %d %v", name, status, answer)
		}
	}
	if got := b.bytes(token, http.MethodGet, file+"/content", nil); !bytes.Equal(got.body, picture) {
		t.Errorf("the file has %d bytes (%d), %d were sent", len(got.body), got.status, len(picture))
	}
	if linked, _ := b.want(token, http.MethodGet, "/v1/"+opened.text("name"), nil)["tickets"].([]any); len(linked) != 1 {
		t.Errorf("the case leads to %v", linked)
	}
	admin := b.as("admin").text("accessToken")
	if check := b.want(admin, http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
	if approvals, err := b.CheckApprovalBoard(t.Context(), "410900"); err != nil || len(approvals.Differences) > 0 {
		t.Errorf("the board of approvals: %v %v", approvals, err)
	}
	// The services go on where they were: what is filed now is routed.
	b.filed()
	b.shut()
	if faults := verify(t, back); faults > 0 {
		t.Errorf("%d histories do not verify", faults)
	}
}

// filing are some who file until they are stopped.
type filing struct {
	b       *booted
	done    chan struct{} // closed to stop them
	over    chan struct{} // closed when all have stopped
	all     sync.WaitGroup
	mu      sync.Mutex
	names   []string
	another chan struct{} // closed when there is one more
}

func (b *booted) keepFiling(token string) *filing {
	f := &filing{b: b, done: make(chan struct{}), over: make(chan struct{}), another: make(chan struct{})}
	b.t.Cleanup(f.stop)
	for range 3 {
		f.all.Go(func() {
			for {
				select {
				case <-f.done:
					return
				default:
				}
				answer := b.bytes(token, http.MethodPost, city+"/tickets", []byte(`{"body": "园区道路积水，货车进不来。", "category": "0302"}`), "Content-Type", "application/json")
				ticket := document{}
				if err := json.Unmarshal(answer.body, &ticket); err != nil || answer.status != http.StatusOK {
					b.t.Errorf("file: %d %s", answer.status, answer.body)
					return
				}
				f.mu.Lock()
				f.names = append(f.names, ticket.text("name"))
				close(f.another)
				f.another = make(chan struct{})
				f.mu.Unlock()
			}
		})
	}
	go func() { f.all.Wait(); close(f.over) }()
	return f
}

// until waits for so many.
func (f *filing) until(n int) {
	f.b.t.Helper()
	for {
		f.mu.Lock()
		have, another := len(f.names), f.another
		f.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-another:
		case <-f.over:
			f.b.t.Fatal("nobody files any more")
		}
	}
}

func (f *filing) acknowledged() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.names...)
}

func (f *filing) stop() {
	select {
	case <-f.done:
	default:
		close(f.done)
	}
	<-f.over
}
