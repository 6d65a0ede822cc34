package board_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/boardrpc"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// BenchmarkBoard is what the board of the last thirty days costs when the mayor's office calls for it, read, summed and written as an answer, with a thousand
// cases behind it and with a hundred thousand: of two years, in a city of 70 items, 40 units and 8 counties. It must cost at most half as much again.
func BenchmarkBoard(b *testing.B) {
	for name, dsn := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "board.db") },
		"postgres": func() string { return kittest.Postgres(b) },
	} {
		for _, cases := range []int{1_000, 100_000} {
			b.Run(fmt.Sprint(name, "/", cases), func(b *testing.B) {
				c := fill(b, dsn(), cases)
				cities := desk.NewCities()
				cities.Put(c.city)
				server := boardrpc.New(c.board, cities, at(c.now))
				mayor := authn.WithCaller(b.Context(), authn.Caller{Roles: []authn.Grant{{Role: optionsv1.Role_ROLE_MAYOR_OFFICE}}})
				request := &agencyv1.GetApprovalBoardRequest{Parent: "cities/" + ct.Code, FromDate: c.now.AddDate(0, 0, -29).Format(time.DateOnly), ToDate: c.now.Format(time.DateOnly)}
				b.ReportAllocs()
				var answer *agencyv1.ApprovalBoard
				var bytes []byte
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					var err error
					if answer, err = server.GetApprovalBoard(mayor, request); err != nil {
						b.Fatal(err)
					}
					if bytes, err = proto.Marshal(answer); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took) // what else the machine does is in the mean, and hardly in these
				b.ReportMetric(float64(took[0]), "best-ns")
				b.ReportMetric(float64(took[len(took)/2]), "median-ns")
				b.ReportMetric(float64(c.cells), "cells")
				b.ReportMetric(float64(len(bytes)), "answer-bytes")
				b.ReportMetric(float64(answer.GetTotal().GetItems().GetDecided().GetDecided().GetValue()), "decided")
				b.ReportMetric(float64(len(answer.GetItems())), "items")
			})
		}
	}
}

// at is a clock that stands.
type at time.Time

func (a at) Now() time.Time { return time.Time(a).UTC() }

func (at) WaitUntil(ctx context.Context, _ time.Time) error { return context.Cause(ctx) }

// crowd is a board with the cells of many cases.
type crowd struct {
	board *board.Board
	city  *catalogue.City
	now   time.Time
	cells int
}

const (
	weeks     = 104 // over which the cases are spread
	unended   = 16  // of these cases are under way
	districts = 5   // how many times the small city's units and items there are
)

// fill writes the cells that the fold would have written of so many cases.
func fill(b *testing.B, dsn string, cases int) *crowd {
	b.Helper()
	ctx := context.Background() // closing outlives the benchmark's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		b.Fatal(err)
	}
	s, err := store.New(ctx, db, change.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	c := &crowd{city: ct.City(b)}
	if c.board, err = board.New(ctx, s, func(string) (*catalogue.City, error) { return c.city, nil }, feed.Config{}); err != nil {
		b.Fatal(err)
	}
	sums := map[tally.Cell]int64{}
	begun, ended, last := lives(b, c.city, 100)
	c.now = last.AddDate(0, 0, 7*weeks)
	for n := range cases {
		week := n * weeks / cases
		facts := ended[n%len(ended)]
		if weeks-week <= unended {
			facts = begun[n%len(begun)]
		}
		facts = moved(facts, time.Duration(week)*7*24*time.Hour, n)
		board.FactsOf(&facts).Cells(func(cell tally.Cell, k int64) { sums[cell] += k })
	}
	var rows []change.Statement
	// By day, as they come to be: what of a month lies together in a table is a part of what reading a month costs.
	for _, cell := range slices.SortedFunc(maps.Keys(sums), func(a, b tally.Cell) int { return a.Day - b.Day }) {
		if k := sums[cell]; k != 0 {
			rows = append(rows, change.Exec(`INSERT INTO board_cells (city, generation, day, restricted, measure, dimension, value, bucket, n) VALUES ($1, 1, $2, 0, $3, $4, $5, $6, $7)`,
				ct.Code, cell.Day, string(cell.Measure), string(cell.Dimension), cell.Value, cell.Bucket, k))
		}
	}
	for some := range slices.Chunk(rows, 500) {
		if err := s.Commit(b.Context(), &change.Change{Statements: some}); err != nil {
			b.Fatal(err)
		}
	}
	c.cells = len(rows)
	if pool := db.PostgresPool(); pool != nil { // as autovacuum does in a while
		if _, err := pool.Exec(b.Context(), "ANALYZE board_cells"); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// lives plays cases from their opening on: the facts of each when a while was over, and of each that ended then; and when the last of these stood.
func lives(b *testing.B, city *catalogue.City, many int) (begun, ended []fact.Case, last time.Time) {
	b.Helper()
	for n := range many {
		l := life{rand.New(rand.NewPCG(uint64(n), 3))}
		now := ct.At("2026-03-02 09:00")
		in, by := l.opening()
		in.ID, in.Number = fmt.Sprint(n), fmt.Sprint(n)
		events, err := casefile.New(casefile.Context{Now: now, Actor: by, City: city}, in)
		if err != nil {
			b.Fatal(err)
		}
		c, err := casefile.Fold(in.City, in.ID, events)
		if err != nil {
			b.Fatal(err)
		}
		for acts := 0; acts < 400 && (c.State == casefile.Applied || c.State == casefile.Open); acts++ {
			by, do := l.next(b, c, casefile.Context{Now: now, Actor: casefile.Clockwork, City: city})
			events, err := do(c, casefile.Context{Now: now, Actor: by, City: city})
			if refused(b, err) || len(events) == 0 {
				continue
			}
			if c, err = c.After(events...); err != nil {
				b.Fatal(err)
			}
			now = now.Add(time.Duration(l.rnd.IntN(12*60)) * time.Minute)
			if now.Sub(ct.At("2026-03-02 09:00")) > unended*7*24*time.Hour {
				break
			}
		}
		facts := fact.Of(c, city)
		begun = append(begun, facts)
		if !facts.Open {
			ended = append(ended, facts)
		}
		if now.After(last) {
			last = now
		}
	}
	return begun, ended, last
}

// moved is a case that happened later, somewhere in a larger city.
func moved(f fact.Case, by time.Duration, n int) fact.Case {
	at := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.Add(by)
			}
		}
	}
	district := fmt.Sprint("-", n%districts)
	f.County = fmt.Sprint("c", n%8)
	f.Items, f.Commitments = slices.Clone(f.Items), slices.Clone(f.Commitments)
	at(&f.CreateTime, &f.EndTime, &f.TicketTime)
	for k := range f.Items {
		i := &f.Items[k]
		i.Unit, i.Code = i.Unit+district, i.Code+district
		at(&i.DecideTime, &i.NoticeTime, &i.DeemTime, &i.PromisedDue, &i.StatutoryDue, &i.StuckTime)
	}
	for k := range f.Commitments {
		c := &f.Commitments[k]
		c.Unit, c.Item = c.Unit+district, c.Item+district
		at(&c.DueTime, &c.EndTime)
	}
	return f
}
