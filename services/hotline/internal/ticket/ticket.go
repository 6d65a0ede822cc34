package ticket

import "time"

// Ticket is what an enterprise filed, as all events so far have made it. Its JSON is the snapshot stored beside the row; it
// equals the fold of the journal. All times are UTC in whole microseconds.
type Ticket struct {
	City          string `json:"city"`
	ID            string `json:"id"`
	Number        string `json:"no"`
	State         State  `json:"state"`
	Version       int64  `json:"v"`
	ConfigVersion int64  `json:"cfg"` // filed under

	Filer               string  `json:"filer,omitempty"` // id; empty for a caller who has not claimed it
	FiledBy             string  `json:"by,omitempty"`    // id of the dispatcher who filed for a caller
	Enterprise          string  `json:"ent,omitempty"`
	Project             string  `json:"prj,omitempty"`
	MembershipConfirmed bool    `json:"member,omitempty"`
	Category            string  `json:"cat,omitempty"`
	AppealType          string  `json:"type,omitempty"`
	Urgency             Urgency `json:"urg"`
	Channel             string  `json:"ch"`
	County              string  `json:"county,omitempty"`
	Restricted          bool    `json:"restr,omitempty"` // confidential, or somebody is kept out
	Confidential        bool    `json:"conf,omitempty"`  // filer, enterprise, project and county are not in here
	Source              string  `json:"src,omitempty"`   // visits/… or cases/…
	InvestmentAtRisk    int64   `json:"inv,omitempty"`   // in fen
	JobsAtRisk          int     `json:"jobs,omitempty"`
	ContentMAC          []byte  `json:"mac,omitempty"`
	Erased              bool    `json:"erased,omitempty"`
	Attachments         int     `json:"files,omitempty"` // how many there are

	Unit     string    `json:"unit"`               // of the holder; the desk's while FILED
	Official string    `json:"official,omitempty"` // id of the holder; empty while FILED
	Holdings []Holding `json:"held"`
	Routing  *Routing  `json:"route,omitempty"`
	// RouteVersion is the last version at which the question of who holds the ticket came up or was settled: a proposal that
	// answers an older one comes too late.
	RouteVersion int64 `json:"rv"`
	Proposal     int64 `json:"prop,omitempty"` // the highest position of a proposal taken or refused

	Clocks      []Clock   `json:"clocks"` // by number
	Away        []Absence `json:"away,omitempty"`
	Rung        int       `json:"rung,omitempty"` // the highest reached; 0 for none
	Accountable Seat      `json:"acc,omitzero"`   // since the highest rung
	Cycle       int       `json:"cycle"`
	Questions   int       `json:"asked,omitempty"`    // in this cycle
	Reopens     int       `json:"reopened,omitempty"` // by the filer

	CreateTime   time.Time `json:"ct"`
	UpdateTime   time.Time `json:"ut"`
	DispatchTime time.Time `json:"dt,omitzero"`  // to the present holder
	SignTime     time.Time `json:"st,omitzero"`  // by the present holder
	ContactTime  time.Time `json:"cot,omitzero"` // last claimed, in this cycle
	CloseTime    time.Time `json:"clt,omitzero"`

	CloseReason      CloseReason   `json:"close,omitempty"`
	Waiting          *Waiting      `json:"wait,omitempty"`
	LastAnswer       *Answer       `json:"ans,omitempty"`
	LastVerification *Verification `json:"ver,omitempty"`
	Rejection        *Rejection    `json:"rej,omitempty"` // proposed, or what it was closed with
	Reminders        []time.Time   `json:"rem,omitempty"` // to verify, as planned at the answer
	Reminded         int           `json:"remd,omitempty"`

	Conflict   Conflict    `json:"coi,omitzero"`
	Orders     []Order     `json:"ord,omitempty"` // by number
	Returns    []Return    `json:"ret,omitempty"` // by number
	Extensions []Extension `json:"ext,omitempty"` // by number
	Directives []Directive `json:"dir,omitempty"` // oldest first
	MergedInto string      `json:"into,omitempty"`
	Merged     []string    `json:"mrg,omitempty"` // ids of those merged into it
	Dialogues  []Dialogue  `json:"dlg,omitempty"` // by number
	Callback   *Callback   `json:"cb,omitempty"`  // of this cycle
	Issue      string      `json:"iss,omitempty"` // id of the common issue it is part of
}

// Seat is an official in a unit. Official is empty when a unit as such is meant.
type Seat struct {
	Unit     string `json:"u,omitempty"`
	Official string `json:"o,omitempty"`
}

// Holding is one stretch with one holder. The desk's is the first.
type Holding struct {
	Seat
	From  time.Time `json:"f"`
	To    time.Time `json:"t,omitzero"`  // zero while held
	Named bool      `json:"n,omitempty"` // a referee named the unit: it cannot return
}

// Absence is a stretch in which not the holder but the filer, or nobody, had to act: WAITING, ANSWERED or CLOSED.
type Absence struct {
	State State     `json:"s"`
	From  time.Time `json:"f"`
	To    time.Time `json:"t,omitzero"` // zero while it lasts
}

// Routing is why a ticket has the holder it has.
type Routing struct {
	Reason string    `json:"r"` // project-attendant, enterprise-attendant, deputy, least-loaded, dispatcher, referee, handover, leave, dismissed
	By     string    `json:"b"` // routing, dispatcher or referee
	Time   time.Time `json:"t"`
}

// Waiting is a question that waits for its reply.
type Waiting struct {
	Message string    `json:"m"` // id of the question
	Since   time.Time `json:"s"`
	Until   time.Time `json:"u"` // then the clocks go on by themselves
}

// Answer is the holder's closing act.
type Answer struct {
	Seat
	Outcome        Outcome   `json:"r"`
	Message        string    `json:"m"` // id of the text
	Thin           bool      `json:"thin,omitempty"`
	Time           time.Time `json:"t"`
	WorkingSeconds int64     `json:"w"` // from filing, waiting left out
}

// Verification is the filer's word.
type Verification struct {
	Contacted bool         `json:"c,omitempty"`
	Solved    bool         `json:"s,omitempty"`
	Satisfied Satisfaction `json:"sat"`
	Message   string       `json:"m,omitempty"` // id of the comment
	Callback  bool         `json:"cb,omitempty"`
	Time      time.Time    `json:"t"`
}

// Rejection is a dispatcher's proposal not to accept a ticket.
type Rejection struct {
	Route   string    `json:"r"` // the lawful route
	Message string    `json:"m"` // id of the reason
	By      string    `json:"b"` // id of the dispatcher
	Time    time.Time `json:"t"`
}

// OnDesk reports whether the ticket lies on its holder's open desk.
func (t *Ticket) OnDesk() bool {
	return t.State == StateDispatched || t.State == StateInProgress || t.State == StateWaiting
}

// Clock returns the newest clock of a kind, nil when there is none. It is the ticket's own and must not be changed.
func (t *Ticket) Clock(k Kind) *Clock {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if t.Clocks[i].Kind == k {
			return &t.Clocks[i]
		}
	}
	return nil
}

// DueTime returns the earliest due time of what is still owed, overdue or not; zero when nothing is. A paused clock has none. What units owe
// under work orders is the orders' own.
func (t *Ticket) DueTime() time.Time {
	var due time.Time
	for i := range t.Clocks {
		if c := &t.Clocks[i]; c.Owed() && c.Order == 0 && c.State != Paused && (due.IsZero() || c.Due.Before(due)) {
			due = c.Due
		}
	}
	return due
}

// Provisional reports whether a clock that has not been decided yet may move when an official calendar comes.
func (t *Ticket) Provisional() bool {
	for i := range t.Clocks {
		if t.Clocks[i].movable() {
			return true
		}
	}
	return false
}

// HeldBy reports whether a person holds the ticket or ever held it.
func (t *Ticket) HeldBy(person string) bool {
	if person == "" {
		return false
	}
	for _, h := range t.Holdings {
		if h.Official == person {
			return true
		}
	}
	return false
}

// clone copies everything that Apply changes in place.
func (t *Ticket) clone() *Ticket {
	c := *t
	c.Clocks = append([]Clock(nil), t.Clocks...)
	c.Holdings = append([]Holding(nil), t.Holdings...)
	c.Away = append([]Absence(nil), t.Away...)
	c.Orders = append([]Order(nil), t.Orders...)
	c.Returns = append([]Return(nil), t.Returns...)
	c.Extensions = append([]Extension(nil), t.Extensions...)
	c.Dialogues = append([]Dialogue(nil), t.Dialogues...)
	c.Directives = append([]Directive(nil), t.Directives...)
	c.Merged = append([]string(nil), t.Merged...)
	if t.Callback != nil {
		callback := *t.Callback
		c.Callback = &callback
	}
	return &c
}
