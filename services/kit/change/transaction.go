package change

import (
	"errors"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// write commits the members in one transaction and sets each one's outcome.
func (g *group) write(members []*member) {
	g.store.metrics.group.Observe(float64(len(members)))
	defer func() {
		if p := recover(); p != nil {
			// Whoever recovers further up would leave a transaction open and everybody waiting.
			g.store.die(fmt.Errorf("panic while writing: %v", p))
			panic(p)
		}
	}()
	if g.broken != nil {
		for _, m := range members {
			m.err = g.broken
		}
		return
	}
	for len(members) > 0 {
		members = g.attempt(members)
	}
}

// attempt runs one transaction. A member that fails is undone alone. It returns the members to run again, which happens
// only when a decision grew too old while the others were written.
//
// A member is undone alone by its savepoint, and savepoints make SQLite copy every page that it touches: a sixth of all that a
// crowd's transaction costs. Nearly nobody fails, and who does mostly fails in the first statement, a repeated request id or a
// moved version, with nothing to undo. So the first try is without savepoints, and given up for one with them when a member
// fails in the middle.
func (g *group) attempt(members []*member) (again []*member) {
	written, head, err := g.fill(members, false)
	if errors.Is(err, errHalfWritten) {
		if err = g.rollback(); err == nil {
			written, head, err = g.fill(members, true)
		}
	}
	if err == nil {
		if again, stale := parts(written); stale {
			err = g.rollback()
			if err == nil {
				return again
			}
		}
	}
	if err == nil {
		_, err = g.writer.Exec("COMMIT")
	}
	if err == nil {
		g.store.head.Raise(head)
		return nil
	}
	if errors.Is(err, sqldb.ErrSync) {
		g.broken = err // SQLite would go on, over pages that the kernel may have dropped
		g.refuse(err)
		g.store.die(err)
	} else {
		err = errors.Join(err, g.rollback())
	}
	for _, m := range members {
		if m.err == nil {
			m.err = err
		}
	}
	return nil
}

// parts splits off, before the commit, the members whose decision became too old while others were written.
func parts(written []*member) (fresh []*member, stale bool) {
	for _, m := range written {
		if m.change != nil && time.Since(m.change.Decided) > MaxAge {
			m.err, stale = ErrStale, true
			continue
		}
		fresh = append(fresh, m)
	}
	return fresh, stale
}

// rollback undoes the transaction. SQLite has already done so after some errors (a full disk), and then says that there is
// none.
func (g *group) rollback() error {
	_, err := g.writer.Exec("ROLLBACK")
	if err != nil && !errors.Is(err, sqldb.ErrSync) {
		return nil // the transaction is over, which is what was wanted
	}
	return err
}

// fill opens the transaction and writes every member into it. It returns those that are in it and the feed's new head; an
// error is the whole transaction's.
func (g *group) fill(members []*member, protected bool) (written []*member, head int64, err error) {
	if _, err := g.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return nil, 0, err
	}
	// Read again each time rather than remembered: the file is the truth, whatever a failed commit left in memory.
	err = g.writer.Query(`SELECT coalesce(max(position), 0) FROM journal`, func(row sqldb.Row) error { return row.Scan(&head) })
	if err != nil {
		return nil, 0, err
	}
	for _, m := range members {
		if m.err = m.ctx.Err(); m.err != nil {
			continue
		}
		var after int64
		switch {
		case len(members) == 1:
			after, err = g.alone(m, head)
		case protected:
			after, err = g.protected(m, head)
		default:
			after, err = g.hopeful(m, head)
		}
		if err != nil {
			return nil, 0, err
		}
		if m.err == nil {
			head = after
			written = append(written, m)
		}
	}
	return written, head, nil
}

// errHalfWritten says that a member failed after it had written something, with nothing to undo that alone.
var errHalfWritten = errors.New("a member of the group failed in its middle")

// alone writes a member that has the transaction for itself, and returns the feed's head after it. An error is the whole
// transaction's.
func (g *group) alone(m *member, head int64) (int64, error) {
	after, err := g.put(g.writer, m, head)
	m.err = err
	return after, err
}

// hopeful writes a member among others, without anything to undo it. Its own failure is set on the member, as long as it leaves the
// transaction as it was.
func (g *group) hopeful(m *member, head int64) (int64, error) {
	w := touching{liteWriter: g.writer}
	after, err := g.put(&w, m, head)
	switch {
	case err == nil:
		return after, nil
	case errors.Is(err, sqldb.ErrSync):
		return 0, err
	case w.touched || !refusal(err):
		return 0, errHalfWritten
	}
	m.err = err
	return head, nil
}

// refusal tells the failures that are about the member only. Others, a full disk for one, may have ended the transaction.
func refusal(err error) bool {
	return errors.Is(err, ErrRequestSeen) || errors.Is(err, ErrConflict) || errors.Is(err, ErrStale) || isUnique(err)
}

// touching notes whether anything was written.
type touching struct {
	liteWriter
	touched bool
}

func (w *touching) Exec(sql string, args ...any) (int64, error) {
	n, err := w.liteWriter.Exec(sql, args...)
	w.touched = w.touched || n > 0
	return n, err
}

func (w *touching) ExecBound(sql string, args sqldb.Bound) (int64, error) {
	n, err := w.liteWriter.ExecBound(sql, args)
	w.touched = w.touched || n > 0
	return n, err
}

func (w *touching) Query(sql string, each func(sqldb.Row) error, args ...any) error {
	w.touched = true // it may have written
	return w.liteWriter.Query(sql, each, args...)
}

// protected writes a member inside a savepoint. Its own failure is set on the member; an error is the whole transaction's.
func (g *group) protected(m *member, head int64) (int64, error) {
	if _, err := g.writer.Exec("SAVEPOINT member"); err != nil {
		return 0, err
	}
	after, err := g.put(g.writer, m, head)
	if errors.Is(err, sqldb.ErrSync) {
		return 0, err
	}
	if m.err = err; err != nil {
		after = head
		// If even this fails, the transaction is gone, and with it everybody's work so far.
		if _, err := g.writer.Exec("ROLLBACK TO member"); err != nil {
			return 0, errors.Join(m.err, err)
		}
	}
	_, err = g.writer.Exec("RELEASE member")
	return after, err
}

// put writes a member and returns the feed's head after it.
func (g *group) put(w liteWriter, m *member, head int64) (int64, error) {
	if m.job != nil {
		return head, m.job(w)
	}
	return writeChange(w, m, head)
}
