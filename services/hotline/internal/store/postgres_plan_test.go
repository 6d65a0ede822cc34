package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// plannedTickets is how many the plans are made for: as many as tell a plan that grows with them from one that does not, within what a test may take.
// THROUGHTRAIN_PLAN_ROWS asks for others, such as the 1,000,000 that lists must serve.
func plannedTickets(t *testing.T) int {
	text := os.Getenv("THROUGHTRAIN_PLAN_ROWS")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// planned is a hotline two years old: 3 of 100 tickets are open, the newest; 400 officials of 60 units hold them, and an enterprise has filed 20.
func planned(t *testing.T) (*kittest.Plans, *Store) {
	p := kittest.OpenPlans(t, "city_configs", "board_state", "common_issues", "common_issue_units")
	s, err := Open(t.Context(), p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	n := plannedTickets(t)
	p.Pages = n / 4 // a month has a twenty-fourth of all there is
	const (
		// As large as that of a ticket that has been through all of it.
		snapshot = `convert_to('{"filled":"' || repeat('abcdefg' || i, 90) || '"}', 'UTF8')`
		open     = "i > n * 97 / 100"
		day      = 86_400_000_000
		never    = "4611686018427387904"
	)
	some := func(each int, value string) string {
		return fmt.Sprintf("CASE WHEN i %% %d = 0 THEN %s END", each, value)
	}
	one := func(condition string) string { return "CASE WHEN " + condition + " THEN 1 ELSE 0 END" }
	after := func(days int) string { return fmt.Sprintf("us + %d", days*day) }
	p.Fill("tickets", n, "", map[string]string{
		"city": "'410900'", "month": "month", "id": "id", "number": "'2' || lpad(i::text, 12, '0')", "version": "1", "snapshot": snapshot,
		"state": "CASE WHEN NOT (" + open + ") THEN 'CLOSED' ELSE (ARRAY['FILED', 'DISPATCHED', 'IN_PROGRESS', 'WAITING', 'ANSWERED'])[1 + i % 5] END",
		"filer": "'filer' || i % (n / 10)", "enterprise": "CASE WHEN i % 100 = 0 THEN '' ELSE 'enterprise' || i % (n / 20) END", "project": "CASE WHEN i % 7 = 0 THEN 'project' || i % 500 ELSE '' END",
		"category": "'category' || i % 400", "appeal_type": "'type' || i % 5", "channel": "'APP'", "county": "'4109' || i % 9", "urgency": "'NORMAL'",
		"unit": "'unit' || i % 60", "official": "CASE WHEN " + open + " AND i % 5 = 0 THEN '' ELSE 'official' || i % 400 END",
		"open": one(open), "desk": one(open + " AND i % 5 < 4"), "rung": "i % 30 / 28", "cycle": "1 + i % 20 / 19",
		"create_time": "us", "update_time": after(4), "due_time": "CASE WHEN " + open + " THEN " + after(5) + " ELSE " + never + " END",
		"answer_time": "CASE WHEN NOT (" + open + ") THEN " + after(3) + " END", "close_time": "CASE WHEN NOT (" + open + ") THEN " + after(4) + " END",
		"rate_time": "CASE WHEN NOT (" + open + ") AND i % 3 > 0 THEN " + after(4) + " END", "close_reason": "CASE WHEN i % 40 = 0 THEN 'MERGED' ELSE 'VERIFIED' END",
		"verified": "i % 2", "contacted": "i % 2", "solved": "i % 2", "satisfied": "'SATISFIED'", "provisional": one(open + " AND i % 50 = 0"),
		"restricted": one("i % 70 = 0"), "source": some(50, "'visit' || i"), "investment_at_risk": one("i % 40 = 0") + " * 1000000", "jobs_at_risk": one("i % 60 = 0") + " * 12",
		"supervised": one("i % 80 = 0"), "thin": one("i % 25 = 0"), "extension_time": some(30, after(2)), "extension_decision": some(30, "'granted'"),
		"extension_decide_time": some(30, after(3)), "callback": some(20, "CASE WHEN "+open+" THEN 'due' ELSE 'reached' END"), "callback_time": some(20, after(6)),
		"dialogue": some(90, "CASE WHEN "+open+" THEN 'REQUESTED' ELSE 'HELD' END"), "dialogue_time": some(90, after(1)), "dialogue_end_time": some(90, after(5)),
		"dialogue_official": some(90, "'official' || i % 400"), "reopen_time": some(33, after(9)), "issue": "CASE WHEN i % 200 = 0 THEN 'issue' || i % 37 ELSE '' END",
		"retained": one("i % 300 = 0"),
	})
	for k, kind := range Kinds {
		if k > 3 {
			break // a ticket has about as many
		}
		p.Fill("ticket_clocks", n, "", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "kind": "'" + kind + "'", "owner_unit": "'unit' || i % 60",
			"open_due": "CASE WHEN " + open + " AND i % 2 = 0 THEN " + after(2+k) + " END", "owner_official": "'official' || i % 400",
			"breach_time": some(9, after(2+k)), "met_time": "CASE WHEN NOT (" + open + ") THEN " + after(1+k) + " END", "met_unit": "'unit' || i % 60"})
	}
	p.Fill("ticket_numbers", n, "", map[string]string{"city": "'410900'", "number": "'2' || lpad(i::text, 12, '0')", "ticket": "id"})
	p.Fill("contents", n, "", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "id": "'filing'", "kind": "'FILING'", "person": "'filer' || i % (n / 10)",
		"create_time": "us", "title": "'title ' || i", "body": "repeat('word ' || i, 20)"})
	p.Fill("search_texts", n, "", map[string]string{"city": "'410900'", "month": "month", "thing": "id",
		"tokens": "'c410900 n' || i || ' 供气 t' || i % 97 || ' t' || i % 893 || ' u' || i % 4999 || ' v' || i % 12007"})
	p.Fill("search_texts", n/20, "", map[string]string{"city": "'410900'", "thing": "'enterprise' || i", "tokens": "'c410900 e' || i || ' w' || i % 997"})
	p.Fill("enterprises", n/20, "", map[string]string{"city": "'410900'", "id": "'enterprise' || i", "county": "'4109' || i % 9"})
	p.Fill("answer_texts", n, "", map[string]string{"city": "'410900'", "official": "'official' || i % 400", "likeness": "int8send(i)"})
	p.Fill("work_orders", n, "i % 3 = 0", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "number": "1", "id": "id || '/0001'", "unit": "'unit' || i % 60",
		"state": "CASE WHEN " + open + " THEN 'SENT' ELSE 'ENDED' END", "open": one(open), "shown": "1", "create_time": "us", "due_time": "CASE WHEN " + open + " THEN " + after(5) + " ELSE " + never + " END",
		"sign_due": "CASE WHEN " + open + " THEN " + after(1) + " END", "sign_met_time": after(1), "sign_breach_time": some(20, after(1)), "handle_due": "CASE WHEN " + open + " THEN " + after(4) + " END",
		"handle_met_time": after(4), "handle_breach_time": some(20, after(4))})
	p.Fill("ticket_returns", n, "i % 30 = 0", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "number": "1", "unit": "'unit' || i % 60",
		"official": "'official' || i % 400", "reason": "'other'", "create_time": "us", "decision": "CASE WHEN " + open + " THEN '' ELSE 'granted' END",
		"decide_time": "CASE WHEN NOT (" + open + ") THEN " + after(1) + " END"})
	p.Fill("ticket_conflicts", n, "i % 140 = 0", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "subject": "'p:official' || i % 400"})
	p.Fill("confidential_filings", n, "i % 140 = 70", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "person": "'filer' || i % (n / 10 + 1)"})
	p.Fill("ticket_returns", 20_000, "", map[string]string{"city": "'410500'", "month": "month", "ticket": "id", "number": "1", "unit": "'unit' || i % 60",
		"official": "'official' || i % 400", "reason": "'other'", "create_time": "us", "decision": "'granted'", "decide_time": after(1)})
	p.Fill("due", n, "i % 3 = 0", map[string]string{"city": "'410900'", "aggregate": "'tickets/' || id", "at": after(7)})
	// Of what few tickets have there is as much as other cities have of it, too.
	p.Fill("ticket_conflicts", 10_000, "", map[string]string{"city": "'410500'", "month": "month", "ticket": "id", "subject": "'p:official' || i % 400"})
	p.Fill("confidential_filings", 10_000, "", map[string]string{"city": "'410500'", "month": "month", "ticket": "id", "person": "'filer' || i"})
	p.Fill("attachments", n, "i % 5 = 0", map[string]string{"city": "'410900'", "month": "month", "ticket": "id", "id": "'a'", "blob": "'blob' || i", "clean": "'clean' || i",
		"state": "CASE WHEN i % 500 = 0 THEN 'UPLOADING' ELSE 'READY' END", "expire_time": after(1)})
	p.Fill("common_issues", 200, "", map[string]string{"city": "'410900'", "month": "month", "id": "id", "snapshot": `'{}'::bytea`, "create_time": "us", "state": "'OPEN'", "due_time": after(30)})
	p.Fill("common_issue_units", 200, "", map[string]string{"city": "'410900'", "month": "month", "issue": "id", "unit": "'unit' || i % 60"})
	p.Fill("contact_reveals", n/100, "", map[string]string{"city": "'410900'", "person": "'official' || i % 400", "day": "'2026-03-' || i", "count": "1"})
	p.Analyze()
	return p, s
}

// No list, count or search may read a table that grows from end to end, nor more than a page of a list is worth.
func TestPlansOfPostgres(t *testing.T) {
	p, s := planned(t)
	ctx := t.Context()
	lists(t, p, s)
	recent, err := s.Walk(ctx, "410900", "", 64)
	if err != nil || len(recent) != 64 {
		t.Fatal(recent, err)
	}
	key, err := KeyOf("410900", recent[9])
	if err != nil {
		t.Fatal(err)
	}
	absent := func(_ any, err error) error {
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	for name, do := range map[string]func() error{
		"a ticket":             func() error { return absent(s.Ticket(ctx, key)) },
		"tickets":              func() error { return absent(s.Tickets(ctx, "410900", recent)) },
		"by number":            func() error { return absent(s.ByNumber(ctx, "410900", "2000000000777")) },
		"to be recomputed":     func() error { return absent(s.Provisional(ctx, Key{City: "410900"}, 100)) },
		"a walk's beginning":   func() error { return absent(s.Walk(ctx, "410900", "", 500)) },
		"a walk's middle":      func() error { return absent(s.Walk(ctx, "410900", recent[63], 500)) },
		"texts of a ticket":    func() error { return absent(s.Contents(ctx, key)) },
		"words of the filing":  func() error { return absent(s.Filing(ctx, key)) },
		"similar ones":         func() error { return absent(s.OpenTexts(ctx, "410900", "enterprise7", 200, 50)) },
		"an answer seen again": func() error { return absent(s.AnsweredBefore(ctx, "410900", "official7", []byte{1})) },
		"unnamed enterprises":  func() error { return absent(s.Unnamed(ctx, "410900", "enterprise4", 100)) },
		"phones looked at":     func() error { return absent(s.Reveals(ctx, "410900", "official7", "2026-03-07")) },
		"a ticket's files": func() error {
			return absent(s.Files.Files(ctx, upload.Owner{City: key.City, Month: key.Month, ID: key.ID}))
		},
		"files that ran out": func() error { return absent(s.Files.Expired(ctx, time.Now(), 100)) },
		"files to be judged": func() error { return absent(s.Files.Unjudged(ctx, time.Now(), 100)) },
	} {
		p.Explain(name, do)
	}
}

// lists explains every list that the board, a desk or a phone shows, and its count.
func lists(t *testing.T, p *kittest.Plans, s *Store) {
	all, keptOut := Scope{All: true}, Scope{All: true, Person: "official7", KeptOut: []string{"p:official7", "u:unit7"}}
	desk, own, units := Scope{Person: "official7"}, Scope{Person: "filer7", Enterprises: []string{"enterprise7"}}, Scope{Units: []string{"unit7", "unit8"}, KeptOut: []string{"p:official7"}}
	in := func(field string) string {
		return field + ` >= "2026-02-28T16:00:00Z" AND ` + field + ` < "` + kittest.Now + `"`
	}
	now := `"` + kittest.Now + `"`
	for _, tt := range []struct {
		name          string
		scope         Scope
		filter, order string
	}{
		{"everything", all, "", ""}, {"everything but what is about me", keptOut, "", ""}, {"everything, as it changed", all, "", "update_time desc"},
		{"all that is open", all, "open", "due_time"}, {"all that is open but what is about me", keptOut, "open", "due_time"},
		{"all that is open, newest first", all, "open", ""}, {"all that is open, as it changed", all, "open", "update_time desc"},
		{"the hotline's queue", all, `state = "FILED" AND open`, "create_time"}, {"a state", all, `state = "FILED"`, ""},
		{"a unit's open", all, `unit = "unit7" AND open`, "due_time"}, {"a category's open", all, `category = "category7" AND open`, "due_time"},
		{"a county's open", all, `county = "41097" AND open`, "due_time"}, {"an official's open", all, `official = "official7" AND open`, "due_time"},
		{"a category in a month", all, `category = "category7" AND ` + in("create_time"), ""}, {"an enterprise's", all, `enterprise = "enterprises/enterprise7"`, ""},
		{"overdue answers", all, `answer.due <= ` + now, ""}, {"a unit's overdue answers", all, `answer.due <= ` + now + ` AND answer.unit = "unit7"`, ""},
		{"breached in a month", all, in("answer.breach_time"), ""}, {"met in a month", all, in("sign.met_time"), ""}, {"closed in a month", all, in("close_time"), ""},
		{"rated in a month", all, "solved AND " + in("rate_time"), ""}, {"answered in a month", all, in("answer_time"), ""}, {"thin answers", all, "thin = true AND " + in("answer_time"), ""},
		{"under supervision", all, "supervised AND open", "due_time"}, {"at risk", all, "investment_at_risk > 0 AND open", "due_time"},
		{"risk, in money or jobs", all, "open = true AND (investment_at_risk > 0 OR jobs_at_risk > 0)", "due_time"},
		{"call-backs due", all, `callback = "due"`, ""}, {"call-backs", all, in("callback_time"), ""}, {"dialogues asked for", all, in("dialogue_time"), ""},
		{"dialogues waiting", all, `(dialogue = "REQUESTED" OR dialogue = "TAKEN")`, ""}, {"opened again", all, in("reopen_time"), ""}, {"extended", all, in("extension_time"), ""},
		{"more time granted", all, `extension_decision = "granted" AND ` + in("extension_decide_time"), ""}, {"merged", all, `close_reason = "MERGED" AND ` + in("close_time"), ""},
		{"retained", all, "retained = true AND (investment_at_risk > 0 OR jobs_at_risk > 0) AND " + in("close_time"), ""}, {"second cycle", all, "open = true AND cycle >= 2", ""},
		{"on a rung", all, "open = true AND rung >= 1", "due_time"}, {"returned in a month", all, `returned.unit = "unit7" AND ` + in("returned.time"), ""},
		{"returns to be decided", all, `returned.decision = "pending"`, ""}, {"behind a common issue", all, `issue = "issue7"`, ""},
		{"my desk", desk, `official = "official7" AND desk`, "due_time"}, {"what I hold or held", desk, "", ""}, {"my own", own, "", ""}, {"my own that are open", own, "open", "due_time"},
		{"my units'", units, "", ""}, {"my units' open", units, "open", "due_time"}, {"behind a common issue, in my units", units, `issue = "issue7"`, ""},
	} {
		order, err := Orders.Parse(tt.order)
		if err != nil {
			t.Fatal(err)
		}
		each(t, p, s, tt.name, Query{City: "410900", Scope: tt.scope, Filter: tt.filter, Order: order, Limit: 51})
	}
	plain, err := Orders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	// One that many have, one that few have beside one that all have, and the name of an enterprise. What all have is found by nothing: its cost grows.
	for _, words := range [][]string{{"t7"}, {"供气", "v77"}, {"w7"}, Wanted("000777")} {
		for who, scope := range map[string]Scope{"city": keptOut, "own": own, "units": units} {
			each(t, p, s, fmt.Sprintf("search for %v, %s", words, who), Query{City: "410900", Scope: scope, Words: words, Order: plain, Limit: 51})
		}
	}
	others(t, p, s, in, now)
}

// each explains the first page of a list, the next, and the count.
func each(t *testing.T, p *kittest.Plans, s *Store, name string, q Query) {
	t.Helper()
	var after []page.Key
	p.Explain(name, func() error {
		rows, err := s.List(t.Context(), q)
		if len(rows) > 0 {
			after = rows[len(rows)-1].Keys
		}
		return err
	})
	p.Explain(name+", counted", func() error { _, _, err := s.Count(t.Context(), q); return err })
	if q.After = after; after != nil {
		p.Explain(name+", next page", func() error { _, err := s.List(t.Context(), q); return err })
	}
}

// others explains the lists of parts, of requests to hand back and of common issues.
func others(t *testing.T, p *kittest.Plans, s *Store, in func(string) string, now string) {
	ctx := t.Context()
	all, unit, person := Scope{All: true}, Scope{Units: []string{"unit7", "unit8"}}, Scope{Person: "official7"}
	for _, tt := range []struct {
		name          string
		scope         Scope
		filter, order string
	}{
		{"parts", all, "open", "due_time"}, {"parts, newest first", all, "", "create_time desc"}, {"my units' parts", unit, "open", "due_time"},
		{"my units' parts, newest first", unit, "", "create_time desc"}, {"parts of what I hold", person, "open", "due_time"}, {"parts overdue", all, "open AND due_time <= " + now, "due_time"},
		{"parts breached", all, in("handle.breach_time"), "create_time"}, {"parts signed", all, in("sign.met_time"), ""}, {"parts handled", all, in("handle.met_time"), ""},
		{"parts to be signed", all, "sign.due <= " + now, ""}, {"parts to be handled", all, "handle.due <= " + now, ""},
	} {
		order, err := OrderOrders.Parse(tt.order)
		if err != nil {
			t.Fatal(err)
		}
		q := OrderQuery{City: "410900", Scope: tt.scope, Filter: tt.filter, Order: order, Limit: 51}
		p.Explain(tt.name, func() error { _, err := s.ListOrders(ctx, q); return err })
		p.Explain(tt.name+", counted", func() error { _, _, err := s.CountOrders(ctx, q); return err })
	}
	order, err := ReturnOrders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	for name, filter := range map[string]string{"returns": "", "returns asked for": in("create_time"), "returns granted": `decision = "granted" AND ` + in("decide_time"), "returns pending": `decision = "pending"`} {
		for _, scope := range []Scope{all, unit, person} {
			q := ReturnQuery{City: "410900", Scope: scope, Filter: filter, Order: order, Limit: 51}
			p.Explain(name, func() error { _, err := s.ListReturns(ctx, q); return err })
			p.Explain(name+", counted", func() error { _, _, err := s.CountReturns(ctx, q); return err })
		}
	}
	if order, err = IssueOrders.Parse(""); err != nil {
		t.Fatal(err)
	}
	for _, scope := range []IssueScope{{All: true}, {Units: []string{"unit7"}}} {
		q := IssueQuery{City: "410900", Scope: scope, Order: order, Limit: 51}
		p.Explain("common issues", func() error { _, err := s.Issues(ctx, q); return err })
		p.Explain("common issues, counted", func() error { _, _, err := s.CountIssues(ctx, q); return err })
	}
	p.Explain("the sweep", func() error {
		_, err := s.ClaimDue(ctx, time.UnixMicro(1_715_000_000_000_000), change.DueKey{}, 500, time.Minute)
		return err
	})
}
