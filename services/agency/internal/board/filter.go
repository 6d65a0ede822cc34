package board

import (
	"strconv"
	"strings"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// words are the conditions that many filters share, written once.
type words struct {
	overdue, today, tomorrow, week map[string]string // by field
	during                         map[string]string // by field
	outstanding                    string
}

// write writes the conditions of a reading.
func (r *reading) write() words {
	w := words{overdue: map[string]string{}, today: map[string]string{}, tomorrow: map[string]string{}, week: map[string]string{}, during: map[string]string{}}
	from, included := r.DueAfter()
	after := " > " + tally.When(from)
	if included {
		after = " >= " + tally.When(from)
	}
	end := tally.StartOf(r.weekEnd).AddDate(0, 0, 1)
	for _, field := range []string{"promised_due_time", "statutory_due_time", "stuck_time", "due_time"} {
		w.overdue[field] = field + " <= " + tally.When(r.Overdue)
		w.today[field] = field + after + " AND " + field + " < " + tally.When(tally.StartOf(r.Tomorrow))
		w.tomorrow[field] = tally.Period{From: r.Tomorrow, To: r.Tomorrow}.During(field)
		w.week[field] = field + after + " AND " + field + " < " + tally.When(end)
	}
	for _, field := range []string{"create_time", "end_time", "ticket_time", "decide_time", "notice_time", "deem_time"} {
		w.during[field] = r.period.During(field)
	}
	states := make([]string, len(outstanding))
	for i, s := range outstanding {
		states[i] = s.String()
	}
	w.outstanding = anyOf("state", states)
	return w
}

// part is a part of a city as filters know it.
type part struct {
	of     string // condition on items and commitments; empty for all
	cases  string // condition on cases
	within string // condition on items beside it
}

// partOf narrows a group of a section to what its viewer can list.
func (r *reading) partOf(s section, key string) part {
	var of []string
	switch {
	case s == units:
		of = append(of, equals("unit", key))
	case !r.viewer.All && len(r.viewer.Units) == 0:
		of = append(of, equals("unit", "")) // nothing
	case !r.viewer.All:
		of = append(of, anyOf("unit", r.viewer.Units))
	}
	var p part
	switch s {
	case stages:
		p.cases = equals("stage", key)
		of = append(of, p.cases)
	case counties:
		p.cases = equals("county", key)
		of = append(of, p.cases)
	case items:
		of = append(of, equals("item", key))
	default: // no more
	}
	p.of = strings.Join(of, " AND ")
	if !r.viewer.All { // whoever sees the case for another reason would find in the list what the units do not
		p.within = "NOT state = " + strconv.Quote(agencyv1.Item_DROPPED.String())
	}
	return p
}

func inCases(n int64, p *part, conditions ...string) Count {
	return Count{n, all(append(conditions, p.cases)), Cases}
}

func inItems(n int64, p *part, conditions ...string) Count {
	return Count{n, all(append(conditions, p.of, p.within)), Items}
}

func inCommitments(n int64, p *part, conditions ...string) Count {
	return Count{n, all(append(conditions, p.of)), Commitments}
}

// all joins conditions; empty ones are none.
func all(conditions []string) string {
	var b strings.Builder
	b.Grow(filterSize)
	for _, c := range conditions {
		if c == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(c)
	}
	return b.String()
}

// filterSize is room for nearly every filter.
const filterSize = 160

func anyOf(field string, values []string) string {
	choices := make([]string, len(values))
	for i, v := range values {
		choices[i] = equals(field, v)
	}
	return "(" + strings.Join(choices, " OR ") + ")"
}

func equals(field, value string) string { return field + " = " + strconv.Quote(value) }
