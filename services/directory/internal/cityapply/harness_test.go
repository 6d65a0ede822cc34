package cityapply_test

import (
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const code = "410900"

// standalone is who applies a city when its process starts.
var standalone = authn.Caller{Kind: authn.Service, Name: "standalone"}

// world is the use case over a database of its own.
type world struct {
	*cityapply.Service
	t          *testing.T
	city, wall *movable.Clock
	store      *store.Store
}

// each runs a test on every engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		start := time.Date(2026, 11, 20, 1, 30, 0, 0, time.UTC)
		w := &world{t: t, city: movable.New(start.AddDate(-1, 0, 0)), wall: movable.New(start)}
		w.store = store.New(kittest.OpenStore(t, dsn, change.Options{Wall: w.wall}, store.Schema()), w.wall)
		w.Service = w.replica()
		test(w)
	})
}

// replica is another process over the same database.
func (w *world) replica() *cityapply.Service {
	return cityapply.New(cityapply.Deps{Store: w.store, City: w.city, Wall: w.wall})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// folder is the city that the product comes with.
func folder(t testing.TB) []*directoryv1.CityFile {
	t.Helper()
	found, err := city.ReadFolder(os.DirFS("../../../../deploy/config/cities/" + code))
	if err != nil {
		t.Fatal(err)
	}
	var files []*directoryv1.CityFile
	for _, f := range found {
		files = append(files, &directoryv1.CityFile{Path: f.Path, Content: f.Content})
	}
	return files
}

// edit replaces the first occurrence of a text in one file.
func edit(t testing.TB, files []*directoryv1.CityFile, path, old, replacement string) []*directoryv1.CityFile {
	t.Helper()
	files = slices.Clone(files)
	for i, f := range files {
		if f.GetPath() == path {
			if !strings.Contains(string(f.GetContent()), old) {
				t.Fatalf("%s does not hold %q", path, old)
			}
			files[i] = &directoryv1.CityFile{Path: path, Content: []byte(strings.Replace(string(f.GetContent()), old, replacement, 1))}
		}
	}
	return files
}

// without takes an official's line out of the staff.
func without(t testing.TB, files []*directoryv1.CityFile, login string) []*directoryv1.CityFile {
	t.Helper()
	for _, f := range files {
		if f.GetPath() != "staff.yaml" {
			continue
		}
		for line := range strings.Lines(string(f.GetContent())) {
			if strings.Contains(line, "{login: "+login+",") {
				return edit(t, files, "staff.yaml", line, "")
			}
		}
	}
	t.Fatalf("nobody is called %s", login)
	return nil
}

// apply applies files as the process that starts, and wants to hear what the city is on then.
func (w *world) apply(files []*directoryv1.CityFile, version int64, changed bool) {
	w.t.Helper()
	answer, err := w.Apply(w.t.Context(), standalone, code, files, false, "", store.Request{})
	w.must(err)
	if answer.GetVersion() != version || answer.GetChanged() != changed {
		w.t.Fatalf("applied version %d, changed %t, not %d, %t", answer.GetVersion(), answer.GetChanged(), version, changed)
	}
}

// refused wants the files to be refused at a place.
func (w *world) refused(caller authn.Caller, files []*directoryv1.CityFile, place, text string) {
	w.t.Helper()
	before := w.head()
	_, err := w.Apply(w.t.Context(), caller, code, files, false, "", store.Request{})
	f := fault.From(err)
	if f == nil || f.Reason != "CITY_FILES_INVALID" || f.Kind != fault.Invalid {
		w.t.Fatalf("not refused for its files: %v", err)
	}
	if !slices.ContainsFunc(f.Violations, func(v fault.Violation) bool {
		return strings.HasPrefix(v.Field, place) && strings.Contains(v.Text.En, text) && v.Text.Zh != ""
	}) {
		w.t.Errorf("no violation %q at %s among %+v", text, place, f.Violations)
	}
	if after := w.head(); after != before {
		w.t.Errorf("the refusal left %d events", after-before)
	}
}

// head is the position of the last event, numbered or not yet.
func (w *world) head() int64 {
	w.t.Helper()
	var events int64
	w.must(w.store.DB().QueryRow(w.t.Context(), `SELECT count(*) FROM journal`).Scan(&events))
	return events
}

// events wants as many events after a position, and waits until they are numbered.
func (w *world) events(after int64, n int) []*directoryv1.DirectoryEvent {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	if n > 0 {
		w.must(w.store.AwaitFeed(ctx, after+int64(n)-1))
	}
	found, err := w.store.Feed(ctx, after, 1000)
	w.must(err)
	var events []*directoryv1.DirectoryEvent
	for _, f := range found {
		e := &directoryv1.DirectoryEvent{}
		w.must(proto.Unmarshal(f.Payload, e))
		events = append(events, e)
	}
	if len(events) != n {
		w.t.Fatalf("%d events instead of %d: %v", len(events), n, events)
	}
	return events
}

func (w *world) official(login string) store.Official {
	w.t.Helper()
	o, err := w.store.OfficialByLogin(w.t.Context(), code, login)
	w.must(err)
	return o
}

// dismiss does what an administrator's order does.
func (w *world) dismiss(login string, by authn.Caller) {
	w.t.Helper()
	o, c := w.official(login), &change.Change{}
	w.must(store.DismissOfficial(c, &o, "admin", w.city.Now(), w.wall.Now(), "persons/"+by.Person))
	w.must(w.store.Commit(w.t.Context(), c))
}

func (w *world) administrator(login string) authn.Caller {
	w.t.Helper()
	return authn.Caller{Kind: authn.Person, City: code, Person: w.official(login).Person}
}

func request(id, body string) store.Request {
	return store.Request{City: code, Person: "somebody", Method: "ApplyCity", ID: id, Body: sha256.Sum256([]byte(body))}
}

func changeOf(text string) *change.Change {
	return &change.Change{Statements: []change.Statement{change.Exec(text)}}
}
