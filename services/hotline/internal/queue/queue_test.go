package queue_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/queue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

var now = policytest.At("2026-03-03 10:00") // a Tuesday

// entry draws a held ticket with one answer clock.
func entry(t *rapid.T) *queue.Entry {
	due := now.Add(time.Duration(rapid.IntRange(-5000, 20000).Draw(t, "due")) * time.Minute)
	start := due.AddDate(0, 0, -rapid.IntRange(1, 20).Draw(t, "days"))
	clock := ticket.Clock{ID: 1, Kind: ticket.KindAnswer, State: ticket.Running, Start: start, Due: due, Warn: start.Add(due.Sub(start) * 8 / 10),
		Limit: worktime.Limit{Amount: 5, Unit: worktime.Workdays}}
	state := rapid.SampledFrom([]ticket.State{ticket.StateDispatched, ticket.StateInProgress, ticket.StateWaiting}).Draw(t, "state")
	if state == ticket.StateWaiting {
		clock.State, clock.Paused, clock.Remaining = ticket.Paused, start, time.Hour
	}
	held := &ticket.Ticket{ID: rapid.StringMatching("[0-9a-f]{8}").Draw(t, "id"), State: state, Clocks: []ticket.Clock{clock},
		Rung: rapid.IntRange(0, 1).Draw(t, "rung"), InvestmentAtRisk: int64(rapid.IntRange(0, 2).Draw(t, "money")), JobsAtRisk: rapid.IntRange(0, 2).Draw(t, "jobs"),
		CreateTime: start.Truncate(24 * time.Hour)}
	if rapid.Bool().Draw(t, "supervised") {
		held.Directives = []ticket.Directive{{Kind: ticket.Supervision}}
	}
	if rapid.Bool().Draw(t, "uncontacted") {
		held.Clocks = append(held.Clocks, ticket.Clock{ID: 2, Kind: ticket.KindContact, State: clock.State, Start: start, Due: due, Remaining: time.Hour,
			Paused: clock.Paused, Limit: worktime.Limit{Amount: 5, Unit: worktime.Workdays}})
	}
	return &queue.Entry{Kind: queue.Held, Ticket: held}
}

// TestOrder holds the order to the words of the rule, judged anew for every pair of neighbours.
func TestOrder(t *testing.T) {
	city := policytest.City(t)
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(entry), 2, 30).Draw(t, "entries")
		for _, e := range entries {
			e.Judge(city, now)
			if got, want := e.Reason, rule(e.Ticket); got != want {
				t.Fatalf("reason %d, want %d of %+v", got, want, e.Ticket)
			}
		}
		slices.SortFunc(entries, queue.Compare)
		for i := 1; i < len(entries); i++ {
			a, b := entries[i-1], entries[i]
			switch {
			case rule(a.Ticket) != rule(b.Ticket):
				if rule(a.Ticket) > rule(b.Ticket) {
					t.Fatalf("%d stands before %d", rule(a.Ticket), rule(b.Ticket))
				}
			case rule(a.Ticket) == queue.Overdue && share(a) != share(b):
				if share(a) < share(b) {
					t.Fatalf("over by %v stands before over by %v", share(a), share(b))
				}
			case a.Ticket.InvestmentAtRisk != b.Ticket.InvestmentAtRisk:
				if a.Ticket.InvestmentAtRisk < b.Ticket.InvestmentAtRisk {
					t.Fatal("less money stands first")
				}
			case a.Ticket.JobsAtRisk != b.Ticket.JobsAtRisk:
				if a.Ticket.JobsAtRisk < b.Ticket.JobsAtRisk {
					t.Fatal("fewer jobs stand first")
				}
			case a.Ticket.CreateTime.After(b.Ticket.CreateTime):
				t.Fatal("the younger stands first")
			}
			if queue.Compare(a, b) > 0 || queue.Compare(b, a) < 0 {
				t.Fatal("the order is not one")
			}
		}
	})
}

// share is by which share of its limit the worst clock is over.
func share(e *queue.Entry) float64 {
	return max(-e.Ahead.Left.Seconds(), 1) / max(e.Ahead.Total.Seconds(), 1)
}

// rule is the order as it is written down.
func rule(held *ticket.Ticket) queue.Reason {
	c, paused := held.Clocks[0], held.Clocks[0].State == ticket.Paused
	today := c.Due.In(worktime.Zone).YearDay() == now.In(worktime.Zone).YearDay() && c.Due.In(worktime.Zone).Year() == now.In(worktime.Zone).Year()
	switch {
	case !paused && now.After(c.Due):
		return queue.Overdue
	case len(held.Directives) > 0 || held.Rung >= 1:
		return queue.Raised
	case !paused && today:
		return queue.DueToday
	case !paused && !now.Before(c.Warn):
		return queue.Near
	case paused:
		return queue.Waiting
	case held.State == ticket.StateDispatched:
		return queue.New
	case len(held.Clocks) > 1:
		return queue.NotContacted
	default:
		return queue.Running
	}
}
