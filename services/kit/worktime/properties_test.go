package worktime_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestOracleAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		a := w.drawMinute(t, "a")
		b := a.Add(time.Duration(rapid.IntRange(0, 20*24*60).Draw(t, "minutes to b")) * time.Minute)
		if got, want := w.Between(a, b), time.Duration(w.oracle.between(a, b))*time.Minute; got != want {
			t.Errorf("Between(%s, %s) = %s, want %s", text(a), text(b), got, want)
		}
		n := rapid.IntRange(1, 2000).Draw(t, "working minutes")
		if got, want := w.AddWorking(a, time.Duration(n)*time.Minute), w.oracle.addMinutes(a, n); !got.Equal(want) {
			t.Errorf("AddWorking(%s, %d min) = %s, want %s", text(a), n, text(got), text(want))
		}
		n = rapid.IntRange(0, 30).Draw(t, "workdays")
		closing := w.AddWorkdaysClose(a, n)
		if want := w.oracle.addWorkdays(a, n); !closing.Equal(want) {
			t.Errorf("AddWorkdaysClose(%s, %d) = %s, want %s", text(a), n, text(closing), text(want))
		}
		if got := w.BetweenWorkdays(a, closing); n > 0 && got != n || w.BetweenWorkdays(closing, a) != -got {
			t.Errorf("BetweenWorkdays(%s, %s) = %d, want %d", text(a), text(closing), got, n)
		}
		hours := worktime.Limit{Amount: rapid.IntRange(1, 200).Draw(t, "hours"), Unit: worktime.NaturalHours, Roll: true}
		want := w.oracle.settle(a.Add(time.Duration(hours.Amount) * time.Hour))
		if got := w.Add(a, hours).Due; !got.Equal(want) {
			t.Errorf("%s + %s = %s, want %s", text(a), hours, text(got), text(want))
		}
	})
}

func TestDaysAreTheOracles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for day := time.Date(w.turn-2, 12, 1, 0, 0, 0, 0, worktime.Zone); day.Year() < w.turn+2; day = day.AddDate(0, 0, 1) {
			d := worktime.DateOf(day)
			if w.IsWorkday(d) != w.oracle.workday(day) || !slices.Equal(w.Slots(d), w.oracle.slots(day)) ||
				w.IsProjected(d) != w.oracle.projected(day) {
				t.Fatalf("%s: workday %t, slots %v, projected %t", d, w.IsWorkday(d), w.Slots(d), w.IsProjected(d))
			}
		}
	})
}

func TestAddWorkingIsTheInverseOfBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		a, b := w.drawInstant(t, "a"), w.drawInstant(t, "b")
		d := time.Duration(rapid.Int64Range(-int64(900*time.Hour), int64(900*time.Hour)).Draw(t, "d"))
		u := w.AddWorking(a, d)
		if got := w.Between(a, u); got != d {
			t.Errorf("Between(%s, %s) = %s after adding %s", text(a), text(u), got, d)
		}
		if !w.oracle.inside(u) {
			t.Errorf("%s + %s ends outside working time, at %s", text(a), d, text(u))
		}
		if d > 0 && u.Before(a) || d < 0 && u.After(a) {
			t.Errorf("%s + %s went the wrong way, to %s", text(a), d, text(u))
		}
		if b.Before(a) {
			a, b = b, a
		}
		// Walking as far as b comes back to b, or to the last working time before b when b is in none.
		back := w.AddWorking(a, w.Between(a, b))
		if w.Between(back, b) != 0 || w.oracle.works(b) && b.After(w.NextOpening(a)) && w.Between(b.Add(-1), b) > 0 && !back.Equal(b) {
			t.Errorf("from %s to %s and back to %s", text(a), text(b), text(back))
		}
	})
}

func TestWorkingTimeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		a, b, c := w.drawInstant(t, "a"), w.drawInstant(t, "b"), w.drawInstant(t, "c")
		if got, want := w.Between(a, b)+w.Between(b, c), w.Between(a, c); got != want {
			t.Errorf("a to b to c is %s, a to c is %s", got, want)
		}
		if w.Between(a, b) != -w.Between(b, a) {
			t.Errorf("there and back again is not nothing")
		}
		amount := rapid.Int64Range(0, int64(500*time.Hour))
		d, e := time.Duration(amount.Draw(t, "d")), time.Duration(amount.Draw(t, "e"))
		if got, want := w.AddWorking(w.AddWorking(a, d), e), w.AddWorking(a, d+e); !got.Equal(want) {
			t.Errorf("%s + %s + %s = %s in two steps, %s in one", text(a), d, e, text(got), text(want))
		}
	})
}

func TestLaterStartsAndLongerLimitsAreDueLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		l := drawLimit(t)
		a, b := w.drawInstant(t, "a"), w.drawInstant(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		due := w.Add(a, l).Due
		if due.Before(a) {
			t.Errorf("%s + %s is due before it starts, at %s", text(a), l, text(due))
		}
		if w.Add(b, l).Due.Before(due) {
			t.Errorf("%s: from %s due %s, from %s due %s", l, text(a), text(due), text(b), text(w.Add(b, l).Due))
		}
		longer := l
		longer.Amount++
		if w.Add(a, longer).Due.Before(due) {
			t.Errorf("%s from %s is due before %s", longer, text(a), l)
		}
		if (l.Unit.Working() || l.Roll) && !w.oracle.inside(due) {
			t.Errorf("%s + %s is due outside working time, at %s", text(a), l, text(due))
		}
	})
}

func TestPausesKeepTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		l := drawLimit(t)
		l.Roll = false // rolling gives more than the total; its rule is tested by itself
		start := w.drawInstant(t, "start")
		first := w.Add(start, l)
		passed := func(a, b time.Time) time.Duration { return w.Remaining(l, a, b) }

		var pauses []worktime.Pause
		var paused time.Duration
		due, at := first.Due, start
		for range rapid.IntRange(0, 4).Draw(t, "pauses") {
			from := at.Add(time.Duration(rapid.Int64Range(0, int64(due.Sub(at))).Draw(t, "from")))
			to := from.Add(time.Duration(rapid.Int64Range(0, int64(90*time.Hour)).Draw(t, "to")))
			pauses = append(pauses, worktime.Pause{From: from, To: to})
			paused += passed(from, to)
			d := w.AddPaused(start, l, pauses)
			if d.Due.Before(due) {
				t.Fatalf("a pause brought the due time forward from %s to %s", text(due), text(d.Due))
			}
			due, at = d.Due, to
		}
		if got, want := passed(start, due)-paused, passed(start, first.Due); got != want {
			t.Errorf("%s: %s of running time to the due time, want %s", l, got, want)
		}
		late := worktime.Pause{From: due.Add(1), To: due.Add(time.Hour)}
		if got := w.AddPaused(start, l, append(pauses, late)).Due; !got.Equal(due) {
			t.Errorf("a pause after the due time moved it from %s to %s", text(due), text(got))
		}
	})
}

func TestSharesAreOfWorkingTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		start := w.drawInstant(t, "start")
		due := w.Add(start, drawLimit(t)).Due
		percent := rapid.IntRange(1, 99).Draw(t, "percent")
		warn := w.Share(start, due, percent)
		if warn.Before(start) || warn.After(due) {
			t.Errorf("%d%% of %s to %s is %s", percent, text(start), text(due), text(warn))
		}
		work := w.Between(start, due)
		if exact := float64(work) / 100 * float64(percent); work > 0 {
			if off := float64(w.Between(start, warn)) - exact; off > 1 || off < -100 {
				t.Errorf("%d%% of %s is off by %.0f ns", percent, work, off)
			}
		}
		if warn.After(w.Share(start, due, percent+1)) {
			t.Errorf("%d%% comes after %d%%", percent, percent+1)
		}
	})
}

// TestFinalMeansFinal is what provisional is for: no notice for a projected year can move a deadline that is not provisional.
func TestFinalMeansFinal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		official := slices.DeleteFunc(slices.Clone(w.years), func(y worktime.Year) bool { return y.Origin != worktime.Official })
		given := map[int]bool{}
		for _, y := range official {
			given[y.Number] = true
		}
		for number := w.turn - 2; number <= w.turn+2; number++ {
			if !given[number] {
				official = append(official, drawYear(t, number, worktime.Official))
			}
		}
		after, err := worktime.New(official, w.seasons)
		if err != nil {
			t.Fatal(err)
		}
		start, l := w.drawInstant(t, "start"), drawLimit(t)
		before := w.Add(start, l)
		next, moved := after.Recompute(start, l, nil, before)
		switch {
		case !before.Provisional:
			if got := after.Add(start, l); !got.Due.Equal(before.Due) || moved || next != before {
				t.Errorf("%s + %s was final at %s and moved to %s", text(start), l, text(before.Due), text(got.Due))
			}
		case next.Provisional && next.Due.Year() <= w.turn+2:
			t.Errorf("%s + %s is still provisional at %s, with every year official", text(start), l, text(next.Due))
		case moved == next.Due.Equal(before.Due):
			t.Errorf("%s to %s: moved is %t", text(before.Due), text(next.Due), moved)
		}
	})
}

func TestExplanationsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		start, l := w.drawInstant(t, "start"), drawLimit(t)
		d := w.Add(start, l)
		spans := w.Explain(start, l)
		at, workdays, projected := start, 0, false
		var counted time.Duration
		for i, s := range spans {
			if !s.From.Equal(at) || !s.From.Before(s.To) {
				t.Fatalf("span %d runs from %s to %s, the one before ended at %s", i, text(s.From), text(s.To), text(at))
			}
			if i > 0 && spans[i-1].Why == s.Why && spans[i-1].Projected == s.Projected {
				t.Fatalf("spans %d and %d are one", i-1, i)
			}
			if s.Why.Counted() {
				counted += s.To.Sub(s.From)
			}
			at, workdays, projected = s.To, workdays+s.Workdays, projected || s.Projected
		}
		if !at.Equal(d.Due) {
			t.Fatalf("the explanation ends at %s, the limit at %s", text(at), text(d.Due))
		}
		switch l.Unit {
		case worktime.WorkingMinutes:
			if counted != time.Duration(l.Amount)*time.Minute || projected != d.Provisional {
				t.Errorf("%s explained as %s, projected %t, provisional %t", l, counted, projected, d.Provisional)
			}
		case worktime.Workdays:
			if workdays != max(l.Amount, 1) || d.Provisional && !projected {
				t.Errorf("%s explained as %d workdays, projected %t, provisional %t", l, workdays, projected, d.Provisional)
			}
		default: // what a roll adds is explained, but not counted
			if unrolled := (worktime.Limit{Amount: l.Amount, Unit: l.Unit}); counted != w.Add(start, unrolled).Due.Sub(start) {
				t.Errorf("%s explained as %s", l, counted)
			}
		}
	})
}
