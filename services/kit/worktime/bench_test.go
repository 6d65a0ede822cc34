package worktime_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func BenchmarkCalendar(b *testing.B) {
	c := cityCalendar(b)
	start := local(b, "2026-02-12 10:11")
	due := c.Add(start, limit(b, "10 workdays")).Due
	for name, f := range map[string]func(){
		"Add/5 workdays":           adding(b, c, start, "5 workdays"),
		"Add/3000 working minutes": adding(b, c, start, "3000 working minutes"),
		"Add/24 hours, roll":       adding(b, c, start, "24 hours, roll"),
		"Between/three weeks":      func() { c.Between(start, due) },
		"Between/three years":      func() { c.Between(start.AddDate(-2, 0, 0), start.AddDate(1, 0, 0)) },
		"Share":                    func() { c.Share(start, due, 80) },
		"Explain":                  func() { c.Explain(start, worktime.Limit{Amount: 10, Unit: worktime.Workdays}) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		years := cityYears(b)
		for b.Loop() {
			newCalendar(b, years, nil)
		}
	})
}

func adding(t testing.TB, c *worktime.Calendar, start time.Time, text string) func() {
	l := limit(t, text)
	return func() { c.Add(start, l) }
}

// TestCountingAllocatesNothing guards the filing path, which counts several limits for every ticket.
func TestCountingAllocatesNothing(t *testing.T) {
	c := cityCalendar(t)
	start := local(t, "2026-12-30 10:11")
	due := c.Add(start, limit(t, "10 workdays")).Due
	for _, text := range []string{"10 workdays", "3000 working minutes", "24 hours, roll", "30 days"} {
		if n := testing.AllocsPerRun(100, adding(t, c, start, text)); n != 0 {
			t.Errorf("Add of %s allocates %.0f times", text, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { c.Between(start, due); c.Share(start, due, 80) }); n != 0 {
		t.Errorf("Between and Share allocate %.0f times", n)
	}
}
