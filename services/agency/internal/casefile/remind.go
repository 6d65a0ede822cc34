package casefile

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// remind sets the reminders of what an enterprise promised: each so long before it is due, in working time, and after its time began to run, last. Those that
// were given stay.
func (c *Clock) remind(cal *worktime.Calendar, rules catalogue.Rules) {
	if c.Kind != KindCommitment && c.Kind != KindFulfil {
		return
	}
	all := slices.Clone(c.Reminders[:c.Reminded])
	since := c.Start
	if n := len(c.Pauses); n > 0 {
		since = c.Pauses[n-1].To
	}
	var coming []time.Time
	for _, l := range rules.CommitmentReminders {
		at := instant(before(cal, c.Due, l))
		if at.After(since) && (len(all) == 0 || at.After(all[len(all)-1])) {
			coming = append(coming, at)
		}
	}
	slices.SortFunc(coming, time.Time.Compare)
	c.Reminders = append(all, slices.CompactFunc(coming, time.Time.Equal)...)
}

// before is the latest instant that lies a limit before another; a workday is as long as that of the later one.
func before(cal *worktime.Calendar, due time.Time, l worktime.Limit) time.Time {
	switch l.Unit {
	case worktime.WorkingMinutes:
		return cal.AddWorking(due, -time.Duration(l.Amount)*time.Minute)
	case worktime.Workdays:
		return cal.AddWorking(due, -time.Duration(l.Amount)*dayLength(cal, due))
	case worktime.NaturalHours:
		return due.Add(-time.Duration(l.Amount) * time.Hour)
	default:
		return due.Add(-time.Duration(l.Amount) * 24 * time.Hour)
	}
}

func dayLength(cal *worktime.Calendar, t time.Time) time.Duration {
	day := worktime.DateOf(t)
	if !cal.IsWorkday(day) {
		day = worktime.DateOf(cal.NextOpening(t))
	}
	minutes := 0
	for _, s := range cal.Slots(day) {
		minutes += s.End - s.Start
	}
	return time.Duration(minutes) * time.Minute
}
