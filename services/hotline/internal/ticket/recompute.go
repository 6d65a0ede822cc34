package ticket

import "github.com/throughtrain/throughtrain/services/kit/worktime"

// Recompute counts the provisional clocks that are not decided yet anew under the newest calendar, pauses kept. One event
// says so if anything changed; a clock that is final never moves.
func (t *Ticket) Recompute(c Context) ([]Event, error) {
	d := t.decide(c)
	cal := d.city.Calendar()
	var moved []Clock
	for _, old := range d.t.Clocks {
		if !old.movable() {
			continue
		}
		clock := old
		clock.recompute(cal, d.t.pausesOf(old))
		if !clock.Due.Equal(old.Due) || clock.Provisional != old.Provisional || !clock.Warn.Equal(old.Warn) {
			moved = append(moved, clock)
		}
	}
	if len(moved) > 0 {
		d.emitAt(d.now, Clockwork, DeadlinesRecomputed{d.city.Version()}, moved...)
	}
	return d.finish()
}

// recompute counts a clock anew. A warning that was given stays given; a paused clock keeps what the new due time would have
// left it with.
func (c *Clock) recompute(cal *worktime.Calendar, pauses []worktime.Pause) {
	warn := c.Warn
	c.compute(cal, pauses)
	if c.Warned {
		c.Warn = warn
	}
	if c.State == Paused {
		c.Remaining = max(cal.Remaining(c.Limit, c.Paused, c.Due), 0)
	}
}

// pauses reports whether a clock of the kind stands still while the filer is asked.
func (k Kind) pauses() bool { return k == KindAnswer || k == KindHandle }

// pausesOf returns the waits during which a clock stood still and after which it went on: from its start on, where it started in one.
func (t *Ticket) pausesOf(c Clock) []worktime.Pause {
	if !c.Kind.pauses() {
		return nil
	}
	var out []worktime.Pause
	for _, p := range t.waits() {
		p.From = latest(p.From, c.Start)
		if p.To.After(c.Start) && (c.Stop.IsZero() || p.From.Before(c.Stop)) && !p.From.Equal(c.Paused) {
			out = append(out, p)
		}
	}
	return out
}
