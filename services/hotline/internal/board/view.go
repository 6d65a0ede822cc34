package board

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// view turns the sums into groups in the city's own order: by what is overdue first is for whoever shows them.
func (r *reading) view() View {
	v := View{AsOf: r.Now, OverdueAsOf: r.Overdue, Behind: r.behind, Period: r.period}
	v.Total = r.render(ByCity, "", r.group(ByCity, ""), r.total())
	v.Days = r.days()
	if r.viewer.Official != "" {
		return v
	}
	list := func(section string, d Dimension, part func(key string) part) []Group {
		if !r.want.has(section) {
			return nil
		}
		return r.list(d, part)
	}
	v.Units = list("units", ByUnit, func(key string) part { return part{unit: key, byUnit: true} })
	v.Categories = list("categories", ByCategory, func(key string) part { return r.within(part{category: key, byCategory: true}) })
	v.Attendants = list("attendants", ByAttendant, func(key string) part { return part{official: key, byOfficial: true} })
	v.Pairs = list("unitCategories", ByUnitCategory, func(key string) part {
		unit, category := splitPair(key)
		return part{unit: unit, byUnit: true, category: category, byCategory: true}
	})
	if r.viewer.All {
		v.Counties = list("counties", ByCounty, func(key string) part { return part{county: key, byCounty: true} })
	}
	r.reasons(&v)
	return v
}

func (r *reading) list(d Dimension, part func(key string) part) []Group {
	var out []Group
	for _, key := range slices.Sorted(maps.Keys(r.groups[d])) {
		out = append(out, r.render(d, key, r.groups[d][key], part(key)))
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
	unit, category, county, official, reason string
	units                                    []string // any of these, instead of unit
	byUnit, byCategory, byCounty, byOfficial bool
	plain                                    bool // without what is restricted
	// Who has to hold the ticket as well, where a part is of somebody who may have left it since: what its viewer can still see.
	heldIn []string // any of these units
	heldBy string   // official
	shown  bool     // where a part is a unit's own: only as long as the unit sees it

	quotedUnit, quotedOfficial string
	held, rest                 string // conditions
}

// filter writes the conditions of a part and more of them. Under a kind of clock a unit or official is who owed it, and seat is
// the prefix of their fields: "", "answer.", "answer.breach_".
func (p *part) filter(seat string, conditions ...string) string {
	var b strings.Builder
	b.Grow(filterSize)
	and := func(parts ...string) {
		if b.Len() > 0 {
			b.WriteString(" AND ")
		}
		for _, s := range parts {
			b.WriteString(s)
		}
	}
	for _, c := range conditions {
		and(c)
	}
	switch {
	case p.byUnit && p.units == nil:
		and(seat, "unit = ", p.quotedUnit)
	case p.byUnit:
		and(anyOf(seat+"unit", p.units))
	}
	if p.byOfficial {
		and(seat, "official = ", p.quotedOfficial)
	}
	if seat != "" && p.held != "" {
		and(p.held)
	}
	if p.rest != "" {
		and(p.rest)
	}
	return b.String()
}

// filterSize is room for nearly every filter.
const filterSize = 160

// prepare writes what is the same in all filters of a part.
func (p *part) prepare() {
	p.quotedUnit, p.quotedOfficial = strconv.Quote(p.unit), strconv.Quote(p.official)
	switch {
	case p.heldIn != nil:
		p.held = anyOf("unit", p.heldIn)
	case p.heldBy != "":
		p.held = equals("official", p.heldBy)
	}
	var rest []string
	if p.byCategory {
		rest = append(rest, equals("category", p.category))
	}
	if p.byCounty {
		rest = append(rest, equals("county", p.county))
	}
	if p.reason != "" {
		rest = append(rest, equals("reason", p.reason))
	}
	if p.plain {
		rest = append(rest, "restricted = false")
	}
	p.rest = strings.Join(rest, " AND ")
}

func anyOf(field string, values []string) string {
	choices := make([]string, len(values))
	for i, v := range values {
		choices[i] = equals(field, v)
	}
	return "(" + strings.Join(choices, " OR ") + ")"
}

func equals(field, value string) string { return field + " = " + strconv.Quote(value) }

// during is the condition that an instant lies in the period.
func (r *reading) during(field string) string { return r.between(field, r.period.From, r.period.To) }

func (r *reading) between(field string, from, to int) string {
	key := span{field, from, to}
	text, known := r.written[key]
	if !known {
		text = Period{From: from, To: to}.During(field)
		r.written[key] = text
	}
	return text
}

// span is a condition that an instant lies between two days.
type span struct {
	field    string
	from, to int
}

// as narrows a part to what its viewer can list.
func (r *reading) as(p part) *part {
	p.plain = !r.viewer.Restricted
	if !r.viewer.All {
		p.heldIn, p.heldBy, p.shown = r.viewer.Units, r.viewer.Official, true
	}
	p.prepare()
	return &p
}

// render writes a group's numbers with their filters.
func (r *reading) render(d Dimension, key string, s *sums, of part) Group {
	p := r.as(of)
	g := Group{
		Key:        key,
		Open:       tickets(s.n[Open], p.filter("", "open = true")),
		Filed:      tickets(s.n[Filed], p.filter("", r.during("create_time"))),
		Closed:     tickets(s.n[Closed], p.filter("", r.during("close_time"))),
		Rates:      r.rates(s, p),
		Returns:    r.returns(s, p),
		Extensions: r.extensions(s, p),
		Supervised: tickets(s.n[Supervised], p.filter("", "open = true", "supervised = true")),
		Cycled:     tickets(s.n[Cycled], p.filter("", "open = true", "cycle >= 2")),
		Linked:     tickets(s.n[Linked], p.filter("", "issue:*")),
		Reopened:   tickets(s.n[Reopened], p.filter("", r.during("reopen_time"))),
		Thin:       tickets(s.n[Thin], p.filter("", "thin = true", r.during("answer_time"))),
		Callbacks:  r.callbacks(s, p),
		Dialogues:  r.dialogues(s, p),
		Merged:     tickets(s.n[Merged], p.filter("", `close_reason = "MERGED"`, r.during("close_time"))),
		Rejected:   tickets(s.n[Rejected], p.filter("", `close_reason = "REJECTED"`, r.during("close_time"))),
		Risk:       r.risk(s, p),
		Orders:     r.orders(s, p),
	}
	for _, n := range s.answered {
		g.Working.Count += n
	}
	g.Answered = tickets(g.Working.Count, p.filter("", r.during("answer_time")))
	g.Working.P50, g.Working.P90 = tally.Quantile(s.answered, 50), tally.Quantile(s.answered, 90)
	for _, k := range ticket.Kinds() {
		g.Clocks = append(g.Clocks, r.clock(s, p, k))
	}
	for rung := 1; rung <= r.highest(s); rung++ {
		g.Rungs = append(g.Rungs, tickets(s.rungs[rung], p.filter("", "open = true", fmt.Sprintf("rung = %d", rung))))
	}
	if d == ByCity || d == ByUnit || d == ByAttendant {
		g.Ages = r.ages(s, p)
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

// clock is how a kind of clock of tickets stands.
func (r *reading) clock(s *sums, p *part, k ticket.Kind) ClockCounts {
	name := k.String()
	if k == ticket.KindVerify { // the filer owes it; it is looked at as the holder's
		return r.clockOf(s, k, name, tickets, func(_ string, conditions ...string) string { return p.filter("", conditions...) })
	}
	return r.clockOf(s, k, name, tickets, func(seat string, conditions ...string) string { return p.filter(name+"."+seat, conditions...) })
}

// dueWords are the conditions of a kind of clock, which are the same for every group.
type dueWords struct{ due, met, breached, overdue, today string }

func (r *reading) dueWords(name string) dueWords {
	if w, known := r.dues[name]; known {
		return w
	}
	w := dueWords{due: name + ".due", met: name + ".met_time", breached: name + ".breach_time"}
	from, included := r.DueAfter()
	after := " > "
	if included {
		after = " >= "
	}
	w.overdue, w.today = w.due+" <= "+tally.When(r.Overdue), w.due+after+tally.When(from)+" AND "+w.due+" < "+tally.When(tally.StartOf(r.Tomorrow))
	r.dues[name] = w
	return w
}

// clockOf writes the numbers of a kind of clock whose fields have a name, of a list whose filters say of which seat.
func (r *reading) clockOf(s *sums, k ticket.Kind, name string, count func(int64, string) Count, filter func(seat string, conditions ...string) string) ClockCounts {
	w := r.dueWords(name)
	return ClockCounts{
		Kind:        k,
		Overdue:     count(s.overdue[k], filter("", w.overdue)),
		DueToday:    count(s.now[k], filter("", w.today)),
		DueTomorrow: count(s.next[k], filter("", r.between(w.due, r.Tomorrow, r.Tomorrow))),
		Met:         count(s.met[k], filter("met_", r.during(w.met))),
		Breached:    count(s.breached[k], filter("breach_", r.during(w.breached))),
	}
}

func (r *reading) rates(s *sums, p *part) RateCounts {
	count := func(holds func(Rating) bool, conditions ...string) Count {
		return tickets(s.ratings(holds), p.filter("", append([]string{r.during("rate_time")}, conditions...)...))
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

// cutLast takes the part behind the last slash off.
func cutLast(key string) (before, last string) {
	i := strings.LastIndexByte(key, '/')
	return key[:i], key[i+1:]
}

func splitPair(key string) (unit, category string) {
	unit, category, _ = strings.Cut(key, "/")
	return unit, category
}
