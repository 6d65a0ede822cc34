package worktime

import "time"

// Add returns when a limit that starts at an instant falls due. It panics on a limit that Validate refuses, which no text
// that ParseLimit took can be.
func (c *Calendar) Add(start time.Time, l Limit) Deadline {
	if err := l.Validate(); err != nil {
		panic("worktime: " + err.Error())
	}
	switch l.Unit {
	case WorkingMinutes:
		return c.addWorking(start, time.Duration(l.Amount)*time.Minute)
	case Workdays:
		return c.closeOfWorkday(start, l.Amount)
	default:
		return c.addNatural(start, l.natural(), l.Roll)
	}
}

// natural returns the length of a limit in natural units.
func (l Limit) natural() time.Duration {
	if l.Unit == NaturalDays {
		return time.Duration(l.Amount) * dayLength
	}
	return time.Duration(l.Amount) * time.Hour
}

// addNatural looks at the calendar only to roll, so that nothing else makes a natural deadline provisional.
func (c *Calendar) addNatural(start time.Time, d time.Duration, roll bool) Deadline {
	due := start.In(Zone).Round(0).Add(d)
	if roll {
		return c.settle(due)
	}
	return Deadline{Due: due}
}

// Remaining returns what a pause at an instant must keep of the time to a due instant: working time for limits in working units,
// natural time for the others. It is not positive once the due instant has passed; there is then nothing left to keep, and the
// clock's due time stays as it is.
func (c *Calendar) Remaining(l Limit, at, due time.Time) time.Duration {
	if l.Unit.Working() {
		return c.Between(at, due)
	}
	return due.Sub(at)
}

// Resume adds what Remaining kept to the instant at which a pause ends. A clock that was provisional before the pause stays so,
// whatever this walk touched: what was left came from a projected day.
func (c *Calendar) Resume(l Limit, at time.Time, left time.Duration) Deadline {
	if l.Unit.Working() {
		return c.addWorking(at, left)
	}
	return c.addNatural(at, left, l.Roll)
}

// Pause is a stretch during which a clock stood still.
type Pause struct {
	From, To time.Time
}

// AddPaused returns when a limit falls due whose clock stood still during the pauses, given in their order. A pause that began
// after the due time then in force changes nothing.
func (c *Calendar) AddPaused(start time.Time, l Limit, pauses []Pause) Deadline {
	d := c.Add(start, l)
	for _, p := range pauses {
		if p.From.After(d.Due) {
			break
		}
		resumed := c.Resume(l, p.To, c.Remaining(l, p.From, d.Due))
		d = Deadline{resumed.Due, d.Provisional || resumed.Provisional}
	}
	return d
}

// Recompute returns the deadline of an open clock under this calendar, and whether its due time moved. A deadline that is not
// provisional is final: it comes back as it is, whatever the calendar now says. A provisional one may also stay where it is
// and become final, or stay provisional.
func (c *Calendar) Recompute(start time.Time, l Limit, pauses []Pause, current Deadline) (next Deadline, moved bool) {
	if !current.Provisional {
		return current, false
	}
	next = c.AddPaused(start, l, pauses)
	return next, !next.Due.Equal(current.Due)
}

// Share returns the instant at which a share, in percent, of the working time from start to due has passed: when to warn. A span
// without working time is shared as it is. The result lies between the two.
func (c *Calendar) Share(start, due time.Time, percent int) time.Time {
	switch {
	case percent <= 0 || due.Before(start):
		return start
	case percent >= 100:
		return due
	}
	if work := c.Between(start, due); work > 0 {
		return c.AddWorking(start, percentOf(work, percent))
	}
	return start.In(Zone).Round(0).Add(percentOf(due.Sub(start), percent))
}

// percentOf divides first, so that no duration overflows.
func percentOf(d time.Duration, percent int) time.Duration {
	return d/100*time.Duration(percent) + d%100*time.Duration(percent)/100
}
