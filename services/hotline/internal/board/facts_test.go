package board

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestBucketsAreOrderedAndTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Int64Range(0, 1<<40).Draw(t, "minutes")
		b := minutesBucket(m)
		bound := bucketBound(b)
		if bound < m || minutesBucket(bound) != b || minutesBucket(bound+1) != b+1 {
			t.Fatalf("%d minutes in bucket %d with bound %d", m, b, bound)
		}
		if m > 32 && float64(bound) > float64(m)*1.0626 {
			t.Fatalf("bound %d is loose for %d", bound, m)
		}
	})
	for m := range int64(33) {
		if got := bucketBound(minutesBucket(m)); m < 32 && got != m {
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
			counts[minutesBucket(m)]++
		}
		if p50, p90 := quantile(counts, 50), quantile(counts, 90); p50 != c.p50 || p90 != c.p90 {
			t.Errorf("%v: %d and %d, want %d and %d", c.minutes, p50, p90, c.p50, c.p90)
		}
	}
}

func TestQuartersEndAtOrAfterTheInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(1704067200e6, 1800000000e6).Draw(t, "at"))
		end := startOf(dayOf(at, worktime.Zone), worktime.Zone).Add(time.Duration(quarterOf(at, worktime.Zone)) * quarter)
		if end.Before(at) || end.Sub(at) >= quarter {
			t.Fatalf("%s lies in the quarter that ends at %s", at, end)
		}
	})
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, worktime.Zone)
	if q := quarterOf(noon, worktime.Zone); q != 48 {
		t.Errorf("noon sharp is in quarter %d", q)
	}
	if q := quarterOf(startOf(20260302, worktime.Zone), worktime.Zone); q != 0 {
		t.Errorf("midnight is in quarter %d", q)
	}
}

func TestRatingsSurviveTheirBucket(t *testing.T) {
	for b := range 32 {
		if got := ratingIn(b).bucket(); got != b {
			t.Errorf("bucket %d became %d", b, got)
		}
	}
}
