package board

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Viewer is what somebody may see: their numbers are sums over what they may list. Exactly one of All, Units and Official is
// set.
type Viewer struct {
	All        bool
	Units      []string // these units, no others
	Official   string   // what this official holds
	Restricted bool     // also what is restricted, of which there is nothing in other numbers
	KeptOut    []string // subjects; what is about one of them is left out of what is restricted
	Worker     bool     // answers tickets and oversees none: call-backs are not for them
}

// Period is a stretch of civil days, both included.
type Period = tally.Period

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
	Reasons     []Group // by reason to return; only the returns
	UnitReasons []Group // by unit and reason to return
	Days        []Day   // of the total, when asked for
}

// Want is what of a board to read beside the total.
type Want struct {
	Sections map[string]bool // all when nil
	Days     bool
}

func (w Want) has(section string) bool { return w.Sections == nil || w.Sections[section] }

// Count is a number and the filter of a list that lists exactly what is behind it.
type Count struct {
	N      int64
	Filter string
	List   List
}

// List is the list in which what is behind a number is found.
type List int

// The lists, numbered as in the contract.
const (
	Tickets List = iota + 1
	WorkOrders
	Returns
	CommonIssues
)

func tickets(n int64, filter string) Count { return Count{n, filter, Tickets} }

// Group is the numbers of one part of a city.
type Group struct {
	Key        string
	Open       Count
	Clocks     []ClockCounts
	Rungs      []Count // by rung, from 1
	Filed      Count
	Answered   Count
	Closed     Count
	Rates      RateCounts
	Working    Working
	Returns    ReturnCounts
	Extensions ExtensionCounts
	Supervised Count
	Cycled     Count
	Linked     Count
	Reopened   Count
	Thin       Count
	Callbacks  *CallbackCounts // nil for who is not told of them
	Dialogues  DialogueCounts
	Merged     Count
	Rejected   Count
	Risk       RiskCounts
	Orders     *OrderCounts // nil where nobody has parts
	Ages       []AgeCount   // none where they are not counted
	reason     bool         // only Returns
}

// ClockCounts is how a kind of clock stands.
type ClockCounts struct {
	Kind                                          ticket.Kind
	Overdue, DueToday, DueTomorrow, Met, Breached Count
}

// RateCounts is what the three rates are made of.
type RateCounts struct{ Eligible, Valid, Contacted, Solved, Satisfied, Basically Count }

// ReturnCounts is how requests to hand back went. They are requests, not tickets.
type ReturnCounts struct{ Requested, Granted, Refused, Pending Count }

// ExtensionCounts is how requests for more time went.
type ExtensionCounts struct{ Asked, Granted, Refused, Pending Count }

// CallbackCounts is how filers were called back.
type CallbackCounts struct{ Sampled, Reached, Missed, Unreachable, Overtaken, Due Count }

// DialogueCounts is how direct dialogues went, and how many natural minutes those held took from asking to holding.
type DialogueCounts struct {
	Asked, Held, Declined, Waiting Count
	Minutes                        int64
}

// RiskCounts is what is at risk and what was retained.
type RiskCounts struct {
	AtRisk, Unstated, Retained Count
	Fen, Jobs                  int64 // of those at risk
	RetainedFen, RetainedJobs  int64
}

// OrderCounts is how the parts of units stand. They are work orders, not tickets.
type OrderCounts struct {
	Open   Count
	Clocks []ClockCounts
}

// AgeCount is the open tickets filed more than Above and at most UpTo workdays ago; the last has no end.
type AgeCount struct {
	Above, UpTo int
	Count
}

// Day is what happened on a civil day.
type Day struct {
	Day                               int
	Filed, Answered, Closed, Breached Count
}

// Working is a distribution of working minutes.
type Working struct{ Count, P50, P90 int64 }

// Read returns a city's board as a viewer may see it at an instant.
func (b *Board) Read(ctx context.Context, city *policy.City, viewer Viewer, period Period, want Want, now time.Time) (View, error) {
	r := newReading(city, viewer, period, now)
	r.want = want
	err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
		generation, err := tally.Generation(ctx, db, city.Code())
		if err != nil {
			return err
		}
		if err := b.load(ctx, db, r, generation); err != nil {
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
	city   *policy.City
	viewer Viewer
	period Period
	behind time.Duration
	want   Want

	began     []time.Time // by age bound: the first instant that is no older
	beganText []string
	written   map[span]string // conditions that many filters share
	dues      map[string]dueWords
	allowed   map[string]bool // units of the viewer
	hidden    map[Cell]int64  // what the viewer is kept out of
	groups    map[Dimension]map[string]*sums
}

// sums is a group being added up.
type sums struct {
	n                  map[Measure]int64 // what has neither buckets nor kinds
	rungs              map[int]int64
	answered           map[int]int64 // by bucket of working minutes
	rated              map[Rating]int64
	callbacks          map[int]int64 // by how they stand
	ages               map[int]int64 // by day of filing
	overdue, now, next map[ticket.Kind]int64
	met, breached      map[ticket.Kind]int64
	days               map[int]*day // of the total, when asked for
}

// day is what happened on one.
type day struct{ filed, answered, closed, breached int64 }

func newSums() *sums {
	return &sums{n: map[Measure]int64{}, rungs: map[int]int64{}, answered: map[int]int64{}, rated: map[Rating]int64{}, callbacks: map[int]int64{},
		ages: map[int]int64{}, overdue: map[ticket.Kind]int64{}, now: map[ticket.Kind]int64{}, next: map[ticket.Kind]int64{},
		met: map[ticket.Kind]int64{}, breached: map[ticket.Kind]int64{}, days: map[int]*day{}}
}

func newReading(city *policy.City, viewer Viewer, period Period, now time.Time) *reading {
	r := &reading{Moment: tally.MomentOf(now), city: city, viewer: viewer, period: period, hidden: map[Cell]int64{},
		groups: map[Dimension]map[string]*sums{}, written: map[span]string{}, dues: map[string]dueWords{}, allowed: map[string]bool{}}
	for _, bound := range ageBounds {
		at := r.since(bound)
		r.began, r.beganText = append(r.began, at), append(r.beganText, tally.When(at))
	}
	for _, u := range r.viewer.Units {
		r.allowed[u] = true
	}
	return r
}

// What is true at an instant, and what happened in a period; the rest of a condition on cells.
const (
	present  = `(day = 0 OR measure LIKE 'due.%' OR measure = 'age')`
	happened = `day BETWEEN $3 AND $4 AND measure NOT LIKE 'due.%' AND measure <> 'age'`
)

// load reads gauges, owed clocks and the period's days. Their number depends on how a city is divided and on the length of the
// period, not on how many tickets there are.
func (b *Board) load(ctx context.Context, db sqldb.Reader, r *reading, generation int64) error {
	if err := b.leaveOut(ctx, db, r, generation); err != nil {
		return err
	}
	if err := tally.Cells(ctx, db, r.city.Code(), generation, present, nil, r.add); err != nil {
		return err
	}
	return r.loadHappened(ctx, db, generation)
}

func (r *reading) loadHappened(ctx context.Context, db sqldb.Reader, generation int64) error {
	return tally.Cells(ctx, db, r.city.Code(), generation, happened, []any{r.period.From, r.period.To}, r.add)
}

// leaveOut finds what the tickets add that the viewer is kept out of: they are few, and known by whom they are about.
func (b *Board) leaveOut(ctx context.Context, db sqldb.Reader, r *reading, generation int64) error {
	if !r.viewer.Restricted || len(r.viewer.KeptOut) == 0 {
		return nil
	}
	subjects, args := r.keptOut([]any{r.city.Code(), generation})
	return b.Kept(ctx, db, `SELECT b.ticket, b.facts FROM board_tickets b WHERE b.city = $1 AND b.generation = $2 AND b.ticket IN
		(SELECT k.ticket FROM ticket_conflicts k WHERE k.city = $1 AND k.subject IN (`+subjects+`))`, args,
		func(f Facts) { f.Cells(func(c Cell, n int64) { r.hidden[c] += n }) })
}

// keptOut binds the subjects that the viewer is.
func (r *reading) keptOut(args []any) (places string, bound []any) {
	all := make([]string, len(r.viewer.KeptOut))
	for i, subject := range r.viewer.KeptOut {
		args = append(args, subject)
		all[i] = fmt.Sprintf("$%d", len(args))
	}
	return strings.Join(all, ", "), args
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
		if !away[c.Dimension] {
			into(c.Dimension, c.Value)
		}
	case r.viewer.Official != "":
		r.addOwn(c, n)
	case away[c.Dimension]:
		r.leaveAway(c, n)
	case c.Dimension == ByUnit && r.allowed[c.Value]:
		into(ByCity, "")
		into(ByUnit, c.Value)
	case c.Dimension == ByUnitCategory:
		if unit, category := splitPair(c.Value); r.allowed[unit] {
			into(ByUnitCategory, c.Value)
			into(ByCategory, category)
		}
	case c.Dimension == ByUnitReason:
		if unit, reason := splitPair(c.Value); r.allowed[unit] {
			into(ByUnitReason, c.Value)
			into(ByReason, reason)
		}
	case c.Dimension == ByAttendant:
		if o, ok := r.city.Official(c.Value); ok && r.allowed[o.Unit] {
			into(ByAttendant, c.Value)
		}
	}
}

// away are the dimensions that are only there to be taken away again.
var away = map[Dimension]bool{UnitAway: true, UnitCategoryAway: true, AttendantAway: true}

// addOwn adds what counts for an official who sees only what they hold.
func (r *reading) addOwn(c Cell, n int64) {
	switch official, _ := splitPair(c.Value); {
	case official != r.viewer.Official:
	case c.Dimension == ByAttendant:
		r.group(ByCity, "").add(r, c, n)
	case c.Dimension == AttendantAway:
		r.group(ByCity, "").add(r, c, -n)
	}
}

// leaveAway takes away again what counts for the viewer's units and lies where they see nothing of it.
func (r *reading) leaveAway(c Cell, n int64) {
	owed, with := cutLast(c.Value)
	if r.allowed[with] {
		return
	}
	out := func(d Dimension, value string) { r.group(d, value).add(r, c, -n) }
	switch c.Dimension {
	case UnitAway:
		if r.allowed[owed] {
			out(ByCity, "")
			out(ByUnit, owed)
		}
	case UnitCategoryAway:
		if unit, category := splitPair(owed); r.allowed[unit] {
			out(ByUnitCategory, owed)
			out(ByCategory, category)
		}
	case AttendantAway:
		if o, ok := r.city.Official(owed); ok && r.allowed[o.Unit] {
			out(ByAttendant, owed)
		}
	default: // nothing else is away
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
	for _, k := range slices.Concat(ticket.Kinds(), ticket.OrderKinds()) {
		out[measure(k)] = k
	}
	return out
}

func (s *sums) add(r *reading, c Cell, n int64) {
	s.happened(r, c, n)
	switch c.Measure {
	case Rung:
		s.rungs[c.Bucket] += n
	case Answered:
		s.answered[c.Bucket] += n
	case Rated:
		s.rated[ratingIn(c.Bucket)] += n
	case Callback:
		s.callbacks[c.Bucket] += n
	case Age:
		s.ages[c.Day] += n
	default:
		if k, ok := dueKinds[c.Measure]; ok {
			s.due(r, k, c, n)
		} else if k, ok := metKinds[c.Measure]; ok {
			s.met[k] += n
		} else if k, ok := breachedKinds[c.Measure]; ok {
			s.breached[k] += n
		} else {
			s.n[c.Measure] += n
		}
	}
}

var answerBreached = Breached(ticket.KindAnswer)

// happened keeps the days of the total apart, when they are asked for.
func (s *sums) happened(r *reading, c Cell, n int64) {
	if !r.want.Days || s != r.group(ByCity, "") {
		return
	}
	if s.days[c.Day] == nil {
		s.days[c.Day] = &day{}
	}
	switch d := s.days[c.Day]; c.Measure {
	case Filed:
		d.filed += n
	case Answered:
		d.answered += n
	case Closed:
		d.closed += n
	case answerBreached:
		d.breached += n
	default: // not day by day
	}
}

func (s *sums) due(r *reading, k ticket.Kind, c Cell, n int64) {
	ends := tally.StartOf(c.Day).Add(time.Duration(c.Bucket) * tally.Quarter)
	switch {
	case !ends.After(r.Overdue):
		s.overdue[k] += n
	case c.Day == r.Today:
		s.now[k] += n
	case c.Day == r.Tomorrow:
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
