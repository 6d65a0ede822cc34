// Package change is the only way into a service's database. A use case reads, decides, and hands over one Change: its own
// rows, the events it decided, the next deadline, the request id and the cursors that moved. The store writes all of it or
// nothing, in one round trip, and answers after the commit is durable.
//
// On SQLite whatever waits is committed together (group commit), each member undone alone when it fails. On PostgreSQL a
// Change is one batch in one implicit transaction; a sequencer numbers committed events afterwards. Either way the events of
// a database form one gapless, ordered feed.
//
// It depends on sqldb, journal, clock, fault and observe. It knows no business word.
package change

import (
	"errors"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// MaxAge is how old a decision may be when it is written. Event times are taken when deciding, so an older one would let
// somebody who makes the commit wait push a late event before its deadline.
const MaxAge = time.Second

// Why a Change was not written. In every case nothing of it was.
var (
	// ErrConflict: a guard touched no row, the journal has moved on, or a cursor was elsewhere. Read and decide again.
	ErrConflict = errors.New("the state decided upon has changed")
	// ErrStale: the decision was older than MaxAge, or a lock did not come free in that time. Decide again.
	ErrStale = errors.New("the decision is too old to be written")
	// ErrRequestSeen: the request id was used before. Look it up with Store.Request and answer as then.
	ErrRequestSeen = errors.New("the request id was used before")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("the store is closed")
)

// UniqueError is the violation of a unique constraint of the service's own tables.
type UniqueError = sqldb.UniqueError

// Change is all that one decision writes.
type Change struct {
	// Statements are the service's own rows, run in this order.
	Statements []Statement
	// Events are sealed and get consecutive places in the feed in this order. Each must follow its predecessor in the journal.
	Events []Event
	// Due moves or, with a zero time, removes deadlines.
	Due []Due
	// Request is the request id that this Change answers. It is written before anything else, so that a repeat is told from
	// a conflict of its own making.
	Request *Request
	// Cursors move consumers' bookmarks together with what they wrote. They are written before it, for the same reason.
	Cursors []CursorMove
	// Decided is time.Now() at the decision, with its monotonic reading. Zero stands for the moment of Commit.
	Decided time.Time
}

// Statement is one INSERT, UPDATE or DELETE without RETURNING.
type Statement struct {
	SQL  string
	Args []any
	// Guard: a statement that touches no row fails the whole Change with ErrConflict.
	Guard bool
}

// Exec is a statement that may touch any number of rows.
func Exec(sql string, args ...any) Statement { return Statement{SQL: sql, Args: args} }

// Guard is a statement that must touch a row.
func Guard(sql string, args ...any) Statement { return Statement{SQL: sql, Args: args, Guard: true} }

// Event is a sealed event and the month under which its aggregate is stored: YYYYMM of the aggregate's id, or 0.
type Event struct {
	journal.Sealed
	Month int
}

// Due is an aggregate's earliest deadline that has not fired.
type Due struct {
	City, Aggregate string
	At              time.Time // city clock; zero removes the deadline
	Attempts        int       // how often it was claimed; only ClaimDue fills it
}

// DueKey is a place in the order of deadlines, for claiming by keyset.
type DueKey struct {
	At              time.Time
	City, Aggregate string
}

// Key is the deadline's place in the order.
func (d Due) Key() DueKey { return DueKey{At: d.At, City: d.City, Aggregate: d.Aggregate} }

// Request is an idempotency key and what it led to.
type Request struct {
	City, Person, Method, ID string
	BodyHash                 []byte    // to refuse another body under the same id
	Resource                 string    // name of the resource to answer with
	Expires                  time.Time // wall clock; zero keeps it for ever
}

// CursorMove moves a consumer's bookmark from one position to a later one. A consumer that was never seen stands at 0.
type CursorMove struct {
	Consumer string
	From, To int64
}

// statements counts the SQL statements that the Change costs, for tests that guard the number.
func (c *Change) statements() int {
	n := len(c.Statements) + len(c.Events) + len(c.Due) + len(c.Cursors)
	if c.Request != nil {
		n++
	}
	return n
}

// validate finds what only a defect can produce, before it costs a transaction.
func (c *Change) validate() error {
	for i := range c.Events {
		e := &c.Events[i]
		if e.City == "" || e.Aggregate == "" || e.Version < 1 || len(e.Bytes) == 0 {
			return fmt.Errorf("event %d of the change is not sealed or has no place", i)
		}
	}
	for i, d := range c.Due {
		if d.City == "" || d.Aggregate == "" {
			return fmt.Errorf("deadline %d of the change has no place", i)
		}
	}
	for _, m := range c.Cursors {
		if m.Consumer == "" || m.To < m.From || m.From < 0 {
			return fmt.Errorf("cursor of %q cannot move from %d to %d", m.Consumer, m.From, m.To)
		}
	}
	if r := c.Request; r != nil && (r.City == "" || r.Method == "" || r.ID == "" || len(r.BodyHash) == 0) {
		return errors.New("request id of the change has no scope or no hash of its body")
	}
	return nil
}
