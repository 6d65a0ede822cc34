package changetest

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const city = "410900"

// Schema is the migration set of the things that the suite changes: the smallest service there is.
func Schema() sqldb.MigrationSet {
	const schema = `
CREATE TABLE thing (city TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, note TEXT NOT NULL,
	PRIMARY KEY (city, id), UNIQUE (city, note));
CREATE TABLE effect (position BIGINT PRIMARY KEY, aggregate TEXT NOT NULL, version BIGINT NOT NULL);
CREATE TABLE value (id TEXT PRIMARY KEY, big BIGINT, words TEXT, bytes %s, flag BOOLEAN, fraction DOUBLE PRECISION);
CREATE UNIQUE INDEX value_one_big ON value (big) WHERE flag;
`
	files := fstest.MapFS{}
	for engine, blob := range map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"} {
		files[engine+"/0001_thing.sql"] = &fstest.MapFile{Data: fmt.Appendf(nil, schema, blob)}
	}
	return sqldb.MigrationSet{Name: "thing", FS: files}
}

// Thing is an aggregate as a service would keep it: what its next event follows, in memory instead of in a row.
type Thing struct {
	ID   string
	Head journal.Head
}

// Next seals the thing's next event.
func (th *Thing) Next(payload string) change.Event {
	return change.Event{Sealed: journal.Seal(th.Head.Hash, journal.Envelope{City: city, Aggregate: th.ID, Version: th.Head.Version + 1,
		Type: "ThingChanged", Time: time.Now(), Actor: "tester", Payload: []byte(payload)})}
}

// Change decides one step of the thing: its row, guarded by its version, and its event.
func (th *Thing) Change(note string) *change.Change {
	event := th.Next(note)
	statement := change.Guard(`UPDATE thing SET version = $1, note = $2 WHERE city = $3 AND id = $4 AND version = $5`,
		event.Version, note, city, th.ID, th.Head.Version)
	if th.Head.Version == 0 {
		statement = change.Exec(`INSERT INTO thing (city, id, version, note) VALUES ($1, $2, $3, $4)`, city, th.ID, event.Version, note)
	}
	return &change.Change{Decided: time.Now(), Statements: []change.Statement{statement}, Events: []change.Event{event}}
}

// Committed moves the thing to what a change of it left behind.
func (th *Thing) Committed(c *change.Change) {
	last := c.Events[len(c.Events)-1]
	th.Head = journal.Head{Version: last.Version, Hash: last.Hash}
}

func commit(t testing.TB, s *change.Store, c *change.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

// step commits one step of a thing.
func step(t testing.TB, s *change.Store, th *Thing, note string) {
	t.Helper()
	c := th.Change(note)
	commit(t, s, c)
	th.Committed(c)
}

func count(t testing.TB, s *change.Store, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := s.DB().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// awaitEvents waits until the feed holds n events and reads all of it, in small pages, from nothing.
func awaitEvents(t testing.TB, s *change.Store, n int64) []change.FeedEvent {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.AwaitFeed(ctx, n-1); err != nil {
		t.Fatalf("the feed does not reach %d: %v", n, err)
	}
	return readFeed(t, s)
}

func readFeed(t testing.TB, s *change.Store) []change.FeedEvent {
	t.Helper()
	var all []change.FeedEvent
	var after int64
	for {
		page, err := s.Feed(t.Context(), after, 7)
		if err != nil {
			t.Fatalf("read the feed after %d: %v", after, err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = page[len(page)-1].Position
	}
}

// VerifyFeed fails the test unless positions are gapless from 1 and every aggregate's events form an unbroken chain in the
// order of the feed. It returns the chains.
func VerifyFeed(t testing.TB, events []change.FeedEvent) map[string]*journal.Chain {
	t.Helper()
	chains := make(map[string]*journal.Chain)
	for i, e := range events {
		if e.Position != int64(i)+1 {
			t.Fatalf("event %d of the feed has position %d", i+1, e.Position)
		}
		chain := chains[e.Aggregate]
		if chain == nil {
			chain = &journal.Chain{}
			chains[e.Aggregate] = chain
		}
		if err := chain.Extend(e.Sealed); err != nil {
			t.Fatalf("position %d: %v", e.Position, err)
		}
	}
	return chains
}
