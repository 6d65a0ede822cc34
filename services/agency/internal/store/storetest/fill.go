package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// How the cases that Fill writes are spread.
const (
	filledUnits   = 2   // that decide items: UnitOf
	perEnterprise = 5   // cases
	perAgent      = 100 // cases: AgentOf
)

// UnitOf is one of the units among which the items of filled cases are spread.
func UnitOf(n int) string { return fmt.Sprintf("unit%d", n%filledUnits) }

// AgentOf is the agent of the nth filled case.
func AgentOf(n int) string { return fmt.Sprintf("agent%d", n/perAgent) }

// EnterpriseOf is the enterprise of the nth filled case.
func EnterpriseOf(n int) string { return fmt.Sprintf("enterprise%d", n/perEnterprise) }

// Fill opens the database behind the DSN and writes so many cases of small projects, a second apart, each at one of the places on its way: what lists cost is
// measured on them. There is no history behind them.
func Fill(tb testing.TB, dsn string, cases int) *store.Store {
	tb.Helper()
	f := open(tb, dsn)
	f.city = cataloguetest.City(tb)
	applied := f.opened(tb, nil)
	tolerated := f.tolerated(tb, f.filed(tb, f.entrusted(tb, f.opened(tb, nil))))
	filed := f.filed(tb, f.entrusted(tb, f.opened(tb, nil)))
	begin := f.clock.Now()
	source := ids.New(movable.New(begin.Add(time.Hour)))
	for first := 0; first < cases; first += fillBatch {
		var c change.Change
		for n := first; n < min(first+fillBatch, cases); n++ {
			from := []store.Stored{applied, filed, tolerated}[n%3]
			key, err := store.KeyOf(cataloguetest.Code, source.New())
			if err != nil {
				tb.Fatal(err)
			}
			copied := *from.Case
			copied.ID, copied.Number, copied.Enterprise, copied.Certificates = key.ID, fmt.Sprintf("9%012d", n), EnterpriseOf(n), nil
			var hash journal.Hash
			binary.BigEndian.PutUint64(hash[:], uint64(n)+1)
			rows, err := store.Open(key, &copied, f.spread(&copied, n, begin), hash)
			if err != nil {
				tb.Fatal(err)
			}
			c.Statements = append(c.Statements, rows...)
		}
		err := change.ErrStale
		for errors.Is(err, change.ErrStale) { // the machine was busy; nothing was decided that could be too old
			c.Decided = time.Time{}
			err = f.store.Commit(tb.Context(), &c)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return f.store
}

const fillBatch = 20

// spread gives the nth case its parties and times.
func (f *fixture) spread(c *casefile.Case, n int, begin time.Time) fact.Case {
	facts := f.facts(c)
	done := n%2 == 0 // half of the cases owe nothing any more
	at := begin.Add(time.Duration(n) * time.Second)
	move := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.Add(time.Duration(n) * time.Second)
			}
		}
	}
	facts.CreateTime, facts.UpdateTime, facts.Units, facts.Agents = at, at, []string{UnitOf(0), UnitOf(1)}, []fact.Agent{{Official: AgentOf(n)}}
	if move(&facts.DueTime); done {
		facts.State, facts.Open, facts.Stage, facts.EndTime, facts.DueTime = casefile.Completed, false, "", at, time.Time{}
	}
	for i := range facts.Items {
		item := &facts.Items[i]
		item.Unit, item.Since = UnitOf(n/3+i), at
		if move(&item.SubmitTime, &item.AcceptTime, &item.DecideTime, &item.PromisedDue, &item.StatutoryDue, &item.DueTime, &item.StuckTime); done {
			item.State, item.Open, item.PromisedDue, item.StatutoryDue, item.DueTime, item.StuckTime = casefile.Approved, false, time.Time{}, time.Time{}, time.Time{}, time.Time{}
		}
	}
	for i := range facts.Commitments {
		k := &facts.Commitments[i]
		if move(&k.SignTime, &k.DueTime); done {
			k.DueTime, k.EndTime = time.Time{}, at
		}
	}
	return facts
}
