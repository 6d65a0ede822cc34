package board

import (
	"cmp"
	"maps"
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// view turns the sums into groups in the city's own order: by what is overdue first is for whoever shows them.
func (r *reading) view() View {
	return View{AsOf: r.Now, OverdueAsOf: r.Overdue, Behind: r.behind, Period: r.period, Total: r.render(total, "", r.group(total, "")),
		Stages: r.list(stages), Units: r.list(units), Counties: r.list(counties), Items: r.list(items)}
}

func (r *reading) list(s section) []Group {
	groups := r.groups[s]
	out := make([]Group, 0, len(groups))
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, r.render(s, key, groups[key]))
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(r.rank(s, a.Key), r.rank(s, b.Key)) })
	return out
}

// rank is the place of a part in the configuration; what is in none comes last.
func (r *reading) rank(s section, key string) int {
	i := -1
	switch s {
	case stages:
		i = slices.IndexFunc(r.city.Stages(), func(s catalogue.Stage) bool { return s.Code == key })
	case units:
		i = slices.IndexFunc(r.city.Units(), func(u catalogue.Unit) bool { return u.Code == key })
	case counties:
		i = slices.IndexFunc(r.city.Counties(), func(c catalogue.County) bool { return c.Code == key })
	case items:
		i = slices.IndexFunc(r.city.Items(), func(i catalogue.Item) bool { return i.Code == key })
	default: // there is one
	}
	if i < 0 {
		const last = 1 << 20
		return last
	}
	return i
}

// render writes a group's numbers with their filters.
func (r *reading) render(s section, key string, of *sums) Group {
	p := r.partOf(s, key)
	g := Group{Key: key, Items: r.items(of, &p)}
	if s == counties {
		g.Items.P50Workdays, g.Items.P90Workdays = 0, 0
	}
	if r.viewer.All && s != units && s != items {
		g.Cases = r.cases(of, &p)
	}
	if s == stages {
		if c := g.Cases; c != nil {
			g.Cases = &CaseCounts{Open: c.Open, TicketOpen: c.TicketOpen, Planned: c.Planned}
		}
		return g
	}
	g.Tolerances = r.commitments(of, &p, agencyv1.Commitment_TOLERANCE, toleranceMeasures)
	g.Promises = r.commitments(of, &p, agencyv1.Commitment_PROMISE, promiseMeasures)
	return g
}

func (r *reading) cases(of *sums, p *part) *CaseCounts {
	state := func(s casefile.State) string { return equals("state", s.String()) }
	w := r.words.during
	return &CaseCounts{
		Open:       inCases(of.cases[int(casefile.Open)], p, state(casefile.Open)),
		Applied:    inCases(of.cases[int(casefile.Applied)], p, state(casefile.Applied)),
		Opened:     inCases(of.n[caseOpened], p, w["create_time"]),
		Completed:  inCases(of.n[caseCompleted], p, state(casefile.Completed), w["end_time"]),
		Declined:   inCases(of.n[caseDeclined], p, state(casefile.Declined), w["end_time"]),
		Closed:     inCases(of.n[caseClosed], p, state(casefile.Closed), w["end_time"]),
		Raised:     inCases(of.n[caseRaised], p, w["ticket_time"]),
		TicketOpen: inCases(of.n[caseTicket], p, "ticket_open = true"),
		Saved:      of.n[caseSaved],
		Planned:    of.n[casePlanned],
	}
}

func (r *reading) items(of *sums, p *part) ItemCounts {
	w := &r.words
	workdays, promised := map[int]int64{}, map[int]int64{}
	var decided, inTime int64
	for bucket, n := range of.decided {
		pace := paceIn(bucket)
		workdays[pace.workdays] += n
		promised[pace.promised] += n
		decided += n
		if pace.inTime {
			inTime += n
		}
	}
	c := ItemCounts{
		Promised:     r.deadlines(of, p, promisedDue, "promised_due_time"),
		Statutory:    r.deadlines(of, p, statutoryDue, "statutory_due_time"),
		CriticalLate: inItems(of.dueOf(criticalDue)[overdue], p, "critical = true", "open = true", w.overdue["promised_due_time"]),
		Stuck:        inItems(of.dueOf(stuckFrom)[overdue], p, w.overdue["stuck_time"]),
		Decided:      inItems(decided, p, w.during["decide_time"]),
		InTime:       inItems(inTime, p, "in_time = true", w.during["decide_time"]),
		P50Workdays:  tally.Quantile(workdays, 50), P90Workdays: tally.Quantile(workdays, 90), P50Promised: tally.Quantile(promised, 50),
		Corrections: inItems(of.n[itemNoticed], p, w.during["notice_time"]),
		Deemed:      inItems(of.n[itemDeemed], p, w.during["deem_time"]),
	}
	for _, state := range slices.Sorted(maps.Keys(of.states)) {
		s := casefile.ItemState(state)
		c.States = append(c.States, StateCount{s, inItems(of.states[state], p, equals("state", s.String()), "case_open = true")})
	}
	return c
}

func (r *reading) deadlines(of *sums, p *part, m tally.Measure, field string) DeadlineCounts {
	due, w := of.dueOf(m), &r.words
	return DeadlineCounts{Overdue: inItems(due[overdue], p, w.overdue[field]), DueToday: inItems(due[today], p, w.today[field]),
		DueTomorrow: inItems(due[tomorrow], p, w.tomorrow[field])}
}

func (r *reading) commitments(of *sums, p *part, kind agencyv1.Commitment_Kind, m commitmentMeasures) *CommitmentCounts {
	due, w, k := of.dueOf(m.due), &r.words, equals("kind", kind.String())
	week := due[today] + due[later]
	if r.Tomorrow <= r.weekEnd {
		week += due[tomorrow]
	}
	return &CommitmentCounts{
		Outstanding: inCommitments(of.n[m.outstanding], p, k, w.outstanding),
		DueThisWeek: inCommitments(week, p, k, w.week["due_time"]),
		Overdue:     inCommitments(due[overdue], p, k, w.overdue["due_time"]),
		Kept:        inCommitments(of.n[m.kept], p, k, equals("state", agencyv1.Commitment_KEPT.String()), w.during["end_time"]),
		Broken:      inCommitments(of.n[m.broken], p, k, "broken = true", w.during["end_time"]),
	}
}
