package worktime

import "time"

// Deadline is an instant by which something is due. It is provisional when counting it needed a projected day.
type Deadline struct {
	Due         time.Time
	Provisional bool
}

// Between returns the working time from a to b, negative when b is the earlier.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	from, to := c.at(a), c.at(b)
	sum := c.year(to.year).worked(to.day, to.time) - c.year(from.year).worked(from.day, from.time)
	for n := from.year; n < to.year; n++ {
		sum += c.year(n).work
	}
	return sum
}

// BetweenWorkdays returns how many workdays a limit that starts at a has counted when the day of b ends: the workdays after
// a's day up to and including b's. It is negative when b's day is the earlier.
func (c *Calendar) BetweenWorkdays(a, b time.Time) int {
	if b.Before(a) {
		return -c.BetweenWorkdays(b, a)
	}
	from, to := c.at(a), c.at(b)
	sum := c.year(to.year).workdaysThrough(to.day) - c.year(from.year).workdaysThrough(from.day)
	for n := from.year; n < to.year; n++ {
		sum += len(c.year(n).workdays)
	}
	return sum
}

// AddWorking returns the earliest instant of working time that is not before t and has d of working time between: the inverse
// of Between inside working time. A negative d goes back to the latest such instant that is not after t.
func (c *Calendar) AddWorking(t time.Time, d time.Duration) time.Time { return c.addWorking(t, d).Due }

func (c *Calendar) addWorking(t time.Time, d time.Duration) Deadline {
	switch {
	case d == 0:
		return c.settle(t)
	case d < 0:
		return c.subWorking(t, -d)
	}
	p := c.at(t)
	y := c.year(p.year)
	provisional := y.projected
	done := y.worked(p.day, p.time)
	for d > y.work-done {
		d -= y.work - done
		p.year++
		y, done = c.year(p.year), 0
		provisional = provisional || y.projected
	}
	p.day, p.time = y.reach(done + d)
	return Deadline{p.instant(), provisional}
}

func (c *Calendar) subWorking(t time.Time, d time.Duration) Deadline {
	p := c.at(t)
	y := c.year(p.year)
	provisional := y.projected
	done := y.worked(p.day, p.time)
	for d > done {
		d -= done
		p.year--
		y = c.year(p.year)
		done = y.work
		provisional = provisional || y.projected
	}
	p.day, p.time = y.reachBack(done - d)
	return Deadline{p.instant(), provisional}
}

// NextOpening returns the earliest instant from t on after which working time passes: t itself inside a slot, but the next
// opening at the instant a slot closes.
func (c *Calendar) NextOpening(t time.Time) time.Time { return c.nextOpening(t).Due }

func (c *Calendar) nextOpening(t time.Time) Deadline {
	p := c.at(t)
	y := c.year(p.year)
	if h := y.hoursOf(p.day); h != nil {
		for _, s := range h.spans {
			if p.time < s.end {
				p.time = max(p.time, s.start)
				return Deadline{p.instant(), y.projected}
			}
		}
	}
	next, provisional := c.workdayAfter(p, 1)
	next.time = c.year(next.year).hoursOf(next.day).opening()
	return Deadline{next.instant(), y.projected || provisional}
}

// settle returns t when it is working time, a closing instant included, or else the next opening.
func (c *Calendar) settle(t time.Time) Deadline {
	p := c.at(t)
	y := c.year(p.year)
	if h := y.hoursOf(p.day); h != nil {
		for _, s := range h.spans {
			if s.start <= p.time && p.time <= s.end {
				return Deadline{p.instant(), y.projected}
			}
		}
	}
	return c.nextOpening(t)
}

// CloseOfDay returns the first closing of a day after t: that of t's own day while it lasts, or else of the next workday.
func (c *Calendar) CloseOfDay(t time.Time) time.Time { return c.closeOfWorkday(t, 0).Due }

// AddWorkdaysClose returns the close of the nth workday after t's day; for n = 0 it is CloseOfDay.
func (c *Calendar) AddWorkdaysClose(t time.Time, n int) time.Time { return c.closeOfWorkday(t, n).Due }

func (c *Calendar) closeOfWorkday(t time.Time, n int) Deadline {
	p := c.at(t)
	if n <= 0 {
		n = 1
		y := c.year(p.year)
		if h := y.hoursOf(p.day); h != nil && p.time < h.closing() {
			p.time = h.closing()
			return Deadline{p.instant(), y.projected}
		}
	}
	last, provisional := c.workdayAfter(p, n)
	last.time = c.year(last.year).hoursOf(last.day).closing()
	return Deadline{last.instant(), provisional}
}

// workdayAfter returns the nth workday after the day of p, n ≥ 1, and whether a day in between or it is projected. The day of
// p itself is not looked at: on 31 December it belongs to another year.
func (c *Calendar) workdayAfter(p position, n int) (found position, projected bool) {
	p = c.midnightAfter(p)
	y := c.year(p.year)
	projected = y.projected
	n += int(y.days[p.day].workdaysBefore)
	for n > len(y.workdays) {
		n -= len(y.workdays)
		p.year++
		y = c.year(p.year)
		projected = projected || y.projected
	}
	return position{year: p.year, day: int(y.workdays[n-1])}, projected
}

// workdaysThrough counts the workdays of the year up to and including a day.
func (y *year) workdaysThrough(yearDay int) int {
	n := int(y.days[yearDay].workdaysBefore)
	if y.days[yearDay].kind.works() {
		n++
	}
	return n
}
