package issue

import "time"

// Event is one entry of an issue's history.
type Event struct {
	Version int64 // 1 for the opening, without gaps
	Time    time.Time
	Actor   string // id of a person
	Body    Body
}

// Body is what happened: one of the types below.
type Body interface {
	// Type returns the short name the journal and the timeline use.
	Type() string
}

// Promise is the day by which something is to be done. Its JSON is part of the snapshot.
type Promise struct {
	Date          string    `json:"d"` // civil day
	Due           time.Time `json:"t"` // when that day's work ends
	Provisional   bool      `json:"p,omitempty"`
	ConfigVersion int64     `json:"cfg"`
}

// Opened begins an issue.
type Opened struct {
	Month      string
	Lead       string
	Assisting  []string
	Promise    Promise
	Plan       string // id of the text with title and plan
	ContentMAC []byte
}

// Replanned changes what was promised.
type Replanned struct {
	Plan        string   // id of the text; empty when the plan stays
	Promise     *Promise // nil when the date stays
	Reason      string
	RequestedBy string // id of the person of the lead unit; empty when the office decided by itself
}

// ReplanRequested asks for another plan or date.
type ReplanRequested struct {
	Plan   string
	Date   string
	Reason string
}

// ReplanRefused leaves everything as it was.
type ReplanRefused struct{ Reason string }

// Reported is progress.
type Reported struct {
	Message string
	Unit    string
	Solved  bool
}

// Closed ends an issue.
type Closed struct {
	State   State
	Message string
}

// Reopened opens an issue again.
type Reopened struct {
	Message string
	Promise Promise
}

// Type returns "opened".
func (Opened) Type() string { return "opened" }

// Type returns "replanned".
func (Replanned) Type() string { return "replanned" }

// Type returns "replan_requested".
func (ReplanRequested) Type() string { return "replan_requested" }

// Type returns "replan_refused".
func (ReplanRefused) Type() string { return "replan_refused" }

// Type returns "reported".
func (Reported) Type() string { return "reported" }

// Type returns "closed".
func (Closed) Type() string { return "closed" }

// Type returns "reopened".
func (Reopened) Type() string { return "reopened" }
