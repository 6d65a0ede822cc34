package filter

import (
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/page"
)

// Builder collects the conditions of a list's statement and their parameters.
type Builder struct {
	Args       []any
	conditions []string
}

// Bind adds a parameter and returns its placeholder.
func (b *Builder) Bind(v any) string {
	b.Args = append(b.Args, v)
	return "$" + strconv.Itoa(len(b.Args))
}

// List binds any number of values and returns their placeholders, separated by commas.
func (b *Builder) List(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = b.Bind(v)
	}
	return strings.Join(out, ", ")
}

// Add adds a condition.
func (b *Builder) Add(condition string) { b.conditions = append(b.conditions, condition) }

// Clause adds a condition with its parameters; its first one must be the builder's next.
func (b *Builder) Clause(c Clause) {
	b.Args = append(b.Args, c.Args...)
	b.Add(c.SQL)
}

// SQL is all conditions, joined by AND.
func (b *Builder) SQL() string { return strings.Join(b.conditions, " AND ") }

// Keys are the values of an order's columns in one row, scanned as the database gives them.
type Keys struct {
	like    []page.Key
	texts   []string
	numbers []int64
}

// Keys makes room for the keys of a row.
func (o Ordering) Keys() *Keys {
	like := o.Like()
	return &Keys{like: like, texts: make([]string, len(like)), numbers: make([]int64, len(like))}
}

// Into is where to scan Columns to.
func (k *Keys) Into() []any {
	into := make([]any, len(k.like))
	for i, like := range k.like {
		if _, isText := like.(string); isText {
			into[i] = &k.texts[i]
		} else {
			into[i] = &k.numbers[i]
		}
	}
	return into
}

// Values is what was scanned, as After takes it.
func (k *Keys) Values() []page.Key {
	values := make([]page.Key, len(k.like))
	for i, like := range k.like {
		switch like.(type) {
		case string:
			values[i] = k.texts[i]
		case time.Time:
			values[i] = time.UnixMicro(k.numbers[i]).UTC()
		default:
			values[i] = k.numbers[i]
		}
	}
	return values
}

// Words are the values of an Enum whose column holds the words themselves.
func Words(words ...string) map[string]any {
	m := make(map[string]any, len(words))
	for _, w := range words {
		m[w] = w
	}
	return m
}

// LastPart is an Arg that takes the code or id out of a resource name; a bare one is itself.
func LastPart(value any) (any, error) {
	s := value.(string)
	return s[strings.LastIndexByte(s, '/')+1:], nil
}

// Bit builds the predicate of a Bool whose column holds 0 or 1 and is never NULL. It writes the value into the statement: a database that plans for any value
// would otherwise neither use the index of the few that are 1, nor know that they are few.
func Bit(column string) func(operator string, value any, bind func(any) string) string {
	return func(operator string, value any, _ func(any) string) string {
		bit := "0"
		if value.(bool) {
			bit = "1"
		}
		return column + " " + operator + " " + bit
	}
}
