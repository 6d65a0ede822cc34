package change

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// faultyWriter stands between the group and the connection and fails what it is told to, or holds it up.
type faultyWriter struct {
	liteWriter
	mu     sync.Mutex
	before func(sql string) error // runs before a statement
	seen   []string
}

func (w *faultyWriter) Exec(sql string, args ...any) (int64, error) {
	w.mu.Lock()
	before := w.before
	w.seen = append(w.seen, sql)
	w.mu.Unlock()
	if before != nil {
		if err := before(sql); err != nil {
			return 0, err
		}
	}
	return w.liteWriter.Exec(sql, args...)
}

func (w *faultyWriter) set(before func(sql string) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.seen = before, nil
}

func (w *faultyWriter) count(sql string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.seen {
		if s == sql {
			n++
		}
	}
	return n
}

func faultyStore(t *testing.T, opts Options) (*Store, *faultyWriter) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite::memory:"})
	if err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(t.Context(), db, Schema()); err != nil {
		t.Fatal(err)
	}
	s, err := New(t.Context(), db, opts)
	if err != nil {
		t.Fatal(err)
	}
	w := &faultyWriter{liteWriter: db.SQLiteWriter()}
	s.engine = newGroup(s, w)
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		goleak.VerifyNone(t)
	})
	return s, w
}

func moving(consumer string) *Change {
	return &Change{Cursors: []CursorMove{{Consumer: consumer, From: 0, To: 1}}}
}

// crowd makes commits arrive while the writer is held up, so that they share the next transaction.
func crowd(t *testing.T, s *Store, w *faultyWriter, changes []*Change, then func(sql string) error) []error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.set(func(sql string) error {
		if sql == "COMMIT" {
			once.Do(func() { close(held); <-release })
		}
		return nil
	})
	var callers sync.WaitGroup
	callers.Go(func() {
		if err := s.Commit(context.Background(), moving("first")); err != nil {
			t.Errorf("the first commit: %v", err)
		}
	})
	<-held
	errs := make([]error, len(changes))
	g := s.engine.(*group)
	for i, c := range changes {
		callers.Go(func() { errs[i] = s.Commit(context.Background(), c) })
		for waiting := 0; waiting <= i; { // each in its place
			g.mu.Lock()
			waiting = len(g.waiting)
			g.mu.Unlock()
		}
	}
	w.set(then)
	close(release)
	callers.Wait()
	return errs
}

func TestWaitingCommitsShareOneTransaction(t *testing.T) {
	s, w := faultyStore(t, Options{})
	errs := crowd(t, s, w, []*Change{moving("a"), moving("b"), moving("c")}, nil)
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := w.count("COMMIT"); n != 1 {
		t.Errorf("three waiting commits took %d transactions", n)
	}
	if n := w.count("SAVEPOINT member"); n != 0 {
		t.Errorf("nobody failed, and %d savepoints were set", n)
	}
}

// torn fails after it has written something.
func torn(consumer string) *Change {
	return &Change{Cursors: []CursorMove{{Consumer: consumer + " first", From: 0, To: 1}, {Consumer: consumer, From: 7, To: 8}}}
}

// Who fails in the first statement leaves nothing behind; for who fails later all are written again, each in a savepoint.
func TestAFailedMemberFailsAlone(t *testing.T) {
	early := &Change{Cursors: []CursorMove{{Consumer: "bad", From: 7, To: 8}}}
	for name, c := range map[string]struct {
		bad        *Change
		begun      int
		savepoints int
	}{"early": {early, 1, 0}, "late": {torn("bad"), 2, 3}} {
		t.Run(name, func(t *testing.T) {
			s, w := faultyStore(t, Options{})
			errs := crowd(t, s, w, []*Change{moving("a"), c.bad, moving("c")}, nil)
			if errs[0] != nil || !errors.Is(errs[1], ErrConflict) || errs[2] != nil {
				t.Errorf("got %v", errs)
			}
			for consumer, want := range map[string]int64{"a": 1, "bad first": 0, "bad": 0, "c": 1} {
				if position, err := s.Cursor(t.Context(), consumer); err != nil || position != want {
					t.Errorf("%s stands at %d, %v; want %d", consumer, position, err, want)
				}
			}
			if w.count("BEGIN IMMEDIATE") != c.begun || w.count("COMMIT") != 1 || w.count("SAVEPOINT member") != c.savepoints {
				t.Errorf("%d transactions begun, %d committed, %d savepoints", w.count("BEGIN IMMEDIATE"), w.count("COMMIT"), w.count("SAVEPOINT member"))
			}
		})
	}
}

func TestALoneCommitNeedsNoSavepoint(t *testing.T) {
	s, w := faultyStore(t, Options{})
	w.set(nil)
	if err := s.Commit(t.Context(), moving("a")); err != nil {
		t.Fatal(err)
	}
	if w.count("SAVEPOINT member") != 0 {
		t.Error("a savepoint was set")
	}
}

func TestAFailedSyncIsFatalAndAcknowledgesNobody(t *testing.T) {
	fatal := make(chan error, 10)
	s, w := faultyStore(t, Options{Fatal: func(err error) { fatal <- err }})
	errs := crowd(t, s, w, []*Change{moving("a"), moving("b")}, func(sql string) error {
		if sql == "COMMIT" {
			return sqldb.ErrSync
		}
		return nil
	})
	for i, err := range errs {
		if !errors.Is(err, sqldb.ErrSync) {
			t.Errorf("member %d got %v", i, err)
		}
	}
	if err := <-fatal; !errors.Is(err, sqldb.ErrSync) {
		t.Errorf("ended with %v", err)
	}
	w.set(nil)
	if err := s.Commit(t.Context(), moving("c")); !errors.Is(err, sqldb.ErrSync) {
		t.Errorf("afterwards: %v", err)
	}
	if _, err := w.Exec("ROLLBACK"); err != nil { // the process would be gone; this lets the test close the database
		t.Error(err)
	}
}

func TestAFailedTransactionFailsItsMembersAndNoLaterOnes(t *testing.T) {
	for _, failing := range []string{"BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT member", "RELEASE member"} {
		t.Run(failing, func(t *testing.T) {
			s, w := faultyStore(t, Options{})
			full := errors.New("the disk is full")
			crew := []*Change{moving("a"), moving("b")}
			if strings.HasSuffix(failing, "member") {
				crew = append(crew, torn("d")) // without whom there are no savepoints
			}
			errs := crowd(t, s, w, crew, func(sql string) error {
				if sql == failing {
					return full
				}
				return nil
			})
			for i, err := range errs {
				if !errors.Is(err, full) {
					t.Errorf("member %d got %v", i, err)
				}
			}
			w.set(nil)
			for _, consumer := range []string{"a", "b"} {
				if position, err := s.Cursor(t.Context(), consumer); err != nil || position != 0 {
					t.Errorf("%s stands at %d, %v", consumer, position, err)
				}
				if err := s.Commit(t.Context(), moving(consumer)); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			}
		})
	}
}

// The transaction is gone when even its savepoint cannot be undone, as after some errors of the disk.
func TestALostTransactionFailsEverybodyInIt(t *testing.T) {
	s, w := faultyStore(t, Options{})
	errs := crowd(t, s, w, []*Change{moving("a"), torn("b"), moving("c")}, func(sql string) error {
		if sql == "ROLLBACK TO member" {
			_, err := w.liteWriter.Exec("ROLLBACK")
			return errors.Join(err, errors.New("no such savepoint"))
		}
		return nil
	})
	if errs[0] == nil || !errors.Is(errs[1], ErrConflict) || errs[2] == nil {
		t.Errorf("got %v", errs)
	}
	w.set(nil)
	if err := s.Commit(t.Context(), moving("a")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// A decision that grows old while others are written is taken out before the commit; the others are written.
func TestStaleBeforeTheCommit(t *testing.T) {
	s, w := faultyStore(t, Options{})
	old := moving("old")
	var once sync.Once
	errs := crowd(t, s, w, []*Change{moving("a"), old, moving("c")}, func(sql string) error {
		if strings.Contains(sql, "feed_cursor") {
			once.Do(func() { old.Decided = time.Now().Add(-MaxAge + 5*time.Millisecond) })
			if sql == firstMove {
				time.Sleep(3 * time.Millisecond) // the slow disk that this is about
			}
		}
		return nil
	})
	if errs[0] != nil || !errors.Is(errs[1], ErrStale) || errs[2] != nil {
		t.Errorf("got %v", errs)
	}
	if position, err := s.Cursor(t.Context(), "old"); err != nil || position != 0 {
		t.Errorf("the stale member stands at %d, %v", position, err)
	}
}

func TestAWaitingCommitCanBeCancelled(t *testing.T) {
	s, w := faultyStore(t, Options{})
	held, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.set(func(sql string) error {
		if sql == "COMMIT" {
			once.Do(func() { close(held); <-release })
		}
		return nil
	})
	first := make(chan error, 1)
	go func() { first <- s.Commit(context.Background(), moving("first")) }()
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() { waiting <- s.Commit(ctx, moving("a")) }()
	g := s.engine.(*group)
	for n := 0; n == 0; {
		g.mu.Lock()
		n = len(g.waiting)
		g.mu.Unlock()
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) { // answered although the writer still stands
		t.Errorf("got %v", err)
	}
	closing := make(chan struct{})
	go func() { s.Close(); close(closing) }()
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	<-closing
	if err := s.Commit(t.Context(), moving("a")); !errors.Is(err, ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	if position, err := s.Cursor(t.Context(), "a"); err != nil || position != 0 {
		t.Errorf("the cancelled member stands at %d, %v", position, err)
	}
}
