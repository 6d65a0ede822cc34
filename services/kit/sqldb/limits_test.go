package sqldb_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// A lock that somebody holds, and a statement that takes too long, end with a reason that says to try again; behind a pooler as well.
func TestNobodyWaitsForEver(t *testing.T) {
	for name, through := range map[string]func(t *testing.T, dsn string) string{
		"directly": func(_ *testing.T, dsn string) string { return dsn },
		"pooler":   func(t *testing.T, dsn string) string { return kittest.Pooler(t, dsn) },
	} {
		t.Run(name, func(t *testing.T) {
			direct := kittest.Postgres(t)
			db := open(t, through(t, direct))
			if err := sqldb.Migrate(t.Context(), db, release(1)); err != nil {
				t.Fatal(err)
			}
			for setting, want := range map[string]string{"lock_timeout": "900ms", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min", "synchronous_commit": "on", "random_page_cost": "1.1"} {
				var has string
				if err := db.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&has); err != nil || has != want {
					t.Errorf("%s is %s, want %s (%v)", setting, has, want, err)
				}
			}
			holder, err := pgx.Connect(t.Context(), direct)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holder.Close(t.Context()) }()
			tx, err := holder.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), "LOCK TABLE note IN ACCESS EXCLUSIVE MODE"); err != nil {
				t.Fatal(err)
			}
			var n int
			err = db.QueryRow(t.Context(), "SELECT count(*) FROM note").Scan(&n)
			if !errors.Is(err, sqldb.ErrBusy) || fault.KindOf(err) != fault.Unavailable || !fault.Has(err, "OVERLOADED") {
				t.Errorf("a held lock ends with %v", err)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestASlowStatementIsStopped(t *testing.T) {
	db := open(t, kittest.Postgres(t)+"&statement_timeout=50ms")
	var n int
	err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_sleep(30)").Scan(&n)
	if !errors.Is(err, sqldb.ErrTimeout) || fault.KindOf(err) != fault.Deadline || !fault.Has(err, "DEADLINE_EXCEEDED") {
		t.Errorf("ended with %v", err)
	}
	// Who reads all of something may take longer.
	if err := db.Snapshot(sqldb.Patient(t.Context()), func(r sqldb.Reader) error {
		return r.QueryRow(t.Context(), "SELECT count(*) FROM pg_sleep(0.2)").Scan(&n)
	}); err != nil {
		t.Error(err)
	}
}

func TestPoolModes(t *testing.T) {
	if _, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "postgres://nobody@127.0.0.1:1/none?pool_mode=statement"}); err == nil {
		t.Error("a mode that cannot work was taken")
	}
}
