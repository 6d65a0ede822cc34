package worktime_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// written shows spans one a line: "01-02 15:04 to 01-02 15:04 why", with the workdays counted and a tilde when projected.
func written(spans []worktime.Span) []string {
	const layout = "01-02 15:04"
	var lines []string
	for _, s := range spans {
		line := fmt.Sprintf("%s to %s %s", s.From.Format(layout), s.To.Format(layout), s.Why)
		if s.Workdays > 0 {
			line += fmt.Sprintf(" %d", s.Workdays)
		}
		if s.Projected {
			line += " ~"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestExplain(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		start, limit string
		want         []string
	}{
		{"2026-02-12 10:00", "5 workdays", []string{
			"02-12 10:00 to 02-13 00:00 start_day",
			"02-13 00:00 to 02-14 00:00 working 1",
			"02-14 00:00 to 02-15 00:00 make_up_day 1",
			"02-15 00:00 to 02-24 00:00 holiday",
			"02-24 00:00 to 02-26 18:00 working 3",
		}},
		{"2026-03-06 11:30", "240 working minutes", []string{
			"03-06 11:30 to 03-06 12:00 working",
			"03-06 12:00 to 03-06 14:30 break",
			"03-06 14:30 to 03-06 18:00 working",
		}},
		{"2026-03-06 17:00", "120 working minutes", []string{
			"03-06 17:00 to 03-06 18:00 working",
			"03-06 18:00 to 03-07 00:00 outside_hours",
			"03-07 00:00 to 03-09 00:00 weekend",
			"03-09 00:00 to 03-09 08:30 outside_hours",
			"03-09 08:30 to 03-09 09:30 working",
		}},
		{"2026-03-02 19:00", "30 working minutes", []string{
			"03-02 19:00 to 03-03 08:30 outside_hours", // one night, two civil days
			"03-03 08:30 to 03-03 09:00 working",
		}},
		{"2026-03-02 09:00", "1 workday", []string{
			"03-02 09:00 to 03-03 00:00 start_day",
			"03-03 00:00 to 03-03 18:00 working 1",
		}},
		{"2026-03-02 09:00", "0 workdays", []string{"03-02 09:00 to 03-02 18:00 working 1"}},
		{"2026-03-02 19:00", "0 workdays", []string{
			"03-02 19:00 to 03-03 00:00 outside_hours",
			"03-03 00:00 to 03-03 18:00 working 1",
		}},
		{"2026-03-07 09:00", "0 workdays", []string{
			"03-07 09:00 to 03-09 00:00 weekend",
			"03-09 00:00 to 03-09 18:00 working 1",
		}},
		{"2026-12-30 10:00", "2 workdays", []string{
			"12-30 10:00 to 12-31 00:00 start_day",
			"12-31 00:00 to 01-01 00:00 working 1",
			"01-01 00:00 to 01-04 00:00 holiday ~",
			"01-04 00:00 to 01-04 18:00 working 1 ~",
		}},
		{"2026-03-06 13:00", "24 hours", []string{"03-06 13:00 to 03-07 13:00 natural"}},
		{"2026-03-06 13:00", "24 hours, roll", []string{
			"03-06 13:00 to 03-07 13:00 natural",
			"03-07 13:00 to 03-09 00:00 weekend",
			"03-09 00:00 to 03-09 08:30 outside_hours",
		}},
	} {
		got := written(c.Explain(local(t, v.start), limit(t, v.limit)))
		if diff := cmp.Diff(v.want, got); diff != "" {
			t.Errorf("%s + %s (-want +got):\n%s", v.start, v.limit, diff)
		}
	}
}
