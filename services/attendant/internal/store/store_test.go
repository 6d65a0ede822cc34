package store_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/reflect/protoreflect"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	for _, engine := range []struct {
		name string
		dsn  func(t *testing.T) string
	}{
		{"file", func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/test.db" }},
		{"memory", func(*testing.T) string { return "sqlite::memory:" }},
		{"postgres", func(t *testing.T) string { return kittest.Postgres(t) }},
	} {
		t.Run(engine.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) *store.Store {
				return store.New(kittest.OpenStore(t, engine.dsn(t), change.Options{}, store.Schema()))
			})
		})
	}
}

// A database of before there were hand-overs and visits keeps what it knows.
func TestEarlierDatabaseIsTakenOver(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		first := store.Schema()
		files := fstest.MapFS{}
		for _, engine := range []string{"sqlite", "postgres"} {
			name := engine + "/0001_attendant.sql"
			content, err := fs.ReadFile(first.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: content}
		}
		ctx := t.Context()
		db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := sqldb.Migrate(ctx, db, change.Schema(), sqldb.MigrationSet{Name: first.Name, FS: files}); err != nil {
			t.Fatal(err)
		}
		changes, err := change.New(ctx, db, change.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(changes.Close)
		wang, li := rostertest.Person(rostertest.Wang), rostertest.Person(rostertest.Li)
		old := []change.Statement{
			change.Exec(`INSERT INTO tickets (city, month, id, official, stage, version, head, changed) VALUES ($1, 202410, $2, $3, 2, 0, $4, 0)`,
				rostertest.Code, rostertest.Ticket(1), wang, make([]byte, 32)),
			change.Exec(`INSERT INTO presences (city, official, away, deputy, version, head, changed) VALUES ($1, $2, 1, '', 1, $3, 1)`, rostertest.Code, wang, make([]byte, 32)),
			change.Exec(`INSERT INTO projects (city, id, enterprise) VALUES ($1, $2, $3)`, rostertest.Code, rostertest.Project(1), rostertest.Enterprise(1)),
			change.Exec(`INSERT INTO dismissals (city, person) VALUES ($1, $2)`, rostertest.Code, li),
			store.Load(rostertest.Code, wang, rostertest.Ticket(1)), store.Give(rostertest.Code, wang, 7),
		}
		if err := changes.Commit(ctx, &change.Change{Statements: old}); err != nil {
			t.Fatal(err)
		}
		if err := sqldb.Migrate(ctx, db, change.Schema(), store.Schema()); err != nil {
			t.Fatal(err)
		}
		s := store.New(changes)
		carried, all, err := s.OpenWork(ctx, rostertest.Code, wang, store.About{}, 9)
		if err != nil || len(carried) != 1 || all != 1 || !carried[0].HeldBy(wang) || carried[0].Offer != nil || !carried[0].Held.IsZero() {
			t.Errorf("carried %+v, %v", carried, err)
		}
		tickets, cases, err := s.Given(ctx, rostertest.Code, []string{wang})
		if err != nil || tickets[wang] != 7 || cases[wang] != 0 {
			t.Errorf("given %v and %v, %v", tickets, cases, err)
		}
		said, err := s.Presence(ctx, rostertest.Code, wang)
		if err != nil || !said.Away || !said.From.IsZero() || said.HandOver {
			t.Errorf("said %+v, %v", said, err)
		}
		gone, err := s.Gone(ctx, rostertest.Code, []string{wang, li})
		if err != nil || len(gone) != 1 || gone[0] != li {
			t.Errorf("gone %v, %v", gone, err)
		}
		// What the reader of the directory's feed finds on its way from the beginning completes a project.
		if err := s.Commit(ctx, &change.Change{Statements: []change.Statement{
			store.AddEnterprise(rostertest.Code, rostertest.Enterprise(1), "410902", rostertest.Start),
			store.AddProject(rostertest.Code, rostertest.Project(1), rostertest.Enterprise(1), "410902")}}); err != nil {
			t.Fatal(err)
		}
		covered, err := s.Coverage(ctx, rostertest.Code, rostertest.Start)
		if err != nil || len(covered) != 1 || covered[0] != (store.Coverage{County: "410902", Enterprises: 1, Projects: 1}) {
			t.Errorf("coverage %+v, %v", covered, err)
		}
	})
}

// What events may hold: ids, codes, numbers and times. A field that is not here needs a look at whether it is personal.
var allowed = map[protoreflect.Name]bool{
	"binding_created": true, "binding_ended": true, "presence_changed": true, "route_proposed": true, "claim_returned": true,
	"binding": true, "official": true, "unit": true, "role": true, "enterprise": true, "project": true, "start": true, "end": true, "deputy": true,
	"present": true, "away_until": true, "ticket": true, "version": true, "reason": true,
	"handover_proposed": true, "handover_made": true, "visit_planned": true, "visit_held": true, "visit_cancelled": true, "quiet_changed": true,
	"visit_reassigned": true, "away_from": true, "hand_over": true, "from": true, "handover": true, "target": true, "tickets": true, "ended": true,
	"bindings": true, "visits": true, "visit": true, "time": true, "overridden": true, "content_mac": true, "problems": true, "quiet": true, "until": true,
	"agent_proposed": true, "agent_claim_returned": true, "case": true, "cases": true, "centre": true, "agreement": true,
	"seconds": true, "nanos": true,
}

func TestEventsCarryNothingPersonal(t *testing.T) {
	var walk func(m protoreflect.MessageDescriptor)
	walk = func(m protoreflect.MessageDescriptor) {
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if !allowed[f.Name()] {
				t.Errorf("%s is not known to be free of personal data", f.FullName())
			}
			if f.Message() != nil {
				walk(f.Message())
			}
		}
	}
	walk((&attendantv1.AttendantEvent{}).ProtoReflect().Descriptor())
}
