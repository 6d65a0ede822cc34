package tally

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestBucketsAreOrderedAndTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Int64Range(0, 1<<40).Draw(t, "minutes")
		b := BucketOf(m)
		bound := BoundOf(b)
		if bound < m || BucketOf(bound) != b || BucketOf(bound+1) != b+1 {
			t.Fatalf("%d minutes in bucket %d with bound %d", m, b, bound)
		}
		if m > 32 && float64(bound) > float64(m)*1.0626 {
			t.Fatalf("bound %d is loose for %d", bound, m)
		}
	})
	for m := range int64(33) {
		if got := BoundOf(BucketOf(m)); m < 32 && got != m {
			t.Errorf("%d minutes are shown as %d", m, got)
		}
	}
}

func TestQuantiles(t *testing.T) {
	for _, c := range []struct {
		minutes  []int64
		p50, p90 int64
	}{
		{nil, 0, 0},
		{[]int64{7}, 7, 7},
		{[]int64{1, 2}, 1, 2},
		{[]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 9},
		{[]int64{0, 0, 0, 31}, 0, 31},
	} {
		counts := map[int]int64{}
		for _, m := range c.minutes {
			counts[BucketOf(m)]++
		}
		if p50, p90 := Quantile(counts, 50), Quantile(counts, 90); p50 != c.p50 || p90 != c.p90 {
			t.Errorf("%v: %d and %d, want %d and %d", c.minutes, p50, p90, c.p50, c.p90)
		}
	}
}

func TestQuartersEndAtOrAfterTheInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(1704067200e6, 1800000000e6).Draw(t, "at"))
		end := StartOf(DayOf(at)).Add(time.Duration(QuarterOf(at)) * Quarter)
		if end.Before(at) || end.Sub(at) >= Quarter {
			t.Fatalf("%s lies in the quarter that ends at %s", at, end)
		}
	})
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, worktime.Zone)
	if q := QuarterOf(noon); q != 48 {
		t.Errorf("noon sharp is in quarter %d", q)
	}
	if q := QuarterOf(StartOf(20260302)); q != 0 {
		t.Errorf("midnight is in quarter %d", q)
	}
}

func TestPeriods(t *testing.T) {
	// Late in the evening by UTC it is the next day in the city.
	now := time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from, to string
		want     Period
		bad      bool
	}{
		{"", "", Period{From: 20260201, To: 20260302}, false},
		{"2026-01-01", "", Period{From: 20260101, To: 20260302}, false},
		{"2026-01-01", "2026-01-01", Period{From: 20260101, To: 20260101}, false},
		{"", "2026-01-31", Period{From: 20260102, To: 20260131}, false},
		{"2026-02-30", "", Period{}, true},
		{"", "2026-13-01", Period{}, true},
		{"2026-03-02", "2026-03-01", Period{}, true},
		{"0001-01-01", "9999-12-31", Period{}, true},
	} {
		got, err := PeriodOf(c.from, c.to, now)
		if got != c.want || fault.Has(err, "PERIOD_INVALID") != c.bad {
			t.Errorf("%q to %q: %v, %v", c.from, c.to, got, err)
		}
	}
	if worktime.Zone.String() != "Asia/Shanghai" {
		t.Error("the city's zone is another")
	}
}

// What was due at an instant is overdue a second later by the quarter in which it lay, and never belongs to today as well.
func TestMomentsPartTheDay(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.ParseInLocation(time.DateTime, text, worktime.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		now, overdue, after string
		included            bool
		today, tomorrow     int
	}{
		{"2026-02-28 10:15:00", "2026-02-28 10:00:00", "2026-02-28 10:00:00", false, 20260228, 20260301},
		{"2026-02-28 10:15:01", "2026-02-28 10:15:00", "2026-02-28 10:15:00", false, 20260228, 20260301},
		{"2026-03-01 00:00:00", "2026-02-28 23:45:00", "2026-03-01 00:00:00", true, 20260301, 20260302},
		{"2026-03-01 00:00:01", "2026-03-01 00:00:00", "2026-03-01 00:00:00", false, 20260301, 20260302},
	} {
		m := MomentOf(at(c.now))
		after, included := m.DueAfter()
		if !m.Overdue.Equal(at(c.overdue)) || !after.Equal(at(c.after)) || included != c.included || m.Today != c.today || m.Tomorrow != c.tomorrow {
			t.Errorf("at %s: %+v, due after %s (%t)", c.now, m, after, included)
		}
	}
}
