package board

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

type (
	// Measure is what a cell counts.
	Measure = tally.Measure
	// Dimension is what cells are split by.
	Dimension = tally.Dimension
	// Cell is the place of a number within a city.
	Cell = tally.Cell
)

// The measures that are not of a kind of clock.
const (
	Open     Measure = "open"     // gauge
	Rung     Measure = "rung"     // gauge: open tickets by highest rung; the bucket is the rung
	Filed    Measure = "filed"    // by day of filing
	Answered Measure = "answered" // by day of the last answer; the bucket is of its working minutes
	Closed   Measure = "closed"   // by day of the close
	Rated    Measure = "rated"    // by day of the last verification or of the close in silence; the bucket is a Rating
	Age      Measure = "age"      // open tickets by day of filing: not of a period, like what is due
)

// Due measures what is owed under a kind of clock, by day and quarter of an hour of its due time.
func Due(k ticket.Kind) Measure { return Measure("due." + k.String()) }

// Met measures the last fulfilment in time of a kind of clock, by its day.
func Met(k ticket.Kind) Measure { return Measure("met." + k.String()) }

// Breached measures the first breach of a kind of clock, by its day.
func Breached(k ticket.Kind) Measure { return Measure("breached." + k.String()) }

// The dimensions.
const (
	ByCity         Dimension = "city" // all of it, under the empty value
	ByUnit         Dimension = "unit"
	ByCategory     Dimension = "category"
	ByCounty       Dimension = "county"
	ByAttendant    Dimension = "attendant"
	ByUnitCategory Dimension = "unit-category" // joined by a slash
	ByReason       Dimension = "return-reason"
	ByUnitReason   Dimension = "unit-return-reason" // joined by a slash
	// What counts for a unit or official although somebody else has it by now: who sees only their own leaves it out, as their lists do. The value ends
	// with the unit that has it; nothing when the unit sees it no more.
	UnitAway         Dimension = "unit-away"
	UnitCategoryAway Dimension = "unit-category-away"
	AttendantAway    Dimension = "attendant-away"
)

// Facts are what one ticket adds to the board. They are stored with the board, to be taken away again.
type Facts struct {
	Restricted bool    `json:"r,omitempty"`
	Category   string  `json:"c,omitempty"`
	County     string  `json:"n,omitempty"`
	Unit       string  `json:"u,omitempty"` // of the holder
	Official   string  `json:"o,omitempty"` // the holder
	Entries    []Entry `json:"e"`
}

// Entry is one thing counted, with whom it is counted for: the holder, or who owed a clock when it was breached or met, who asked, or whose part it is.
type Entry struct {
	Measure  Measure `json:"m"`
	Day      int     `json:"d,omitempty"`
	Bucket   int     `json:"b,omitempty"`
	Amount   int64   `json:"s,omitempty"` // what it adds; 0 stands for one
	Unit     string  `json:"u,omitempty"`
	Official string  `json:"o,omitempty"`
	Reason   string  `json:"x,omitempty"` // of a return
	Seen     Seen    `json:"v,omitempty"`
}

// Seen is who finds in a list what an entry counts.
type Seen int

// Who finds it.
const (
	ByHolder Seen = iota // whoever has the ticket
	ByItself             // the unit it is counted for, wherever the ticket is
	ByNobody             // only who sees the city
)

// FactsOf derives a ticket's facts.
func FactsOf(t fact.Ticket) Facts {
	f := Facts{Restricted: t.Restricted, Category: t.Category, County: t.County, Unit: t.Unit, Official: t.Official}
	f.add(Filed, tally.DayOf(t.CreateTime), 0)
	if t.Open {
		f.add(Open, 0, 0)
		f.add(Age, tally.DayOf(t.CreateTime), 0)
		if t.Rung > 0 {
			f.add(Rung, 0, t.Rung)
		}
	}
	if !t.AnswerTime.IsZero() {
		f.add(Answered, tally.DayOf(t.AnswerTime), tally.BucketOf(t.WorkingMinutes))
	}
	if !t.CloseTime.IsZero() {
		f.add(Closed, tally.DayOf(t.CloseTime), 0)
	}
	if !t.RateTime.IsZero() {
		f.add(Rated, tally.DayOf(t.RateTime), ratingOf(t).bucket())
	}
	for _, c := range t.Clocks {
		f.clock(c, ticket.Seat{Unit: t.Unit, Official: t.Official})
	}
	f.aside(t)
	return f
}

// add counts something for the holder.
func (f *Facts) add(m Measure, day, bucket int) {
	f.Entries = append(f.Entries, Entry{Measure: m, Day: day, Bucket: bucket, Unit: f.Unit, Official: f.Official})
}

// clock adds the entries of one kind of clock. The filer owes a verification, but it is looked at as the holder's.
func (f *Facts) clock(c fact.Clock, holder ticket.Seat) {
	add := func(m Measure, at time.Time, bucket int, seat ticket.Seat) {
		if c.Kind == ticket.KindVerify {
			seat = holder
		}
		f.Entries = append(f.Entries, Entry{Measure: m, Day: tally.DayOf(at), Bucket: bucket, Unit: seat.Unit, Official: seat.Official})
	}
	if !c.OpenDue.IsZero() {
		add(Due(c.Kind), c.OpenDue, tally.QuarterOf(c.OpenDue), c.Owner)
	}
	if !c.Breach.IsZero() {
		add(Breached(c.Kind), c.Breach, 0, c.BreachBy)
	}
	if !c.Met.IsZero() {
		add(Met(c.Kind), c.Met, 0, c.MetBy)
	}
}

// Cells calls each for every cell the facts add to, with what they add.
func (f Facts) Cells(each func(c Cell, n int64)) {
	for _, e := range f.Entries {
		c := Cell{Day: e.Day, Restricted: f.Restricted, Measure: e.Measure, Bucket: e.Bucket}
		in := func(d Dimension, value string) {
			c.Dimension, c.Value = d, value
			each(c, max(e.Amount, 1))
		}
		in(ByCity, "")
		in(ByUnit, e.Unit)
		if e.Measure != Age { // of many days; nobody asks for it by more than this
			in(ByCategory, f.Category)
			in(ByCounty, f.County)
			in(ByUnitCategory, e.Unit+"/"+f.Category)
		}
		if e.Official != "" {
			in(ByAttendant, e.Official)
		}
		if e.Reason != "" {
			in(ByReason, e.Reason)
			in(ByUnitReason, e.Unit+"/"+e.Reason)
		}
		f.away(e, in)
	}
}

// away adds the cells of what counts for one and lies with another.
func (f Facts) away(e Entry, in func(Dimension, string)) {
	with := ""
	switch {
	case e.Seen == ByNobody:
	case e.Seen == ByHolder && e.Unit != f.Unit:
		with = f.Unit
	default:
		if e.Seen == ByHolder && e.Official != f.Official && e.Official != "" {
			in(AttendantAway, e.Official+"/"+f.Unit)
		}
		return
	}
	in(UnitAway, e.Unit+"/"+with)
	in(UnitCategoryAway, e.Unit+"/"+f.Category+"/"+with)
	if e.Official != "" {
		in(AttendantAway, e.Official+"/"+with)
	}
}

// Rating is what a ticket brings into the three rates.
type Rating struct {
	Verified, Contacted, Solved bool
	Satisfied                   ticket.Satisfaction
}

func ratingOf(t fact.Ticket) Rating { return Rating{t.Verified, t.Contacted, t.Solved, t.Satisfied} }

func (r Rating) bucket() int {
	b := int(r.Satisfied) << 3
	for i, set := range []bool{r.Verified, r.Contacted, r.Solved} {
		if set {
			b |= 1 << i
		}
	}
	return b
}

func ratingIn(bucket int) Rating {
	return Rating{Verified: bucket&1 != 0, Contacted: bucket&2 != 0, Solved: bucket&4 != 0, Satisfied: ticket.Satisfaction(bucket >> 3)}
}
