// Package store keeps the directory's rows: persons and officials, passwords and sessions, codes and limits, enterprises,
// members and projects. Reading returns domain values; writing appends to a change.Change, so that a use case hands over rows,
// events and request id together. One body of SQL serves SQLite and PostgreSQL; package storetest holds both to the contract.
//
// It depends on kit's change and on the domain packages.
package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Schema is the migrations of this service; they come after kit's own.
func Schema() sqldb.MigrationSet {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sqldb.MigrationSet{Name: "directory", FS: sub}
}

// ErrNotFound is returned by reads of a single thing that is not there. What the user is told depends on who asks, so it is
// the use case's to say.
var ErrNotFound = errors.New("not found")

// Store reads the service's rows. It is safe for concurrent use.
type Store struct {
	*change.Store
	wall clock.Clock
}

// New makes a store over one that is migrated with Schema.
func New(s *change.Store, wall clock.Clock) *Store { return &Store{Store: s, wall: wall} }

// History is where the journal of an aggregate stands. It is kept in the aggregate's row, so that appending reads nothing more.
type History struct {
	Version int64
	Hash    journal.Hash
	Time    time.Time
}

// At is an aggregate's place in the journal.
type At struct {
	City      string
	Aggregate string // persons/{id}, enterprises/{id}, projects/{id}, config
	Month     int
}

// Append adds an event of an aggregate to a change and returns where its journal then stands. Time does not run backwards
// within a history, whatever a host's clock does.
func Append(c *change.Change, at At, h History, now time.Time, actor string, e *directoryv1.DirectoryEvent) (History, error) {
	m := e.ProtoReflect()
	which := m.WhichOneof(m.Descriptor().Oneofs().ByName("event"))
	if which == nil {
		return h, errors.New("store: an event without content")
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(e)
	if err != nil {
		return h, fmt.Errorf("store: %w", err)
	}
	if now.Before(h.Time) {
		now = h.Time
	}
	sealed := journal.Seal(h.Hash, journal.Envelope{City: at.City, Aggregate: at.Aggregate, Version: h.Version + 1,
		Type: string(which.Message().FullName()), Time: now, Actor: actor, Payload: payload})
	c.Events = append(c.Events, change.Event{Sealed: sealed, Month: at.Month})
	return History{Version: sealed.Version, Hash: sealed.Hash, Time: sealed.Time}, nil
}

// Request names a call that may be repeated: the same id in the same scope is the same call.
type Request struct {
	City, Person, Method string
	ID                   string            // empty: the call is not repeatable
	Body                 [sha256.Size]byte // of what was asked for, without the id
}

// ErrRequestReused is another body under an id that was used before.
var ErrRequestReused = fault.New(fault.Exists, "REQUEST_ID_REUSED",
	"该请求编号已用于其他内容，请使用新的请求编号。",
	"This request id was used for something else. Use a new one.")

// requestLife is how long a request id is remembered.
const requestLife = 7 * 24 * time.Hour

// Once runs a decision under a request id until it is written, and returns the name of the resource that it led to. A call
// that was made before decides nothing and returns the resource of then.
func (s *Store) Once(ctx context.Context, r Request, decide func(context.Context) (*change.Change, string, error)) (string, error) {
	if resource, seen, err := s.Seen(ctx, r); seen || err != nil {
		return resource, err
	}
	var resource string
	err := s.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		c, name, err := decide(ctx)
		if err != nil {
			return nil, err
		}
		resource = name
		if r.ID == "" {
			return c, nil
		}
		if c == nil {
			c = &change.Change{} // nothing to do is an answer to remember too
		}
		c.Request = &change.Request{City: r.City, Person: r.Person, Method: r.Method, ID: r.ID, BodyHash: r.Body[:],
			Resource: name, Expires: s.wall.Now().Add(requestLife)}
		return c, nil
	})
	if err != nil {
		// A twin of this call may have been faster, and what refuses this one be what that one did.
		if earlier, seen, seenErr := s.Seen(ctx, r); seen || seenErr != nil {
			return earlier, seenErr
		}
	}
	return resource, err
}

// Seen looks for an earlier call under the same id.
func (s *Store) Seen(ctx context.Context, r Request) (resource string, seen bool, err error) {
	if r.ID == "" {
		return "", false, nil
	}
	earlier, seen, err := s.Request(ctx, r.City, r.Person, r.Method, r.ID)
	switch {
	case err != nil || !seen:
		return "", false, err
	case !bytes.Equal(earlier.BodyHash, r.Body[:]):
		return "", false, ErrRequestReused
	}
	return earlier.Resource, true, nil
}

// found turns the absence of a row into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sqldb.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

func micros(t time.Time) int64 { return t.UnixMicro() }

// maybe stores a time that may be absent.
func maybe(t time.Time) any {
	if t.IsZero() {
		return nil
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

// history puts together what a row says of its journal.
func history(version int64, head []byte, changed int64) (History, error) {
	h := History{Version: version, Time: instant(changed)}
	if len(head) != len(h.Hash) {
		return h, fmt.Errorf("store: a journal's head has %d bytes", len(head))
	}
	copy(h.Hash[:], head)
	return h, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
