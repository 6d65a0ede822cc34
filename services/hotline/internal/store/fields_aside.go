package store

import (
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/filter"
)

// asideFields are the fields of what is not on the straight way. Their columns are NULL where a ticket has nothing of the kind.
func asideFields() []filter.Field {
	column := func(name string, t filter.Type, values ...string) filter.Field {
		f := filter.Field{Name: name, Column: "t." + name, Type: t, Nullable: true, Ops: filter.Presence}
		switch t {
		case filter.String:
			f.Arg = filter.LastPart
		case filter.Enum:
			f.Values = filter.Words(values...)
		default: // as it stands
		}
		return f
	}
	number := func(name string) filter.Field { return filter.Field{Name: name, Column: "t." + name, Type: filter.Int} }
	flag := func(name string) filter.Field {
		return filter.Field{Name: name, Type: filter.Bool, Build: filter.Bit("t." + name)}
	}
	decisions := []string{ticket.Granted, ticket.Refused, ticket.Overtaken}
	return []filter.Field{
		flag("supervised"), flag("thin"), flag("retained"), number("returns"), number("extended"), number("investment_at_risk"), number("jobs_at_risk"),
		{Name: "source", Column: "t.source", Type: filter.String, Nullable: true, Ops: filter.Presence},
		column("merged_into", filter.String), column("extension_time", filter.Time), column("extension_decide_time", filter.Time),
		column("extension_decision", filter.Enum, decisions...),
		column("callback", filter.Enum, ticket.CallbackDue, ticket.CallbackMissedOnce, ticket.CallbackUnreachable, ticket.CallbackDone, ticket.CallbackOvertaken),
		column("callback_reason", filter.Enum, ticket.CallbackMajor, ticket.CallbackThin, ticket.CallbackSample), column("callback_time", filter.Time),
		column("reopen_time", filter.Time),
		column("dialogue", filter.Enum, dialogueStates()...), column("dialogue_time", filter.Time), column("dialogue_end_time", filter.Time),
		column("dialogue_official", filter.String),
	}
}

func dialogueStates() (words []string) {
	for s := ticket.DialogueAsked; s <= ticket.DialogueEnded; s++ {
		words = append(words, s.String())
	}
	return words
}

// returnFields are the fields of requests to hand back, of which a ticket has any number.
func returnFields() []filter.Field {
	requests := &filter.Rows{Name: "returned", Exists: func(condition string) string {
		return "(t.month, t.id) IN (SELECT r.month, r.ticket FROM ticket_returns r WHERE r.city = " + cityParameter + " AND " + condition + ")"
	}}
	column := func(name, column string, t filter.Type) filter.Field {
		return filter.Field{Name: "returned." + name, Column: "r." + column, Type: t, Rows: requests}
	}
	code := func(name, c string) filter.Field {
		f := column(name, c, filter.String)
		f.Arg, f.Ops = filter.LastPart, filter.Presence
		return f
	}
	decided := column("decide_time", "decide_time", filter.Time)
	decided.Nullable, decided.Ops = true, filter.Presence
	decision := column("decision", "decision", filter.Enum)
	decision.Values = filter.Words(ticket.Granted, ticket.Refused, ticket.Overtaken)
	decision.Values["pending"] = ""
	return []filter.Field{
		code("unit", "unit"), code("official", "official"), code("reason", "reason"), code("target", "target"), decision,
		column("order", "order_number", filter.Int), column("time", "create_time", filter.Time), decided,
	}
}
