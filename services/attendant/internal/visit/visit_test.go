package visit_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
)

var now = time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC)

// days is an interval of so many days.
type days int

func (d days) Earliest(after time.Time) time.Time { return after.AddDate(0, 0, int(d)) }

func in(d int) time.Time { return now.AddDate(0, 0, d) }

func at(d int) *visit.Visit {
	return &visit.Visit{City: "410900", ID: "v", State: visit.Planned, Time: in(d)}
}

func TestPlan(t *testing.T) {
	for _, c := range []struct {
		name     string
		time     time.Time
		around   visit.Around
		setAside bool
		want     error
		aside    bool
	}{
		{"free", in(3), visit.Around{}, false, nil, false},
		{"now", now, visit.Around{}, false, visit.ErrTime, false},
		{"yesterday, whatever is set aside", in(-1), visit.Around{}, true, visit.ErrTime, false},
		{"too far", in(367), visit.Around{}, false, visit.ErrTime, false},
		{"too soon after another", in(13), visit.Around{Before: at(4)}, false, visit.ErrTooSoon, false},
		{"just not too soon", in(14), visit.Around{Before: at(4)}, false, nil, false},
		{"too soon before another", in(3), visit.Around{After: at(12)}, false, visit.ErrTooSoon, false},
		{"just far enough before", in(2), visit.Around{After: at(12)}, false, nil, false},
		{"at the time of another", in(4), visit.Around{Before: at(4)}, false, visit.ErrTooSoon, false},
		{"in the quiet", in(3), visit.Around{Quiet: visit.Quiet{Quiet: true, Until: in(4)}}, false, visit.ErrQuiet, false},
		{"when the quiet ends", in(4), visit.Around{Quiet: visit.Quiet{Quiet: true, Until: in(4)}}, false, nil, false},
		{"in a quiet for good", in(300), visit.Around{Quiet: visit.Quiet{Quiet: true}}, false, visit.ErrQuiet, false},
		{"in a quiet set aside", in(3), visit.Around{Quiet: visit.Quiet{Quiet: true}}, true, nil, true},
		{"nothing to set aside", in(3), visit.Around{}, true, nil, false},
	} {
		c.around.Interval = days(10)
		got, aside, err := visit.Plan(visit.Visit{Time: c.time}, c.around, now, c.setAside)
		if !errors.Is(err, c.want) || aside != c.aside {
			t.Errorf("%s: %v, set aside: %v", c.name, err, aside)
		}
		if err == nil && (got.State != visit.Planned || !got.Created.Equal(now) || !got.Time.Equal(c.time)) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// However visits are asked for, one after the other, no two that were granted are too near, and none lies in the quiet.
func TestGrantedVisitsKeepTheirDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := days(rapid.IntRange(0, 10).Draw(t, "interval"))
		quiet := visit.Quiet{Quiet: rapid.Bool().Draw(t, "quiet"), Until: in(rapid.IntRange(1, 30).Draw(t, "until"))}
		var granted []visit.Visit
		for _, d := range rapid.SliceOfN(rapid.IntRange(1, 60), 1, 20).Draw(t, "asked") {
			around := visit.Around{Quiet: quiet, Interval: interval}
			for i := range granted {
				g := &granted[i]
				if !g.Time.After(in(d)) && (around.Before == nil || g.Time.After(around.Before.Time)) {
					around.Before = g
				}
				if g.Time.After(in(d)) && (around.After == nil || g.Time.Before(around.After.Time)) {
					around.After = g
				}
			}
			if v, _, err := visit.Plan(visit.Visit{Time: in(d)}, around, now, false); err == nil {
				granted = append(granted, v)
			}
		}
		for i, a := range granted {
			if quiet.At(a.Time) {
				t.Fatalf("%v lies in the quiet until %v", a.Time, quiet.Until)
			}
			for _, b := range granted[i+1:] {
				if gap := b.Time.Sub(a.Time).Abs(); gap < time.Duration(interval)*24*time.Hour {
					t.Fatalf("%v and %v are too near", a.Time, b.Time)
				}
			}
		}
	})
}

func TestAVisitEndsOnce(t *testing.T) {
	planned := visit.Visit{State: visit.Planned, Time: in(3), Created: now}
	if _, err := planned.Hold(time.Time{}, in(2)); !errors.Is(err, visit.ErrTime) {
		t.Errorf("held before its time: %v", err)
	}
	if _, err := planned.Hold(in(-1), in(4)); !errors.Is(err, visit.ErrTime) {
		t.Errorf("held before it was planned: %v", err)
	}
	held, err := planned.Hold(in(2), in(4))
	if err != nil || held.State != visit.Held || !held.Time.Equal(in(2)) {
		t.Fatalf("%+v, %v", held, err)
	}
	asPlanned, err := planned.Hold(time.Time{}, in(3))
	if err != nil || !asPlanned.Time.Equal(in(3)) {
		t.Errorf("%+v, %v", asPlanned, err)
	}
	off, err := planned.Cancel()
	if err != nil || off.State != visit.Cancelled {
		t.Fatalf("%+v, %v", off, err)
	}
	for name, over := range map[string]visit.Visit{"held": held, "off": off} {
		if _, err := over.Hold(in(3), in(4)); !errors.Is(err, visit.ErrOver) {
			t.Errorf("%s, then held: %v", name, err)
		}
		if _, err := over.Cancel(); !errors.Is(err, visit.ErrOver) {
			t.Errorf("%s, then cancelled: %v", name, err)
		}
	}
}

func TestQuiet(t *testing.T) {
	for name, bad := range map[string]visit.Quiet{"until now": {Quiet: true, Until: now}, "no quiet until": {Until: in(1)}} {
		if _, err := visit.NewQuiet(bad, now); !errors.Is(err, visit.ErrPeriod) {
			t.Errorf("%s: %v", name, err)
		}
	}
	q, err := visit.NewQuiet(visit.Quiet{Quiet: true, Until: in(1)}, now)
	if err != nil || !q.At(now) || q.At(in(1)) || (visit.Quiet{}).At(now) {
		t.Errorf("%+v, %v", q, err)
	}
}
