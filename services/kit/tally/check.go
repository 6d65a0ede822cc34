package tally

import (
	"context"
	"fmt"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Checked is the outcome of a recount.
type Checked struct {
	Cells       int64
	Differences []string // the first of them
}

const maxDifferences = 20

// Differ adds a difference, in words.
func (c *Checked) Differ(format string, args ...any) {
	if len(c.Differences) < maxDifferences {
		c.Differences = append(c.Differences, fmt.Sprintf(format, args...))
	}
}

// Check counts everything of a city anew, in one state of the database, and compares with the numbers in use. Of what has events that are not
// folded yet it counts what they count, so that being a moment behind is no difference.
func (t *Tally[F]) Check(ctx context.Context, city string) (Checked, error) {
	var out Checked
	err := t.store.DB().Snapshot(sqldb.Patient(ctx), func(db sqldb.Reader) error {
		generation, err := Generation(ctx, db, city)
		if err != nil {
			return err
		}
		want, err := t.recount(ctx, db, city, generation)
		if err != nil {
			return err
		}
		return compare(ctx, db, city, generation, want, &out)
	})
	return out, err
}

func (t *Tally[F]) recount(ctx context.Context, db sqldb.Reader, city string, generation int64) (map[Cell]int64, error) {
	unread, err := t.store.Unread(ctx, db, city, Consumer)
	if err != nil {
		return nil, err
	}
	behind := map[string]bool{}
	for aggregate := range unread {
		if id, ok := t.source.ID(aggregate); ok {
			behind[id] = true
		}
	}
	want := map[Cell]int64{}
	count := func(f F) { f.Cells(func(c Cell, n int64) { want[c] += n }) }
	var late []string
	err = t.source.Each(ctx, db, city, func(id string, facts func() (F, error)) error {
		if behind[id] {
			late = append(late, id)
			return nil
		}
		f, err := facts()
		if err == nil {
			count(f)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	known, err := t.known(ctx, db, city, generation, late)
	for _, k := range known {
		count(k.facts)
	}
	return want, err
}

// compare strikes what the board has off what it should have.
func compare(ctx context.Context, db sqldb.Reader, city string, generation int64, want map[Cell]int64, out *Checked) error {
	differ := func(c Cell, has, should int64) {
		if has != should {
			out.Differ("%s: the board has %d, the recount %d", c, has, should)
		}
	}
	err := Cells(ctx, db, city, generation, "1 = 1", nil, func(c Cell, n int64) {
		out.Cells++
		differ(c, n, want[c])
		delete(want, c)
	})
	for c, n := range want {
		differ(c, 0, n)
	}
	return err
}
