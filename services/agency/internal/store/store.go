// Package store keeps the agency's cases, what people wrote in them, their files, and its copy of what the directory decides. Reading is
// methods of Store; writing is statements that a use case puts into one Change together with its events, so nothing here
// commits anything.
//
// The contract: a method that finds nothing returns ErrNotFound; a case is stored at the version of its last event, and a
// statement that updates it touches no row, and so fails its Change with change.ErrConflict, when the version read is not the
// version there; times come back in UTC to the microsecond. It runs on every engine of sqldb; storetest holds for each.
//
// It depends on internal/casefile, internal/catalogue, internal/fact, the contract's messages and kit's change, filter, ids, journal, page, recent, sqldb and upload.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/recent"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// ErrNotFound says that there is no such thing.
var ErrNotFound = errors.New("not found")

//go:embed migrations
var migrations embed.FS

// Schema is the agency's own tables.
func Schema() sqldb.MigrationSet {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sqldb.MigrationSet{Name: "agency", FS: sub}
}

// Store reads the agency's database and commits to it.
type Store struct {
	*change.Store
	// Files are the rows of cases' files.
	Files  *upload.Rows
	db     *sqldb.DB
	recent *recent.Cache[*casefile.Case]
}

// recentCases is how many are kept: as many as change while the board and the feed's readers come round, in a few ten megabytes.
const recentCases = 256

// New migrates a database and makes a store over it. The database stays the caller's to close, after the store.
func New(ctx context.Context, db *sqldb.DB, options change.Options) (*Store, error) {
	if err := sqldb.Migrate(ctx, db, change.Schema(), Schema()); err != nil {
		return nil, fmt.Errorf("agency's database: %w", err)
	}
	changes, err := change.New(ctx, db, options)
	if err != nil {
		return nil, fmt.Errorf("agency's database: %w", err)
	}
	return &Store{Store: changes, Files: filesIn(db), db: db, recent: recent.New[*casefile.Case](recentCases)}, nil
}

// Keep remembers a case whose last event has this hash; whether it is committed does not matter. It must not be changed any more.
func (s *Store) Keep(c *casefile.Case, hash journal.Hash) { s.recent.Keep(hash, c) }

// Known is a case as it was when its last event had this hash; nil when it is not kept.
func (s *Store) Known(hash journal.Hash) *casefile.Case { return s.recent.Get(hash) }

// absent turns the database's word for nothing into this package's.
func absent(err error) error {
	if errors.Is(err, sqldb.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
