package store

import (
	"strings"
	"testing"
)

// Nor may a list behind a number of the board, or its count.
func TestListsBehindTheBoardUseTheirIndex(t *testing.T) {
	db := opened(t)
	in := func(field string) string {
		return field + ` >= "2026-03-01T00:00:00+08:00" AND ` + field + ` < "2026-04-01T00:00:00+08:00"`
	}
	for _, tt := range []struct{ name, filter, want string }{
		{"opened again", in("reopen_time"), "tickets_reopened (city=? AND reopen_time>? AND reopen_time<?)"},
		{"thin answers", "thin = true AND " + in("answer_time"), "tickets_answered (city=? AND answer_time>? AND answer_time<?)"},
		{"merged", `close_reason = "MERGED" AND ` + in("close_time"), "tickets_closed (city=? AND close_time>? AND close_time<?)"},
		{"retained", "retained = true AND (investment_at_risk > 0 OR jobs_at_risk > 0) AND " + in("close_time"), "tickets_closed (city=? AND close_time>? AND close_time<?)"},
		{"more time asked for", in("extension_time"), "tickets_extended (city=? AND extension_time>? AND extension_time<?)"},
		{"more time granted", `extension_decision = "granted" AND ` + in("extension_decide_time"), "tickets_extension_decided (city=? AND extension_decide_time>? AND extension_decide_time<?)"},
		{"call-backs", in("callback_time"), "tickets_callback_time (city=? AND callback_time>? AND callback_time<?)"},
		{"call-backs due", `(callback = "due" OR callback = "missed")`, "tickets_callback (city=? AND callback=?)"},
		{"dialogues asked for", in("dialogue_time"), "tickets_dialogue_time (city=? AND dialogue_time>? AND dialogue_time<?)"},
		{"dialogues waiting", `(dialogue = "REQUESTED" OR dialogue = "TAKEN")`, "tickets_dialogue (city=? AND dialogue=?)"},
		{"of an age", "open = true AND " + in("create_time"), "tickets_open (city=?)"},
		{"at risk", "open = true AND (investment_at_risk > 0 OR jobs_at_risk > 0)", "tickets_open (city=?)"},
		{"cycled", "open = true AND cycle >= 2", "tickets_open (city=?)"},
	} {
		q := Query{City: "410900", Scope: Scope{All: true}, Filter: tt.filter + " AND restricted = false", Limit: 51}
		if plan := planOf(t, db, q, "due_time"); !strings.Contains(plan, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.name, tt.want, plan)
		}
	}
	for _, tt := range []struct{ name, filter, want string }{
		{"signed in time", in("sign.met_time"), "work_orders_sign_met (city=? AND sign_met_time>? AND sign_met_time<?)"},
		{"handled in time", in("handle.met_time"), "work_orders_handle_met (city=? AND handle_met_time>? AND handle_met_time<?)"},
		{"to be signed", `sign.due <= "2026-03-01T00:00:00+08:00"`, "work_orders_sign_due (city=? AND sign_due>? AND sign_due<?)"},
		{"to be handled", `handle.due <= "2026-03-01T00:00:00+08:00"`, "work_orders_handle_due (city=? AND handle_due>? AND handle_due<?)"},
	} {
		order, err := OrderOrders.Parse("")
		if err != nil {
			t.Fatal(err)
		}
		q := OrderQuery{City: "410900", Scope: Scope{All: true}, Filter: tt.filter, Order: order, Limit: 51}
		text, w, err := q.text()
		if err != nil {
			t.Fatal(err)
		}
		if plan := explained(t, db, text, w); !strings.Contains(plan, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.name, tt.want, plan)
		}
	}
	for _, tt := range []struct{ name, filter, want string }{
		{"asked for", in("create_time"), "ticket_returns_created (city=? AND create_time>? AND create_time<?)"},
		{"granted", `decision = "granted" AND ` + in("decide_time"), "ticket_returns_decided (city=? AND decide_time>? AND decide_time<?)"},
		{"pending", `decision = "pending"`, "ticket_returns_pending (city=?)"},
	} {
		order, err := ReturnOrders.Parse("")
		if err != nil {
			t.Fatal(err)
		}
		q := ReturnQuery{City: "410900", Scope: Scope{All: true}, Filter: tt.filter, Order: order, Limit: 51}
		from, w, err := q.from()
		if err != nil {
			t.Fatal(err)
		}
		if plan := explained(t, db, "SELECT r.number"+from, w); !strings.Contains(plan, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.name, tt.want, plan)
		}
	}
}
