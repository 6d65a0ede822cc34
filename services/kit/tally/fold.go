package tally

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// handle brings the cells of everything that changed in a stretch of the feed up to the present.
func (t *Tally[F]) handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	decided := change.Begin()
	changed := map[string][]string{} // ids by city
	seen := map[string]bool{}
	for _, e := range events {
		if id, ok := t.source.ID(e.Aggregate); ok && !seen[e.City+id] {
			seen[e.City+id] = true
			changed[e.City] = append(changed[e.City], id)
		}
	}
	c := &change.Change{Decided: decided}
	t.pending = map[string]map[Cell]int64{}
	for _, city := range slices.Sorted(maps.Keys(changed)) {
		now, err := t.source.Facts(ctx, city, changed[city])
		if err != nil {
			return nil, err
		}
		state, err := stateOf(ctx, t.store.DB(), city)
		if err != nil {
			return nil, err
		}
		for _, generation := range state.generations() {
			statements, delta, err := t.reconcile(ctx, city, generation, now)
			if err != nil {
				return nil, err
			}
			if generation == state.generation {
				t.pending[city] = delta
			}
			c.Statements = append(c.Statements, statements...)
		}
		if state.building != 0 {
			// A step of the rebuild committed meanwhile has added the same facts.
			c.Statements = append(c.Statements, change.Guard(sameState, city, state.step))
		}
	}
	return c, nil
}

// committed tells what was folded, once it counts.
func (t *Tally[F]) committed() {
	if t.folded != nil {
		for city, delta := range t.pending {
			t.folded(city, delta)
		}
	}
	t.pending = nil
}

// reconcile returns what makes a generation's cells tell the present of some things, and by how much that changes them.
func (t *Tally[F]) reconcile(ctx context.Context, city string, generation int64, now []Counted[F]) ([]change.Statement, map[Cell]int64, error) {
	ids := make([]string, len(now))
	for i := range now {
		ids[i] = now[i].ID
	}
	known, err := t.known(ctx, t.store.DB(), city, generation, ids)
	if err != nil {
		return nil, nil, err
	}
	var out []change.Statement
	delta := map[Cell]int64{}
	for i := range now {
		stored, err := json.Marshal(now[i].Facts)
		if err != nil {
			return nil, nil, err
		}
		if old, ok := known[now[i].ID]; ok {
			if string(old.stored) == string(stored) {
				continue
			}
			old.facts.Cells(func(c Cell, n int64) { delta[c] -= n })
		}
		now[i].Facts.Cells(func(c Cell, n int64) { delta[c] += n })
		out = append(out, change.Exec(t.putFacts, city, generation, now[i].ID, stored))
	}
	return append(out, add(city, generation, delta)...), delta, nil
}

// add adds to cells, and takes away those with nothing left in them.
func add(city string, generation int64, delta map[Cell]int64) []change.Statement {
	changed := slices.SortedFunc(maps.Keys(delta), Compare)
	changed = slices.DeleteFunc(changed, func(c Cell) bool { return delta[c] == 0 })
	var out []change.Statement
	for some := range slices.Chunk(changed, maxRows) {
		args := make([]any, 0, 2+7*len(some))
		args = append(args, city, generation)
		for _, c := range some {
			args = append(args, c.Day, Bit(c.Restricted), string(c.Measure), string(c.Dimension), c.Value, c.Bucket, delta[c])
		}
		out = append(out, change.Exec(addTexts[len(some)], args...))
	}
	if slices.ContainsFunc(changed, func(c Cell) bool { return delta[c] < 0 }) {
		out = append(out, change.Exec(dropEmpty, city, generation))
	}
	return out
}

const (
	sameState = `UPDATE board_state SET step = step WHERE city = $1 AND step = $2`
	dropEmpty = `DELETE FROM board_cells WHERE city = $1 AND generation = $2 AND n = 0`
)

// maxRows is how many cells one statement adds to. More would cost SQLite's driver more in looking parameters up than it saves.
const maxRows = 16

// addTexts are the statements that add to so many cells at once.
var addTexts = func() (texts [maxRows + 1]string) {
	const columns = 7
	for n := 1; n <= maxRows; n++ {
		rows := make([]string, n)
		for row := range rows {
			at := 3 + row*columns
			rows[row] = fmt.Sprintf("($1, $2, $%d, $%d, $%d, $%d, $%d, $%d, $%d)", at, at+1, at+2, at+3, at+4, at+5, at+6)
		}
		texts[n] = `INSERT INTO board_cells (city, generation, day, restricted, measure, dimension, value, bucket, n) VALUES ` + strings.Join(rows, ", ") + `
			ON CONFLICT (city, generation, measure, day, dimension, value, bucket, restricted) DO UPDATE SET n = board_cells.n + excluded.n`
	}
	return texts
}()

type knownFacts[F Facts] struct {
	stored []byte
	facts  F
}

// known reads the facts a generation holds of some things.
func (t *Tally[F]) known(ctx context.Context, db sqldb.Reader, city string, generation int64, ids []string) (map[string]knownFacts[F], error) {
	out := make(map[string]knownFacts[F], len(ids))
	for chunk := range slices.Chunk(ids, 200) {
		args := []any{city, generation}
		places := make([]string, len(chunk))
		for i, id := range chunk {
			args = append(args, id)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		query := fmt.Sprintf(`SELECT %[2]s, facts FROM %[1]s WHERE city = $1 AND generation = $2 AND %[2]s IN (%[3]s)`,
			t.source.Table, t.source.Column, strings.Join(places, ", "))
		if err := t.stored(ctx, db, query, args, func(id string, k knownFacts[F]) { out[id] = k }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Kept calls each for the facts that a query for ids and facts finds among those that are kept.
func (t *Tally[F]) Kept(ctx context.Context, db sqldb.Reader, query string, args []any, each func(F)) error {
	return t.stored(ctx, db, query, args, func(_ string, k knownFacts[F]) { each(k.facts) })
}

func (t *Tally[F]) stored(ctx context.Context, db sqldb.Reader, query string, args []any, each func(id string, k knownFacts[F])) error {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var k knownFacts[F]
		if err := rows.Scan(&id, &k.stored); err != nil {
			return err
		}
		if err := json.Unmarshal(k.stored, &k.facts); err != nil {
			return fmt.Errorf("board: facts of %s: %w", id, err)
		}
		each(id, k)
	}
	return rows.Err()
}
