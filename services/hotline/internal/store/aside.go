package store

import (
	"fmt"
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Identity is whose a confidential ticket is. It is in no event and no snapshot, and its row can be erased.
type Identity struct{ Person, Enterprise, Project, County string }

const insertIdentity = `INSERT INTO confidential_filings (city, month, ticket, person, enterprise, project, county) VALUES ($1, $2, $3, $4, $5, $6, $7)`

// AddIdentity keeps whose a confidential ticket is.
func AddIdentity(k Key, i Identity) change.Statement {
	return change.Exec(insertIdentity, k.City, k.Month, k.ID, i.Person, i.Enterprise, i.Project, i.County)
}

const insertConflict = `INSERT INTO ticket_conflicts (city, month, ticket, subject) VALUES ($1, $2, $3, $4) ON CONFLICT (city, month, ticket, subject) DO NOTHING`

// writeConflicts keeps who is kept out; nobody ever is let in again, so only what is new is written.
func writeConflicts(k Key, before, after []string) []change.Statement {
	var out []change.Statement
	for _, subject := range after {
		if !slices.Contains(before, subject) {
			out = append(out, change.Exec(insertConflict, k.City, k.Month, k.ID, subject))
		}
	}
	return out
}

const putOrder = `INSERT INTO work_orders (city, month, ticket, number, id, unit, official, lead, named, state, open, shown, cycle, create_time, sign_time,
	end_time, due_time, sign_due, sign_breach_time, sign_met_time, handle_due, handle_breach_time, handle_met_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
	$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) ON CONFLICT (city, month, ticket, number) DO UPDATE SET official = excluded.official,
	named = excluded.named, state = excluded.state, open = excluded.open, shown = excluded.shown, sign_time = excluded.sign_time, end_time = excluded.end_time,
	due_time = excluded.due_time, sign_due = excluded.sign_due, sign_breach_time = excluded.sign_breach_time, sign_met_time = excluded.sign_met_time,
	handle_due = excluded.handle_due, handle_breach_time = excluded.handle_breach_time, handle_met_time = excluded.handle_met_time`

// writeOrders writes the work orders whose row changes. Their numbers are their places.
func writeOrders(k Key, before, after []fact.Order) []change.Statement {
	var out []change.Statement
	for i, o := range after {
		if i < len(before) && before[i] == o {
			continue
		}
		out = append(out, change.Exec(putOrder, k.City, k.Month, k.ID, o.Number, fmt.Sprintf("%s/%04d", k.ID, o.Number), o.Unit, o.Official, boolInt(o.Lead),
			boolInt(o.Named), o.State.String(), boolInt(o.Open), boolInt(o.Shown), o.Cycle, o.CreateTime.UnixMicro(), micros(o.SignTime), micros(o.EndTime),
			due(o.DueTime), micros(o.Sign.OpenDue), micros(o.Sign.Breach), micros(o.Sign.Met), micros(o.Handle.OpenDue), micros(o.Handle.Breach),
			micros(o.Handle.Met)))
	}
	return out
}

const putReturn = `INSERT INTO ticket_returns (city, month, ticket, number, order_number, unit, official, reason, target, create_time, decision, decide_time)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (city, month, ticket, number) DO UPDATE SET decision = excluded.decision,
	decide_time = excluded.decide_time`

// writeReturns writes the requests to hand back whose row changes.
func writeReturns(k Key, before, after []fact.Return) []change.Statement {
	var out []change.Statement
	for i, r := range after {
		if i < len(before) && before[i] == r {
			continue
		}
		out = append(out, change.Exec(putReturn, k.City, k.Month, k.ID, r.Number, r.Order, r.Unit, r.Official, r.Reason, r.Target, r.CreateTime.UnixMicro(),
			r.Decision, micros(r.DecideTime)))
	}
	return out
}

// writeAside writes what the ticket has beside its row and its clocks. A plain ticket has nothing.
func writeAside(k Key, before, after *fact.Ticket) []change.Statement {
	out := writeConflicts(k, before.KeptOut, after.KeptOut)
	out = append(out, writeOrders(k, before.Orders, after.Orders)...)
	return append(out, writeReturns(k, before.Requests, after.Requests)...)
}

// text is a word that may be absent.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
