package store

import (
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// The agency's own words of a file, by their places in its row. The domain knows their meaning; the store only keeps them.
const (
	WordPurpose    = iota
	WordMaterial   // code of the material; empty when it is none
	WordValidUntil // last day of its validity, YYYY-MM-DD, as it was announced; empty when nothing was said
)

func filesIn(db *sqldb.DB) *upload.Rows {
	return upload.NewRows(db, "documents", "case_id", "purpose", "material", "valid_until")
}
