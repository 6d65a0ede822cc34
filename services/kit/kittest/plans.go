package kittest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Plans is a PostgreSQL database with as many rows as years of a city leave, on which every statement that somebody's reading runs is explained by
// the server. The statements are those that the store's own methods send: none is written down twice.
type Plans struct {
	DB *sqldb.DB
	// Pages is how often one statement may visit a page. What happened in a month, sorted, is below; all of 100,000 tickets, even by an index, is above.
	Pages int

	t     testing.TB
	conn  *pgx.Conn
	small map[string]bool    // tables that may be read from end to end
	rows  map[string]float64 // in each that was filled

	mu   sync.Mutex
	seen []asked
}

type asked struct {
	text string
	args []any
}

// OpenPlans opens a fresh database. The tables that are named stay small however long the service runs, and may be read from end to end.
func OpenPlans(t testing.TB, small ...string) *Plans {
	t.Helper()
	dsn := Postgres(t)
	p := &Plans{Pages: mostPages, t: t, small: map[string]bool{}, rows: map[string]float64{}}
	for _, table := range small {
		p.small[table] = true
	}
	ctx := context.Background() // closing outlives the test's own context
	var err error
	if p.DB, err = sqldb.Open(ctx, sqldb.Config{DSN: dsn, Watch: p.saw}); err != nil {
		t.Fatal(err)
	}
	conn, err := p.DB.PostgresPool().Acquire(ctx) // with the settings that the service's own have
	if err != nil {
		t.Fatal(err)
	}
	p.conn = conn.Conn()
	if _, err := p.conn.Exec(ctx, "SET lock_timeout = 0; SET statement_timeout = 0"); err != nil { // the server's own vacuum may be at work, and rows be a million
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Release()
		if err := p.DB.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *Plans) saw(text string, args []any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, asked{text, args})
}

// Span of the rows that Fill writes: two years that end at Now.
const (
	Now   = "2026-03-31T16:00:00Z"
	first = 1_711_900_800_000_000 // microseconds, 2024-03-31T16:00:00Z
	last  = 1_774_972_800_000_000 // Now
)

// Fill writes rows into a table: one for each i from 1 to n that the condition is true of; empty for all. Values are SQL by column; they may speak of i and
// n, of us, an instant in microseconds that grows with i over the span, and of id and month, a UUIDv7 of that instant and its month, so that what is filled in with the same
// n belongs together. A column without a value that must have one is empty or zero.
func (p *Plans) Fill(table string, n int, condition string, values map[string]string) {
	p.t.Helper()
	values = maps.Clone(values)
	for column, kind := range p.columns(table) {
		if _, given := values[column]; given {
			continue
		}
		switch kind {
		case "text":
			values[column] = "''"
		case "bytea":
			values[column] = `decode(repeat('00', 32), 'hex')`
		default:
			values[column] = "0"
		}
	}
	columns := slices.Sorted(maps.Keys(values))
	selected := make([]string, len(columns))
	for i, column := range columns {
		selected[i] = values[column]
	}
	p.rows[table] += p.exec(fmt.Sprintf(`INSERT INTO %[1]s (%[2]s) SELECT %[3]s FROM (
		SELECT i, n, us, to_char(to_timestamp(us / 1000000) AT TIME ZONE 'UTC', 'YYYYMM')::integer AS month,
			substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-' || lpad(to_hex(i), 12, '0') AS id FROM (
			SELECT i, n, us, lpad(to_hex(us / 1000), 12, '0') AS h FROM (
				SELECT i, n, %[5]d + i * (%[6]d / n) AS us FROM generate_series(1, %[4]d::bigint) i, (SELECT %[4]d::bigint AS n) all_of_them
				WHERE %[7]s) a) b) g`,
		table, strings.Join(columns, ", "), strings.Join(selected, ", "), n, int64(first), int64(last-first), cmp.Or(condition, "true")))
}

// columns are those that must have a value, and their types.
func (p *Plans) columns(table string) map[string]string {
	rows, err := p.conn.Query(context.Background(), `SELECT column_name, data_type FROM information_schema.columns
		WHERE table_name = $1 AND table_schema = current_schema() AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'`, table)
	if err != nil {
		p.t.Fatal(err)
	}
	out := map[string]string{}
	var name, kind string
	if _, err := pgx.ForEachRow(rows, []any{&name, &kind}, func() error { out[name] = kind; return nil }); err != nil {
		p.t.Fatal(err)
	}
	return out
}

func (p *Plans) exec(text string) (rows float64) {
	p.t.Helper()
	tag, err := p.conn.Exec(context.Background(), text)
	if err != nil {
		p.t.Fatalf("%v: %s", err, text)
	}
	return float64(tag.RowsAffected())
}

// Analyze has the server look at what was filled in. Vacuuming marks pages as seen by all, as a server at work does all the time.
func (p *Plans) Analyze() {
	p.t.Helper()
	p.exec("VACUUM ANALYZE")
	// A partition of months to come is empty, and whoever looks at all months finds that out soonest by reading it.
	rows, err := p.conn.Query(context.Background(), `SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND pg_relation_size(oid) = 0`)
	if err != nil {
		p.t.Fatal(err)
	}
	var partition string
	if _, err := pgx.ForEachRow(rows, []any{&partition}, func() error { p.small[partition] = true; return nil }); err != nil {
		p.t.Fatal(err)
	}
}

const (
	mostPages = 25_000
	// mostRows is as far as a table may be read from its beginning, where a limit stops it: as far as lists are counted, and some that do not match.
	mostRows = 5_000
)

// Explain runs what somebody does and looks at the plan of each statement that it sent: none may read a table that grows from end to end, nor more than
// Pages, whether PostgreSQL plans it for its arguments or, after some repetitions, for any.
func (p *Plans) Explain(name string, do func() error) {
	p.t.Helper()
	p.mu.Lock()
	p.seen = nil
	p.mu.Unlock()
	if err := do(); err != nil {
		p.t.Errorf("%s: %v", name, err)
		return
	}
	p.mu.Lock()
	seen := p.seen
	p.seen = nil
	p.mu.Unlock()
	if len(seen) == 0 {
		p.t.Errorf("%s: nothing was asked of the server", name)
	}
	for _, a := range seen {
		switch strings.ToUpper(strings.Fields(a.text)[0]) {
		case "SELECT", "WITH", "UPDATE", "DELETE":
			p.check(name, a)
		}
	}
}

func (p *Plans) check(name string, a asked) {
	p.t.Helper()
	own, err := p.forArguments(a)
	if err != nil {
		p.t.Errorf("%s: %v\n%s", name, err, a.text)
		return
	}
	p.judge(name, "for its arguments", a, own)
	if pages := own.pages(); pages > p.Pages {
		p.t.Errorf("%s reads %d pages, more than %d: %s\n%s", name, pages, p.Pages, a.text, own)
	}
	general, err := p.forAny(a)
	if err != nil {
		p.t.Errorf("%s: %v\n%s", name, err, a.text)
		return
	}
	// As in choose_custom_plan of the server's plancache.c: planning anew is charged too.
	const planning = 1000 * 0.0025
	if general.Cost < own.Cost+planning*float64(own.relations()+1) {
		p.judge(name, "for any arguments", a, general)
	}
}

func (p *Plans) judge(name, planned string, a asked, plan *plan) {
	p.t.Helper()
	plan.each(func(node *planNode) {
		stopped := node.Loops == 1 && node.Rows+node.Removed <= mostRows && node.Rows+node.Removed < p.rows[node.Relation]
		if strings.HasSuffix(node.Type, "Seq Scan") && !p.small[node.Relation] && !stopped {
			p.t.Errorf("%s: reads %s from end to end, planned %s: %s\n%s", name, node.Relation, planned, a.text, plan)
		}
	})
}

// forArguments runs the statement in a transaction that is rolled back, with its arguments known to the planner.
func (p *Plans) forArguments(a asked) (*plan, error) {
	return p.explain(func(ctx context.Context, tx pgx.Tx) (raw []byte, err error) {
		err = tx.QueryRow(ctx, "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "+a.text, a.args...).Scan(&raw)
		return raw, err
	})
}

// forAny plans the statement as it is planned when it has been repeated often enough.
func (p *Plans) forAny(a asked) (*plan, error) {
	return p.explain(func(ctx context.Context, tx pgx.Tx) (raw []byte, err error) {
		if _, err = tx.Exec(ctx, "SET LOCAL plan_cache_mode = force_generic_plan"); err != nil {
			return nil, err
		}
		prepared, err := tx.Prepare(ctx, "explained", a.text)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, tx.Conn().Deallocate(ctx, "explained")) }()
		text := "EXPLAIN (FORMAT JSON) EXECUTE explained"
		if n := len(prepared.ParamOIDs); n > 0 { // a plan for any does not look at them
			text += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
		err = tx.QueryRow(ctx, text, pgx.QueryExecModeExec).Scan(&raw)
		return raw, err
	})
}

func (p *Plans) explain(ask func(context.Context, pgx.Tx) ([]byte, error)) (_ *plan, err error) {
	ctx := context.Background()
	tx, err := p.conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback(ctx)) }()
	raw, err := ask(ctx, tx)
	if err != nil {
		return nil, err
	}
	var plans []struct {
		Plan planNode `json:"Plan"`
	}
	if err := json.Unmarshal(raw, &plans); err != nil {
		return nil, err
	}
	return &plan{plans[0].Plan}, nil
}

// plan is what EXPLAIN says.
type plan struct{ planNode }

type planNode struct {
	Type      string     `json:"Node Type"`
	Relation  string     `json:"Relation Name"`
	Index     string     `json:"Index Name"`
	Cost      float64    `json:"Total Cost"`
	Expected  float64    `json:"Plan Rows"`
	Rows      float64    `json:"Actual Rows"`
	Hit       int        `json:"Shared Hit Blocks"`
	Read      int        `json:"Shared Read Blocks"`
	Condition string     `json:"Index Cond"`
	Filter    string     `json:"Filter"`
	Removed   float64    `json:"Rows Removed by Filter"`
	Loops     float64    `json:"Actual Loops"`
	Plans     []planNode `json:"Plans"`
}

// pages counts every visit of a page, that of the nodes below included.
func (n *planNode) pages() int { return n.Hit + n.Read }

func (n *planNode) each(visit func(*planNode)) {
	visit(n)
	for i := range n.Plans {
		n.Plans[i].each(visit)
	}
}

func (n *planNode) relations() (count int) {
	n.each(func(n *planNode) {
		if n.Relation != "" {
			count++
		}
	})
	return count
}

func (n *planNode) String() string {
	var out strings.Builder
	var write func(n *planNode, depth int)
	write = func(n *planNode, depth int) {
		fmt.Fprintf(&out, "%s%s %s %s [%s] {%s} cost %.0f rows %.0f of %.0f, %.0f removed, %d pages\n", strings.Repeat("  ", depth), n.Type, n.Relation, n.Index,
			n.Condition, n.Filter, n.Cost, n.Rows, n.Expected, n.Removed, n.pages())
		for i := range n.Plans {
			write(&n.Plans[i], depth+1)
		}
	}
	write(n, 0)
	return out.String()
}
