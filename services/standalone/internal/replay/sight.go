package replay

import (
	"slices"
	"strings"
	"time"
)

// sight is what is read of a ticket to know what can come next.
type sight struct {
	Name, Number, State, Holder, CloseReason string
	Cycle, Rung                              int
	Confidential                             bool
	CreateTime                               time.Time
	AnswerTime                               *time.Time
	MergedInto                               string
	ConflictUnits, ConflictOfficials         []string
	Clocks                                   []struct {
		Kind, State string
		DueTime     time.Time
	}
	WorkOrders []struct {
		Name, State, Unit string
		Lead              bool
		CreateTime        time.Time
	}
	ReturnRequests []struct {
		Number, WorkOrder int
		Unit, Decision    string
	}
	ExtensionRequests []struct {
		Number   int
		Decision string
	}
	Dialogues  []struct{ State string }
	Directives []struct{ Kind string }
	Waiting    *struct{ UntilTime time.Time }
	Rejection  *struct{ Route, By string }
	Callback   *struct {
		Attempts int
		NextTime *time.Time
	}
}

// last is the part of a resource's name that is its own.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// order is the number of the first work order in one of some states, as an index; -1 for none.
func (t *sight) order(states ...string) int {
	for i, o := range t.WorkOrders {
		if slices.Contains(states, o.State) {
			return i
		}
	}
	return -1
}

// toFinish is a signed order whose unit may finish: the lead finishes last.
func (t *sight) toFinish() int {
	open := 0
	for _, o := range t.WorkOrders {
		if o.State == "SENT" || o.State == "SIGNED" {
			open++
		}
	}
	for i, o := range t.WorkOrders {
		if o.State == "SIGNED" && (!o.Lead || open == 1) {
			return i
		}
	}
	return -1
}

// pendingReturn is a request to hand back that waits, of the ticket or of an order; -1 for none.
func (t *sight) pendingReturn(ofTicket bool) int {
	for i, r := range t.ReturnRequests {
		if r.Decision == "" && (!ofTicket || r.WorkOrder == 0) {
			return i
		}
	}
	return -1
}

// pendingExtension is a request for more time that waits; -1 for none.
func (t *sight) pendingExtension() int {
	for i, x := range t.ExtensionRequests {
		if x.Decision == "" {
			return i
		}
	}
	return -1
}

// dialogue tells whether one is asked for or appointed.
func (t *sight) dialogue() bool {
	n := len(t.Dialogues)
	return n > 0 && (t.Dialogues[n-1].State == "REQUESTED" || t.Dialogues[n-1].State == "TAKEN")
}

// out tells whether a unit is kept out.
func (t *sight) out(unit string) bool {
	return slices.ContainsFunc(t.ConflictUnits, func(u string) bool { return last(u) == unit })
}

// due is the present clock of a kind.
func (t *sight) due(kind string) (due time.Time, state string) {
	for _, c := range t.Clocks {
		if c.Kind == kind {
			due, state = c.DueTime, c.State
		}
	}
	return due, state
}

// next is when the first of what is owed in time falls due, after an instant; zero when nothing does.
func (t *sight) next(after time.Time) (next time.Time) {
	for _, c := range t.Clocks {
		if c.State == "RUNNING" && c.DueTime.After(after) && (next.IsZero() || c.DueTime.Before(next)) {
			next = c.DueTime
		}
	}
	return next
}
