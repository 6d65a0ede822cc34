package board

import (
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Viewer is what somebody may see: their numbers are sums over what they may list.
type Viewer struct {
	All   bool
	Units []string // these units, no others, when not All
}

// View is a board as a viewer sees it.
type View struct {
	AsOf        time.Time
	OverdueAsOf time.Time     // overdue is what was due not later than this
	Behind      time.Duration // how long the oldest event that is not folded has been waiting
	Period      tally.Period
	Total       Group
	Stages      []Group
	Units       []Group
	Counties    []Group // none for who does not see the city
	Items       []Group
}

// Sections are all groups of a board by their names in the contract; the total is a section of its own.
func (v *View) Sections() map[string][]Group {
	return map[string][]Group{"total": {v.Total}, "stages": v.Stages, "units": v.Units, "counties": v.Counties, "items": v.Items}
}

// Count is a number and the filter of a list that lists exactly what is behind it. The zero value is no number.
type Count struct {
	N      int64
	Filter string
	List   List
}

// List is the list in which what is behind a number is found.
type List int

// The lists, numbered as in the contract.
const (
	Cases List = iota + 1
	Items
	Commitments
)

// Group is the numbers of one part of a city.
type Group struct {
	Key        string
	Cases      *CaseCounts // nil for who does not see the city, and where cases are not counted by that
	Items      ItemCounts
	Tolerances *CommitmentCounts // nil where commitments are not counted by that
	Promises   *CommitmentCounts
}

// CaseCounts is how cases stand and what became of them. By stage there is only how they stand.
type CaseCounts struct {
	Open, Applied, Opened, Completed, Declined, Closed, Raised, TicketOpen Count
	Saved, Planned                                                         int64 // workdays
}

// ItemCounts is how items stand and what became of them.
type ItemCounts struct {
	States                                []StateCount
	Promised, Statutory                   DeadlineCounts
	CriticalLate, Stuck                   Count
	Decided, InTime                       Count
	P50Workdays, P90Workdays, P50Promised int64
	Corrections, Deemed                   Count
}

// StateCount is how many items are in a state.
type StateCount struct {
	State casefile.ItemState
	Count
}

// DeadlineCounts is how one kind of limit stands.
type DeadlineCounts struct{ Overdue, DueToday, DueTomorrow Count }

// CommitmentCounts is how one kind of commitment stands and what became of them.
type CommitmentCounts struct{ Outstanding, DueThisWeek, Overdue, Kept, Broken Count }

// Number is one of a group's counts under the name of its place in the contract.
type Number struct {
	Name string
	Count
}

// Numbers are all counts of a group, each with its list.
func (g *Group) Numbers() []Number {
	var out []Number
	add := func(name string, c Count) {
		if c.List != 0 {
			out = append(out, Number{name, c})
		}
	}
	if c := g.Cases; c != nil {
		add("cases.open", c.Open)
		add("cases.applied", c.Applied)
		add("cases.opened", c.Opened)
		add("cases.completed", c.Completed)
		add("cases.declined", c.Declined)
		add("cases.closed", c.Closed)
		add("cases.raised", c.Raised)
		add("cases.ticketOpen", c.TicketOpen)
	}
	i := &g.Items
	for _, s := range i.States {
		add("items.states."+s.State.String(), s.Count)
	}
	for name, d := range map[string]DeadlineCounts{"items.promised.": i.Promised, "items.statutory.": i.Statutory} {
		add(name+"overdue", d.Overdue)
		add(name+"dueToday", d.DueToday)
		add(name+"dueTomorrow", d.DueTomorrow)
	}
	add("items.criticalLate", i.CriticalLate)
	add("items.stuck", i.Stuck)
	add("items.decided.decided", i.Decided)
	add("items.decided.inTime", i.InTime)
	add("items.corrections", i.Corrections)
	add("items.deemed", i.Deemed)
	for name, c := range map[string]*CommitmentCounts{"tolerances.": g.Tolerances, "promises.": g.Promises} {
		if c != nil {
			add(name+"outstanding", c.Outstanding)
			add(name+"dueThisWeek", c.DueThisWeek)
			add(name+"overdue", c.Overdue)
			add(name+"kept", c.Kept)
			add(name+"broken", c.Broken)
		}
	}
	return out
}
