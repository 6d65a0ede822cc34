package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/filter"
)

// never is a due time that does not come: columns that lists are ordered by hold no NULL.
const never = int64(1) << 62

// Kinds are the words for the kinds of clock, in columns and in filters.
var Kinds = func() (words []string) {
	for _, k := range ticket.Kinds() {
		words = append(words, k.String())
	}
	return words
}()

// Orders is what lists can be ordered by.
var Orders = filter.NewOrders("create_time desc", filter.OrderField{Name: "id", Column: "t.id", Type: filter.String},
	filter.OrderField{Name: "create_time", Column: "t.create_time", Type: filter.Time},
	filter.OrderField{Name: "due_time", Column: "t.due_time", Type: filter.Time},
	filter.OrderField{Name: "update_time", Column: "t.update_time", Type: filter.Time},
)

// Fields is what lists can be filtered by, and with that every list behind a number of the board.
var Fields = filter.New(slices.Concat(ticketFields(), asideFields(), returnFields(), clockFields())...)

// fieldsOfWorkers is Fields for those who answer tickets: they are not to find out whose filers are called back.
var fieldsOfWorkers = filter.New(slices.DeleteFunc(slices.Concat(ticketFields(), asideFields(), returnFields(), clockFields()),
	func(f filter.Field) bool { return strings.HasPrefix(f.Name, "callback") })...)

func ticketFields() []filter.Field {
	number := func(name string) filter.Field { return filter.Field{Name: name, Column: "t." + name, Type: filter.Int} }
	code := func(name string) filter.Field {
		return filter.Field{Name: name, Column: "t." + name, Type: filter.String, Ops: filter.Presence, Arg: filter.LastPart}
	}
	flag := func(name string) filter.Field {
		return filter.Field{Name: name, Type: filter.Bool, Build: filter.Bit("t." + name)}
	}
	word := func(name string, values ...string) filter.Field {
		return filter.Field{Name: name, Column: "t." + name, Type: filter.Enum, Values: filter.Words(values...)}
	}
	instant := func(name string, nullable bool) filter.Field {
		f := filter.Field{Name: name, Column: "t." + name, Type: filter.Time, Nullable: nullable}
		if nullable {
			f.Ops = filter.Presence
		}
		return f
	}
	return []filter.Field{
		{Name: "state", Type: filter.Enum, Values: filter.Words("FILED", "DISPATCHED", "IN_PROGRESS", "WAITING", "ANSWERED", closed), Build: stateIs},
		word("close_reason", "VERIFIED", "UNVERIFIED", "WITHDRAWN", "REJECTED", "MERGED"),
		word("urgency", "NORMAL", "URGENT"),
		word("satisfied", "SATISFIED", "BASICALLY", "DISSATISFIED"),
		code("category"), code("appeal_type"), code("channel"), code("county"), code("unit"), code("official"),
		code("enterprise"), code("project"), code("filer"), code("number"),
		{Name: "issue", Type: filter.String, Ops: filter.Presence, Arg: filter.LastPart, Build: issueIs},
		flag("open"), flag("desk"), flag("verified"), flag("contacted"), flag("solved"), flag("provisional"), flag("restricted"),
		number("rung"), number("cycle"),
		instant("create_time", false), instant("update_time", false), instant("answer_time", true), instant("close_time", true),
		instant("rate_time", true), {Name: "due_time", Type: filter.Time, Ops: filter.Presence, Build: dueTimeOf("t")},
	}
}

// issueIs says to the database that only the few tickets that are part of an issue are meant: its index holds no others.
func issueIs(operator string, value any, bind func(any) string) string {
	switch {
	case value == nil:
		return "t.issue <> ''"
	case operator == "=" && value != "":
		return "(t.issue = " + bind(value) + " AND t.issue <> '')"
	default:
		return "t.issue " + operator + " " + bind(value)
	}
}

const closed = "CLOSED"

// stateIs says to the database that who asks for another state than closed means open tickets: their indexes hold few of all there are.
func stateIs(operator string, value any, bind func(any) string) string {
	if operator == "=" && value != closed {
		return "(t.state = " + bind(value) + " AND t.open = 1)"
	}
	return "t.state " + operator + " " + bind(value)
}

// dueTimeOf compares with a column in which nothing owed is far away rather than NULL.
func dueTimeOf(table string) func(operator string, value any, bind func(any) string) string {
	column := table + ".due_time"
	owed := fmt.Sprintf("%s < %d", column, never)
	return func(operator string, value any, bind func(any) string) string {
		switch {
		case value == nil:
			return "(" + owed + ")"
		case operator == "!=":
			return column + " <> " + bind(value)
		default:
			return "(" + owed + " AND " + column + " " + operator + " " + bind(value) + ")"
		}
	}
}

// clockFields are the fields of each kind of clock: answer.due, sign.breach_unit and so on.
func clockFields() []filter.Field {
	var fields []filter.Field
	for _, kind := range Kinds {
		of := func(name, column string, t filter.Type) filter.Field {
			f := filter.Field{Name: kind + "." + name, Type: t, Ops: filter.Presence, Build: ofClock(kind, column)}
			if t == filter.String {
				f.Arg = filter.LastPart
			}
			return f
		}
		fields = append(fields,
			of("due", "open_due", filter.Time), of("unit", "owner_unit", filter.String), of("official", "owner_official", filter.String),
			of("breach_time", "breach_time", filter.Time), of("breach_unit", "breach_unit", filter.String), of("breach_official", "breach_official", filter.String),
			of("met_time", "met_time", filter.Time), of("met_unit", "met_unit", filter.String), of("met_official", "met_official", filter.String))
	}
	return fields
}

// cityParameter is where every list binds its city, so that a condition on another table need not be asked anew for every row.
const cityParameter = "$1"

// ofClock asks for a row of a kind of clock. There is one at most, so conditions on the same kind are about the same clock. What
// is owed, and what happened since an instant, are few among all: they come first and lead to their tickets. Everything else looks
// into the row of a ticket that something else has found.
func ofClock(kind, column string) func(operator string, value any, bind func(any) string) string {
	of := " FROM ticket_clocks k WHERE k.city = " + cityParameter + " AND k.kind = '" + kind + "' AND "
	leading := "(t.month, t.id) IN (SELECT k.month, k.ticket" + of + "k." + column
	looking := "EXISTS (SELECT 1" + of + "k.month = t.month AND k.ticket = t.id AND k." + column
	return func(operator string, value any, bind func(any) string) string {
		switch {
		case value == nil && isName(column):
			return looking + " <> '')"
		case value == nil && column == "open_due":
			return leading + " IS NOT NULL)"
		case value == nil:
			return looking + " IS NOT NULL)"
		case operator == "!=":
			return "NOT " + looking + " = " + bind(value) + ")"
		case !isName(column) && (column == "open_due" || operator != "<" && operator != "<="):
			return leading + " " + operator + " " + bind(value) + ")"
		default:
			return looking + " " + operator + " " + bind(value) + ")"
		}
	}
}

// isName tells a column that names somebody from one that holds an instant.
func isName(column string) bool {
	return strings.HasSuffix(column, "_unit") || strings.HasSuffix(column, "_official")
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
