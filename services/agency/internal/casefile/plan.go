package casefile

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/plan"
)

// Schedule is the plan of a case at an instant: the pure schedule in workdays, and its origin.
type Schedule struct {
	plan.Plan
	Origin time.Time
	Now    int // workdays from the origin
}

// Plan schedules the case's items as they stand at an instant: recomputed from the case alone, whenever anybody looks. Days are workdays from the
// admission, counted by the calendar in force.
func (c *Case) Plan(city *catalogue.City, now time.Time) Schedule {
	origin := c.AdmitTime
	if origin.IsZero() {
		origin = c.CreateTime
	}
	now = latest(now, origin)
	cal := city.Calendar()
	s := Schedule{Origin: origin, Now: cal.BetweenWorkdays(origin, now)}
	nodes := make([]plan.Node, 0, len(c.Items))
	for n := range c.Items {
		i := &c.Items[n]
		if i.State == Dropped || i.Out && slices.Contains(handIn, i.State) {
			continue
		}
		node := plan.Node{Code: i.Def.Code, After: i.Def.After, Needs: i.Def.Needs, Promised: i.Def.Promised, Statutory: i.Def.Statutory}
		if i.State == NotAccepted && i.NotNeeded {
			node.Promised, node.Statutory, node.Finished, node.Finish = 0, 0, true, max(cal.BetweenWorkdays(origin, i.Since), 0)
		}
		if i.Accepted() || i.State == Approved || i.State == ApprovedTolerantly {
			node.Started, node.Start = true, cal.BetweenWorkdays(origin, i.AcceptTime)
			if k := c.Clock(i, KindPromised); k != nil {
				node.Paused = k.stood(cal, now)
			}
		}
		if i.State == Approved || i.State == ApprovedTolerantly {
			node.Finished, node.Finish = true, cal.BetweenWorkdays(origin, i.DecideTime)
		}
		nodes = append(nodes, node)
	}
	// The catalogue has no circle and a case keeps whole versions of it: an error is a history that no catalogue made, and has no plan.
	s.Plan, _ = plan.Schedule(nodes, s.Now)
	return s
}

// At returns the instant at which so many workdays from the origin are over.
func (s Schedule) At(city *catalogue.City, day int) time.Time {
	if day <= 0 {
		return s.Origin
	}
	return instant(city.Calendar().AddWorkdaysClose(s.Origin, day))
}
