package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// BenchmarkSearch measures what it costs to find the newest page among so many tickets: of a word that few have, of one that one in ten has, and of
// one that one in ten had once. Counting it comes with the page.
func BenchmarkSearch(b *testing.B) {
	for name, dsn := range map[string]string{"sqlite": "sqlite:" + b.TempDir() + "/search.db", "postgres": kittest.Postgres(b)} {
		db, err := sqldb.Open(b.Context(), sqldb.Config{DSN: dsn})
		if err != nil {
			b.Fatal(err)
		}
		s, err := Open(b.Context(), db, change.Options{})
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, many := range []int{1_000, 10_000, 100_000} {
			for ; n < many; n += 50 {
				fill(b, s, n, 50)
			}
			if pool := db.PostgresPool(); pool != nil { // as the server does in a while; it may be at it already
				if _, err := pool.Exec(b.Context(), "SET lock_timeout = 0; ANALYZE; RESET lock_timeout", pgx.QueryExecModeSimpleProtocol); err != nil {
					b.Fatal(err)
				}
			}
			order, err := Orders.Parse("")
			if err != nil {
				b.Fatal(err)
			}
			for _, word := range []string{"稀少的词", "一成都有", "从前都有"} {
				q := Query{City: "410900", Scope: Scope{All: true}, Words: Wanted(word), Order: order, Limit: 51}
				b.Run(fmt.Sprintf("%s/%d/%s", name, many, word), func(b *testing.B) {
					for b.Loop() {
						if rows, err := s.List(b.Context(), q); err != nil || len(rows) == 0 {
							b.Fatal(len(rows), err)
						}
					}
				})
				b.Run(fmt.Sprintf("%s/%d/%s/counted", name, many, word), func(b *testing.B) {
					for b.Loop() {
						if n, _, err := s.Count(b.Context(), q); err != nil || n == 0 {
							b.Fatal(n, err)
						}
					}
				})
			}
		}
		s.Close()
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}
}

// fill writes rows as large as a ticket's, with texts of two hundred characters out of two thousand.
func fill(b testing.TB, s *Store, from, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(uint64(from), 7))
	snapshot := make([]byte, 2000)
	copy(snapshot, "{}")
	for i := 2; i < len(snapshot); i++ {
		snapshot[i] = ' '
	}
	c := &change.Change{}
	for i := from; i < from+n; i++ {
		body := make([]rune, 200)
		for j := range body {
			body[j] = '一' + rune(r.IntN(2000))
		}
		title := "标题"
		switch {
		case i%10 == 0:
			title = "一成都有"
		case i%10 == 1 && i < 50_000:
			title = "从前都有"
		}
		if i == 700 {
			title = "稀少的词"
		}
		k := Key{City: "410900", Month: 202603, ID: fmt.Sprintf("%08d", i)}
		c.Statements = append(c.Statements, change.Exec(insertTicket, k.City, k.Month, k.ID, fmt.Sprintf("%013d", i), "FILED", 1, make([]byte, 32), snapshot, "f", "", "",
			"07", "help", "app", "", "NORMAL", "desk", "", 1, 0, 0, 1, i, i, never, nil, nil, nil, "", nil, 0, 0, 0, "", 0, 0, "", 0, 0),
			Index(k, fmt.Sprintf("%013d", i), similar.Text{Title: title, Body: string(body)}))
	}
	err := change.ErrStale
	for errors.Is(err, change.ErrStale) { // a busy disk
		err = s.Commit(b.Context(), c)
	}
	if err != nil {
		b.Fatal(err)
	}
}
