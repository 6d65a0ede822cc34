package recompute_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/hotline/recompute"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// calendarYears reads the files of the city's calendars, which this package has never seen.
func calendarYears(t *testing.T) (years []*directoryv1.CalendarYear) {
	t.Helper()
	files, err := filepath.Glob("../../../deploy/config/cities/410900/calendars/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no calendars", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		years = append(years, calendarYear(t, string(text)))
	}
	return years
}

// calendarYear reads a file whose every line is a comment or a key with a plain value or a list in brackets.
func calendarYear(t *testing.T, text string) *directoryv1.CalendarYear {
	t.Helper()
	year := &directoryv1.CalendarYear{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		var err error
		switch key {
		case "year":
			_, err = fmt.Sscan(value, &year.Year)
		case "origin":
			year.Origin = value
		case "source":
			year.Source = value
		case "daysOff":
			err = json.Unmarshal([]byte(value), &year.DaysOff)
		case "makeUp":
			err = json.Unmarshal([]byte(value), &year.MakeUp)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return year
}

// TestRandomHistories: what the hotline decided, on its way and with or without a sweeper, is what its history comes to.
func TestRandomHistories(t *testing.T) {
	n := uint64(histories)
	if testing.Short() || kittest.Race {
		n /= 10
	}
	inForce := city(t)
	seen := map[string]int{}
	for seed := range n {
		decided, history, policy, asOf := play(t, inForce, seed)
		got, err := recompute.Recompute(history, policy, asOf)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(sorted(got), sorted(decidedBy(decided))); diff != "" {
			t.Fatalf("seed %d, as of %s (- recomputed, + decided):\n%s\n%s", seed, asOf, diff, history)
		}
		for _, c := range got.Clocks {
			seen[c.Kind+" "+c.State]++
			if c.Provisional {
				seen["provisional"]++
			}
		}
		for _, e := range decided.Away {
			seen[e.State.String()]++
		}
		seen[decided.CloseReason.String()]++
		seen["rung "+string(rune('0'+got.Rung))]++
	}
	for _, must := range []string{
		"DISPATCH MET", "DISPATCH BREACHED", "DISPATCH ENDED", "SIGN MET", "SIGN BREACHED", "CONTACT MET", "CONTACT BREACHED", "CONTACT DISPUTED",
		"ANSWER MET", "ANSWER BREACHED", "ANSWER PAUSED", "ANSWER RUNNING", "ANSWER ENDED", "VERIFY MET", "VERIFY BREACHED", "provisional", "WAITING",
		"SIGN SUPERSEDED", "VERIFY ENDED", "ORDER_SIGN MET", "ORDER_SIGN BREACHED", "ORDER_SIGN ENDED", "ORDER_SIGN SUPERSEDED", "HANDLE MET",
		"HANDLE BREACHED", "HANDLE ENDED", "HANDLE SUPERSEDED", "HANDLE PAUSED", "RETURN MET", "RETURN BREACHED", "RETURN ENDED", "EXTENSION MET",
		"EXTENSION BREACHED", "EXTENSION ENDED", "DIALOGUE MET", "DIALOGUE BREACHED", "DIALOGUE ENDED",
		"VERIFIED", "UNVERIFIED", "WITHDRAWN", "REJECTED", "rung 0", "rung 1", "rung 2", "rung 3", "rung 4",
	} {
		if seen[must] < int(n)/1000 {
			t.Errorf("%s came up %d times only", must, seen[must])
		}
	}
	t.Logf("%d histories: %v", n, seen)
}

// decidedBy is what the hotline holds of a ticket, in the words of this package.
func decidedBy(t *ticket.Ticket) recompute.Ticket {
	out := recompute.Ticket{Rung: t.Rung}
	for _, c := range t.Clocks {
		clock := recompute.Clock{Kind: strings.ToUpper(c.Kind.String()), Order: c.Order, Cycle: c.Cycle, Start: c.Start, Due: c.Due, State: c.State.String(), Provisional: c.Provisional}
		for _, s := range c.Steps[:c.StepsReached] {
			clock.Rungs = append(clock.Rungs, s.At)
		}
		out.Clocks = append(out.Clocks, clock)
	}
	return out
}

// sorted brings clocks into an order that does not depend on when they were numbered, and times into one zone.
func sorted(t recompute.Ticket) recompute.Ticket {
	for i := range t.Clocks {
		c := &t.Clocks[i]
		c.Start, c.Due = c.Start.UTC(), c.Due.UTC()
		for j := range c.Rungs {
			c.Rungs[j] = c.Rungs[j].UTC()
		}
	}
	slices.SortFunc(t.Clocks, func(a, b recompute.Clock) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Cycle, b.Cycle), cmp.Compare(a.Order, b.Order), a.Start.Compare(b.Start), cmp.Compare(a.State, b.State))
	})
	return t
}

// TestVectors: the due times that the notices were checked with.
func TestVectors(t *testing.T) {
	for _, v := range []struct{ start, limit, due string }{
		{"2026-02-13", "3 workdays", "2026-02-25"}, {"2026-02-13", "5 workdays", "2026-02-27"}, {"2026-02-13", "10 workdays", "2026-03-05"},
		{"2026-09-18", "3 workdays", "2026-09-22"}, {"2026-09-30", "5 workdays", "2026-10-13"}, {"2026-04-30", "1 workday", "2026-05-06"},
		{"2025-01-24", "5 workdays", "2025-02-07"}, {"2025-09-26", "10 workdays", "2025-10-16"}, {"2024-09-30", "5 workdays", "2024-10-12"},
		{"2024-02-08", "3 workdays", "2024-02-19"},
	} {
		history := `{"events":[{"time":"` + v.start + `T09:00:00+08:00","event":{"filed":{}}}]}`
		policy := recompute.Policy{Rules: []recompute.Rule{{Clock: "ANSWER", Limit: v.limit}}}
		got, err := recompute.Recompute([]byte(history), policy, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		if due := got.Clocks[0].Due.Format(time.RFC3339); due != v.due+"T18:00:00+08:00" {
			t.Errorf("%s + %s is due %s, want %s 18:00", v.start, v.limit, due, v.due)
		}
	}
	if _, err := recompute.Recompute([]byte(`{`), recompute.Policy{}, time.Time{}); err == nil {
		t.Error("took what is no history")
	}
	bad := recompute.Policy{Rules: []recompute.Rule{{Clock: "ANSWER", Limit: "5 moons"}}}
	if _, err := recompute.Recompute([]byte(`{"events":[{"time":"2026-01-01T00:00:00Z","event":{"filed":{}}}]}`), bad, time.Time{}); err == nil {
		t.Error("took what is no limit")
	}
}
