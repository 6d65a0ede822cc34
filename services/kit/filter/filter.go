// Package filter turns a list request's filter and order (AIP-160, AIP-132) into SQL. A schema says which fields there are,
// from which column each comes and what may be asked of it; only the schema's own text gets into a statement, every value of
// the request is a parameter. The same SQL runs on SQLite and PostgreSQL.
//
// It depends on kit's fault and page and on go.einride.tech/aip, of which it uses the parsers only: what a field is and may be
// compared with is decided here, so that a refusal can name the field and list what there is.
package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// Type is what a field holds.
type Type uint8

const (
	// String is text; it can be compared for equality and, where Ops allow, ordered and searched.
	String Type = iota
	// Int is a whole number.
	Int
	// Bool is true or false; a bare name asks for true.
	Bool
	// Time is an instant, given in RFC 3339 and stored in microseconds.
	Time
	// Enum is one of the field's Values.
	Enum
)

// Op is what may be asked of a field, as a set.
type Op uint8

const (
	// Equality is = and !=. Every type has it without being told.
	Equality Op = 1 << iota
	// Order is < <= > >=. Int and Time have it without being told.
	Order
	// Contains is : with a text, somewhere in the field, whatever its case in ASCII.
	Contains
	// Presence is :* and asks whether there is anything in the field.
	Presence
)

// Field is one thing that can be filtered by.
type Field struct {
	// Name as clients write it: state, due.answer.
	Name string
	// Column is the SQL for its value. It is the program's text and goes into the statement as it stands.
	Column string
	Type   Type
	// Ops beyond those of the type.
	Ops Op
	// Nullable says that the column can be NULL. A comparison with nothing is then false, and != true, so that NOT means
	// what it says.
	Nullable bool
	// Rows says that the column is one of rows of which a thing has any number.
	Rows *Rows
	// Values are an enum's names and what the column holds for each.
	Values map[string]any
	// Arg changes a value, already of the field's type (string, int64, bool, int64 microseconds, enum's value), into what
	// the column holds. Nil leaves it. An error refuses the filter with the error's text left out.
	Arg func(value any) (any, error)
	// Build writes the predicate itself where a column will not do, such as an EXISTS over another table. The operator is one
	// of = != < <= > >= : and value is nil for Presence; bind adds a parameter and returns its placeholder. The result must
	// not be NULL. Column and Nullable are then unused.
	Build func(operator string, value any, bind func(any) string) string
}

// Rows are rows of which a thing has any number, such as the requests made of it. A condition on a field of theirs asks whether there is such a
// row, and conditions that are joined by AND ask for one row that meets them all.
type Rows struct {
	// Name sets these rows apart from a schema's others.
	Name string
	// Exists writes the predicate that there is a row that meets a condition on its columns. It must not be NULL.
	Exists func(condition string) string
}

// Limits of what is parsed at all. The parser is recursive, and every restriction costs the database something.
const (
	maxLength       = 4096
	maxDepth        = 16
	maxRestrictions = 50
)

// Schema is the fields of a list.
type Schema struct {
	fields map[string]Field
	names  []string
}

// New makes a schema. It panics on a field that cannot work: schemas are package variables.
func New(fields ...Field) *Schema {
	s := &Schema{fields: make(map[string]Field, len(fields))}
	for _, f := range fields {
		if _, twice := s.fields[f.Name]; twice || f.Name == "" || (f.Column == "") == (f.Build == nil) || (f.Type == Enum) != (len(f.Values) > 0) {
			panic(fmt.Sprintf("filter: field %q is declared twice or not in full", f.Name))
		}
		f.Ops |= Equality
		if f.Type == Int || f.Type == Time {
			f.Ops |= Order
		}
		s.fields[f.Name] = f
		s.names = append(s.names, f.Name)
	}
	slices.Sort(s.names)
	return s
}

// Clause is a piece of SQL with its parameters.
type Clause struct {
	SQL  string
	Args []any
}

// Where makes the condition of a filter, its first parameter being $first. An empty filter is TRUE. The condition is in
// parentheses where it needs to be: it can follow an AND.
func (s *Schema) Where(filter string, first int) (Clause, error) {
	if strings.TrimSpace(filter) == "" {
		return Clause{SQL: "TRUE"}, nil
	}
	if err := checkSize(filter); err != nil {
		return Clause{}, err
	}
	var parser filtering.Parser
	parser.Init(filter)
	parsed, err := parser.Parse()
	if err != nil {
		return Clause{}, errSyntax(err)
	}
	w := writer{schema: s, next: first}
	sql, err := w.expression(parsed.GetExpr())
	if err != nil {
		return Clause{}, err
	}
	return Clause{SQL: sql, Args: w.args}, nil
}

// checkSize refuses what is too long or too deep before anything recursive looks at it. Parentheses inside quotes count too:
// whoever needs sixteen of them in a value has other needs than a filter.
func checkSize(filter string) error {
	if len(filter) > maxLength && utf8.RuneCountInString(filter) > maxLength {
		return errTooLong
	}
	depth := 0
	for _, c := range []byte(filter) {
		switch c {
		case '(':
			if depth++; depth > maxDepth {
				return errTooDeep
			}
		case ')':
			depth--
		}
	}
	return nil
}

// writer walks a parsed filter and writes SQL.
type writer struct {
	schema       *Schema
	next         int
	args         []any
	restrictions int
	within       bool // what is asked of rows is being collected
}

func (w *writer) bind(value any) string {
	w.args = append(w.args, value)
	w.next++
	return "$" + strconv.Itoa(w.next-1)
}

func (w *writer) expression(e *expr.Expr) (string, error) {
	call := e.GetCallExpr()
	if call == nil {
		return w.bare(e)
	}
	switch call.GetFunction() {
	case filtering.FunctionAnd, filtering.FunctionFuzzyAnd:
		return w.all(e)
	case filtering.FunctionOr:
		return w.join(" OR ", call.GetArgs())
	case filtering.FunctionNot:
		inner, err := w.expression(call.GetArgs()[0])
		return "NOT (" + inner + ")", err
	}
	if comparison(call.GetFunction()) {
		return w.restriction(call.GetFunction(), call.GetArgs()[0], call.GetArgs()[1])
	}
	return "", errFunction(call.GetFunction())
}

func (w *writer) join(with string, parts []*expr.Expr) (string, error) {
	out := make([]string, len(parts))
	for i, part := range parts {
		var err error
		if out[i], err = w.expression(part); err != nil {
			return "", err
		}
	}
	return "(" + strings.Join(out, with) + ")", nil
}

// all joins by AND, and makes what is asked of a thing's rows one question for each kind of rows, in the place of its first part.
func (w *writer) all(e *expr.Expr) (string, error) {
	var out []string
	var kinds []*Rows
	at := map[*Rows]int{}
	for _, part := range conjuncts(e) {
		sql, rows, err := w.plain(part)
		if err != nil {
			return "", err
		}
		place, asked := at[rows]
		switch {
		case rows == nil:
			out, kinds = append(out, sql), append(kinds, nil)
		case asked:
			out[place] += " AND " + sql
		default:
			at[rows] = len(out)
			out, kinds = append(out, sql), append(kinds, rows)
		}
	}
	for i, rows := range kinds {
		if rows != nil {
			out[i] = rows.Exists(out[i])
		}
	}
	return "(" + strings.Join(out, " AND ") + ")", nil
}

// conjuncts are the parts of nested ANDs.
func conjuncts(e *expr.Expr) []*expr.Expr {
	call := e.GetCallExpr()
	if call == nil || call.GetFunction() != filtering.FunctionAnd && call.GetFunction() != filtering.FunctionFuzzyAnd {
		return []*expr.Expr{e}
	}
	var parts []*expr.Expr
	for _, part := range call.GetArgs() {
		parts = append(parts, conjuncts(part)...)
	}
	return parts
}

// plain writes a part of an AND; of a condition on rows it writes what is asked of the row, and says of which rows.
func (w *writer) plain(e *expr.Expr) (string, *Rows, error) {
	rows := w.rowsOf(e)
	if rows == nil {
		sql, err := w.expression(e)
		return sql, nil, err
	}
	w.within = true
	defer func() { w.within = false }()
	sql, err := w.expression(e)
	return sql, rows, err
}

// rowsOf are the rows that a single condition is about, nil for none.
func (w *writer) rowsOf(e *expr.Expr) *Rows {
	if call := e.GetCallExpr(); call != nil {
		if !comparison(call.GetFunction()) {
			return nil
		}
		e = call.GetArgs()[0]
	}
	name, _ := nameOf(e)
	return w.schema.fields[name].Rows
}

func comparison(function string) bool {
	switch function {
	case filtering.FunctionEquals, filtering.FunctionNotEquals, filtering.FunctionLessThan, filtering.FunctionLessEquals,
		filtering.FunctionGreaterThan, filtering.FunctionGreaterEquals, filtering.FunctionHas:
		return true
	}
	return false
}

// bare is a name standing alone, which asks for true.
func (w *writer) bare(e *expr.Expr) (string, error) {
	name, ok := nameOf(e)
	if !ok {
		return "", errNoField
	}
	f, err := w.field(name)
	if err != nil {
		return "", err
	}
	if f.Type != Bool {
		return "", errNotBool(f)
	}
	return w.asked(f)(w.compare(f, "=", true))
}

// asked wraps what is asked of one of a field's rows, unless more is asked of the same row.
func (w *writer) asked(f Field) func(sql string, err error) (string, error) {
	return func(sql string, err error) (string, error) {
		if err != nil || f.Rows == nil || w.within {
			return sql, err
		}
		return f.Rows.Exists(sql), nil
	}
}

func (w *writer) restriction(operator string, left, right *expr.Expr) (string, error) {
	name, ok := nameOf(left)
	if !ok {
		return "", errNoField
	}
	f, err := w.field(name)
	if err != nil {
		return "", err
	}
	value, err := literal(f, right)
	if err != nil {
		return "", err
	}
	// What PostgreSQL does not take for text can still be spelled, with escapes.
	if text, ok := value.(string); ok && (!utf8.ValidString(text) || strings.ContainsRune(text, 0)) {
		return "", errValue(f)
	}
	if operator == filtering.FunctionHas {
		return w.asked(f)(w.has(f, value))
	}
	if operator != filtering.FunctionEquals && operator != filtering.FunctionNotEquals && f.Ops&Order == 0 {
		return "", errOperator(f, operator)
	}
	converted, err := convert(f, value)
	if err != nil {
		return "", err
	}
	return w.asked(f)(w.compare(f, operator, converted))
}

func (w *writer) field(name string) (Field, error) {
	if w.restrictions++; w.restrictions > maxRestrictions {
		return Field{}, errTooMany
	}
	f, ok := w.schema.fields[name]
	if !ok {
		return Field{}, w.schema.errUnknown(name)
	}
	return f, nil
}

// compare writes one comparison that is never NULL, in a form that an index on the column can serve.
func (w *writer) compare(f Field, operator string, value any) (string, error) {
	if f.Arg != nil {
		changed, err := f.Arg(value)
		if err != nil {
			return "", errValue(f).Wrap(err)
		}
		value = changed
	}
	switch {
	case f.Build != nil:
		return f.Build(operator, value, w.bind), nil
	case operator == filtering.FunctionNotEquals && f.Nullable:
		return "(" + f.Column + " IS NULL OR " + f.Column + " <> " + w.bind(value) + ")", nil
	case operator == filtering.FunctionNotEquals:
		return f.Column + " <> " + w.bind(value), nil
	case f.Nullable:
		return "(" + f.Column + " IS NOT NULL AND " + f.Column + " " + operator + " " + w.bind(value) + ")", nil
	default:
		return f.Column + " " + operator + " " + w.bind(value), nil
	}
}

// has writes :, which asks for presence when its value is *, and otherwise for containing or being equal.
func (w *writer) has(f Field, value any) (string, error) {
	text, isText := value.(string)
	switch {
	case isText && text == "*" && f.Ops&Presence != 0:
		switch {
		case f.Build != nil:
			return f.Build(filtering.FunctionHas, nil, w.bind), nil
		case f.Type == String:
			return "COALESCE(" + f.Column + ", '') <> ''", nil
		default:
			return f.Column + " IS NOT NULL", nil
		}
	case f.Type == String && isText && f.Ops&Contains != 0:
		if f.Build != nil {
			return f.Build(filtering.FunctionHas, text, w.bind), nil
		}
		escaped := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text)
		return "LOWER(COALESCE(" + f.Column + ", '')) LIKE LOWER(" + w.bind("%"+escaped+"%") + `) ESCAPE '\'`, nil
	default:
		return "", errOperator(f, filtering.FunctionHas)
	}
}
