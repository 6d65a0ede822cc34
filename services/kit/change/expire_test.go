package change_test

import (
	"context"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Run forgets request ids whose time is over, and no others, however many there are.
func TestExpiredRequestsAreForgotten(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := openStill(t, dsn)
		request := func(id string, expires time.Time) *change.Request {
			return &change.Request{City: "410900", Person: "p", Method: "m", ID: id, BodyHash: []byte{1}, Resource: "r", Expires: expires}
		}
		now := time.Now().UTC().Truncate(time.Microsecond)
		for id, expires := range map[string]time.Time{"past": now.Add(-time.Second), "future": now.Add(time.Hour), "for ever": {}} {
			if err := s.Commit(t.Context(), &change.Change{Request: request(id, expires)}); err != nil {
				t.Fatal(err)
			}
		}
		insert := change.Exec(`INSERT INTO request_seen (city, person, method, id, body_hash, resource, expires)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
			SELECT '410900', 'p', 'm', 'bulk ' || CAST(i AS TEXT), $1, 'r', 1 FROM n`, []byte{1})
		if err := s.Commit(t.Context(), &change.Change{Statements: []change.Statement{insert}}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- s.Run(ctx) }()
		deadline := time.Now().Add(20 * time.Second)
		var left int
		for left = -1; left != 2 && time.Now().Before(deadline); { // nothing announces that ids were forgotten
			if err := s.DB().QueryRow(t.Context(), `SELECT count(*) FROM request_seen`).Scan(&left); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		for id, want := range map[string]bool{"past": false, "future": true, "for ever": true} {
			r, found, err := s.Request(t.Context(), "410900", "p", "m", id)
			if err != nil || found != want || id == "future" && !r.Expires.Equal(now.Add(time.Hour)) {
				t.Errorf("%s: found %v %v, %v", id, found, r, err)
			}
		}
	})
}

// openStill opens a store that does not run yet.
func openStill(t *testing.T, dsn string) *change.Store {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := sqldb.Migrate(t.Context(), db, change.Schema()); err != nil {
		t.Fatal(err)
	}
	s, err := change.New(t.Context(), db, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestASQLiteDatabaseHasOneStore(t *testing.T) {
	s := openStill(t, "sqlite::memory:")
	if _, err := change.New(t.Context(), s.DB(), change.Options{}); err == nil {
		t.Error("a second store was made")
	}
	s.Close()
	again, err := change.New(t.Context(), s.DB(), change.Options{})
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	again.Close()
}
