package tally_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const city = "410900"

// schema is the tables of a tally of things.
func schema() sqldb.MigrationSet {
	const text = `
CREATE TABLE board_cells (city TEXT NOT NULL, generation BIGINT NOT NULL, day INTEGER NOT NULL, restricted SMALLINT NOT NULL, measure TEXT NOT NULL,
	dimension TEXT NOT NULL, value TEXT NOT NULL, bucket INTEGER NOT NULL, n BIGINT NOT NULL,
	PRIMARY KEY (city, generation, measure, day, dimension, value, bucket, restricted));
CREATE TABLE board_things (city TEXT NOT NULL, generation BIGINT NOT NULL, thing TEXT NOT NULL, facts %s NOT NULL, PRIMARY KEY (city, generation, thing));
CREATE TABLE board_state (city TEXT NOT NULL PRIMARY KEY, generation BIGINT NOT NULL, building BIGINT NOT NULL, step BIGINT NOT NULL);
`
	files := fstest.MapFS{}
	for engine, blob := range map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"} {
		files[engine+"/0001_board.sql"] = &fstest.MapFile{Data: fmt.Appendf(nil, text, blob)}
	}
	return sqldb.MigrationSet{Name: "board", FS: files}
}

// facts of a thing: its colour, which is the first word of its note, and its version.
type facts struct {
	Colour  string `json:"c"`
	Version int    `json:"v"`
}

func (f facts) Cells(each func(tally.Cell, int64)) {
	each(tally.Cell{Measure: "things", Dimension: "city"}, 1)
	each(tally.Cell{Measure: "things", Dimension: "colour", Value: f.Colour}, 1)
	each(tally.Cell{Day: 20260300 + f.Version, Measure: "versions", Dimension: "colour", Value: f.Colour, Bucket: f.Version, Restricted: f.Colour == "red"}, int64(f.Version))
}

func factsOf(version int, note string) facts {
	colour, _, _ := strings.Cut(note, " ")
	return facts{colour, version}
}

// stage is a store of things with a tally that follows it.
type stage struct {
	store  *change.Store
	tally  *tally.Tally[facts]
	things []*changetest.Thing
	rnd    *rand.Rand
}

func newStage(t *testing.T, dsn string) *stage {
	t.Helper()
	s := &stage{store: kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema(), schema()), rnd: rand.New(rand.NewPCG(1, 2))}
	select3 := func(where string) string {
		return `SELECT id, version, note FROM thing WHERE city = $1` + where + ` ORDER BY id`
	}
	read := func(ctx context.Context, db sqldb.Reader, query string, args ...any) ([]tally.Counted[facts], error) {
		return sqldb.Collect(func(row sqldb.Row) (c tally.Counted[facts], err error) {
			var version int
			var note string
			err = row.Scan(&c.ID, &version, &note)
			c.Facts = factsOf(version, note)
			return c, err
		})(db.Query(ctx, query, args...))
	}
	source := tally.Source[facts]{
		Table: "board_things", Column: "thing",
		ID: func(aggregate string) (string, bool) { return aggregate, true },
		Facts: func(ctx context.Context, city string, ids []string) ([]tally.Counted[facts], error) {
			all, err := read(ctx, s.store.DB(), select3(""), city)
			return slices.DeleteFunc(all, func(c tally.Counted[facts]) bool { return !slices.Contains(ids, c.ID) }), err
		},
		Walk: func(ctx context.Context, city, after string, limit int) ([]string, error) {
			all, err := read(ctx, s.store.DB(), select3(` AND id > $2`), city, after)
			var ids []string
			for _, c := range all[:min(len(all), limit)] {
				ids = append(ids, c.ID)
			}
			return ids, err
		},
		Each: func(ctx context.Context, db sqldb.Reader, city string, each func(string, func() (facts, error)) error) error {
			all, err := read(ctx, db, select3(""), city)
			for _, c := range all {
				if err := each(c.ID, func() (facts, error) { return c.Facts, nil }); err != nil {
					return err
				}
			}
			return err
		},
	}
	var err error
	if s.tally, err = tally.New(t.Context(), s.store, source, feed.Config{Wait: time.Second, Batch: 5}); err != nil {
		t.Fatal(err)
	}
	s.tally.StepsOf(3)
	return s
}

// follows lets the tally fold until the test ends.
func (s *stage) follows(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.tally.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

// happen changes things at random.
func (s *stage) happen(t *testing.T, n int) {
	t.Helper()
	for range n {
		if len(s.things) == 0 || s.rnd.IntN(4) == 0 {
			s.things = append(s.things, &changetest.Thing{ID: fmt.Sprintf("t%04d", len(s.things))})
		}
		th := s.things[len(s.things)-1]
		if th.Head.Version > 0 {
			th = s.things[s.rnd.IntN(len(s.things))]
		}
		c := th.Change(fmt.Sprintf("%s %s %d", []string{"red", "green", "blue"}[s.rnd.IntN(3)], th.ID, th.Head.Version))
		if err := s.store.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		th.Committed(c)
	}
}

func (s *stage) equal(t *testing.T) {
	t.Helper()
	got, err := s.tally.Check(t.Context(), city)
	if err != nil || len(got.Differences) > 0 {
		t.Fatalf("%d cells, %v, differences %q", got.Cells, err, got.Differences)
	}
}

func (s *stage) folded(t *testing.T) {
	t.Helper()
	if err := s.tally.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// count is the number of things that the tally gives.
func (s *stage) count(t *testing.T) (n int64) {
	t.Helper()
	db := s.store.DB()
	generation, err := tally.Generation(t.Context(), db, city)
	if err == nil {
		err = tally.Cells(t.Context(), db, city, generation, `measure = $3 AND dimension = $4`, []any{"things", "city"}, func(_ tally.Cell, m int64) { n += m })
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFoldsEachThingOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn)
		s.happen(t, 40)
		s.equal(t) // nothing is folded yet, and that is no difference
		if behind, err := s.tally.Behind(t.Context(), s.store.DB(), time.Now().Add(time.Minute)); err != nil || s.store.DB().Engine() == sqldb.SQLite && behind < time.Minute {
			t.Errorf("behind by %s, %v", behind, err)
		}
		s.follows(t)
		s.happen(t, 40)
		s.folded(t)
		s.equal(t)
		if n := s.count(t); n != int64(len(s.things)) {
			t.Errorf("%d of %d things are counted", n, len(s.things))
		}
		if behind, err := s.tally.Behind(t.Context(), s.store.DB(), time.Now().Add(time.Minute)); err != nil || behind != 0 {
			t.Errorf("behind by %s, %v", behind, err)
		}
	})
}

// A rebuild beside everything that happens loses nothing, counts nothing twice and leaves nothing behind; of two at once one gives way.
func TestRebuildBesideTheFold(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn)
		s.follows(t)
		s.happen(t, 30)
		rebuilt := make(chan error, 2)
		for range cap(rebuilt) {
			go func() {
				_, err := s.tally.Rebuild(t.Context(), city)
				rebuilt <- err
			}()
		}
		s.happen(t, 60)
		gaveWay := 0
		for range cap(rebuilt) {
			if err := <-rebuilt; err != nil {
				gaveWay++
			}
		}
		if gaveWay == cap(rebuilt) {
			t.Error("every rebuild gave way")
		}
		if _, err := s.tally.Rebuild(t.Context(), city); err != nil {
			t.Fatal(err)
		}
		s.happen(t, 10)
		s.folded(t)
		s.equal(t)
		var generations int
		if err := s.store.DB().QueryRow(t.Context(), `SELECT count(DISTINCT generation) FROM board_cells`).Scan(&generations); err != nil || generations != 1 {
			t.Errorf("%d generations are left, %v", generations, err)
		}
	})
}

// TestWhatARebuildLeftGoes: one that was cut off after its numbers were put in place has left those before; the next takes them away.
func TestWhatARebuildLeftGoes(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn)
		s.follows(t)
		s.happen(t, 30)
		s.folded(t)
		if _, err := s.tally.Rebuild(t.Context(), city); err != nil {
			t.Fatal(err)
		}
		const left = `INSERT INTO board_cells (city, generation, day, restricted, measure, dimension, value, bucket, n)
			SELECT city, generation - 1, day, restricted, measure, dimension, value, bucket, n FROM board_cells`
		if err := s.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(left)}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.tally.Rebuild(t.Context(), city); err != nil {
			t.Fatal(err)
		}
		var generations int
		if err := s.store.DB().QueryRow(t.Context(), `SELECT count(DISTINCT generation) FROM board_cells`).Scan(&generations); err != nil || generations != 1 {
			t.Errorf("%d generations are left, %v", generations, err)
		}
		s.equal(t)
	})
}

func TestCheckFindsWhatWasChanged(t *testing.T) {
	for what, tamper := range map[string]string{
		"more": `UPDATE board_cells SET n = n + 1 WHERE dimension = 'city'`, "less": `DELETE FROM board_cells WHERE dimension = 'city'`,
		"another": `UPDATE board_cells SET value = 'pink' WHERE dimension = 'colour' AND measure = 'things' AND value = 'red'`,
	} {
		t.Run(what, func(t *testing.T) {
			s := newStage(t, "sqlite::memory:")
			s.follows(t)
			s.happen(t, 30)
			s.folded(t)
			s.equal(t)
			if err := s.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(tamper)}}); err != nil {
				t.Fatal(err)
			}
			if got, err := s.tally.Check(t.Context(), city); err != nil || len(got.Differences) == 0 {
				t.Errorf("%v, %q", err, got.Differences)
			}
			if done, err := s.tally.Rebuild(t.Context(), city); err != nil || done.Things != int64(len(s.things)) {
				t.Errorf("%+v, %v", done, err)
			}
			s.equal(t)
		})
	}
}
