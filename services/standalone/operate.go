package standalone

import (
	"context"
	"errors"
	"fmt"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

// What an operator does to the data of a process that does not serve. New opens the data, so none of it needs Run.

// ApplyCity applies the city of a folder. The other services learn of it when the process serves again.
func (s *Standalone) ApplyCity(ctx context.Context, folder string) (directory.Applied, error) {
	return s.directory.ApplyFolder(ctx, ownName, folder)
}

// RebuildBoard folds a city's board anew from its tickets.
func (s *Standalone) RebuildBoard(ctx context.Context, city string) (*hotlinev1.RebuildBoardResponse, error) {
	return s.hotline.RebuildBoard(ctx, city)
}

// CheckBoard counts a city's tickets anew and compares with its board.
func (s *Standalone) CheckBoard(ctx context.Context, city string) (*hotlinev1.CheckBoardResponse, error) {
	return s.hotline.CheckBoard(ctx, city)
}

// RebuildApprovalBoard folds a city's board of approvals anew from its cases.
func (s *Standalone) RebuildApprovalBoard(ctx context.Context, city string) (tally.Rebuilt, error) {
	return s.agency.RebuildBoard(ctx, city)
}

// CheckApprovalBoard counts a city's cases anew and compares with its board of approvals.
func (s *Standalone) CheckApprovalBoard(ctx context.Context, city string) (tally.Checked, error) {
	return s.agency.CheckBoard(ctx, city)
}

// ResetPassword gives an official a first password in the place of any they have, and signs them out everywhere.
func (s *Standalone) ResetPassword(ctx context.Context, city, login string) (string, error) {
	return s.directory.ResetPassword(ctx, city, login)
}

// ErrNoData is returned for a folder in which the process never ran.
var ErrNoData = datafolder.ErrNoData

// VerifyJournals recomputes every history of every service, in the order of the services, and compares each ticket and each case with what its
// history makes of it. It only reads, and may do so while a process, or a suite, serves the same data.
func VerifyJournals(ctx context.Context, folder string, each func(service string, found change.Verified)) error {
	place, err := datafolder.Find(folder)
	if err != nil {
		return err
	}
	return verifyJournals(ctx, func(service string) string { return place.Databases[service] }, each)
}

// VerifyJournals is the function of that name for the databases of this process, wherever they are.
func (s *Standalone) VerifyJournals(ctx context.Context, each func(service string, found change.Verified)) error {
	return verifyJournals(ctx, s.config.database, each)
}

func verifyJournals(ctx context.Context, database func(service string) string, each func(service string, found change.Verified)) error {
	for _, service := range datafolder.Services() {
		verify := change.Verify
		switch service {
		case hotlineName:
			verify = hotline.Verify
		case agencyName:
			verify = agency.Verify
		}
		found, err := verifyJournal(ctx, database(service), verify)
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		each(service, found)
	}
	return nil
}

func verifyJournal(ctx context.Context, dsn string, verify func(context.Context, *sqldb.DB) (change.Verified, error)) (found change.Verified, err error) {
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn, Readers: 1})
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return verify(ctx, db)
}
