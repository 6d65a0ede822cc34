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
func (g *group) attempt(members []*member) (again []*member) {
	written, head, err := g.fill(members)
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
func (g *group) fill(members []*member) (written []*member, head int64, err error) {
	if _, err := g.writer.Exec("BEGIN IMMEDIATE"); err != nil {
		return nil, 0, err
	}
	// Read again each time rather than remembered: the file is the truth, whatever a failed commit left in memory.
	err = g.writer.Query(`SELECT coalesce(max(position), 0) FROM journal`, func(row sqldb.Row) error { return row.Scan(&head) })
	if err != nil {
		return nil, 0, err
	}
	for _, m := range members {
		after, err := g.one(m, head, len(members) > 1)
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

// one writes a member, inside a savepoint when there are others to protect, and returns the feed's head after it. Its own
// failure is set on the member; an error is the whole transaction's.
func (g *group) one(m *member, head int64, shared bool) (int64, error) {
	if m.err = m.ctx.Err(); m.err != nil {
		return head, nil //nolint:nilerr // the member's own end, not the transaction's
	}
	if shared {
		if _, err := g.writer.Exec("SAVEPOINT member"); err != nil {
			return 0, err
		}
	}
	after := head
	if m.job != nil {
		m.err = m.job(g.writer)
	} else {
		after, m.err = writeChange(g.writer, m, head)
	}
	switch {
	case errors.Is(m.err, sqldb.ErrSync):
		return 0, m.err
	case shared && m.err != nil:
		// If even this fails, the transaction is gone, and with it everybody's work so far.
		if _, err := g.writer.Exec("ROLLBACK TO member"); err != nil {
			return 0, errors.Join(m.err, err)
		}
		fallthrough
	case shared:
		_, err := g.writer.Exec("RELEASE member")
		return after, err
	case m.err != nil:
		return 0, m.err
	}
	return after, nil
}
