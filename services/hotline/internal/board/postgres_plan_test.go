package board_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// The board reads the cells of its days, however many there are of other days, and of tickets only those that the viewer is kept out of.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "board_state", "board_periods", "feed_cursor")
	s, err := store.Open(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	b, err := board.New(ctx, s, feed.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const city = "'" + policytest.Code + "'"
	day := `to_char(to_timestamp(us / 1000000), 'YYYYMMDD')::integer`
	p.Fill("board_cells", 300_000, "", map[string]string{"city": city, "generation": "1 + i % 2", "day": day, "measure": "(ARRAY['filed', 'answered', 'closed', 'met.answer'])[1 + i / 2 % 4]",
		"dimension": "(ARRAY['unit', 'category', 'unit_category'])[1 + i % 3]", "value": "'value' || i % 1500", "bucket": "i", "n": "1"})
	p.Fill("board_cells", 3_000, "", map[string]string{"city": city, "generation": "1", "measure": "'open'", "dimension": "'unit'", "value": "'value' || i", "n": "1"})
	p.Fill("board_cells", 20_000, "", map[string]string{"city": city, "generation": "1", "day": day, "measure": "'due.answer'", "dimension": "'unit'", "value": "'value' || i", "n": "1"})
	p.Fill("board_tickets", 100_000, "", map[string]string{"city": city, "generation": "1", "ticket": "id", "facts": `'{}'::bytea`})
	p.Fill("ticket_conflicts", 100_000, "i % 100 = 0", map[string]string{"city": city, "month": "month", "ticket": "id", "subject": "'p:official' || i / 100 % 40"})
	p.Fill("feed", 100_000, "", map[string]string{"city": city, "position": "i", "aggregate": "'tickets/' || id", "version": "1", "month": "month"})
	p.Fill("journal", 100_000, "", map[string]string{"city": city, "aggregate": "'tickets/' || id", "version": "1", "month": "month"})
	p.Fill("board_state", 1, "", map[string]string{"city": city, "generation": "1", "step": "1"})
	p.Fill("feed_cursor", 1, "", map[string]string{"consumer": "'board'", "position": "100000"})
	p.Analyze()
	configured := policytest.City(t)
	now, err := time.Parse(time.RFC3339, kittest.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, viewer := range map[string]board.Viewer{
		"the mayor's office":  {All: true, Restricted: true},
		"who is kept out":     {All: true, Restricted: true, KeptOut: []string{"p:official7", "u:housing"}},
		"a unit":              {Units: []string{"housing"}},
		"an official's board": {Official: "official7"},
	} {
		p.Explain(name, func() error {
			_, err := b.Read(ctx, configured, viewer, board.Period{From: 20260301, To: 20260331}, board.Want{Days: true}, now)
			return err
		})
	}
	p.Explain("published months", func() error { _, err := b.Periods(ctx, policytest.Code, nil, 12); return err })
}
