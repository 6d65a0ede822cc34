// Package store keeps the hotline's tickets, what people wrote in them, and its copy of what the directory decides. Reading is
// methods of Store; writing is statements that a use case puts into one Change together with its events, so nothing here
// commits anything.
//
// The contract: a method that finds nothing returns ErrNotFound; a ticket is stored at the version of its last event, and a
// statement that updates it touches no row, and so fails its Change with change.ErrConflict, when the version read is not the
// version there; times come back in UTC to the microsecond. It runs on every engine of sqldb; storetest holds for each.
//
// It depends on internal/{fact,issue,similar,ticket} and kit's change, filter, journal, recent, sqldb and upload.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/recent"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// ErrNotFound says that there is no such thing.
var ErrNotFound = errors.New("not found")

//go:embed migrations
var migrations embed.FS

// Schema is the hotline's own tables.
func Schema() sqldb.MigrationSet {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sqldb.MigrationSet{Name: "hotline", FS: sub}
}

// Store reads the hotline's database and commits to it.
type Store struct {
	*change.Store
	// Files are the rows of tickets' files.
	Files  *upload.Rows
	db     *sqldb.DB
	recent *recent.Cache[*ticket.Ticket]
}

// Open migrates a database and makes a store over it. The database stays the caller's to close, after the store.
func Open(ctx context.Context, db *sqldb.DB, options change.Options) (*Store, error) {
	if err := sqldb.Migrate(ctx, db, change.Schema(), Schema()); err != nil {
		return nil, fmt.Errorf("hotline's database: %w", err)
	}
	changes, err := change.New(ctx, db, options)
	if err != nil {
		return nil, fmt.Errorf("hotline's database: %w", err)
	}
	return &Store{Store: changes, Files: upload.NewRows(db, "attachments", "ticket"), db: db, recent: recent.New[*ticket.Ticket](recentTickets)}, nil
}
