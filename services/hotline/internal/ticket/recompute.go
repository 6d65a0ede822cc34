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
		clock.recompute(cal, d.t.waits())
		if !clock.Due.Equal(old.Due) || clock.Provisional != old.Provisional || !clock.Warn.Equal(old.Warn) {
			moved = append(moved, clock)
		}
	}
	if len(moved) > 0 {
		d.emitAt(d.now, Clockwork, DeadlinesRecomputed{d.city.Version()}, moved...)
	}
	return d.finish()
}

// recompute counts a clock anew. A paused one keeps what the new due time would have left it with.
func (c *Clock) recompute(cal *worktime.Calendar, waits []worktime.Pause) {
	var pauses []worktime.Pause
	if c.Kind == KindAnswer { // only the answer pauses
		for _, p := range waits {
			if !p.From.Before(c.Start) {
				pauses = append(pauses, p)
			}
		}
	}
	warn := c.Warn
	c.compute(cal, pauses)
	if c.Warned {
		c.Warn = warn
	}
	if c.State == Paused {
		c.Remaining = max(cal.Remaining(c.Limit, c.Paused, c.Due), 0)
	}
}
