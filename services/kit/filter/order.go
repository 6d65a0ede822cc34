package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.einride.tech/aip/ordering"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// OrderField is one thing that can be ordered by.
type OrderField struct {
	Name string // as clients write it
	// Column is the SQL for its value, which must never be NULL: NULLs come first on one engine and last on the other.
	Column string
	Type   Type // String, Int, Bool or Time; times are stored in microseconds
}

// Orders is the orders that a list has.
type Orders struct {
	fields    map[string]OrderField
	names     []string
	byDefault string
	tie       OrderField
}

const (
	maxOrderLength = 256
	maxOrderFields = 3
)

// NewOrders makes the orders of a list: what it may be ordered by, the order it has when none is asked for, and the unique
// column that decides between equals, without which pages would lose rows. It panics on what cannot work.
func NewOrders(byDefault string, tie OrderField, fields ...OrderField) *Orders {
	o := &Orders{fields: map[string]OrderField{tie.Name: tie}, byDefault: byDefault, tie: tie}
	for _, f := range fields {
		o.fields[f.Name] = f
		o.names = append(o.names, f.Name)
	}
	for name, f := range o.fields {
		if name == "" || f.Column == "" || f.Type == Enum {
			panic(fmt.Sprintf("filter: order field %q is not declared in full", name))
		}
	}
	if _, err := o.Parse(""); err != nil {
		panic("filter: the default order " + byDefault + " is not one")
	}
	return o
}

// Ordering is one order, ready for SQL.
type Ordering struct {
	fields []OrderField
	desc   []bool
}

// Parse reads an order such as "due_time desc, number"; empty is the default.
func (o *Orders) Parse(orderBy string) (Ordering, error) {
	if len(orderBy) > maxOrderLength {
		return Ordering{}, o.bad("too_long", "过长，请缩短", "is too long; shorten it")
	}
	if strings.TrimSpace(orderBy) == "" {
		orderBy = o.byDefault
	}
	var parsed ordering.OrderBy
	if err := parsed.UnmarshalString(orderBy); err != nil {
		return Ordering{}, o.bad("syntax", "写法有误，例如 due_time desc", "cannot be read; write, for example, due_time desc").Wrap(err)
	}
	if len(parsed.Fields) > maxOrderFields {
		return Ordering{}, o.bad("too_many", "最多按 3 个字段排序", "names more than 3 fields")
	}
	var out Ordering
	seen := map[string]bool{}
	for _, f := range parsed.Fields {
		field, ok := o.fields[f.Path]
		switch {
		case !ok:
			return Ordering{}, o.bad("unknown_field", "没有字段 "+shown(f.Path), "names the field "+shown(f.Path)+", which there is not")
		case seen[f.Path]:
			return Ordering{}, o.bad("twice", "字段 "+field.Name+" 重复", "names "+field.Name+" twice")
		}
		seen[f.Path] = true
		out.fields, out.desc = append(out.fields, field), append(out.desc, f.Desc)
	}
	if !seen[o.tie.Name] {
		// The tie breaker runs with the last field, so that one index serves both.
		out.fields, out.desc = append(out.fields, o.tie), append(out.desc, len(out.desc) > 0 && out.desc[len(out.desc)-1])
	}
	return out, nil
}

func (o *Orders) bad(rule, zh, en string) *fault.Error {
	known := strings.Join(o.names, ", ")
	return ErrOrderInvalid.Field("orderBy", rule, zh+"；可用字段："+known, en+"; there are: "+known)
}

// Over is the same order over the columns that other orders have for the same names: those of a table that repeats what this one is ordered by. It panics on
// a name that the others do not have.
func (o Ordering) Over(others *Orders) Ordering {
	out := Ordering{fields: make([]OrderField, len(o.fields)), desc: o.desc}
	for i, f := range o.fields {
		other, ok := others.fields[f.Name]
		if !ok || other.Type != f.Type {
			panic("filter: no order by " + f.Name + " there")
		}
		out.fields[i] = other
	}
	return out
}

// String is the one spelling of this order, for page.Query.
func (o Ordering) String() string {
	parts := make([]string, len(o.fields))
	for i, f := range o.fields {
		parts[i] = f.Name + direction(o.desc[i])
	}
	return strings.Join(parts, ", ")
}

// SQL is the ORDER BY clause without its keyword.
func (o Ordering) SQL() string {
	parts := make([]string, len(o.fields))
	for i, f := range o.fields {
		parts[i] = f.Column + direction(o.desc[i])
	}
	return strings.Join(parts, ", ")
}

func direction(desc bool) string {
	if desc {
		return " DESC"
	}
	return " ASC"
}

// Columns are what a query selects, in this order, to make the next page's token.
func (o Ordering) Columns() []string {
	columns := make([]string, len(o.fields))
	for i, f := range o.fields {
		columns[i] = f.Column
	}
	return columns
}

// Like are examples of the keys, for page.Keys.
func (o Ordering) Like() []page.Key {
	like := make([]page.Key, len(o.fields))
	for i, f := range o.fields {
		switch f.Type {
		case Int:
			like[i] = int64(0)
		case Bool:
			like[i] = false
		case Time:
			like[i] = time.Time{}
		default:
			like[i] = ""
		}
	}
	return like
}

// After is the condition for the rows beyond the keys of the last one shown, its first parameter being $first. No keys are
// the first page: TRUE. When all fields run the same way it is one comparison of rows, which an index serves in one range.
func (o Ordering) After(keys []page.Key, first int) Clause {
	if len(keys) == 0 {
		return Clause{SQL: "TRUE"}
	}
	if len(keys) != len(o.fields) {
		panic(fmt.Sprintf("filter: %d keys for an order of %d fields", len(keys), len(o.fields)))
	}
	args := make([]any, len(keys))
	holders := make([]string, len(keys))
	for i, key := range keys {
		args[i], holders[i] = key, "$"+strconv.Itoa(first+i)
		if at, ok := key.(time.Time); ok {
			args[i] = at.UnixMicro()
		}
	}
	if o.oneWay() {
		return Clause{SQL: "(" + strings.Join(o.Columns(), ", ") + ") " + beyond(o.desc[0]) + " (" + strings.Join(holders, ", ") + ")", Args: args}
	}
	var either []string
	for i := range o.fields {
		var all []string
		for j := range i {
			all = append(all, o.fields[j].Column+" = "+holders[j])
		}
		all = append(all, o.fields[i].Column+" "+beyond(o.desc[i])+" "+holders[i])
		either = append(either, "("+strings.Join(all, " AND ")+")")
	}
	return Clause{SQL: "(" + strings.Join(either, " OR ") + ")", Args: args}
}

func (o Ordering) oneWay() bool {
	for _, desc := range o.desc {
		if desc != o.desc[0] {
			return false
		}
	}
	return true
}

func beyond(desc bool) string {
	if desc {
		return "<"
	}
	return ">"
}
