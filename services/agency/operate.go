package agency

import (
	"context"

	"github.com/throughtrain/throughtrain/services/agency/internal/verify"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Verify recomputes every history in an agency's database and compares each case with what its history makes of it, for an operator
// at the data. It only reads.
func Verify(ctx context.Context, db *sqldb.DB) (change.Verified, error) {
	found, err := change.Verify(ctx, db)
	if err != nil {
		return found, err
	}
	return found, verify.Cases(ctx, db, &found)
}
