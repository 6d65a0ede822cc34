package board

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// view turns the sums into groups in the city's own order: by what is overdue first is for whoever shows them.
func (r *reading) view() View {
	v := View{AsOf: r.now, OverdueAsOf: r.overdueAsOf, Behind: r.behind, Period: r.period}
	v.Total = r.render("", r.group(ByCity, ""), r.total())
	if r.viewer.Official != "" {
		return v
	}
	v.Units = r.list(ByUnit, func(key string) part { return part{unit: key, byUnit: true} })
	v.Categories = r.list(ByCategory, func(key string) part { return r.within(part{category: key, byCategory: true}) })
	v.Attendants = r.list(ByAttendant, func(key string) part { return part{official: key, byOfficial: true} })
	v.Pairs = r.list(ByUnitCategory, func(key string) part {
		unit, category := splitPair(key)
		return part{unit: unit, byUnit: true, category: category, byCategory: true}
	})
	if r.viewer.All {
		v.Counties = r.list(ByCounty, func(key string) part { return part{county: key, byCounty: true} })
	}
	return v
}

func (r *reading) list(d Dimension, part func(key string) part) []Group {
	var out []Group
	for _, key := range slices.Sorted(maps.Keys(r.groups[d])) {
		out = append(out, r.render(key, r.groups[d][key], part(key)))
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(r.rank(d, a.Key), r.rank(d, b.Key)) })
	return out
}

// rank is the place of a part in the configuration; what is in none comes last.
func (r *reading) rank(d Dimension, key string) int {
	last := 1 << 20
	place := func(i int) int {
		if i < 0 {
			return last
		}
		return i
	}
	switch d {
	case ByUnit:
		return place(slices.IndexFunc(r.city.Units(), func(u policy.Unit) bool { return u.Code == key }))
	case ByCategory:
		return place(slices.IndexFunc(r.city.Categories(), func(c policy.Category) bool { return c.Code == key }))
	case ByCounty:
		return place(slices.IndexFunc(r.city.Counties(), func(c policy.County) bool { return c.Code == key }))
	default: // people and pairs have no order but their keys'
		return last
	}
}

// total is the part that the viewer's total stands for.
func (r *reading) total() part {
	if r.viewer.Official != "" {
		return part{official: r.viewer.Official, byOfficial: true}
	}
	return r.within(part{})
}

// within narrows a part to the viewer's units.
func (r *reading) within(p part) part {
	if !r.viewer.All {
		p.units, p.byUnit = r.viewer.Units, true
	}
	return p
}

// part is a part of a city as a filter knows it.
type part struct {
	unit, category, county, official         string
	units                                    []string // any of these, instead of unit
	byUnit, byCategory, byCounty, byOfficial bool
	plain                                    bool // without what is restricted
}

// filter writes the conditions of a part and more of them. Under a kind of clock a unit or official is who owed it, and seat is
// the prefix of their fields: "", "answer.", "answer.breach_".
func (p part) filter(seat string, conditions ...string) string {
	if p.byUnit && p.units == nil {
		conditions = append(conditions, equals(seat+"unit", p.unit))
	}
	if p.byUnit && p.units != nil {
		choices := make([]string, len(p.units))
		for i, u := range p.units {
			choices[i] = equals(seat+"unit", u)
		}
		conditions = append(conditions, "("+strings.Join(choices, " OR ")+")")
	}
	if p.byOfficial {
		conditions = append(conditions, equals(seat+"official", p.official))
	}
	if p.byCategory {
		conditions = append(conditions, equals("category", p.category))
	}
	if p.byCounty {
		conditions = append(conditions, equals("county", p.county))
	}
	if p.plain {
		conditions = append(conditions, "restricted = false")
	}
	return strings.Join(conditions, " AND ")
}

func equals(field, value string) string { return fmt.Sprintf("%s = %q", field, value) }

// when writes an instant for a filter, in the city's zone, as people read it.
func (r *reading) when(t time.Time) string { return `"` + t.In(r.zone).Format(time.RFC3339) + `"` }

// during is the condition that an instant lies in the period.
func (r *reading) during(field string) string { return r.between(field, r.period.From, r.period.To) }

func (r *reading) between(field string, from, to int) string {
	end := startOf(to, r.zone).AddDate(0, 0, 1)
	return field + " >= " + r.when(startOf(from, r.zone)) + " AND " + field + " < " + r.when(end)
}

// render writes a group's numbers with their filters.
func (r *reading) render(key string, s *sums, p part) Group {
	p.plain = !r.viewer.Restricted
	g := Group{
		Key:    key,
		Open:   Count{s.open, p.filter("", "open = true")},
		Filed:  Count{s.filed, p.filter("", r.during("create_time"))},
		Closed: Count{s.closed, p.filter("", r.during("close_time"))},
		Rates:  r.rates(s, p),
	}
	for _, n := range s.answered {
		g.Working.Count += n
	}
	g.Answered = Count{g.Working.Count, p.filter("", r.during("answer_time"))}
	g.Working.P50, g.Working.P90 = quantile(s.answered, 50), quantile(s.answered, 90)
	for _, k := range ticket.Kinds() {
		g.Clocks = append(g.Clocks, r.clock(s, p, k))
	}
	for rung := 1; rung <= r.highest(s); rung++ {
		g.Rungs = append(g.Rungs, Count{s.rungs[rung], p.filter("", "open = true", fmt.Sprintf("rung = %d", rung))})
	}
	return g
}

// highest is the last rung shown: the ladder's, or a higher one that something stands on.
func (r *reading) highest(s *sums) int {
	highest := len(r.city.Ladder())
	for rung := range s.rungs {
		highest = max(highest, rung)
	}
	return highest
}

func (r *reading) clock(s *sums, p part, k ticket.Kind) ClockCounts {
	name := k.String()
	seat := func(of string) string {
		if k == ticket.KindVerify {
			return "" // the filer owes it; it is looked at as the holder's
		}
		return name + "." + of
	}
	due := name + ".due"
	today, tomorrow := startOf(r.today, r.zone), startOf(r.tomorrow, r.zone)
	after := due + " > " + r.when(r.overdueAsOf)
	if r.overdueAsOf.Before(today) { // in the first second of a day: yesterday's last quarter is neither overdue nor due today
		after = due + " >= " + r.when(today)
	}
	return ClockCounts{
		Kind:        k,
		Overdue:     Count{s.overdue[k], p.filter(seat(""), due+" <= "+r.when(r.overdueAsOf))},
		DueToday:    Count{s.now[k], p.filter(seat(""), after, due+" < "+r.when(tomorrow))},
		DueTomorrow: Count{s.next[k], p.filter(seat(""), r.between(due, r.tomorrow, r.tomorrow))},
		Met:         Count{s.met[k], p.filter(seat("met_"), r.during(name+".met_time"))},
		Breached:    Count{s.breached[k], p.filter(seat("breach_"), r.during(name+".breach_time"))},
	}
}

func (r *reading) rates(s *sums, p part) RateCounts {
	count := func(holds func(Rating) bool, conditions ...string) Count {
		return Count{s.ratings(holds), p.filter("", append([]string{r.during("rate_time")}, conditions...)...)}
	}
	return RateCounts{
		Eligible:  count(func(Rating) bool { return true }),
		Valid:     count(func(g Rating) bool { return g.Verified }, "verified = true"),
		Contacted: count(func(g Rating) bool { return g.Verified && g.Contacted }, "verified = true", "contacted = true"),
		Solved:    count(func(g Rating) bool { return g.Verified && g.Solved }, "verified = true", "solved = true"),
		Satisfied: count(func(g Rating) bool { return g.Satisfied == ticket.Satisfied }, `satisfied = "SATISFIED"`),
		Basically: count(func(g Rating) bool { return g.Satisfied == ticket.Basically }, `satisfied = "BASICALLY"`),
	}
}

func splitPair(key string) (unit, category string) {
	unit, category, _ = strings.Cut(key, "/")
	return unit, category
}
