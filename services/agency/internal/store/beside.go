package store

import (
	"slices"

	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Prefixes of parties, by what they are.
const (
	unitParty  = "u:"
	agentParty = "p:"
)

const (
	insertParty = `INSERT INTO case_parties (city, month, case_id, party, create_time, update_time, due_time) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	deleteParty = `DELETE FROM case_parties WHERE city = $1 AND month = $2 AND case_id = $3 AND party = $4`
	// The columns that lists are ordered by follow those of the case.
	moveParties = `UPDATE case_parties SET update_time = $1, due_time = $2 WHERE city = $3 AND month = $4 AND case_id = $5`
)

// parties are who takes part in a case beside its enterprise, each once.
func parties(f *fact.Case) []string {
	var all []string
	for _, u := range f.Units {
		all = append(all, unitParty+u)
	}
	for _, a := range f.Agents {
		if party := agentParty + a.Official; !slices.Contains(all, party) {
			all = append(all, party)
		}
	}
	return all
}

func writeParties(k Key, before, after *fact.Case) []change.Statement {
	old, now := parties(before), parties(after)
	var out []change.Statement
	if len(old) > 0 {
		out = append(out, change.Exec(moveParties, after.UpdateTime.UnixMicro(), due(after.DueTime), k.City, k.Month, k.ID))
	}
	for _, p := range old {
		if !slices.Contains(now, p) {
			out = append(out, change.Exec(deleteParty, k.City, k.Month, k.ID, p))
		}
	}
	for _, p := range now {
		if !slices.Contains(old, p) {
			out = append(out, change.Exec(insertParty, k.City, k.Month, k.ID, p, after.CreateTime.UnixMicro(), after.UpdateTime.UnixMicro(), due(after.DueTime)))
		}
	}
	return out
}

const putItem = `INSERT INTO case_items (city, month, case_id, item, id, enterprise, opener_unit, unit, stage, kind, state, open, attempt, tolerant, on_promise,
	critical, late, state_time, submit_time, promised_due_time, statutory_due_time, due_time, stuck_time, accept_time, decide_time, promised_workdays, workdays,
	in_time, notice_time, deem_time)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
	ON CONFLICT (city, month, case_id, item) DO UPDATE SET unit = excluded.unit, stage = excluded.stage, kind = excluded.kind, state = excluded.state,
	open = excluded.open, attempt = excluded.attempt, tolerant = excluded.tolerant, on_promise = excluded.on_promise, critical = excluded.critical,
	late = excluded.late, state_time = excluded.state_time, submit_time = excluded.submit_time, promised_due_time = excluded.promised_due_time,
	statutory_due_time = excluded.statutory_due_time, due_time = excluded.due_time, stuck_time = excluded.stuck_time, accept_time = excluded.accept_time,
	decide_time = excluded.decide_time, promised_workdays = excluded.promised_workdays, workdays = excluded.workdays, in_time = excluded.in_time,
	notice_time = excluded.notice_time, deem_time = excluded.deem_time`

// writeItems writes the items whose row changes. They keep their places.
func writeItems(k Key, before, after *fact.Case) []change.Statement {
	var out []change.Statement
	for n := range after.Items {
		i := &after.Items[n]
		if n < len(before.Items) && before.Items[n] == *i {
			continue
		}
		out = append(out, change.Exec(putItem, k.City, k.Month, k.ID, i.Code, k.ID+"/"+i.Code, after.Enterprise, after.OpenerUnit, i.Unit, i.Stage, i.Kind,
			i.State.String(), boolInt(i.Open), i.Attempt, boolInt(i.Tolerant), boolInt(i.OnPromise), boolInt(i.Critical), boolInt(i.Late), i.Since.UnixMicro(),
			due(i.SubmitTime), due(i.PromisedDue), due(i.StatutoryDue), due(i.DueTime), due(i.StuckTime), micros(i.AcceptTime), micros(i.DecideTime),
			i.PromisedWorkdays, i.Workdays, boolInt(i.InTime), micros(i.NoticeTime), micros(i.DeemTime)))
	}
	return out
}

const insertBreach = `INSERT INTO case_breaches (city, month, case_id, clock, kind, item, unit, breach_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// writeBreaches writes what was breached since; a breach never goes away.
func writeBreaches(k Key, before, after *fact.Case) []change.Statement {
	var out []change.Statement
	for _, b := range after.Breaches {
		if !slices.ContainsFunc(before.Breaches, func(o fact.Breach) bool { return o.Clock == b.Clock }) {
			out = append(out, change.Exec(insertBreach, k.City, k.Month, k.ID, b.Clock, b.Kind.String(), b.Item, b.Unit, b.Time.UnixMicro()))
		}
	}
	return out
}
