// Package changetest is the conformance suite of package change: what a store promises, whatever database is under it.
//
// It depends on change and sqldb; only tests import it.
package changetest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Run runs the suite. open returns a running store over a fresh database with this package's Schema.
func Run(t *testing.T, open func(t *testing.T) *change.Store) {
	tests := []struct {
		name string
		test func(t *testing.T, s *change.Store)
	}{
		{"AllOrNothing", testAllOrNothing},
		{"JournalAcceptsOnlyWhatFollows", testJournalGuard},
		{"StaleDecisionIsRefused", testStale},
		{"UniqueViolationsAreNamed", testUnique},
		{"CursorsAreGuarded", testCursors},
		{"HistoryOnlyGrows", testAppendOnly},
		{"ValuesComeBack", testValues},
		{"DecideTriesAgain", testDecide},
		{"InvalidChangesAreRefused", testInvalid},
		{"OneRequestOneEffect", testOneRequest},
		{"OneVersionOneWinner", testOneWinner},
		{"FailedMembersHarmNobody", testFailedMembers},
		{"CancelledMembersHarmNobody", testCancelledMembers},
		{"FeedIsGaplessUnderAStorm", testStorm},
		{"DeadlinesAreClaimedInOrder", testClaimOrder},
		{"FailedDeadlinesAreSetAside", testSetAside},
		{"DeadlinesMove", testDueMoves},
		{"AwaitDue", testAwaitDue},
		{"SnapshotStandsStill", testSnapshot},
		{"WorkIsCounted", testCounts},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, open(t)) })
	}
}

// full is a Change that uses everything.
func full(th *Thing, note string) *change.Change {
	c := th.Change(note)
	c.Request = &change.Request{City: city, Person: "p1", Method: "CreateThing", ID: "r-" + note, BodyHash: []byte{1, 2}, Resource: th.ID}
	c.Due = []change.Due{{City: city, Aggregate: th.ID, At: time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)}}
	c.Cursors = []change.CursorMove{{Consumer: "reader", From: 0, To: 3}}
	return c
}

func testAllOrNothing(t *testing.T, s *change.Store) {
	a, b := &Thing{ID: "a"}, &Thing{ID: "b"}
	failing := full(a, "one")
	failing.Events = append(failing.Events, failing.Events[0]) // fails after everything but the deadline is written
	if err := s.Commit(t.Context(), failing); !errors.Is(err, change.ErrConflict) {
		t.Fatalf("got %v", err)
	}
	for _, table := range []string{"thing", "journal", "feed", "due", "request_seen", "feed_cursor"} {
		if n := count(t, s, "SELECT count(*) FROM "+table); n != 0 {
			t.Errorf("%d rows of a failed change are left in %s", n, table)
		}
	}
	commit(t, s, full(a, "one"))
	step(t, s, b, "two")
	events := awaitEvents(t, s, 2)
	VerifyFeed(t, events)
	if events[0].Aggregate != "a" || string(events[1].Payload) != "two" {
		t.Errorf("the feed reads %v", events)
	}
	if n := count(t, s, "SELECT count(*) FROM thing"); n != 2 {
		t.Errorf("%d things", n)
	}
	request, found, err := s.Request(t.Context(), city, "p1", "CreateThing", "r-one")
	if err != nil || !found || request.Resource != "a" || !bytes.Equal(request.BodyHash, []byte{1, 2}) || !request.Expires.IsZero() {
		t.Errorf("request %+v %v %v", request, found, err)
	}
	if _, found, err := s.Request(t.Context(), city, "p2", "CreateThing", "r-one"); found || err != nil {
		t.Errorf("another person's request id is found: %v %v", found, err)
	}
	if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || !at.Equal(time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("next due %v %v %v", at, ok, err)
	}
	if position, err := s.Cursor(t.Context(), "reader"); err != nil || position != 3 {
		t.Errorf("cursor %d %v", position, err)
	}
	history, err := s.Journal(t.Context(), city, "b", 0)
	if err != nil || len(history) != 1 || history[0].Hash != b.Head.Hash {
		t.Errorf("history %v %v", history, err)
	}
}

func testJournalGuard(t *testing.T, s *change.Store) {
	th := &Thing{ID: "a"}
	step(t, s, th, "one")
	first := th.Head
	step(t, s, th, "two")
	bare := func(at Thing) *change.Change { return &change.Change{Events: []change.Event{at.Next("x")}} }
	for name, head := range map[string]Thing{
		"a second first event":  {ID: "a"},
		"a second second event": {ID: "a", Head: first},
	} {
		if err := s.Commit(t.Context(), bare(head)); !errors.Is(err, change.ErrConflict) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	gap := Thing{ID: "a", Head: th.Head}
	gap.Head.Version++
	if err := s.Commit(t.Context(), bare(gap)); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a gap: got %v", err)
	}
	fork := Thing{ID: "a", Head: th.Head}
	fork.Head.Hash = first.Hash
	if err := s.Commit(t.Context(), bare(fork)); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a wrong predecessor: got %v", err)
	}
	two := &change.Change{Events: []change.Event{th.Next("three")}} // several events of one aggregate in one change
	th.Committed(two)
	two.Events = append(two.Events, th.Next("four"))
	commit(t, s, two)
	th.Committed(two)
	if head, err := s.JournalHead(t.Context(), city, "a", 0); err != nil || head != th.Head {
		t.Errorf("head %v %v", head, err)
	}
	if head, err := s.JournalHead(t.Context(), city, "unknown", 0); err != nil || head.Version != 0 {
		t.Errorf("head of nothing %v %v", head, err)
	}
	VerifyFeed(t, awaitEvents(t, s, 4))
}

func testStale(t *testing.T, s *change.Store) {
	th := &Thing{ID: "a"}
	c := th.Change("one")
	c.Decided = time.Now().Add(-change.MaxAge - 10*time.Millisecond)
	if err := s.Commit(t.Context(), c); !errors.Is(err, change.ErrStale) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, s, "SELECT count(*) FROM journal"); n != 0 {
		t.Error("a stale decision was written")
	}
	c.Decided = time.Time{}
	commit(t, s, c)
}

func testUnique(t *testing.T, s *change.Store) {
	step(t, s, &Thing{ID: "a"}, "note")
	value := change.Exec(`INSERT INTO value (id, big, flag) VALUES ($1, $2, $3)`, "v", 5, true)
	commit(t, s, &change.Change{Statements: []change.Statement{value}})
	value.Args = []any{"w", 5, true}
	for want, c := range map[string]*change.Change{
		"thing_city_note_key": (&Thing{ID: "b"}).Change("note"),
		"thing_pkey":          (&Thing{ID: "a"}).Change("other"),
		"value_one_big":       {Statements: []change.Statement{value}},
	} {
		var unique *change.UniqueError
		if err := s.Commit(t.Context(), c); !errors.As(err, &unique) || unique.Name != want {
			t.Errorf("got %v, want a violation of %s", err, want)
		}
	}
	var constraint *sqldb.ConstraintError
	null := change.Exec(`INSERT INTO thing (city, id, version, note) VALUES ($1, $2, $3, $4)`, city, "c", 1, nil)
	if err := s.Commit(t.Context(), &change.Change{Statements: []change.Statement{null}}); !errors.As(err, &constraint) {
		t.Errorf("got %v, want a constraint error", err)
	}
}

func testCursors(t *testing.T, s *change.Store) {
	move := func(from, to int64) error {
		return s.Commit(t.Context(), &change.Change{Cursors: []change.CursorMove{{Consumer: "c", From: from, To: to}}})
	}
	for _, m := range []struct {
		from, to int64
		want     error
	}{{5, 6, change.ErrConflict}, {0, 4, nil}, {0, 4, change.ErrConflict}, {4, 9, nil}, {4, 9, change.ErrConflict}, {9, 10, nil}} {
		if err := move(m.from, m.to); !errors.Is(err, m.want) {
			t.Errorf("move from %d to %d: got %v, want %v", m.from, m.to, err, m.want)
		}
	}
	if position, err := s.Cursor(t.Context(), "c"); err != nil || position != 10 {
		t.Errorf("cursor at %d, %v", position, err)
	}
	c := (&Thing{ID: "a"}).Change("one")
	c.Cursors = []change.CursorMove{{Consumer: "c", From: 4, To: 11}}
	if err := s.Commit(t.Context(), c); !errors.Is(err, change.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if n := count(t, s, "SELECT count(*) FROM thing"); n != 0 {
		t.Error("effects were written without their cursor")
	}
}

func testAppendOnly(t *testing.T, s *change.Store) {
	step(t, s, &Thing{ID: "a"}, "one")
	awaitEvents(t, s, 1)
	for _, sql := range []string{
		`UPDATE journal SET version = version + 1`, `DELETE FROM journal`, `UPDATE journal SET hash = envelope WHERE city = '410900'`,
		`UPDATE feed SET position = 9`, `DELETE FROM feed`,
	} {
		if err := s.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Exec(sql)}}); err == nil {
			t.Errorf("%s was accepted", sql)
		}
	}
	VerifyFeed(t, awaitEvents(t, s, 1))
}

func testValues(t *testing.T, s *change.Store) {
	const insert = `INSERT INTO value (id, big, words, bytes, flag, fraction) VALUES ($1, $2, $3, $4, $5, $6)`
	words, big := "市长直通车 🚄 '\"\x7f", int64(-1<<63)
	commit(t, s, &change.Change{Statements: []change.Statement{
		change.Exec(insert, "full", big, words, []byte{0, 1, 255}, true, 0.5),
		change.Exec(insert, "null", nil, nil, nil, nil, nil),
		change.Exec(insert, "empty", 0, "", []byte{}, false, 0.0),
		change.Exec(insert, "pointers", &big, &words, []byte("x"), false, -1.25),
		change.Exec(`UPDATE value SET words = $1, big = $2 WHERE id = $3 AND $1 <> 'x'`, "again", 1, "empty"), // $1 twice
	}})
	type row struct {
		big      *int64
		words    *string
		bytes    []byte
		flag     *bool
		fraction *float64
	}
	read := func(id string) (r row) {
		err := s.DB().QueryRow(t.Context(), `SELECT big, words, bytes, flag, fraction FROM value WHERE id = $1`, id).
			Scan(&r.big, &r.words, &r.bytes, &r.flag, &r.fraction)
		if err != nil {
			t.Fatalf("read %s: %v", id, err)
		}
		return r
	}
	if r := read("full"); *r.big != big || *r.words != words || !bytes.Equal(r.bytes, []byte{0, 1, 255}) || !*r.flag || *r.fraction != 0.5 {
		t.Errorf("full came back as %+v", r)
	}
	if r := read("null"); r.big != nil || r.words != nil || r.bytes != nil || r.flag != nil || r.fraction != nil {
		t.Errorf("null came back as %+v", r)
	}
	if r := read("empty"); *r.big != 1 || *r.words != "again" || len(r.bytes) != 0 || *r.flag {
		t.Errorf("empty came back as %+v", r)
	}
	if n := count(t, s, `SELECT count(*) FROM value WHERE id = $1 AND bytes IS NOT NULL`, "empty"); n != 1 {
		t.Error("empty bytes became NULL")
	}
	if r := read("pointers"); *r.big != big || *r.words != words || *r.fraction != -1.25 {
		t.Errorf("pointers came back as %+v", r)
	}
	err := s.DB().QueryRow(t.Context(), `SELECT big FROM value WHERE id = $1`, "absent").Scan(new(int64))
	if !errors.Is(err, sqldb.ErrNoRows) {
		t.Errorf("an absent row: %v", err)
	}
}

func testDecide(t *testing.T, s *change.Store) {
	th := &Thing{ID: "a"}
	step(t, s, th, "one")
	old := *th
	step(t, s, th, "two")
	tries := 0
	err := s.Decide(t.Context(), func(context.Context) (*change.Change, error) {
		if tries++; tries < 3 {
			return old.Change("late"), nil
		}
		return th.Change("three"), nil
	})
	if err != nil || tries != 3 {
		t.Errorf("%d tries, %v", tries, err)
	}
	tries = 0
	err = s.Decide(t.Context(), func(context.Context) (*change.Change, error) { tries++; return old.Change("never"), nil })
	if !fault.Has(err, "CONTENTION") || !errors.Is(err, change.ErrConflict) || tries != change.Attempts {
		t.Errorf("%d tries, %v", tries, err)
	}
	own := errors.New("own")
	if err := s.Decide(t.Context(), func(context.Context) (*change.Change, error) { return nil, own }); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	if err := s.Decide(t.Context(), func(context.Context) (*change.Change, error) { return nil, nil }); err != nil {
		t.Errorf("got %v", err)
	}
}

func testInvalid(t *testing.T, s *change.Store) {
	unsealed := (&Thing{ID: "a"}).Next("x")
	unsealed.Bytes = nil
	for name, c := range map[string]*change.Change{
		"an unsealed event":      {Events: []change.Event{unsealed}},
		"an event without place": {Events: []change.Event{(&Thing{}).Next("x")}},
		"a deadline of nothing":  {Due: []change.Due{{City: city}}},
		"a cursor going back":    {Cursors: []change.CursorMove{{Consumer: "c", From: 2, To: 1}}},
		"a request of nobody":    {Request: &change.Request{}},
		"nonsense":               {Statements: []change.Statement{change.Exec("GIBBERISH")}},
	} {
		if err := s.Commit(t.Context(), c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	step(t, s, &Thing{ID: "a"}, "fine")
}

func testSnapshot(t *testing.T, s *change.Store) {
	step(t, s, &Thing{ID: "a"}, "one")
	err := s.DB().Snapshot(t.Context(), func(r sqldb.Reader) error {
		for i := range 3 {
			var n int
			if err := r.QueryRow(t.Context(), `SELECT count(*) FROM thing`).Scan(&n); err != nil {
				return err
			}
			if n != 1 {
				t.Errorf("read %d sees %d things", i, n)
			}
			step(t, s, &Thing{ID: string(rune('b' + i))}, string(rune('b'+i)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "SELECT count(*) FROM thing"); n != 4 {
		t.Errorf("%d things", n)
	}
	own := errors.New("own")
	if err := s.DB().Snapshot(t.Context(), func(sqldb.Reader) error { return own }); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
}

func testCounts(t *testing.T, s *change.Store) {
	before := s.DB().Counts()
	commit(t, s, full(&Thing{ID: "a"}, "one"))
	after := s.DB().Counts()
	// On PostgreSQL the sequencer works beside; its calls go past the counter.
	if n := after.RoundTrips - before.RoundTrips; n != 1 {
		t.Errorf("a change took %d round trips", n)
	}
	if n := after.Statements - before.Statements; n != 5 {
		t.Errorf("a change took %d statements", n)
	}
}
