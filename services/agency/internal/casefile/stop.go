package casefile

import (
	"slices"
	"time"
)

// Stop is a stretch during which limits stand still: whose doing it is and what for. Explanations name it, and what a special procedure may take is
// counted by it.
type Stop struct {
	Item    string    `json:"i"`
	Attempt int       `json:"a"`
	Number  int       `json:"n,omitempty"` // of the commitment that stands still; 0 when the unit's limits do
	Cause   string    `json:"c"`           // one of the causes below, or the special procedure
	By      string    `json:"by"`          // as the journal names who caused it
	From    time.Time `json:"f"`
	To      time.Time `json:"t,omitzero"`
}

// Causes of a stop beside the special procedures.
const (
	StopCorrection = "correction" // the enterprise corrects
	StopMoreTime   = "more-time"  // the unit decides about a wish for more time
)

// stop begins one.
func (c *Case) stop(e Event, i *Item, cause string, number int) {
	c.Stops = append(c.Stops, Stop{Item: i.Def.Code, Attempt: i.Attempt, Number: number, Cause: cause, By: e.Actor, From: e.Time})
}

// endStops ends those whose cause is over.
func (c *Case) endStops(at time.Time) {
	for n := range c.Stops {
		if s := &c.Stops[n]; s.To.IsZero() && !c.stands(*s) {
			s.To = at
		}
	}
}

// stands reports whether the cause of a stop lasts. A wish to withdraw does not end a correction.
func (c *Case) stands(s Stop) bool {
	i := c.Item(s.Item)
	switch {
	case i == nil || i.Attempt != s.Attempt:
		return false
	case s.Cause == StopMoreTime:
		k := c.Commitment(s.Number)
		return k != nil && k.Waits()
	case s.Cause == StopCorrection:
		return i.State == CorrectionOpen || i.State == WithdrawalPending && i.Before == CorrectionOpen
	default:
		return i.State == ProcedureOpen
	}
}

// stopOf returns the stop during which a clock stood still from an instant on; false when none is known.
func (c *Case) stopOf(k Clock, from time.Time) (Stop, bool) {
	number := 0
	if k.Kind == KindCommitment || k.Kind == KindFulfil {
		number = k.Number
	}
	n := slices.IndexFunc(c.Stops, func(s Stop) bool {
		return s.Item == k.Item && s.Attempt == k.Attempt && s.Number == number && s.From.Equal(from) && (s.To.IsZero() || s.To.After(from))
	})
	if n < 0 {
		return Stop{}, false
	}
	return c.Stops[n], true
}
