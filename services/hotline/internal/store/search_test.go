package store

import (
	"slices"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Whether the index is asked or the list is walked through, and however far, the same is found, in the same order, on every page.
func TestCommonWordsAndRareOnesFindTheSame(t *testing.T) {
	for _, dsn := range []string{"sqlite::memory:", kittest.Postgres(t)} {
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), db, change.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < 600; n += 20 { // a decision is written within a second, however slow the machine
			fill(t, s, n, 20)
		}
		// An enterprise of the name, whose tickets say the word themselves or do not; and one that is in no index.
		c := &change.Change{Statements: []change.Statement{IndexEnterprise("410900", "firm", "一成都有公司"), change.Exec(`UPDATE tickets SET enterprise = 'firm' WHERE number LIKE '%5' OR number LIKE '%50'`),
			change.Exec(`DELETE FROM search_texts WHERE thing = '00000020'`), change.Exec(`UPDATE tickets SET restricted = 1 WHERE number LIKE '%3_'`),
			change.Exec(`INSERT INTO ticket_conflicts (city, month, ticket, subject) SELECT city, month, id, 'p:me' FROM tickets WHERE number LIKE '%30'`)}}
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if pool := db.PostgresPool(); pool != nil { // as the server does in a while
			if _, err := pool.Exec(t.Context(), "ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
		for _, scope := range []Scope{{All: true}, {All: true, Person: "me", KeptOut: []string{"p:me"}}, {Person: "f", KeptOut: []string{"p:f"}}, {Enterprises: []string{"firm"}}, {Units: []string{"desk"}}} {
			for _, filter := range []string{"", "open"} {
				for _, orderBy := range []string{"", "due_time"} {
					order, err := Orders.Parse(orderBy)
					if err != nil {
						t.Fatal(err)
					}
					q := Query{City: "410900", Scope: scope, Filter: filter, Words: Wanted("一成都有"), Order: order, Limit: 30}
					want := paged(t, s, q, 1_000_000, 0)
					if len(want) == 0 {
						t.Fatalf("%+v finds nothing", scope)
					}
					for _, most := range []int{1, 90, 5_000} {
						if got := paged(t, s, q, 10, most); !slices.Equal(got, want) {
							t.Errorf("%s, %+v where %q by %q, %d rows looked through: found %d, want %d", db.Engine(), scope, filter, orderBy, most, len(got), len(want))
						}
					}
					if n, _, err := s.Count(t.Context(), q); err != nil || n != len(want) {
						t.Errorf("%s, %+v where %q: counted %d, want %d, %v", db.Engine(), scope, filter, n, len(want), err)
					}
				}
			}
		}
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// paged is all of a list, read page by page.
func paged(t *testing.T, s *Store, q Query, from, most int) (ids []string) {
	t.Helper()
	for q.After = nil; ; {
		rows, err := s.list(t.Context(), q, from, most)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			ids = append(ids, rows[i].ID)
		}
		if len(rows) < q.Limit {
			return ids
		}
		q.After = append([]page.Key(nil), rows[len(rows)-1].Keys...)
		if len(ids) > 2000 {
			t.Fatal("no end of pages")
		}
	}
}
