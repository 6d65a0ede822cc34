package board

import (
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/tally"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func (r *reading) returns(s *sums, p *part) ReturnCounts {
	count := func(m Measure, conditions ...string) Count {
		return Count{s.n[m], p.filter("", conditions...), Returns}
	}
	return ReturnCounts{
		Requested: count(ReturnRequested, r.during("create_time")),
		Granted:   count(ReturnGranted, `decision = "granted"`, r.during("decide_time")),
		Refused:   count(ReturnRefused, `decision = "refused"`, r.during("decide_time")),
		Pending:   count(ReturnPending, `decision = "pending"`),
	}
}

// reasons are the returns by reason, and by unit and reason.
func (r *reading) reasons(v *View) {
	list := func(d Dimension, part func(key string) part) []Group {
		var out []Group
		for _, key := range slices.Sorted(maps.Keys(r.groups[d])) {
			out = append(out, Group{Key: key, Returns: r.returns(r.groups[d][key], r.as(part(key))), reason: true})
		}
		return out
	}
	if r.want.has("returnReasons") {
		v.Reasons = list(ByReason, func(key string) part { return r.within(part{reason: key}) })
	}
	if r.want.has("unitReturnReasons") {
		v.UnitReasons = list(ByUnitReason, func(key string) part {
			unit, reason := splitPair(key)
			return part{unit: unit, byUnit: true, reason: reason}
		})
	}
}

// IssueFilters are the filters of the common issues that are open, open and past their date, and closed in a period. They are so few that their lists are
// counted when somebody looks.
func IssueFilters(period Period, now time.Time) (open, overdue, closed string) {
	return "open = true", "open = true AND due_time < " + tally.When(now), period.During("close_time")
}

func (r *reading) extensions(s *sums, p *part) ExtensionCounts {
	count := func(m Measure, conditions ...string) Count { return tickets(s.n[m], p.filter("", conditions...)) }
	return ExtensionCounts{
		Asked:   count(ExtensionAsked, r.during("extension_time")),
		Granted: count(ExtensionGranted, `extension_decision = "granted"`, r.during("extension_decide_time")),
		Refused: count(ExtensionRefused, `extension_decision = "refused"`, r.during("extension_decide_time")),
		Pending: count(ExtensionPending, "extension_time:*", "NOT extension_decision:*"),
	}
}

// callbacks: whoever answers is not to know whose filers are called.
func (r *reading) callbacks(s *sums, p *part) *CallbackCounts {
	if r.viewer.Worker {
		return nil
	}
	count := func(states ...string) Count {
		var n int64
		for _, state := range states {
			n += s.callbacks[callbackBucket(state)]
		}
		return tickets(n, p.filter("", r.during("callback_time"), anyOf("callback", states)))
	}
	c := &CallbackCounts{
		Sampled: tickets(0, p.filter("", r.during("callback_time"))),
		Reached: count(ticket.CallbackDone), Missed: count(ticket.CallbackMissedOnce), Unreachable: count(ticket.CallbackUnreachable),
		Overtaken: count(ticket.CallbackOvertaken),
		Due:       tickets(s.n[CallbackDue], p.filter("", anyOf("callback", []string{ticket.CallbackDue, ticket.CallbackMissedOnce}))),
	}
	for _, n := range s.callbacks {
		c.Sampled.N += n
	}
	return c
}

func (r *reading) dialogues(s *sums, p *part) DialogueCounts {
	count := func(m Measure, conditions ...string) Count { return tickets(s.n[m], p.filter("", conditions...)) }
	return DialogueCounts{
		Asked:    count(DialogueAsked, r.during("dialogue_time")),
		Held:     count(DialogueHeld, equals("dialogue", ticket.DialogueDone.String()), r.during("dialogue_end_time")),
		Declined: count(DialogueDeclined, equals("dialogue", ticket.DialogueRefused.String()), r.during("dialogue_end_time")),
		Waiting:  count(DialogueWaiting, anyOf("dialogue", []string{ticket.DialogueAsked.String(), ticket.DialogueAppointed.String()})),
		Minutes:  s.n[DialogueMinutes],
	}
}

func (r *reading) risk(s *sums, p *part) RiskCounts {
	const stated = "(investment_at_risk > 0 OR jobs_at_risk > 0)"
	return RiskCounts{
		AtRisk:   tickets(s.n[AtRisk], p.filter("", "open = true", stated)),
		Unstated: tickets(s.n[Unstated], p.filter("", "open = true", "project:*", "investment_at_risk = 0", "jobs_at_risk = 0")),
		Retained: tickets(s.n[Retained], p.filter("", "retained = true", stated, r.during("close_time"))),
		Fen:      s.n[AtRiskFen], Jobs: s.n[AtRiskJobs], RetainedFen: s.n[RetainedFen], RetainedJobs: s.n[RetainedJobs],
	}
}

// orderFields are how lists of work orders name the kinds of clock.
var orderFields = map[ticket.Kind]string{ticket.KindOrderSign: "sign", ticket.KindHandle: "handle"}

// orders are the parts of units. An official has none.
func (r *reading) orders(s *sums, p *part) *OrderCounts {
	if p.byOfficial {
		return nil
	}
	count := func(n int64, filter string) Count { return Count{n, filter, WorkOrders} }
	filter := func(_ string, conditions ...string) string {
		if p.shown {
			conditions = append(conditions, "shown = true")
		}
		return p.filter("", conditions...)
	}
	out := &OrderCounts{Open: count(s.n[OrderOpen], filter("", "open = true"))}
	for _, k := range ticket.OrderKinds() {
		out.Clocks = append(out.Clocks, r.clockOf(s, k, orderFields[k], count, filter))
	}
	return out
}

// ageBounds divide open tickets by age in workdays.
var ageBounds = []int{1, 3, 7, 15, 30}

// ages counts the workdays that have begun since the day of filing.
func (r *reading) ages(s *sums, p *part) []AgeCount {
	out := make([]AgeCount, len(ageBounds)+1)
	for i := range out {
		out[i].Above, out[i].List = -1, Tickets
		conditions := []string{"open = true"}
		if i > 0 {
			out[i].Above = ageBounds[i-1]
			conditions = append(conditions, "create_time < "+r.beganText[i-1])
		}
		if i < len(ageBounds) {
			out[i].UpTo = ageBounds[i]
			conditions = append(conditions, "create_time >= "+r.beganText[i])
		}
		out[i].Filter = p.filter("", conditions...)
	}
	for day, n := range s.ages {
		i, filed := 0, tally.StartOf(day)
		for i < len(r.began) && filed.Before(r.began[i]) {
			i++
		}
		out[i].N += n
	}
	return out
}

// farthest is how many days back a calendar is looked at: no city has a year without workdays.
const farthest = 366

// since is the first instant of the first day whose tickets are at most so many workdays old.
func (r *reading) since(workdays int) time.Time {
	day, calendar := tally.StartOf(r.Today), r.city.Calendar()
	for range farthest {
		if calendar.IsWorkday(worktime.DateOf(day)) {
			if workdays == 0 {
				break
			}
			workdays--
		}
		day = day.AddDate(0, 0, -1)
	}
	return day
}

// days are the total day by day.
func (r *reading) days() []Day {
	if !r.want.Days {
		return nil
	}
	s, p := r.group(ByCity, ""), r.as(r.total())
	var out []Day
	last := tally.StartOf(r.period.To)
	for at := tally.StartOf(r.period.From); !at.After(last); at = at.AddDate(0, 0, 1) {
		d := tally.DayOf(at)
		n := s.days[d]
		if n == nil {
			n = &day{}
		}
		count := func(n int64, field, seat string) Count { return tickets(n, p.filter(seat, r.between(field, d, d))) }
		out = append(out, Day{d, count(n.filed, "create_time", ""), count(n.answered, "answer_time", ""), count(n.closed, "close_time", ""),
			count(n.breached, "answer.breach_time", "answer.breach_")})
	}
	return out
}
