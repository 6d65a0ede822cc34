package board

import (
	"slices"
	"strings"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// The measures of cases. The workdays are sums, the others count.
const (
	caseState     tally.Measure = "case.state" // gauge: applied and open; the bucket is the state
	caseOpened    tally.Measure = "case.opened"
	caseCompleted tally.Measure = "case.completed"
	caseDeclined  tally.Measure = "case.declined"
	caseClosed    tally.Measure = "case.closed"
	caseSaved     tally.Measure = "case.saved.workdays"   // by day of completion
	casePlanned   tally.Measure = "case.planned.workdays" // gauge: saved by plan
	caseRaised    tally.Measure = "case.raised"           // by day of the last ticket
	caseTicket    tally.Measure = "case.ticket"           // gauge: with an open ticket
)

// The measures of items.
const (
	itemState    tally.Measure = "item.state"   // gauge: of cases that are not ended; the bucket is the state
	itemDecided  tally.Measure = "item.decided" // by day of the decision; the bucket is a pace, by county whether that was in time
	itemNoticed  tally.Measure = "item.noticed" // by day of the notice of what is missing
	itemDeemed   tally.Measure = "item.deemed"  // by day on which silence was taken for acceptance
	promisedDue  tally.Measure = "due.promised"
	statutoryDue tally.Measure = "due.statutory"
	criticalDue  tally.Measure = "due.critical" // promised, of what a delay of delays the whole
	stuckFrom    tally.Measure = "due.stuck"
)

// What is due is counted three times: by quarter of an hour, by day and by month. What is overdue is a sum of the months before, of the days of this one
// and of the quarters of today, so that it costs little more when it reaches far back.
const (
	ofDay   tally.Measure = ".day"
	ofMonth tally.Measure = ".month" // on its first day
)

// dueMeasures are the measures of what is due.
var dueMeasures = [...]tally.Measure{promisedDue, statutoryDue, criticalDue, stuckFrom, toleranceMeasures.due, promiseMeasures.due}

// monthOf is the first day of a day's month.
func monthOf(day int) int { return day/100*100 + 1 }

// The measures of a kind of commitments.
type commitmentMeasures struct{ outstanding, due, kept, broken tally.Measure }

var (
	toleranceMeasures = commitmentMeasures{"tolerance.outstanding", "due.tolerance", "tolerance.kept", "tolerance.broken"}
	promiseMeasures   = commitmentMeasures{"promise.outstanding", "due.promise", "promise.kept", "promise.broken"}
)

// The dimensions.
const (
	byPart   tally.Dimension = "part"   // unit/stage/item
	byGone   tally.Dimension = "gone"   // the same, of what a project does not need any more
	byCounty tally.Dimension = "county" // of items and commitments
	byCase   tally.Dimension = "case"   // county/stage, of cases
)

// Facts are what one case adds to the board. They are stored with the board, to be taken away again.
type Facts struct {
	County string  `json:"c,omitempty"`
	Stage  string  `json:"s,omitempty"`
	Case   []Entry `json:"k,omitempty"`
	Parts  []Part  `json:"p,omitempty"`
}

// Part is what an item, or a commitment about one, adds.
type Part struct {
	Unit    string  `json:"u"`
	Stage   string  `json:"s,omitempty"`
	Item    string  `json:"i"`
	Gone    bool    `json:"g,omitempty"`
	Entries []Entry `json:"e"`
}

// Entry is one thing counted.
type Entry struct {
	Measure tally.Measure `json:"m"`
	Day     int           `json:"d,omitempty"`
	Bucket  int           `json:"b,omitempty"`
	Amount  int64         `json:"a,omitempty"` // what it adds; 0 stands for one
}

// FactsOf derives what a case adds.
func FactsOf(c *fact.Case) Facts {
	f := Facts{County: c.County, Stage: c.Stage, Case: caseEntries(c)}
	stages := make(map[string]string, len(c.Items))
	for n := range c.Items {
		i := &c.Items[n]
		stages[i.Code] = i.Stage
		if e := itemEntries(c, i); len(e) > 0 {
			f.Parts = append(f.Parts, Part{Unit: i.Unit, Stage: i.Stage, Item: i.Code, Gone: i.State == casefile.Dropped, Entries: e})
		}
	}
	for n := range c.Commitments {
		k := &c.Commitments[n]
		if e := commitmentEntries(k); len(e) > 0 {
			f.Parts = append(f.Parts, Part{Unit: k.Unit, Stage: stages[k.Item], Item: k.Item, Entries: e})
		}
	}
	return f
}

// entries collects what a thing adds.
type entries []Entry

// now adds to a gauge.
func (e *entries) now(m tally.Measure, holds bool, bucket int) {
	if holds {
		*e = append(*e, Entry{Measure: m, Bucket: bucket})
	}
}

// happened adds what lies on a day.
func (e *entries) happened(m tally.Measure, at time.Time, holds bool, bucket int) {
	if holds && !at.IsZero() {
		*e = append(*e, Entry{Measure: m, Day: tally.DayOf(at), Bucket: bucket})
	}
}

// due adds what lies in a quarter of an hour.
func (e *entries) due(m tally.Measure, at time.Time) {
	if !at.IsZero() {
		*e = append(*e, Entry{Measure: m, Day: tally.DayOf(at), Bucket: tally.QuarterOf(at)})
	}
}

func caseEntries(c *fact.Case) []Entry {
	var e entries
	e.now(caseState, c.Open, int(c.State))
	e.happened(caseOpened, c.CreateTime, true, 0)
	e.happened(caseCompleted, c.EndTime, c.State == casefile.Completed, 0)
	e.happened(caseDeclined, c.EndTime, c.State == casefile.Declined, 0)
	e.happened(caseClosed, c.EndTime, c.State == casefile.Closed, 0)
	e.happened(caseRaised, c.TicketTime, true, 0)
	e.now(caseTicket, c.TicketOpen, 0)
	switch amount := int64(c.SavedWorkdays); {
	case amount == 0:
	case c.State == casefile.Completed:
		e = append(e, Entry{Measure: caseSaved, Day: tally.DayOf(c.EndTime), Amount: amount})
	case c.State == casefile.Open:
		e = append(e, Entry{Measure: casePlanned, Amount: amount})
	}
	return e
}

func itemEntries(c *fact.Case, i *fact.Item) []Entry {
	var e entries
	e.now(itemState, c.Open && i.State != casefile.Dropped, int(i.State))
	e.happened(itemDecided, i.DecideTime, true, pace{tally.BucketOf(int64(i.Workdays)), tally.BucketOf(int64(i.PromisedWorkdays)), i.InTime}.bucket())
	e.happened(itemNoticed, i.NoticeTime, true, 0)
	e.happened(itemDeemed, i.DeemTime, true, 0)
	e.due(promisedDue, i.PromisedDue)
	e.due(statutoryDue, i.StatutoryDue)
	e.due(stuckFrom, i.StuckTime)
	if i.Critical && i.Open {
		e.due(criticalDue, i.PromisedDue)
	}
	return e
}

func commitmentEntries(k *fact.Commitment) []Entry {
	m := toleranceMeasures
	if k.Kind == agencyv1.Commitment_PROMISE {
		m = promiseMeasures
	}
	var e entries
	e.now(m.outstanding, slices.Contains(outstanding, k.State), 0)
	e.due(m.due, k.DueTime)
	e.happened(m.kept, k.EndTime, k.State == agencyv1.Commitment_KEPT, 0)
	e.happened(m.broken, k.EndTime, k.Broken, 0)
	return e
}

// outstanding are the states in which a commitment is still to be fulfilled.
var outstanding = []casefile.CommitmentState{agencyv1.Commitment_RUNNING, agencyv1.Commitment_TO_FIX}

// pace is how long a decision took and how long it was promised to take, both as buckets of workdays, and whether it came in time. An item's promise is
// nearly always the same one: together these are hardly more cells than the first alone.
type pace struct {
	workdays, promised int
	inTime             bool
}

// promises is more than there are buckets of workdays.
const promises = 1 << 10

func (p pace) bucket() int { return (p.workdays*promises+p.promised)<<1 | tally.Bit(p.inTime) }

// paceIn takes a bucket apart.
func paceIn(bucket int) pace {
	days := bucket >> 1
	return pace{days / promises, days % promises, bucket&1 != 0}
}

// Cells calls each for every cell the facts add to, with what they add.
func (f Facts) Cells(each func(c tally.Cell, n int64)) {
	put := func(e Entry, d tally.Dimension, value string) {
		n := e.Amount
		if n == 0 {
			n = 1
		}
		c := tally.Cell{Day: e.Day, Measure: e.Measure, Dimension: d, Value: value, Bucket: e.Bucket}
		each(c, n)
		if slices.Contains(dueMeasures[:], e.Measure) {
			c.Measure, c.Bucket = e.Measure+ofDay, 0
			each(c, n)
			c.Measure, c.Day = e.Measure+ofMonth, monthOf(e.Day)
			each(c, n)
		}
	}
	for _, e := range f.Case {
		put(e, byCase, f.County+"/"+f.Stage)
	}
	for i := range f.Parts {
		p := &f.Parts[i]
		in, value := byPart, strings.Join([]string{p.Unit, p.Stage, p.Item}, "/")
		if p.Gone {
			in = byGone
		}
		for _, e := range p.Entries {
			put(e, in, value)
			if e.Measure == itemDecided { // there are no quantiles by county
				e.Bucket = pace{inTime: paceIn(e.Bucket).inTime}.bucket()
			}
			put(e, byCounty, f.County)
		}
	}
}
