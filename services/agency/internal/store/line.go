package store

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Report is one report of a department's own system, with its place among those on the same item in the same attempt.
type Report struct {
	City, System string
	Case         string // id
	Item         string // code
	Attempt      int
	Sequence     int64
	Message      string    // the system's id of the message it came in
	Event        []byte    // as the contract has it
	Received     time.Time // wall clock
	Waiting      bool      // it was read from where it waits
}

// Beside tells whether two reports are on the same item in the same attempt.
func (r Report) Beside(o Report) bool {
	return r.City == o.City && r.System == o.System && r.Case == o.Case && r.Item == o.Item && r.Attempt == o.Attempt
}

// At is the place of another report on the same item in the same attempt.
func (r Report) At(sequence int64) Report {
	return Report{City: r.City, System: r.System, Case: r.Case, Item: r.Item, Attempt: r.Attempt, Sequence: sequence}
}

const (
	reportColumns = `city, system, case_id, item, attempt, sequence, report, event, received`
	ofAttempt     = ` WHERE city = $1 AND system = $2 AND case_id = $3 AND item = $4 AND attempt = $5`
	awaitReport   = `INSERT INTO line_waiting (` + reportColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (city, system, case_id, item, attempt, sequence) DO UPDATE SET report = excluded.report, event = excluded.event, received = excluded.received`
)

// AwaitReport lets a report wait for those before it. It takes the place of one that waits there.
func AwaitReport(r Report) change.Statement {
	return change.Exec(awaitReport, r.City, r.System, r.Case, r.Item, r.Attempt, r.Sequence, r.Message, r.Event, r.Received.UnixMicro())
}

// DropReport lets go of what waits at a report's place.
func DropReport(r Report) change.Statement {
	return change.Exec(`DELETE FROM line_waiting`+ofAttempt+` AND sequence = $6`, r.City, r.System, r.Case, r.Item, r.Attempt, r.Sequence)
}

// WaitingReport returns what waits at a report's place, or ErrNotFound.
func (s *Store) WaitingReport(ctx context.Context, at Report) (Report, error) {
	const text = `SELECT ` + reportColumns + ` FROM line_waiting` + ofAttempt + ` AND sequence = $6`
	r, err := scanReport(s.db.QueryRow(ctx, text, at.City, at.System, at.Case, at.Item, at.Attempt, at.Sequence))
	return r, absent(err)
}

// WaitingReports returns what waits, in the order of places, from behind one on.
func (s *Store) WaitingReports(ctx context.Context, after Report, limit int) ([]Report, error) {
	const text = `SELECT ` + reportColumns + ` FROM line_waiting WHERE (city, system, case_id, item, attempt, sequence) > ($1, $2, $3, $4, $5, $6)
		ORDER BY city, system, case_id, item, attempt, sequence LIMIT $7`
	return sqldb.Collect(scanReport)(s.db.Query(ctx, text, after.City, after.System, after.Case, after.Item, after.Attempt, after.Sequence, limit))
}

func scanReport(row sqldb.Row) (Report, error) {
	r := Report{Waiting: true}
	var received int64
	err := row.Scan(&r.City, &r.System, &r.Case, &r.Item, &r.Attempt, &r.Sequence, &r.Message, &r.Event, &received)
	r.Received = time.UnixMicro(received).UTC()
	return r, err
}
