package change

import (
	"context"
	"fmt"
	"sync"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// groupLimit bounds the members of one SQLite transaction, and with that how long one waits for the others' writing.
const groupLimit = 256

// liteWriter is what the group needs of the connection; tests put failing disks in its place.
type liteWriter interface {
	Exec(sql string, args ...any) (int64, error)
	ExecBound(sql string, args sqldb.Bound) (int64, error)
	Query(sql string, each func(sqldb.Row) error, args ...any) error
}

// group is the SQLite engine. The first to come, when nobody writes, writes at once and in its own goroutine; whoever comes
// meanwhile waits, and all who wait are then written together by a goroutine that ends when nobody waits any more. So a lone
// commit costs no hand-over, a crowd shares one sync of the disk, and no timer is involved.
type group struct {
	store   *Store
	writer  liteWriter
	mu      sync.Mutex
	waiting []*member
	writing bool
	refusal error         // why nobody is let in any more: the store is closed, or the disk failed
	broken  error         // why nothing is written any more, not even for those who wait; only the one who writes touches it
	idle    chan struct{} // made by close when somebody writes, closed when writing stops
}

// member is one unit of work in a group: a Change, or a job of the store's own.
type member struct {
	ctx    context.Context
	change *Change
	bound  []sqldb.Bound          // the arguments of the change's statements
	job    func(liteWriter) error // instead of a change; may run more than once
	err    error
	done   chan struct{}
}

func newGroup(s *Store, w liteWriter) *group { return &group{store: s, writer: w} }

func (g *group) commit(ctx context.Context, c *Change) error {
	g.store.db.Count(c.statements(), 1)
	m := &member{ctx: ctx, change: c, bound: make([]sqldb.Bound, len(c.Statements))}
	for i := range c.Statements {
		// Here rather than in the transaction: it is the caller's time, and the caller's panic if a value has one in store.
		var err error
		if m.bound[i], err = sqldb.Bind(c.Statements[i].Args); err != nil {
			return fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return g.do(m)
}

func (g *group) exec(ctx context.Context, sql string, args ...any) (n int64, err error) {
	err = g.do(&member{ctx: ctx, job: func(w liteWriter) (err error) {
		n, err = w.Exec(sql, args...)
		return err
	}})
	return n, err
}

func (g *group) claim(ctx context.Context, sql string, args ...any) (claimed []Due, err error) {
	err = g.do(&member{ctx: ctx, job: func(w liteWriter) error {
		claimed = nil // the job may run again, see attempt
		return w.Query(sql, func(row sqldb.Row) error {
			d, err := scanDue(row)
			claimed = append(claimed, d)
			return err
		}, args...)
	}})
	return claimed, err
}

// do gets a member written and returns its outcome. A member whose context ends while it waits is taken out; one that is
// being written gets its true outcome, which is a matter of milliseconds.
func (g *group) do(m *member) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	switch {
	case g.refusal != nil:
		err := g.refusal
		g.mu.Unlock()
		return err
	case g.writing:
		m.done = make(chan struct{})
		g.waiting = append(g.waiting, m)
		g.mu.Unlock()
		select {
		case <-m.done:
		case <-m.ctx.Done():
			if g.withdraw(m) {
				return m.ctx.Err()
			}
			<-m.done
		}
		return m.err
	}
	g.writing = true
	g.mu.Unlock()
	g.write([]*member{m})
	if g.more() {
		go g.drain()
	}
	return m.err
}

// withdraw takes a member out of those who wait; false when it is being written already.
func (g *group) withdraw(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == m {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// more tells whether somebody waits; if nobody does, writing stops.
func (g *group) more() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) > 0 {
		return true
	}
	g.writing = false
	if g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
	return false
}

// drain writes group after group until nobody waits.
func (g *group) drain() {
	for {
		g.mu.Lock()
		members := g.waiting
		g.waiting = nil
		if len(members) > groupLimit {
			members, g.waiting = members[:groupLimit:groupLimit], members[groupLimit:]
		}
		g.mu.Unlock()
		g.write(members)
		for _, m := range members {
			close(m.done)
		}
		if !g.more() {
			return
		}
	}
}

func (g *group) close() {
	g.refuse(ErrClosed)
	g.mu.Lock()
	if g.writing && g.idle == nil {
		g.idle = make(chan struct{})
	}
	idle := g.idle
	g.mu.Unlock()
	if idle != nil {
		<-idle
	}
}

// refuse refuses everything that comes from now on; the first reason stays.
func (g *group) refuse(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refusal == nil {
		g.refusal = reason
	}
}

// run has nothing to do: the writer numbers events itself.
func (g *group) run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}
