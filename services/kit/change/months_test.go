package change_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// monthOf is the month that lies so many months from now, as the journal writes it.
func monthOf(months int) int {
	now := time.Now().UTC()
	at := time.Date(now.Year(), now.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	return at.Year()*100 + int(at.Month())
}

// written is the first event of something made in a month.
func written(id string, month int) *change.Change {
	sealed := journal.Seal(journal.Hash{}, journal.Envelope{City: "410900", Aggregate: id, Version: 1, Type: "ThingChanged", Time: time.Now(), Actor: "tester", Payload: []byte(id)})
	return &change.Change{Decided: time.Now(), Events: []change.Event{{Sealed: sealed, Month: month}}}
}

// lies says in which partition the events of an aggregate are.
func lies(t *testing.T, s *change.Store, aggregate string) (name string) {
	t.Helper()
	if err := s.DB().QueryRow(t.Context(), `SELECT tableoid::regclass::text FROM journal WHERE aggregate = $1`, aggregate).Scan(&name); err != nil {
		t.Fatalf("%s: %v", aggregate, err)
	}
	return name
}

// TestTheJournalsMonthsAreMadeAhead: each month has its partition before it begins, whichever replica makes it; what no partition waits for is kept, told,
// and does not keep later months from theirs.
func TestTheJournalsMonthsAreMadeAhead(t *testing.T) {
	dsn, registry := kittest.Postgres(t), prometheus.NewRegistry()
	s := kittest.OpenStore(t, dsn, change.Options{Metrics: registry}, changetest.Schema())
	kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
	deadline := time.Now().Add(30 * time.Second)
	for gauge(t, registry, "throughtrain_change_journal_months_ahead") != 3 {
		if time.Now().After(deadline) {
			t.Fatal("no months ahead")
		}
		time.Sleep(10 * time.Millisecond) // a metric has no event
	}
	for _, one := range []struct {
		month int
		in    string
	}{
		{202001, "journal_before"}, {monthOf(-1), "journal_before"}, {monthOf(0), fmt.Sprint("journal_", monthOf(0))}, {monthOf(3), fmt.Sprint("journal_", monthOf(3))},
		{monthOf(4), "journal_other"}, {209912, "journal_other"},
	} {
		id := fmt.Sprint("thing-", one.month)
		c := written(id, one.month)
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if in := lies(t, s, id); in != one.in {
			t.Errorf("an event of %d lies in %s, want %s", one.month, in, one.in)
		}
		// The next one builds on it, and is written once.
		next := journal.Seal(c.Events[0].Hash, journal.Envelope{City: "410900", Aggregate: id, Version: 2, Type: "ThingChanged", Time: time.Now(), Actor: "tester"})
		again := func() *change.Change {
			return &change.Change{Decided: time.Now(), Events: []change.Event{{Sealed: next, Month: one.month}}}
		}
		if err := s.Commit(t.Context(), again()); err != nil {
			t.Errorf("after an event in %s: %v", one.in, err)
		}
		for _, twice := range []*change.Change{again(), written(id, one.month)} {
			if err := s.Commit(t.Context(), twice); !errors.Is(err, change.ErrConflict) {
				t.Errorf("twice in %s: %v", one.in, err)
			}
		}
		for _, text := range []string{"UPDATE %s SET version = 9", "DELETE FROM %s", "TRUNCATE %s"} {
			if _, err := s.DB().PostgresPool().Exec(t.Context(), fmt.Sprintf(text, one.in)); err == nil {
				t.Errorf("%s went through", fmt.Sprintf(text, one.in))
			}
		}
	}
	for _, step := range []struct{ months, want int }{{3, 0}, {6, 2}, {6, 0}} { // the fourth month has its events among the others already, and they stay there
		var made int
		if err := s.DB().QueryRow(t.Context(), `SELECT journal_ahead($1)`, step.months).Scan(&made); err != nil || made != step.want {
			t.Errorf("%d months ahead: made %d, want %d, %v", step.months, made, step.want, err)
		}
	}
	if err := s.Commit(t.Context(), written("later", monthOf(6))); err != nil || lies(t, s, "later") != fmt.Sprint("journal_", monthOf(6)) {
		t.Errorf("%v", err)
	}
}

// TestAMonthIsMadeWhileItIsWrittenTo: who was on the way to the partition of the others decides again and finds the new one.
func TestAMonthIsMadeWhileItIsWrittenTo(t *testing.T) {
	s := kittest.OpenStore(t, kittest.Postgres(t), change.Options{}, changetest.Schema())
	ctx := t.Context()
	tx, err := s.DB().PostgresPool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }() // after the commit this does nothing
	if _, err := tx.Exec(ctx, `SELECT journal_ahead(5)`); err != nil {
		t.Fatal(err)
	}
	attempts := 0
	done := make(chan error, 1)
	go func() {
		done <- s.Decide(ctx, func(context.Context) (*change.Change, error) {
			attempts++
			return written("thing", monthOf(5)), nil
		})
	}()
	deadline := time.Now().Add(30 * time.Second)
	for waiting := false; !waiting; { // for the lock on the partition of the others
		if err := s.DB().QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'journal_other'::regclass
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&waiting); err != nil || time.Now().After(deadline) {
			t.Fatal("it does not wait", err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || attempts < 2 {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
	if in := lies(t, s, "thing"); in != fmt.Sprint("journal_", monthOf(5)) {
		t.Errorf("it lies in %s", in)
	}
}

// TestAJournalIsCutWhereItStands: what was written before is found in one partition, and goes on.
func TestAJournalIsCutWhereItStands(t *testing.T) {
	for name, last := range map[string]int{"of months that are over": monthOf(-3), "of this month": monthOf(0), "of a clock that ran ahead": monthOf(30)} {
		t.Run(name, func(t *testing.T) {
			dsn := kittest.Postgres(t)
			db, err := sqldb.Open(context.Background(), sqldb.Config{DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if err := sqldb.Migrate(t.Context(), db, until(t, "0002_aside.sql")); err != nil {
				t.Fatal(err)
			}
			before := func(c *change.Change) { // as the version before writes, which knows neither partitions nor causes
				t.Helper()
				e := c.Events[0]
				err := pgx.BeginFunc(t.Context(), db.PostgresPool(), func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), `INSERT INTO journal (city, month, aggregate, version, envelope, hash, previous) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
						e.City, e.Month, e.Aggregate, e.Version, e.Bytes, e.Hash[:], e.Previous[:])
					if err == nil {
						_, err = tx.Exec(t.Context(), `INSERT INTO outbox (city, aggregate, version, month) VALUES ($1, $2, $3, $4)`, e.City, e.Aggregate, e.Version, e.Month)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			th := &changetest.Thing{ID: "thing"}
			first := written("thing", last)
			before(first)
			th.Committed(first)
			s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
			for _, write := range []func(*change.Change){before, func(c *change.Change) {
				if err := s.Commit(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}} { // the one before goes on beside the newer
				next := th.Next("after")
				next.Month = last
				c := &change.Change{Decided: time.Now(), Events: []change.Event{next}}
				write(c)
				th.Committed(c)
			}
			before(written("new", monthOf(0)))
			// It knows by the key's name that somebody was quicker.
			_, err = db.PostgresPool().Exec(t.Context(), `INSERT INTO journal SELECT * FROM journal WHERE aggregate = 'new'`)
			var key *pgconn.PgError
			if !errors.As(err, &key) || key.ConstraintName != "journal_pkey" {
				t.Errorf("written twice: %v", err)
			}
			if in := lies(t, s, "new"); in != "journal_before" {
				t.Errorf("this month's lies in %s", in)
			}
			events, err := s.Journal(t.Context(), "410900", "thing", last)
			if err != nil || len(events) != 3 {
				t.Errorf("%d events, %v", len(events), err)
			}
			if err := s.AwaitFeed(t.Context(), 3); err != nil {
				t.Error(err)
			}
		})
	}
}

// until is kit's schema as it was after a migration of PostgreSQL.
func until(t *testing.T, last string) sqldb.MigrationSet {
	t.Helper()
	all, some := change.Schema(), fstest.MapFS{}
	names, err := fs.Glob(all.FS, "postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(all.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if name <= "postgres/"+last {
			some[name] = &fstest.MapFile{Data: text}
		}
	}
	all.FS = some
	return all
}

func gauge(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no %s", name)
	return 0
}
