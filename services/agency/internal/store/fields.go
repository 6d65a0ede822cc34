package store

import (
	"fmt"
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/filter"
)

// table makes the fields of a table by its alias. A field is named after its column unless its name is given.
type table string

func (t table) column(name string, as []string) (string, string) {
	if len(as) > 0 {
		return as[0], string(t) + "." + name
	}
	return name, string(t) + "." + name
}

func (t table) code(name string, as ...string) filter.Field {
	field, column := t.column(name, as)
	return filter.Field{Name: field, Column: column, Type: filter.String, Ops: filter.Presence, Arg: filter.LastPart}
}

func (t table) number(name string, as ...string) filter.Field {
	field, column := t.column(name, as)
	return filter.Field{Name: field, Column: column, Type: filter.Int}
}

func (t table) flag(name string, as ...string) filter.Field {
	field, column := t.column(name, as)
	return filter.Field{Name: field, Type: filter.Bool, Build: filter.Bit(column)}
}

func (t table) instant(name string) filter.Field {
	return filter.Field{Name: name, Column: string(t) + "." + name, Type: filter.Time}
}

// maybe is an instant whose column is NULL where there is none.
func (t table) maybe(name string) filter.Field {
	f := t.instant(name)
	f.Nullable, f.Ops = true, filter.Presence
	return f
}

// due is an instant whose column is far away where there is none.
func (t table) due(name string) filter.Field {
	column := string(t) + "." + name
	comes := fmt.Sprintf("%s < %d", column, never)
	return filter.Field{Name: name, Type: filter.Time, Ops: filter.Presence, Build: func(operator string, value any, bind func(any) string) string {
		switch {
		case value == nil:
			return "(" + comes + ")"
		case operator == "!=":
			return column + " <> " + bind(value)
		default:
			return "(" + comes + " AND " + column + " " + operator + " " + bind(value) + ")"
		}
	}}
}

// words is one of the contract's words.
func (t table) words(name string, contract map[int32]string, as ...string) filter.Field {
	field, column := t.column(name, as)
	var all []string
	for number, word := range contract {
		if number != 0 {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	return filter.Field{Name: field, Column: column, Type: filter.Enum, Values: filter.Words(all...)}
}

// breached are the fields of the deadlines that passed, of which a row has any number. Conditions on them that are joined by AND are about one of them. in
// is the row's place, and of what a breach names it by.
func breached(in, of string, more ...filter.Field) []filter.Field {
	breaches := &filter.Rows{Name: "breached", Exists: func(condition string) string {
		return "(" + in + ") IN (SELECT " + of + " FROM case_breaches b WHERE b.city = " + cityParameter + " AND " + condition + ")"
	}}
	b := table("b")
	at := b.instant("breach_time")
	at.Name = "breached.time"
	fields := append([]filter.Field{b.words("kind", agencyv1.Clock_Kind_name, "breached.kind"), b.code("unit", "breached.unit"), at}, more...)
	for i := range fields {
		fields[i].Rows = breaches
	}
	return fields
}

// party asks for somebody who takes part in a case, whose place is given.
func party(name, prefix, place string) filter.Field {
	return filter.Field{Name: name, Type: filter.String, Arg: filter.LastPart, Build: func(operator string, value any, bind func(any) string) string {
		takes := "(" + place + ") IN (SELECT p.month, p.case_id FROM case_parties p WHERE p.city = " + cityParameter + " AND p.party = " +
			bind(prefix+value.(string)) + ")"
		if operator == "!=" {
			return "NOT " + takes
		}
		return takes
	}}
}

// Fields is what lists of cases can be filtered by, and with that every list behind a number of the board.
var Fields = filter.New(slices.Concat(caseFields(), breached("t.month, t.id", "b.month, b.case_id", table("b").code("item", "breached.item")))...)

func caseFields() []filter.Field {
	t := table("t")
	return []filter.Field{
		t.words("state", agencyv1.Case_State_name), t.words("eligibility", agencyv1.Case_Eligibility_name), t.flag("open"), t.flag("entrusted"), t.flag("provisional"),
		t.code("enterprise"), t.code("project"), t.code("county"), t.code("opener"), t.code("opener_unit"), t.code("number"), t.code("stage"),
		party("unit", unitParty, "t.month, t.id"), party("agent", agentParty, "t.month, t.id"),
		t.number("config_version", "catalogue_version"), t.number("meetings"), t.number("saved_workdays"), t.flag("ticket_open"),
		t.instant("create_time"), t.instant("update_time"), t.instant("plan_finish_time"), t.due("due_time"), t.maybe("admit_time"), t.maybe("end_time"),
		t.maybe("ticket_time"),
	}
}

// caseOf are the fields of a row's case. The case is looked up for each row that everything else has found: SQLite makes a join of EXISTS, and before it a
// filter of all the cases that there are.
func caseOf(row table) []filter.Field {
	cases := &filter.Rows{Name: "case", Exists: func(condition string) string {
		return fmt.Sprintf("COALESCE((SELECT %s FROM cases t WHERE t.city = %s AND t.month = %[3]s.month AND t.id = %[3]s.case_id), FALSE)",
			condition, cityParameter, row)
	}}
	t := table("t")
	fields := []filter.Field{t.code("number", "case_number"), t.words("state", agencyv1.Case_State_name, "case_state"), t.flag("open", "case_open"),
		t.code("county"), t.code("project")}
	for i := range fields {
		fields[i].Rows = cases
	}
	return append(fields, row.code("case_id", "case"), row.code("enterprise"), party("agent", agentParty, fmt.Sprintf("%[1]s.month, %[1]s.case_id", row)))
}

// ItemFields is what lists of items can be filtered by, and with that every list behind a number of the board.
var ItemFields = filter.New(slices.Concat(itemFields(), caseOf("i"), breached("i.month, i.case_id, i.item", "b.month, b.case_id, b.item"))...)

func itemFields() []filter.Field {
	i := table("i")
	kind := filter.Field{Name: "kind", Column: "i.kind", Type: filter.Enum,
		Values: filter.Words(catalogue.KindApproval, catalogue.KindVerification, catalogue.KindFiling, catalogue.KindUtility)}
	return []filter.Field{
		i.words("state", agencyv1.Item_State_name), kind, i.code("item"), i.code("unit"), i.code("stage"),
		i.flag("open"), i.flag("tolerant"), i.flag("on_promise"), i.flag("critical"), i.flag("late"), i.flag("in_time"),
		i.number("attempt"), i.number("promised_workdays"), i.number("workdays"),
		i.instant("state_time"), i.due("submit_time"), i.due("promised_due_time"), i.due("statutory_due_time"), i.due("due_time"), i.due("stuck_time"),
		i.maybe("accept_time"), i.maybe("decide_time"), i.maybe("notice_time"), i.maybe("deem_time"),
	}
}

// CommitmentFields is what lists of commitments can be filtered by, and with that every list behind a number of the board.
var CommitmentFields = filter.New(slices.Concat(commitmentFields(), caseOf("k"))...)

func commitmentFields() []filter.Field {
	k := table("k")
	return []filter.Field{
		k.words("state", agencyv1.Commitment_State_name), k.words("kind", agencyv1.Commitment_Kind_name), k.code("item"), k.code("unit"),
		k.flag("broken"), k.flag("bars"), k.instant("sign_time"), k.due("due_time"), k.due("end_time"), k.maybe("repair_time"),
	}
}
