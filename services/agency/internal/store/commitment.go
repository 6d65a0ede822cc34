package store

import (
	"context"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

const putCommitment = `INSERT INTO commitments (city, month, case_id, number, id, enterprise, opener_unit, kind, item, unit, state, broken, bars, sign_time,
	due_time, end_time, repair_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
	ON CONFLICT (city, month, case_id, number) DO UPDATE SET unit = excluded.unit, state = excluded.state, broken = excluded.broken, bars = excluded.bars,
	due_time = excluded.due_time, end_time = excluded.end_time, repair_time = excluded.repair_time`

// writeCommitments writes the commitments whose row changes. Their numbers are their places.
func writeCommitments(k Key, before, after *fact.Case) []change.Statement {
	var out []change.Statement
	for n := range after.Commitments {
		c := &after.Commitments[n]
		if n < len(before.Commitments) && before.Commitments[n] == *c {
			continue
		}
		out = append(out, change.Exec(putCommitment, k.City, k.Month, k.ID, c.Number, fmt.Sprintf("%s/%04d", k.ID, c.Number), after.Enterprise, after.OpenerUnit,
			c.Kind.String(), c.Item, c.Unit, c.State.String(), boolInt(c.Broken), boolInt(c.Bars), c.SignTime.UnixMicro(), due(c.DueTime), due(c.EndTime),
			micros(c.RepairTime)))
	}
	return out
}

const selectBarred = `SELECT count(*) FROM (SELECT 1 FROM commitments WHERE city = $1 AND enterprise = $2 AND (bars = 1 OR due_time < $3) LIMIT 1) barred`

// Barred tells whether an enterprise may not commit to anything at an instant: a commitment of it, in whatever case, was broken and is not repaired, or
// its time is over and only its breach is not written yet.
func (s *Store) Barred(ctx context.Context, city, enterprise string, now time.Time) (bool, error) {
	var n int
	err := s.db.QueryRow(ctx, selectBarred, city, enterprise, now.UnixMicro()).Scan(&n)
	return n > 0, err
}
