// Package store keeps the attendant's bindings, presences, loads, cases, hand-overs and visits, and its copy of what the directory decides. Reading is
// methods of Store; writing is functions that put statements and events into a Change, so nothing here commits anything.
//
// The contract: a read of a single thing that is not there returns ErrNotFound; what has a history is written at the version
// it was read at, and its Change fails with change.ErrConflict when that is not the version there; a post that is already
// taken fails it with a UniqueError named Primary; times come back in UTC to the microsecond. It runs on every engine of
// sqldb; storetest holds for each.
//
// It depends on internal/{binding,route,visit}, the attendant's contract for what events hold, and kit's change, ids, journal and sqldb.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// ErrNotFound says that there is no such thing.
var ErrNotFound = errors.New("not found")

// Primary is the constraint that a second active binding of a post violates.
const Primary = "bindings_primary"

//go:embed migrations
var migrations embed.FS

// Schema is the service's own tables; they come after kit's.
func Schema() sqldb.MigrationSet {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sqldb.MigrationSet{Name: "attendant", FS: sub}
}

// Store reads the service's rows and commits Changes. It is safe for concurrent use.
type Store struct {
	*change.Store
}

// New makes a store over one that is migrated with Schema.
func New(s *change.Store) *Store { return &Store{s} }

// Open migrates a database and makes a store over it. The database stays the caller's to close, after the store.
func Open(ctx context.Context, db *sqldb.DB, options change.Options) (*Store, error) {
	if err := sqldb.Migrate(ctx, db, change.Schema(), Schema()); err != nil {
		return nil, fmt.Errorf("attendant's database: %w", err)
	}
	changes, err := change.New(ctx, db, options)
	if err != nil {
		return nil, fmt.Errorf("attendant's database: %w", err)
	}
	return New(changes), nil
}

// History is where the journal of something stands. It is kept in its row, so that appending reads nothing more.
type History struct {
	Version int64
	Hash    journal.Hash
	Time    time.Time
}

// Event is one of the contract's events, ready to be wrapped.
type Event = *attendantv1.AttendantEvent

// append adds an event to a change and returns where the journal then stands. Time does not run backwards within a history,
// whatever a host's clock does.
func (h History) append(c *change.Change, city, kind, id string, now time.Time, actor string, e Event) (History, error) {
	m := e.ProtoReflect()
	which := m.WhichOneof(m.Descriptor().Oneofs().ByName("event"))
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(e)
	if err != nil || which == nil {
		return h, fmt.Errorf("store: an event of %s/%s cannot be written: %w", kind, id, err)
	}
	month, err := ids.Month(id)
	if err != nil {
		return h, fmt.Errorf("store: %s: %w", kind, err)
	}
	if now.Before(h.Time) {
		now = h.Time
	}
	sealed := journal.Seal(h.Hash, journal.Envelope{City: city, Aggregate: kind + "/" + id, Version: h.Version + 1,
		Type: string(which.Message().FullName()), Time: now, Actor: actor, Payload: payload})
	c.Events = append(c.Events, change.Event{Sealed: sealed, Month: month})
	return History{Version: sealed.Version, Hash: sealed.Hash, Time: sealed.Time}, nil
}

// The kinds of aggregate.
const (
	ofBinding    = "bindings"
	ofOfficial   = "officials"
	ofTicket     = "tickets"
	ofHandover   = "handovers"
	ofVisit      = "visits"
	ofEnterprise = "enterprises"
	ofCase       = "cases"
)

// historyOf puts together what a row says of its journal.
func historyOf(version int64, head []byte, changed int64) (History, error) {
	h := History{Version: version}
	if changed != 0 {
		h.Time = instant(changed)
	}
	if len(head) != len(h.Hash) {
		return h, fmt.Errorf("store: a journal's head has %d bytes", len(head))
	}
	copy(h.Hash[:], head)
	return h, nil
}

// args collects the parameters of a statement.
type args []any

// bind adds a parameter and returns its placeholder.
func (a *args) bind(value any) string {
	*a = append(*a, value)
	return "$" + strconv.Itoa(len(*a))
}

// list binds several and returns them as the inside of an IN.
func (a *args) list(values []string) string {
	holders := make([]string, len(values))
	for i, v := range values {
		holders[i] = a.bind(v)
	}
	return strings.Join(holders, ", ")
}

// found turns the database's word for nothing into this package's.
func found(err error) error {
	if errors.Is(err, sqldb.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// maybe stores a time that may be absent.
func maybe(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// micros stores a time; the zero time, of a history that has not begun, is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func maybeInstant(micros sql.NullInt64) time.Time {
	if !micros.Valid {
		return time.Time{}
	}
	return instant(micros.Int64)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
