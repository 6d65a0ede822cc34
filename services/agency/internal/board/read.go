package board

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Read returns a city's board as a viewer may see it at an instant, with the sections asked for; all when nil.
func (b *Board) Read(ctx context.Context, city *catalogue.City, viewer Viewer, period tally.Period, sections []string, now time.Time) (View, error) {
	r := newReading(city, viewer, period, sections, now)
	err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
		generation, err := tally.Generation(ctx, db, city.Code())
		if err != nil {
			return err
		}
		if err := r.load(ctx, db, generation); err != nil {
			return err
		}
		r.behind, err = b.Behind(ctx, db, now)
		return err
	})
	if err != nil {
		return View{}, err
	}
	return r.view(), nil
}

// reading collects cells into the groups that a viewer sees.
type reading struct {
	tally.Moment
	city     *catalogue.City
	viewer   Viewer
	period   tally.Period
	sections []string
	behind   time.Duration
	weekEnd  int             // the last day of this week
	allowed  map[string]bool // units of the viewer
	groups   map[section]map[string]*sums
	into     map[place][]*sums // the groups that a place's cells are added to
	words    words
}

// section is what groups are split by.
type section int

const (
	total section = iota
	stages
	units
	counties
	items
)

var sectionNames = map[section]string{stages: "stages", units: "units", counties: "counties", items: "items"}

// place is what cells are counted by.
type place struct {
	dimension tally.Dimension
	value     string
}

// sums is a group being added up.
type sums struct {
	n       map[tally.Measure]int64 // what has no buckets
	states  map[int]int64           // of items
	cases   map[int]int64           // by state
	due     [len(dueMeasures)][whens]int64
	decided map[int]int64 // by pace
}

func newSums() *sums {
	return &sums{n: map[tally.Measure]int64{}, states: map[int]int64{}, cases: map[int]int64{}, decided: map[int]int64{}}
}

func newReading(city *catalogue.City, viewer Viewer, period tally.Period, sections []string, now time.Time) *reading {
	r := &reading{Moment: tally.MomentOf(now), city: city, viewer: viewer, period: period, sections: sections, allowed: map[string]bool{},
		groups: map[section]map[string]*sums{}, into: map[place][]*sums{}}
	for _, u := range viewer.Units {
		r.allowed[u] = true
	}
	today := tally.StartOf(r.Today)
	r.weekEnd = tally.DayOf(today.AddDate(0, 0, (7-int(today.Weekday()))%7))
	r.words = r.write()
	return r
}

// when is how a due time lies to the moment of the reading. Everything else lies neither here nor there.
type when int

const (
	before   when = iota // yesterday's last quarter, in the first second of a day
	overdue              // passed
	today                // in the rest of today
	tomorrow             // tomorrow
	later                // after tomorrow, in this week

	whens = iota
)

// What is read: gauges, what happened in the period, and what was due or comes to be until the end of the week or tomorrow. Measures are named, so that no
// other cells are looked at.
var (
	gauges = measures(caseState, casePlanned, caseTicket, itemState, toleranceMeasures.outstanding, promiseMeasures.outstanding)
	flows  = measures(caseOpened, caseCompleted, caseDeclined, caseClosed, caseSaved, caseRaised, itemDecided, itemNoticed, itemDeemed,
		toleranceMeasures.kept, toleranceMeasures.broken, promiseMeasures.kept, promiseMeasures.broken)
	quarters, days, months = measures(dueMeasures[:]...), measures(levelled(dueMeasures[:], ofDay)...), measures(levelled(dueMeasures[:], ofMonth)...)

	// Of what comes to be, a board says what is due by tomorrow and which commitments are in this week.
	daysToTomorrow = measures(levelled([]tally.Measure{promisedDue, statutoryDue}, ofDay)...)
	daysOfWeek     = measures(levelled([]tally.Measure{toleranceMeasures.due, promiseMeasures.due}, ofDay)...)
)

func measures(all ...tally.Measure) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = "'" + string(m) + "'"
	}
	return "measure IN (" + strings.Join(names, ", ") + ")"
}

// levelled names the measures of a level.
func levelled(all []tally.Measure, level tally.Measure) []tally.Measure {
	out := make([]tally.Measure, len(all))
	for i, m := range all {
		out[i] = m + level
	}
	return out
}

// These say in a statement when something is due: of a month, of a day that is not the one up to which things are overdue, and of a quarter of that one.
var (
	duePast    = strconv.Itoa(int(overdue))
	dueDay     = fmt.Sprintf(`CASE WHEN day < $4 THEN %d WHEN day = $5 THEN %d WHEN day = $6 THEN %d ELSE %d END`, overdue, today, tomorrow, later)
	dueQuarter = fmt.Sprintf(`CASE WHEN bucket <= $4 THEN %d WHEN day < $5 THEN %d ELSE %d END`, overdue, before, today)
)

// load reads what the board sums. How much that is depends on how a city is divided and on the length of the period, not on how many cases there are.
func (r *reading) load(ctx context.Context, db sqldb.Reader, generation int64) error {
	city := r.city.Code()
	if err := tally.Parts(ctx, db, city, generation, "bucket", gauges+" AND day = 0", nil, r.add); err != nil {
		return err
	}
	if err := tally.Parts(ctx, db, city, generation, "bucket", flows+" AND day BETWEEN $3 AND $4", []any{r.period.From, r.period.To}, r.add); err != nil {
		return err
	}
	until := tally.DayOf(r.Overdue)
	for _, level := range []struct {
		part, condition string
		args            []any
	}{
		{duePast, months + " AND day < $3", []any{monthOf(until)}},
		{dueDay, days + " AND day BETWEEN $3 AND $7 AND day <> $4 AND (day < $4 OR " + daysOfWeek + " OR day <= $6 AND " + daysToTomorrow + ")", []any{monthOf(until), until, r.Today, r.Tomorrow, max(r.Tomorrow, r.weekEnd)}},
		{dueQuarter, quarters + " AND day = $3", []any{until, tally.QuarterOf(r.Overdue), r.Today}},
	} {
		err := tally.Parts(ctx, db, city, generation, level.part, level.condition, level.args, func(c tally.Cell, n int64) {
			c.Measure = tally.Measure(strings.TrimSuffix(strings.TrimSuffix(string(c.Measure), string(ofDay)), string(ofMonth)))
			r.add(c, n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add puts a cell into the groups it belongs to for this viewer.
func (r *reading) add(c tally.Cell, n int64) {
	at := place{c.Dimension, c.Value}
	into, known := r.into[at]
	if !known {
		into = r.groupsOf(at)
		r.into[at] = into
	}
	for _, g := range into {
		g.add(c, n)
	}
}

// groupsOf are the groups, of sections that are asked for, in which this viewer sees what lies at a place.
func (r *reading) groupsOf(at place) []*sums {
	switch at.dimension {
	case byPart, byGone:
		unit, rest, _ := strings.Cut(at.value, "/")
		stage, item, _ := strings.Cut(rest, "/")
		if r.viewer.All || at.dimension == byPart && r.allowed[unit] {
			return r.among(key{total, ""}, key{units, unit}, key{stages, stage}, key{items, item})
		}
	case byCounty:
		if r.viewer.All {
			return r.among(key{counties, at.value})
		}
	case byCase:
		if r.viewer.All {
			county, stage, _ := strings.Cut(at.value, "/")
			return r.among(key{total, ""}, key{counties, county}, key{stages, stage})
		}
	}
	return nil
}

// key names a group.
type key struct {
	section section
	name    string
}

func (r *reading) among(keys ...key) []*sums {
	var out []*sums
	for _, k := range keys {
		if k.section == total || r.sections == nil || slices.Contains(r.sections, sectionNames[k.section]) {
			out = append(out, r.group(k.section, k.name))
		}
	}
	return out
}

func (r *reading) group(s section, key string) *sums {
	in := r.groups[s]
	if in == nil {
		in = map[string]*sums{}
		r.groups[s] = in
	}
	g := in[key]
	if g == nil {
		g = newSums()
		in[key] = g
	}
	return g
}

func (s *sums) add(c tally.Cell, n int64) {
	switch c.Measure {
	case caseState:
		s.cases[c.Bucket] += n
	case itemState:
		s.states[c.Bucket] += n
	case itemDecided:
		s.decided[c.Bucket] += n
	case promisedDue, statutoryDue, criticalDue, stuckFrom, toleranceMeasures.due, promiseMeasures.due:
		s.dueOf(c.Measure)[c.Bucket] += n
	default:
		s.n[c.Measure] += n
	}
}

// dueOf is how many are due of a measure, by when.
func (s *sums) dueOf(m tally.Measure) *[whens]int64 { return &s.due[slices.Index(dueMeasures[:], m)] }
