package issue

import (
	"fmt"
	"time"
)

// Issue is a common issue as all events so far have made it. Its JSON is the snapshot stored beside the row; it equals the fold of the
// journal. All times are UTC in whole microseconds.
type Issue struct {
	City       string   `json:"city"`
	ID         string   `json:"id"`
	State      State    `json:"state"`
	Version    int64    `json:"v"`
	Month      string   `json:"month"`
	Lead       string   `json:"lead"`
	Assisting  []string `json:"assist,omitempty"`
	Title      string   `json:"title"` // id of the text whose title it is
	Plan       string   `json:"plan"`  // id of the text whose body it is
	ContentMAC []byte   `json:"mac,omitempty"`

	First   Promise `json:"first"`
	Promise Promise `json:"promise"`
	Missed  int     `json:"missed,omitempty"` // promised instants that had passed when they were fulfilled or replaced

	Request *Request `json:"req,omitempty"`
	// Solved is the lead unit's word since the issue was last opened.
	Solved *Solved `json:"solved,omitempty"`

	CreateTime time.Time `json:"ct"`
	UpdateTime time.Time `json:"ut"`
	CloseTime  time.Time `json:"clt,omitzero"`
	Result     string    `json:"res,omitempty"` // id of the text
}

// Request is what the lead unit asks for.
type Request struct {
	Plan   string    `json:"p,omitempty"`
	Date   string    `json:"d,omitempty"`
	Reason string    `json:"r"`
	By     string    `json:"b"`
	Time   time.Time `json:"t"`
}

// Solved is the report of the lead unit's leader that the issue is solved.
type Solved struct {
	By   string    `json:"b"`
	Time time.Time `json:"t"`
}

// Overdue reports whether the issue is open and its date has passed.
func (i *Issue) Overdue(now time.Time) bool { return i.State.Open() && now.After(i.Promise.Due) }

// MissedBy is how many promised dates had passed by an instant, the present one included.
func (i *Issue) MissedBy(now time.Time) int {
	if i.Overdue(now) {
		return i.Missed + 1
	}
	return i.Missed
}

// Fold makes an issue of its whole history.
func Fold(city, id string, events []Event) (*Issue, error) {
	i := &Issue{City: city, ID: id}
	for _, e := range events {
		if err := i.Apply(e); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// After returns the issue after more events; the issue itself stays as it is.
func (i *Issue) After(events ...Event) (*Issue, error) {
	after := *i
	for _, e := range events {
		if err := after.Apply(e); err != nil {
			return nil, err
		}
	}
	return &after, nil
}

// Apply lets an event happen. It is the only thing that changes an issue, and refuses what no issue's history can hold. After an error the
// issue is of no use. What it points to is replaced, never changed in place.
func (i *Issue) Apply(e Event) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("common issue %s: event %d %s: %s", i.ID, e.Version, e.Body.Type(), fmt.Sprintf(format, args...))
	}
	if e.Version != i.Version+1 {
		return fail("follows version %d", i.Version)
	}
	if _, opening := e.Body.(Opened); opening != (e.Version == 1) {
		return fail("only an opening begins an issue, and once")
	}
	if e.Time.Before(i.UpdateTime) {
		return fail("lies %s before the last event", i.UpdateTime.Sub(e.Time))
	}
	before := i.State
	i.Version, i.UpdateTime = e.Version, e.Time
	if !i.applyBody(e) {
		return fail("is of a type no issue knows")
	}
	if !legal(before, i.State) {
		return fail("no edge leads from %s to %s", before, i.State)
	}
	return nil
}

// applyBody reports whether the body is of a known type.
func (i *Issue) applyBody(e Event) bool {
	switch b := e.Body.(type) {
	case Opened:
		i.State, i.CreateTime = StateOpen, e.Time
		i.Month, i.Lead, i.Assisting, i.ContentMAC = b.Month, b.Lead, b.Assisting, b.ContentMAC
		i.Title, i.Plan, i.First, i.Promise = b.Plan, b.Plan, b.Promise, b.Promise
	case Replanned:
		if b.Plan != "" {
			i.Plan = b.Plan
		}
		if b.Promise != nil {
			i.promise(e.Time, *b.Promise)
		}
		i.Request = nil
	case ReplanRequested:
		i.Request = &Request{Plan: b.Plan, Date: b.Date, Reason: b.Reason, By: e.Actor, Time: e.Time}
	case ReplanRefused:
		i.Request = nil
	case Reported:
		if b.Solved {
			i.Solved = &Solved{By: e.Actor, Time: e.Time}
		}
	case Closed:
		i.Missed = i.MissedBy(e.Time)
		i.State, i.CloseTime, i.Result, i.Request = b.State, e.Time, b.Message, nil
	case Reopened:
		i.promise(e.Time, b.Promise)
		i.State, i.CloseTime, i.Result, i.Solved = StateOpen, time.Time{}, "", nil
	default:
		return false
	}
	return true
}

// promise replaces the date, and counts the old one when it was missed.
func (i *Issue) promise(at time.Time, p Promise) {
	i.Missed = i.MissedBy(at)
	i.Promise = p
}
