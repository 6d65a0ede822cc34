package board

import (
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// Measure is what a cell counts.
type Measure string

// The measures that are not of a kind of clock.
const (
	Open     Measure = "open"     // gauge
	Rung     Measure = "rung"     // gauge: open tickets by highest rung; the bucket is the rung
	Filed    Measure = "filed"    // by day of filing
	Answered Measure = "answered" // by day of the last answer; the bucket is of its working minutes
	Closed   Measure = "closed"   // by day of the close
	Rated    Measure = "rated"    // by day of the last verification or of the close in silence; the bucket is a Rating
)

// Due measures what is owed under a kind of clock, by day and quarter of an hour of its due time.
func Due(k ticket.Kind) Measure { return Measure("due." + k.String()) }

// Met measures the last fulfilment in time of a kind of clock, by its day.
func Met(k ticket.Kind) Measure { return Measure("met." + k.String()) }

// Breached measures the first breach of a kind of clock, by its day.
func Breached(k ticket.Kind) Measure { return Measure("breached." + k.String()) }

// Dimension is what cells are split by.
type Dimension string

// The dimensions.
const (
	ByCity         Dimension = "city" // all of it, under the empty value
	ByUnit         Dimension = "unit"
	ByCategory     Dimension = "category"
	ByCounty       Dimension = "county"
	ByAttendant    Dimension = "attendant"
	ByUnitCategory Dimension = "unit-category" // joined by a slash
)

// Cell is the place of a number within a city.
type Cell struct {
	Day        int // YYYYMMDD of the city's civil day; 0 for a gauge
	Restricted bool
	Measure    Measure
	Dimension  Dimension
	Value      string
	Bucket     int
}

// Facts are what one ticket adds to the board. They are stored with the board, to be taken away again.
type Facts struct {
	Restricted bool    `json:"r,omitempty"`
	Category   string  `json:"c,omitempty"`
	County     string  `json:"n,omitempty"`
	Entries    []Entry `json:"e"`
}

// Entry is one thing counted, with whom it is counted for: the holder, or who owed a clock when it was breached or met.
type Entry struct {
	Measure  Measure `json:"m"`
	Day      int     `json:"d,omitempty"`
	Bucket   int     `json:"b,omitempty"`
	Unit     string  `json:"u,omitempty"`
	Official string  `json:"o,omitempty"`
}

// FactsOf derives a ticket's facts. Days are those of the zone.
func FactsOf(t fact.Ticket, zone *time.Location) Facts {
	f := Facts{Restricted: t.Restricted, Category: t.Category, County: t.County}
	add := func(m Measure, day, bucket int) {
		f.Entries = append(f.Entries, Entry{Measure: m, Day: day, Bucket: bucket, Unit: t.Unit, Official: t.Official})
	}
	add(Filed, dayOf(t.CreateTime, zone), 0)
	if t.Open {
		add(Open, 0, 0)
		if t.Rung > 0 {
			add(Rung, 0, t.Rung)
		}
	}
	if !t.AnswerTime.IsZero() {
		add(Answered, dayOf(t.AnswerTime, zone), minutesBucket(t.WorkingMinutes))
	}
	if !t.CloseTime.IsZero() {
		add(Closed, dayOf(t.CloseTime, zone), 0)
	}
	if !t.RateTime.IsZero() {
		add(Rated, dayOf(t.RateTime, zone), ratingOf(t).bucket())
	}
	for _, c := range t.Clocks {
		f.clock(c, ticket.Seat{Unit: t.Unit, Official: t.Official}, zone)
	}
	return f
}

// clock adds the entries of one kind of clock. The filer owes a verification, but it is looked at as the holder's.
func (f *Facts) clock(c fact.Clock, holder ticket.Seat, zone *time.Location) {
	add := func(m Measure, at time.Time, bucket int, seat ticket.Seat) {
		if c.Kind == ticket.KindVerify {
			seat = holder
		}
		f.Entries = append(f.Entries, Entry{Measure: m, Day: dayOf(at, zone), Bucket: bucket, Unit: seat.Unit, Official: seat.Official})
	}
	if !c.OpenDue.IsZero() {
		add(Due(c.Kind), c.OpenDue, quarterOf(c.OpenDue, zone), c.Owner)
	}
	if !c.Breach.IsZero() {
		add(Breached(c.Kind), c.Breach, 0, c.BreachBy)
	}
	if !c.Met.IsZero() {
		add(Met(c.Kind), c.Met, 0, c.MetBy)
	}
}

// Cells calls each for every cell the facts add one to.
func (f Facts) Cells(each func(Cell)) {
	for _, e := range f.Entries {
		c := Cell{Day: e.Day, Restricted: f.Restricted, Measure: e.Measure, Bucket: e.Bucket}
		in := func(d Dimension, value string) {
			c.Dimension, c.Value = d, value
			each(c)
		}
		in(ByCity, "")
		in(ByUnit, e.Unit)
		in(ByCategory, f.Category)
		in(ByCounty, f.County)
		in(ByUnitCategory, e.Unit+"/"+f.Category)
		if e.Official != "" {
			in(ByAttendant, e.Official)
		}
	}
}

// DayOf is the civil day on which an instant lies where it was read, as cells and periods write it.
func DayOf(t time.Time) int { return dayOf(t, t.Location()) }

// dayOf writes a civil day as a number that sorts.
func dayOf(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return y*10000 + int(m)*100 + d
}

// startOf is the first instant of a civil day.
func startOf(day int, zone *time.Location) time.Time {
	return time.Date(day/10000, time.Month(day/100%100), day%100, 0, 0, 0, 0, zone)
}

// quarter is how finely due times are counted.
const quarter = 15 * time.Minute

// quarterOf numbers the quarter of an hour that ends at or after an instant, within its civil day: 0 for midnight itself, 96
// for the last.
func quarterOf(t time.Time, zone *time.Location) int {
	since := t.Sub(startOf(dayOf(t, zone), zone))
	return int((since + quarter - 1) / quarter)
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

// String helps to read a difference found by Check.
func (c Cell) String() string {
	return fmt.Sprintf("%s by %s %q on %d, bucket %d, restricted %t", c.Measure, c.Dimension, c.Value, c.Day, c.Bucket, c.Restricted)
}
