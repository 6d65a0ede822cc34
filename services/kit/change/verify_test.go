package change_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// fill writes three histories of four events each.
func fill(t *testing.T, s *change.Store) {
	t.Helper()
	for h := range 3 {
		var last journal.Hash
		for v := range 4 {
			e := journal.Seal(last, journal.Envelope{City: "410900", Aggregate: fmt.Sprintf("things/%d", h), Version: int64(v + 1), Type: "t",
				Time: time.Unix(int64(v), 0), Actor: "system/test", Payload: []byte{byte(h), byte(v)}})
			last = e.Hash
			if err := s.Commit(t.Context(), &change.Change{Events: []change.Event{{Sealed: e, Month: 202611}}}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestVerifyFindsAJournalSound(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := kittest.OpenStore(t, dsn, change.Options{})
		fill(t, s)
		if err := s.AwaitFeed(t.Context(), 11); err != nil {
			t.Fatal(err)
		}
		found, err := change.Verify(t.Context(), s.DB())
		if err != nil || found.Histories != 3 || found.Events != 12 || len(found.Faults) != 0 {
			t.Errorf("found %+v, %v", found, err)
		}
	})
}

// TestVerifyFindsEveryChange does to a file what somebody with the file can do, triggers and all.
func TestVerifyFindsEveryChange(t *testing.T) {
	for name, damage := range map[string]string{
		"payload":        `UPDATE journal SET envelope = substr(envelope, 1, length(envelope) - 1) || x'ff' WHERE aggregate = 'things/1' AND version = 2`,
		"hash":           `UPDATE journal SET hash = zeroblob(32) WHERE aggregate = 'things/1' AND version = 4`,
		"drop":           `DELETE FROM journal WHERE aggregate = 'things/1' AND version = 2`,
		"truncate":       `DELETE FROM journal WHERE aggregate = 'things/1' AND version = 4`,
		"whole history":  `DELETE FROM journal WHERE aggregate = 'things/0'`,
		"transplant":     `UPDATE journal SET aggregate = 'things/9' WHERE aggregate = 'things/1'`,
		"another city":   `UPDATE journal SET city = '410500' WHERE aggregate = 'things/1' AND version = 1`,
		"swap":           `UPDATE journal SET version = 9 - version WHERE aggregate = 'things/1'`,
		"short hash":     `UPDATE journal SET hash = x'00' WHERE aggregate = 'things/2' AND version = 1`,
		"not a envelope": `UPDATE journal SET envelope = x'00' WHERE aggregate = 'things/2' AND version = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "db")
			s := kittest.OpenStore(t, "sqlite:"+path, change.Options{})
			fill(t, s)
			raw, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = raw.Close() }()
			for _, statement := range []string{`DROP TRIGGER journal_keeps_rows`, `DROP TRIGGER journal_keeps_content`, damage} {
				if _, err := raw.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite:" + path, Readers: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if found, err := change.Verify(t.Context(), db); err != nil || len(found.Faults) == 0 {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}
