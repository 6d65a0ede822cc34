package change_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// The feed, the sweep and what tells how they stand cost the same however much has happened.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "feed_cursor", "outbox") // the outbox is emptied all the time
	if err := sqldb.Migrate(ctx, p.DB, change.Schema()); err != nil {
		t.Fatal(err)
	}
	s, err := change.New(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	const n = 200_000
	things := map[string]string{"city": "'410900'", "month": "month", "aggregate": "'things/' || id", "version": "1"}
	p.Fill("journal", n, "", things)
	things["position"] = "i"
	p.Fill("feed", n, "", things)
	delete(things, "position")
	p.Fill("outbox", n, "i % 100 = 0", things)
	p.Fill("due", n, "i % 2 = 0", map[string]string{"city": "'410900'", "aggregate": "'things/' || id", "at": "us", "set_aside": "CASE WHEN i % 5000 = 0 THEN 1 ELSE 0 END"})
	p.Fill("request_seen", n, "", map[string]string{"city": "'410900'", "person": "'person' || i % 5000", "method": "'m'", "id": "id", "expires": "us"})
	p.Fill("feed_cursor", 1, "", map[string]string{"consumer": "'board'", "position": "199990"})
	p.Analyze()
	const early = 1_712_000_000_000_000
	drop := func(_ any, err error) error { return err }
	for name, do := range map[string]func() error{
		"a page of the feed":       func() error { return drop(s.Feed(ctx, n, 500)) }, // its end: rows that were filled in hold no events
		"the feed's head":          func() error { return drop(s.FeedHead(ctx)) },
		"a history":                func() error { return drop(s.Journal(ctx, "410900", "things/none", 202501)) },
		"a history's head":         func() error { return drop(s.JournalHead(ctx, "410900", "things/none", 202501)) },
		"a cursor":                 func() error { return drop(s.Cursor(ctx, "board")) },
		"what is not read yet":     func() error { return drop(s.Unread(ctx, p.DB, "410900", "board")) },
		"the sweep":                func() error { return drop(s.ClaimDue(ctx, time.UnixMicro(early), change.DueKey{}, 500, time.Minute)) },
		"the sweep after downtime": func() error { return drop(s.ClaimDue(ctx, time.Now(), change.DueKey{}, 500, time.Minute)) },
		"the next deadline":        func() error { _, _, err := s.NextDue(ctx); return err },
		"how the sweep stands":     func() error { return drop(s.DueStats(ctx)) },
		"a request seen before":    func() error { _, _, err := s.Request(ctx, "410900", "person7", "m", "none"); return err },
	} {
		p.Explain(name, do)
	}
}
