package casefile

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// LineCount is how far the reports of a department's system on an item have come in one attempt. It outlives the attempt: a report that comes again is known
// for ever.
type LineCount struct {
	System  string `json:"s"`
	Attempt int    `json:"a"`
	Count   int64  `json:"c"`
}

// Reported returns the count of the last report of a department's system on the item in an attempt; 0 before the first.
func (i *Item) Reported(system string, attempt int) int64 {
	for _, l := range i.Lines {
		if l.System == system && l.Attempt == attempt {
			return l.Count
		}
	}
	return 0
}

// count takes the report that an event comes from: the next one, or the last again when one report makes several events.
func (c *Case) count(r *agencyv1.LineReport) bool {
	i := c.Item(r.GetItem())
	if i == nil || r.GetSystem() == "" {
		return false
	}
	last := i.Reported(r.GetSystem(), i.Attempt)
	if r.GetSequence() == last && last > 0 {
		return true
	}
	lines := slices.DeleteFunc(slices.Clone(i.Lines), func(l LineCount) bool { return l.System == r.GetSystem() && l.Attempt == i.Attempt })
	i.Lines = append(lines, LineCount{r.GetSystem(), i.Attempt, r.GetSequence()})
	return r.GetSequence() == last+1
}

// NoteReport counts a department's report of a verb that has nothing left to do: a clerk did it by hand, or its time had come. Without that a late report
// would be refused for ever, and all that follow it would wait for ever.
func (c *Case) NoteReport(ctx Context, item string, of Verb) ([]Event, error) {
	d, i, err := c.enterItem(VerbNoteReport, ctx, item)
	if err != nil {
		return nil, err
	}
	if !i.past(of) {
		return nil, ErrItemStateForbids.With("state", i.State.String()).With("verb", string(of))
	}
	d.emit(&agencyv1.ReportNoted{Item: item})
	return d.finish()
}

// past reports whether the item is where a verb would lead, or beyond. Only what can be done by time, or is a step on the way, is ever past; a decision that
// differs from what a clerk wrote is for people to clear up.
func (i *Item) past(v Verb) bool {
	at := i.State
	if at == WithdrawalPending {
		at = i.Before
	}
	switch v {
	case VerbAccept:
		return !i.AcceptTime.IsZero()
	case VerbTakeOn:
		return !i.AcceptTime.IsZero() && at != WindowAccepted
	case VerbEndProcedure:
		return at == ProcedureEnded
	case VerbConfirmWithdrawal:
		return at == Withdrawn
	default:
		return false
	}
}
