package kittest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// shared are the tables that belong to a database and not to a city: the feed has one order for all of its events.
var shared = []string{"feed", "feed_aside", "feed_cursor", "outbox", "schema_level"}

// ByCity makes every table of a service anew, empty and parted by city, as a database that is distributed by city holds it: whatever is unique must say of
// which city it is, and what is asked within a city must be found in its part alone. Tables that are named belong to no city.
func ByCity(t *testing.T, set sqldb.MigrationSet, others ...string) {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: Postgres(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := sqldb.Migrate(ctx, db, change.Schema(), set); err != nil {
		t.Fatal(err)
	}
	list := func(text string, args ...any) []string {
		t.Helper()
		rows, err := db.PostgresPool().Query(ctx, text, args...)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return out
	}
	exec := func(table, text string) bool {
		t.Helper()
		if _, err := db.PostgresPool().Exec(ctx, text); err != nil {
			t.Errorf("%s cannot be parted by city: %v: %s", table, err, text)
			return false
		}
		return true
	}
	parted := 0
	for _, table := range list(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`) {
		if slices.Contains(shared, table) || slices.Contains(others, table) || strings.HasPrefix(table, "schema_version_") {
			continue
		}
		parted++
		by := table + "_by_city"
		if !exec(table, `CREATE TABLE `+by+` (LIKE `+table+` INCLUDING DEFAULTS INCLUDING GENERATED) PARTITION BY LIST (city)`) {
			continue
		}
		for _, index := range list(`SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1::text::regclass AND indisunique`, table) {
			_, on, _ := strings.Cut(index, " USING ")
			exec(table, `CREATE UNIQUE INDEX ON `+by+` USING `+on)
		}
		for _, city := range []string{"410900", "410500"} {
			exec(table, `CREATE TABLE `+by+city+` PARTITION OF `+by+` FOR VALUES IN ('`+city+`')`)
		}
		if plan := strings.Join(list(`EXPLAIN SELECT * FROM `+by+` WHERE city = '410900'`), "\n"); !strings.Contains(plan, by+"410900") || strings.Contains(plan, by+"410500") {
			t.Errorf("%s: one city is looked for among others:\n%s", table, plan)
		}
	}
	if parted < 5 {
		t.Errorf("%d tables", parted)
	}
	t.Logf("%d tables", parted)
}
