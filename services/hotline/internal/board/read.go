package board

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Viewer is what somebody may see: their numbers are sums over what they may list. Exactly one of All, Units and Official is
// set.
type Viewer struct {
	All        bool
	Units      []string // these units, no others
	Official   string   // what this official holds
	Restricted bool     // also what is restricted, of which there is nothing in other numbers
	KeptOut    []string // subjects; what is about one of them is left out of what is restricted
}

// Period is a stretch of civil days, both included, as YYYYMMDD.
type Period struct{ From, To int }

// View is a board as a viewer sees it.
type View struct {
	AsOf        time.Time
	OverdueAsOf time.Time     // overdue is what was due not later than this
	Behind      time.Duration // how long the oldest event that is not folded has been waiting
	Period      Period
	Total       Group
	Units       []Group
	Categories  []Group
	Counties    []Group
	Attendants  []Group
	Pairs       []Group // by unit and category
}

// Count is a number and the filter that lists exactly its tickets.
type Count struct {
	N      int64
	Filter string
}

// Group is the numbers of one part of a city.
type Group struct {
	Key      string
	Open     Count
	Clocks   []ClockCounts
	Rungs    []Count // by rung, from 1
	Filed    Count
	Answered Count
	Closed   Count
	Rates    RateCounts
	Working  Working
}

// ClockCounts is how a kind of clock stands.
type ClockCounts struct {
	Kind                                          ticket.Kind
	Overdue, DueToday, DueTomorrow, Met, Breached Count
}

// RateCounts is what the three rates are made of.
type RateCounts struct{ Eligible, Valid, Contacted, Solved, Satisfied, Basically Count }

// Working is a distribution of working minutes.
type Working struct{ Count, P50, P90 int64 }

// Read returns a city's board as a viewer may see it at an instant.
func (b *Board) Read(ctx context.Context, city *policy.City, viewer Viewer, period Period, now time.Time) (View, error) {
	r := &reading{city: city, viewer: viewer, zone: worktime.Zone, period: period, now: now, hidden: map[Cell]int64{},
		groups: map[Dimension]map[string]*sums{}}
	r.prepare()
	err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
		s, err := b.state(ctx, db, city.Code())
		if err != nil {
			return err
		}
		if err := r.load(ctx, db, s.generation); err != nil {
			return err
		}
		r.behind, err = b.behind(ctx, db, now)
		return err
	})
	if err != nil {
		return View{}, err
	}
	return r.view(), nil
}

// behind is the age of the oldest event behind the fold's place; nothing when there is none.
func (b *Board) behind(ctx context.Context, db sqldb.Reader, now time.Time) (time.Duration, error) {
	at, err := b.store.OldestUnread(ctx, db, Consumer)
	if err != nil || at.IsZero() {
		return 0, err
	}
	return max(0, now.Sub(at)), nil
}

// reading collects cells into the groups that a viewer sees.
type reading struct {
	city   *policy.City
	viewer Viewer
	zone   *time.Location
	period Period
	now    time.Time
	behind time.Duration

	overdueAsOf     time.Time
	today, tomorrow int
	allowed         map[string]bool // units of the viewer
	hidden          map[Cell]int64  // what the viewer is kept out of
	groups          map[Dimension]map[string]*sums
}

// sums is a group being added up.
type sums struct {
	open               int64
	rungs              map[int]int64
	filed, closed      int64
	answered           map[int]int64 // by bucket of working minutes
	rated              map[Rating]int64
	overdue, now, next map[ticket.Kind]int64
	met, breached      map[ticket.Kind]int64
}

func newSums() *sums {
	return &sums{rungs: map[int]int64{}, answered: map[int]int64{}, rated: map[Rating]int64{}, overdue: map[ticket.Kind]int64{},
		now: map[ticket.Kind]int64{}, next: map[ticket.Kind]int64{}, met: map[ticket.Kind]int64{}, breached: map[ticket.Kind]int64{}}
}

// prepare fixes the instants. Met at due is met, so a second passes before something is overdue, as for the sweeper.
func (r *reading) prepare() {
	local := r.now.Add(-time.Second).In(r.zone)
	start := startOf(dayOf(local, r.zone), r.zone)
	r.overdueAsOf = start.Add(local.Sub(start).Truncate(quarter))
	r.today = dayOf(r.now, r.zone)
	r.tomorrow = dayOf(startOf(r.today, r.zone).AddDate(0, 0, 1), r.zone)
	r.allowed = map[string]bool{}
	for _, u := range r.viewer.Units {
		r.allowed[u] = true
	}
}

// load reads gauges, owed clocks and the period's days. Their number depends on how a city is divided and on the length of the
// period, not on how many tickets there are.
func (r *reading) load(ctx context.Context, db sqldb.Reader, generation int64) error {
	const present = `(day = 0 OR measure LIKE 'due.%')`
	const happened = `day BETWEEN $3 AND $4 AND measure NOT LIKE 'due.%'`
	if err := r.leaveOut(ctx, db, generation); err != nil {
		return err
	}
	if err := cells(ctx, db, r.city.Code(), generation, present, nil, r.add); err != nil {
		return err
	}
	return cells(ctx, db, r.city.Code(), generation, happened, []any{r.period.From, r.period.To}, r.add)
}

// leaveOut finds what the tickets add that the viewer is kept out of: they are few, and known by whom they are about.
func (r *reading) leaveOut(ctx context.Context, db sqldb.Reader, generation int64) error {
	if !r.viewer.Restricted || len(r.viewer.KeptOut) == 0 {
		return nil
	}
	args, places := []any{r.city.Code(), generation}, make([]string, len(r.viewer.KeptOut))
	for i, subject := range r.viewer.KeptOut {
		args = append(args, subject)
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	return storedFacts(ctx, db, `SELECT b.ticket, b.facts FROM board_tickets b WHERE b.city = $1 AND b.generation = $2 AND b.ticket IN
		(SELECT k.ticket FROM ticket_conflicts k WHERE k.city = $1 AND k.subject IN (`+strings.Join(places, ", ")+`))`, args,
		func(_ string, k knownFacts) { k.facts.Cells(func(c Cell) { r.hidden[c]++ }) })
}

// add puts a cell into the groups it belongs to for this viewer.
func (r *reading) add(c Cell, n int64) {
	n -= r.hidden[c]
	if n == 0 || c.Restricted && !r.viewer.Restricted {
		return
	}
	into := func(d Dimension, value string) { r.group(d, value).add(r, c, n) }
	switch {
	case r.viewer.All:
		into(c.Dimension, c.Value)
	case r.viewer.Official != "":
		if c.Dimension == ByAttendant && c.Value == r.viewer.Official {
			into(ByCity, "")
		}
	case c.Dimension == ByUnit && r.allowed[c.Value]:
		into(ByCity, "")
		into(ByUnit, c.Value)
	case c.Dimension == ByUnitCategory:
		if unit, category := splitPair(c.Value); r.allowed[unit] {
			into(ByUnitCategory, c.Value)
			into(ByCategory, category)
		}
	case c.Dimension == ByAttendant:
		if o, ok := r.city.Official(c.Value); ok && r.allowed[o.Unit] {
			into(ByAttendant, c.Value)
		}
	}
}

func (r *reading) group(d Dimension, value string) *sums {
	in := r.groups[d]
	if in == nil {
		in = map[string]*sums{}
		r.groups[d] = in
	}
	s := in[value]
	if s == nil {
		s = newSums()
		in[value] = s
	}
	return s
}

var (
	dueKinds      = byMeasure(Due)
	metKinds      = byMeasure(Met)
	breachedKinds = byMeasure(Breached)
)

func byMeasure(measure func(ticket.Kind) Measure) map[Measure]ticket.Kind {
	out := map[Measure]ticket.Kind{}
	for _, k := range ticket.Kinds() {
		out[measure(k)] = k
	}
	return out
}

func (s *sums) add(r *reading, c Cell, n int64) {
	switch c.Measure {
	case Open:
		s.open += n
	case Rung:
		s.rungs[c.Bucket] += n
	case Filed:
		s.filed += n
	case Closed:
		s.closed += n
	case Answered:
		s.answered[c.Bucket] += n
	case Rated:
		s.rated[ratingIn(c.Bucket)] += n
	default:
		if k, ok := dueKinds[c.Measure]; ok {
			s.due(r, k, c, n)
		} else if k, ok := metKinds[c.Measure]; ok {
			s.met[k] += n
		} else if k, ok := breachedKinds[c.Measure]; ok {
			s.breached[k] += n
		}
	}
}

func (s *sums) due(r *reading, k ticket.Kind, c Cell, n int64) {
	ends := startOf(c.Day, r.zone).Add(time.Duration(c.Bucket) * quarter)
	switch {
	case !ends.After(r.overdueAsOf):
		s.overdue[k] += n
	case c.Day == r.today:
		s.now[k] += n
	case c.Day == r.tomorrow:
		s.next[k] += n
	}
}

// ratings adds up the ratings that a condition holds for.
func (s *sums) ratings(holds func(Rating) bool) int64 {
	var n int64
	for rating := range maps.Keys(s.rated) {
		if holds(rating) {
			n += s.rated[rating]
		}
	}
	return n
}
