package tally

import (
	"context"
	"fmt"
	"strconv"
	"strings"

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

// Parts is Cells without their days and whether they are restricted, under what an expression takes their buckets for; its parameters begin at $3 too. Each
// is called for every cell, in no order, and adds up. A measure's cells come as one text: many short rows cost a driver several times what a long one does,
// and a database that groups them sorts them first.
func Parts(ctx context.Context, db sqldb.Reader, city string, generation int64, bucket, condition string, args []any, each func(Cell, int64)) error {
	rows, err := db.Query(ctx, `SELECT measure, string_agg((`+bucket+`) || ' ' || n || ' ' || dimension || ' ' || value, '`+lineEnd+`') FROM board_cells
		WHERE city = $1 AND generation = $2 AND `+condition+` GROUP BY measure`, append([]any{city, generation}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var measure, lines string
		if err := rows.Scan(&measure, &lines); err != nil {
			return err
		}
		for line := range strings.SplitSeq(lines, lineEnd) {
			c, n, err := parsePart(line)
			if err != nil {
				return fmt.Errorf("board: cells of %s: %w", measure, err)
			}
			c.Measure = Measure(measure)
			each(c, n)
		}
	}
	return rows.Err()
}

// lineEnd parts cells: no value has it.
const lineEnd = "\n"

// parsePart reads a bucket, a number, a dimension and its value.
func parsePart(line string) (c Cell, n int64, err error) {
	bucket, rest, _ := strings.Cut(line, " ")
	number, rest, _ := strings.Cut(rest, " ")
	dimension, value, _ := strings.Cut(rest, " ")
	if c.Bucket, err = strconv.Atoi(bucket); err != nil {
		return c, 0, err
	}
	c.Dimension, c.Value = Dimension(dimension), value
	n, err = strconv.ParseInt(number, 10, 64)
	return c, n, err
}
