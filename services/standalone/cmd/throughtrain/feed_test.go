package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// What a service has set aside is listed, asked for again by name, and handled when the process serves.
func TestWhatIsSetAside(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(data, "hotline.db")
	left := func() (n int) {
		t.Helper()
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite:" + path, Readers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.QueryRow(t.Context(), `SELECT count(*) FROM feed_aside`).Scan(&n), db.Close()); err != nil {
			t.Fatal(err)
		}
		return n
	}
	ran := func() { // until nothing is set aside
		t.Helper()
		s := serve(t, "--data", data, "--demo")
		for deadline := time.Now().Add(20 * time.Second); left() > 0 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		}
		s.stop()
		if code := <-s.code; code != 0 {
			t.Fatalf("stopped with %d: %s", code, s.log)
		}
	}
	says := func(want int, words string, line ...string) {
		t.Helper()
		if code, out, log := runs(t, append(line, "--data", data)...); code != want || !strings.Contains(out+log, words) {
			t.Errorf("%v: %d %s%s", line, code, out, log)
		}
	}
	ran()
	says(0, "nothing is set aside", "feed", "aside")
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQLiteWriter().Exec(`INSERT INTO feed_aside (consumer, position, city, aggregate, reason, since)
		VALUES ('attendant', 1, '410900', 'bindings/1', 'cannot digest this', 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	says(exitFailed, "cannot digest this", "feed", "aside")
	says(exitFailed, "nothing of the kind", "feed", "retry", "agency")
	says(exitFailed, "nothing of the kind", "feed", "retry", "hotline", "attendant", "2")
	says(exitFailed, "cannot digest this", "feed", "aside")
	says(0, "tried again", "feed", "retry", "hotline", "attendant", "1")
	says(exitFailed, "to be tried again", "feed", "aside")
	ran()
	says(0, "nothing is set aside", "feed", "aside")
}
