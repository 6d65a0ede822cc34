package recompute

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// History is the answer of GET …/events for a ticket, and the policy that binds it.
type History struct {
	Ticket string // the last part of its name, as events refer to it
	Events []byte
	Policy Policy
}

// All tells how tickets must stand at an instant, in the order of their histories. What is still owed of a ticket that was merged
// into another is owed there not later, so a history that absorbed a ticket needs the other's beside it.
func All(histories []History, asOf time.Time) ([]Ticket, error) {
	all := map[string]*recount{}
	done := map[string]Ticket{}
	judge := func(id string) Ticket {
		t, judged := done[id]
		if !judged {
			t = all[id].ticket() // ends: a ticket goes into an earlier one
			done[id] = t
		}
		return t
	}
	merged := func(id string) *recount {
		if all[id] != nil {
			judge(id)
		}
		return all[id]
	}
	for _, h := range histories {
		var list struct{ Events []event }
		if err := json.Unmarshal(h.Events, &list); err != nil {
			return nil, fmt.Errorf("history of %s: %w", h.Ticket, err)
		}
		all[h.Ticket] = &recount{policy: h.Policy, asOf: asOf, events: list.Events, cycle: 1, merged: merged}
	}
	out := make([]Ticket, len(histories))
	for i, h := range histories {
		out[i] = judge(h.Ticket)
		if err := all[h.Ticket].err; err != nil {
			return nil, fmt.Errorf("history of %s: %w", h.Ticket, err)
		}
	}
	return out, nil
}

// standing is how a clock stood at some instant.
type standing struct {
	at     time.Time
	paused bool
	wait   time.Time // since when, if it is paused
	limit  string
}

// absorb makes a clock due not later than the one of its kind in a ticket that is merged into this one: what was left of that, counted on from
// now, or from where this clock stands still.
func (r *recount) absorb(c *Clock, here standing, ticket string, now time.Time) {
	if r.merged == nil || c.Kind != "CONTACT" && c.Kind != "ANSWER" {
		return
	}
	other := r.merged(ticket)
	if other == nil {
		r.err = fmt.Errorf("ticket %s was merged into it, and its history is missing", ticket)
		return
	}
	last := -1
	for i, theirs := range other.clocks {
		if theirs.Kind == c.Kind {
			last = i
		}
	}
	if last < 0 {
		return
	}
	theirs, there := other.clocks[last], other.ended[last]
	if theirs.State != "ENDED" || !there.at.Equal(now) { // fulfilled, or overdue: nothing is owed in time
		return
	}
	most := theirs.Due
	if there.paused || here.paused {
		since, from := now, now
		if there.paused {
			since = there.wait
		}
		if here.paused {
			from = later(here.wait, c.Start)
		}
		most = from.Add(theirs.Due.Sub(since))
		if strings.Contains(there.limit, "work") {
			most, _ = addWork(from, between(since, theirs.Due))
		} else if strings.HasSuffix(there.limit, "roll") {
			most, _ = roll(most)
		}
	}
	if most.Before(c.Due) {
		c.Due = most
	}
}
