package board_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// The board of approvals reads the cells of its days and of what is due, however many there are of other days.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "board_state", "feed_cursor")
	s, err := store.New(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	city := ct.City(t)
	b, err := board.New(ctx, s, func(string) (*catalogue.City, error) { return city, nil }, feed.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cells := func(n int, values map[string]string) {
		for name, value := range map[string]string{"city": "'" + ct.Code + "'", "generation": "1", "dimension": "'part'", "value": "'unit' || i % 60 || '/land/item' || i % 70", "n": "1"} {
			if values[name] == "" {
				values[name] = value
			}
		}
		p.Fill("board_cells", n, "", values)
	}
	const day = `to_char(to_timestamp(us / 1000000), 'YYYYMMDD')::integer`
	cells(300_000, map[string]string{"generation": "1 + i % 2", "day": day, "measure": "(ARRAY['case.opened', 'item.decided', 'item.noticed', 'tolerance.kept'])[1 + i / 2 % 4]", "bucket": "i"})
	cells(3_000, map[string]string{"measure": "'item.state'", "bucket": "i"})
	for level, n := range map[string]int{"": 60_000, ".day": 30_000, ".month": 5_000} {
		cells(n, map[string]string{"day": day + map[bool]string{true: " / 100 * 100 + 1"}[level == ".month"], "measure": "(ARRAY['due.promised', 'due.statutory', 'due.stuck'])[1 + i % 3] || '" + level + "'", "bucket": "i"})
	}
	p.Fill("board_cases", 100_000, "", map[string]string{"city": "'" + ct.Code + "'", "generation": "1", "case_id": "id", "facts": `'{}'::bytea`})
	p.Fill("feed", 100_000, "", map[string]string{"city": "'" + ct.Code + "'", "position": "i", "aggregate": "'cases/' || id", "version": "1", "month": "month"})
	p.Fill("journal", 100_000, "", map[string]string{"city": "'" + ct.Code + "'", "aggregate": "'cases/' || id", "version": "1", "month": "month"})
	p.Fill("board_state", 1, "", map[string]string{"city": "'" + ct.Code + "'", "generation": "1", "step": "1"})
	p.Fill("feed_cursor", 1, "", map[string]string{"consumer": "'board'", "position": "100000"})
	p.Analyze()
	now, err := time.Parse(time.RFC3339, kittest.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, viewer := range map[string]board.Viewer{"the mayor's office": {All: true}, "a unit": {Units: []string{"unit7"}}} {
		p.Explain(name, func() error {
			_, err := b.Read(ctx, city, viewer, tally.Period{From: 20260301, To: 20260331}, nil, now)
			return err
		})
	}
}
