package tally

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Cells reads the cells of a generation that a condition chooses; its parameters begin at $3.
func Cells(ctx context.Context, db sqldb.Reader, city string, generation int64, condition string, args []any, each func(Cell, int64)) error {
	rows, err := db.Query(ctx, `SELECT day, restricted, measure, dimension, value, bucket, n FROM board_cells WHERE city = $1 AND generation = $2 AND `+condition,
		append([]any{city, generation}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Cell
		var restricted int
		var n int64
		if err := rows.Scan(&c.Day, &restricted, (*string)(&c.Measure), (*string)(&c.Dimension), &c.Value, &c.Bucket, &n); err != nil {
			return err
		}
		c.Restricted = restricted != 0
		each(c, n)
	}
	return rows.Err()
}

// Sums is Cells with their days added up, what is restricted and what is not, and those of their buckets that an expression, of which the parameters begin
// at $3 too, takes for one: each gets them on day 0, under what the expression says. The database adds up, so that many cells cost little more than few; it
// sorts by what differs most first, which decides most comparisons at once.
func Sums(ctx context.Context, db sqldb.Reader, city string, generation int64, bucket, condition string, args []any, each func(Cell, int64)) error {
	rows, err := db.Query(ctx, `SELECT measure, dimension, value, `+bucket+` AS part, CAST(sum(n) AS BIGINT) FROM board_cells
		WHERE city = $1 AND generation = $2 AND `+condition+` GROUP BY value, measure, part, dimension`, append([]any{city, generation}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Cell
		var n int64
		if err := rows.Scan((*string)(&c.Measure), (*string)(&c.Dimension), &c.Value, &c.Bucket, &n); err != nil {
			return err
		}
		each(c, n)
	}
	return rows.Err()
}
