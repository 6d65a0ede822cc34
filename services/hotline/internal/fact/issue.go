package fact

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
)

// Issue is what is counted of one common issue. Whether it is overdue at an instant is DueTime compared with it, while Open. How many
// tickets are part of it is a count of tickets (Ticket.Issue), for what a viewer may list of them.
type Issue struct {
	State        issue.State
	Open         bool
	Month        string
	Lead         string
	Units        []string // lead and assisting
	Missed       int      // promised dates that had passed when they were fulfilled or replaced
	CreateTime   time.Time
	UpdateTime   time.Time
	DueTime      time.Time
	FirstDueTime time.Time
	CloseTime    time.Time // zero while open
}

// OfIssue derives the facts of a common issue.
func OfIssue(i *issue.Issue) Issue {
	return Issue{State: i.State, Open: i.State.Open(), Month: i.Month, Lead: i.Lead, Units: i.Units(), Missed: i.Missed,
		CreateTime: i.CreateTime, UpdateTime: i.UpdateTime, DueTime: i.Promise.Due, FirstDueTime: i.First.Due, CloseTime: i.CloseTime}
}
