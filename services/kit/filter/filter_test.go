package filter_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

var schema = filter.New(
	filter.Field{Name: "state", Column: "t.state", Type: filter.Enum, Values: map[string]any{"FILED": int64(1), "CLOSED": int64(2)}},
	filter.Field{Name: "title", Column: "t.title", Ops: filter.Contains | filter.Order | filter.Presence},
	filter.Field{Name: "unit", Column: "t.unit", Nullable: true, Ops: filter.Presence},
	filter.Field{Name: "cycle", Column: "t.cycle", Type: filter.Int},
	filter.Field{Name: "restricted", Column: "t.restricted", Type: filter.Bool},
	filter.Field{Name: "due.answer", Column: "t.due", Type: filter.Time, Nullable: true, Ops: filter.Presence},
	filter.Field{Name: "late", Type: filter.Bool, Build: func(op string, value any, bind func(any) string) string {
		return "EXISTS (SELECT 1 FROM t AS u WHERE u.id = t.id AND (u.cycle > " + bind(int64(3)) + ") " + op + " " + bind(value) + ")"
	}},
	filter.Field{Name: "holder", Column: "t.unit", Nullable: true, Arg: func(v any) (any, error) {
		code, ok := strings.CutPrefix(v.(string), "units/")
		if !ok {
			return nil, errors.New("no unit")
		}
		return code, nil
	}},
)

func TestWhere(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC).UnixMicro()
	tests := []struct {
		filter string
		sql    string
		args   []any
	}{
		{"", "TRUE", nil},
		{"  ", "TRUE", nil},
		{`state = "FILED"`, "t.state = $3", []any{int64(1)}},
		{`state=CLOSED`, "t.state = $3", []any{int64(2)}},
		{`state != FILED`, "t.state <> $3", []any{int64(1)}},
		{`unit = "A"`, "(t.unit IS NOT NULL AND t.unit = $3)", []any{"A"}},
		{`unit != "A"`, "(t.unit IS NULL OR t.unit <> $3)", []any{"A"}},
		{`unit:*`, "COALESCE(t.unit, '') <> ''", nil},
		{`due.answer:*`, "t.due IS NOT NULL", nil},
		{`title:"50%_\\"`, `LOWER(COALESCE(t.title, '')) LIKE LOWER($3) ESCAPE '\'`, []any{`%50\%\_\\%`}},
		{`title >= "b"`, "t.title >= $3", []any{"b"}},
		{`cycle > 2 AND cycle <= -3`, "(t.cycle > $3 AND t.cycle <= $4)", []any{int64(2), int64(-3)}},
		{`cycle = 1 cycle = 2`, "(t.cycle = $3 AND t.cycle = $4)", []any{int64(1), int64(2)}},
		{`cycle = 1 OR cycle = 2 AND cycle = 3`, "((t.cycle = $3 OR t.cycle = $4) AND t.cycle = $5)", []any{int64(1), int64(2), int64(3)}},
		{`NOT (cycle = 1)`, "NOT (t.cycle = $3)", []any{int64(1)}},
		{`-restricted`, "NOT (t.restricted = $3)", []any{true}},
		{`restricted`, "t.restricted = $3", []any{true}},
		{`restricted = false`, "t.restricted = $3", []any{false}},
		{`due.answer <= "2026-11-22T18:00:00+08:00"`, "(t.due IS NOT NULL AND t.due <= $3)", []any{at}},
		{`due.answer <= timestamp("2026-11-22T10:00:00Z")`, "(t.due IS NOT NULL AND t.due <= $3)", []any{at}},
		{`holder = "units/A"`, "(t.unit IS NOT NULL AND t.unit = $3)", []any{"A"}},
		{`late`, "EXISTS (SELECT 1 FROM t AS u WHERE u.id = t.id AND (u.cycle > $3) = $4)", []any{int64(3), true}},
		{`title = "x' OR 1=1 --"`, "t.title = $3", []any{"x' OR 1=1 --"}},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			got, err := schema.Where(tt.filter, 3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(filter.Clause{SQL: tt.sql, Args: tt.args}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	tests := []struct{ name, filter, rule, says string }{
		{"unknown", `color = "red"`, "unknown_field", "cycle, due.answer, holder, late, restricted, state, title, unit"},
		{"unknown member", `due.sign:*`, "unknown_field", "due.sign"},
		{"unknown alone", `color`, "unknown_field", "color"},
		{"column", `t.state = 1`, "unknown_field", "t.state"},
		{"enum value", `state = "OPEN"`, "value", "CLOSED, FILED"},
		{"enum case", `state = "filed"`, "value", "CLOSED, FILED"},
		{"enum order", `state < "FILED"`, "operator", "<"},
		{"int text", `cycle = "two"`, "value", "whole number"},
		{"int float", `cycle = 1.5`, "value", "whole number"},
		{"bool", `restricted = "maybe"`, "value", "true or false"},
		{"time", `due.answer < "tomorrow"`, "value", "2026"},
		{"time without zone", `due.answer < "2026-11-22T18:00:00"`, "value", "2026"},
		{"text bare number", `title = 0101`, "value", "quotes"},
		{"NUL", `title = "a\x00b"`, "value", "text"},
		{"not UTF-8", "title = \"a\xffb\"", "syntax", ""},
		{"no order", `unit > "A"`, "operator", ">"},
		{"no contains", `unit:"A"`, "operator", ":"},
		{"no presence", `cycle:*`, "operator", ":"},
		{"not bool alone", `title`, "not_bool", "title"},
		{"Arg", `holder = "A"`, "value", "holder"},
		{"function", `lower(title) = "x"`, "no_field", "left"},
		{"function alone", `sleep(10)`, "function", "sleep"},
		{"literal alone", `"x"`, "no_field", "left"},
		{"fields on both sides", `cycle = restricted`, "value", "whole number"},
		{"syntax", `state = `, "syntax", ""},
		{"quotes", `title = "x`, "syntax", ""},
		{"parentheses", `((state = FILED)`, "syntax", ""},
		{"too long", `title = "` + strings.Repeat("长", 4096) + `"`, "too_long", "4096"},
		{"100 KB", strings.Repeat("(", 100_000), "too_long", "4096"},
		{"too deep", strings.Repeat("(", 17) + "restricted" + strings.Repeat(")", 17), "too_deep", "16"},
		{"functions too deep", strings.Repeat("f(", 1000), "too_deep", "16"},
		{"too many", strings.TrimSuffix(strings.Repeat("restricted AND ", 51), " AND "), "too_many", "50"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := schema.Where(tt.filter, 1)
			var failure *fault.Error
			if !errors.Is(err, filter.ErrInvalid) || !errors.As(err, &failure) || len(failure.Violations) != 1 {
				t.Fatalf("got %v", err)
			}
			v := failure.Violations[0]
			if v.Field != "filter" || v.Reason != tt.rule || !strings.Contains(v.Text.En, tt.says) || v.Text.Zh == "" {
				t.Errorf("got %+v", v)
			}
		})
	}
}

func TestALongestFilterIsQuick(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("f(", 16) + strings.Repeat(")", 16), strings.Repeat("NOT ", 1000) + "restricted", strings.Repeat("-", 4000) + "restricted",
		strings.Repeat("(", 16) + strings.Repeat("a.", 1500) + "b" + strings.Repeat(")", 16), strings.Repeat(`"`, 4095), strings.Repeat("f(a,", 16),
	} {
		begin := time.Now()
		_, _ = schema.Where(text, 1)
		if took := time.Since(begin); took > time.Second {
			t.Errorf("%.20s… took %v", text, took)
		}
	}
}

func database(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	run := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TABLE t (id TEXT PRIMARY KEY, state INTEGER NOT NULL, title TEXT NOT NULL, unit TEXT, cycle INTEGER NOT NULL, restricted BOOLEAN NOT NULL, due INTEGER)`)
	for i := range 60 {
		var unit, due any
		if i%3 > 0 {
			unit = []string{"", "A", "B"}[i/3%3]
		}
		if i%4 > 0 {
			due = int64(1_700_000_000_000_000 + i%7*1_000_000)
		}
		run(`INSERT INTO t VALUES ($1,$2,$3,$4,$5,$6,$7)`, fmt.Sprintf("id%02d", i*37%60), 1+i%2, []string{"路面塌陷", "Water 50%", "Tax_refund", ""}[i%4], unit, i%5, i%6 == 0, due)
	}
	return db
}

func ids(t interface{ Fatal(...any) }, db *sql.DB, clause filter.Clause, rest string) []string {
	rows, err := db.Query("SELECT t.id FROM t WHERE "+clause.SQL+rest, clause.Args...)
	if err != nil {
		t.Fatal(clause.SQL, err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		found = append(found, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// A condition and its negation part the rows in two, NULLs included; and = and != are each other's negation.
func TestNegationPartsTheRows(t *testing.T) {
	db := database(t)
	atoms := []string{`state = FILED`, `unit = "A"`, `unit != "A"`, `unit:*`, `title:"50%"`, `title:"TAX_"`, `title = "Water 50%"`, `cycle > 2`, `restricted`,
		`late`, `due.answer < "2023-11-14T22:13:23Z"`, `due.answer != "2023-11-14T22:13:23Z"`, `due.answer:*`, `holder = "units/B"`}
	where := func(t *rapid.T, text string) []string {
		clause, err := schema.Where(text, 1)
		if err != nil {
			t.Fatal(text, err)
		}
		return ids(t, db, clause, " ORDER BY t.id")
	}
	rapid.Check(t, func(t *rapid.T) {
		expr := rapid.SampledFrom(atoms).Draw(t, "a") + rapid.SampledFrom([]string{" AND ", " OR ", " "}).Draw(t, "op") + rapid.SampledFrom(atoms).Draw(t, "b")
		yes, no := where(t, expr), where(t, "NOT ("+expr+")")
		both := slices.Concat(yes, no)
		slices.Sort(both)
		if len(slices.Compact(both)) != 60 || len(yes)+len(no) != 60 {
			t.Fatalf("%s: %d and %d", expr, len(yes), len(no))
		}
	})
}

var orders = filter.NewOrders("due_time desc", filter.OrderField{Name: "id", Column: "t.id"},
	filter.OrderField{Name: "due_time", Column: "COALESCE(t.due, 0)", Type: filter.Time},
	filter.OrderField{Name: "cycle", Column: "t.cycle", Type: filter.Int},
	filter.OrderField{Name: "title", Column: "t.title"},
)

func TestOrder(t *testing.T) {
	for _, tt := range []struct{ in, spelled, sql string }{
		{"", "due_time DESC, id DESC", "COALESCE(t.due, 0) DESC, t.id DESC"},
		{"cycle", "cycle ASC, id ASC", "t.cycle ASC, t.id ASC"},
		{" cycle  desc ,title", "cycle DESC, title ASC, id ASC", "t.cycle DESC, t.title ASC, t.id ASC"},
		{"id desc", "id DESC", "t.id DESC"},
	} {
		o, err := orders.Parse(tt.in)
		if err != nil || o.String() != tt.spelled || o.SQL() != tt.sql {
			t.Errorf("%q: %q, %q, %v", tt.in, o.String(), o.SQL(), err)
		}
	}
	for _, in := range []string{"color", "cycle up", "cycle,,title", "cycle desc asc", "cycle, cycle desc", "t.cycle; DROP TABLE t", strings.Repeat("cycle,", 60), "cycle,title,due_time,id"} {
		if _, err := orders.Parse(in); !errors.Is(err, filter.ErrOrderInvalid) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// Pages of any size in any order, put together, are the whole list in that order, each row once.
// An order over a table that repeats the columns of another is the same order.
func TestOver(t *testing.T) {
	orders := func(alias, id string) *filter.Orders {
		return filter.NewOrders("due_time", filter.OrderField{Name: "id", Column: alias + "." + id, Type: filter.String},
			filter.OrderField{Name: "due_time", Column: alias + ".due_time", Type: filter.Time})
	}
	order, err := orders("t", "id").Parse("due_time desc")
	if err != nil {
		t.Fatal(err)
	}
	over := order.Over(orders("p", "thing"))
	if got := over.SQL(); got != "p.due_time DESC, p.thing DESC" || over.String() != order.String() {
		t.Errorf("%s, spelt %s", got, over)
	}
	defer func() {
		if recover() == nil {
			t.Error("an order by what is not there")
		}
	}()
	order.Over(filter.NewOrders("id", filter.OrderField{Name: "id", Column: "id", Type: filter.String}))
}

func TestPagesAddUpToTheList(t *testing.T) {
	db := database(t)
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.Permutation([]string{"due_time", "cycle", "title"}).Draw(t, "fields")[:rapid.IntRange(1, 3).Draw(t, "n")]
		for i := range fields {
			fields[i] += rapid.SampledFrom([]string{"", " desc"}).Draw(t, "direction")
		}
		o, err := orders.Parse(strings.Join(fields, ", "))
		if err != nil {
			t.Fatal(err)
		}
		size := rapid.IntRange(1, 61).Draw(t, "size")
		want := ids(t, db, filter.Clause{SQL: "TRUE"}, " ORDER BY "+o.SQL())
		query := page.Query{Parent: "cities/1", Order: o.String()}
		var got []string
		for token, more := "", true; more; {
			keys, err := page.Keys(token, query, o.Like()...)
			if err != nil {
				t.Fatal(err)
			}
			found, last := pageOf(t, db, o, keys, size)
			got = append(got, found...)
			if more = len(found) == size; more {
				token = page.Token(query, last...)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func pageOf(t *rapid.T, db *sql.DB, o filter.Ordering, keys []page.Key, size int) (found []string, last []page.Key) {
	after := o.After(keys, 1)
	rows, err := db.Query(fmt.Sprintf("SELECT t.id, %s FROM t WHERE %s ORDER BY %s LIMIT %d", strings.Join(o.Columns(), ", "), after.SQL, o.SQL(), size), after.Args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		values := make([]any, len(o.Like()))
		into := []any{&id}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		last = last[:0]
		for i, like := range o.Like() {
			if _, isTime := like.(time.Time); isTime {
				values[i] = time.UnixMicro(values[i].(int64))
			}
			last = append(last, values[i])
		}
		found = append(found, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found, last
}

func TestSchemasThatCannotWork(t *testing.T) {
	for name, f := range map[string]func(){
		"twice":           func() { filter.New(filter.Field{Name: "a", Column: "a"}, filter.Field{Name: "a", Column: "b"}) },
		"no column":       func() { filter.New(filter.Field{Name: "a"}) },
		"enum of nothing": func() { filter.New(filter.Field{Name: "a", Column: "a", Type: filter.Enum}) },
		"no such default": func() { filter.NewOrders("b", filter.OrderField{Name: "a", Column: "a"}) },
		"order column":    func() { filter.NewOrders("a", filter.OrderField{Name: "a"}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			f()
		}()
	}
}

func FuzzWhere(f *testing.F) {
	db := database(f)
	for _, seed := range []string{`state = "FILED"`, `NOT (unit:* OR cycle > 2) title:"x%"`, `due.answer<="2026-11-22T18:00:00+08:00"`, `a.b.c = -1`, `late = false AND -restricted`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clause, err := schema.Where(text, 1)
		if err != nil {
			if !errors.Is(err, filter.ErrInvalid) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if n := strings.Count(clause.SQL, "$"); n != len(clause.Args) {
			t.Fatalf("%q: %d placeholders, %d arguments", text, n, len(clause.Args))
		}
		ids(t, db, clause, "")
	})
}

func FuzzOrder(f *testing.F) {
	f.Add("due_time desc, title")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := orders.Parse(text)
		if err != nil {
			if !errors.Is(err, filter.ErrOrderInvalid) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again, err := orders.Parse(strings.ToLower(o.String())); err != nil && len(o.Columns()) <= 3 || err == nil && again.String() != o.String() {
			t.Fatalf("%q: %q, %v", text, again.String(), err)
		}
	})
}
