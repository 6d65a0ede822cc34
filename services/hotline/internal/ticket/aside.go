package ticket

import "time"

// What a ticket has beside its straight way.

// Order is one unit's part of the ticket (工单).
type Order struct {
	Number   int        `json:"n"`
	Unit     string     `json:"u"`
	Lead     bool       `json:"l,omitempty"`  // 主办; 协办 otherwise
	Named    bool       `json:"nm,omitempty"` // a referee named the unit: it cannot return it
	State    OrderState `json:"s"`
	Cycle    int        `json:"cy"`
	Message  string     `json:"m"`           // id of what is asked of the unit
	Reply    string     `json:"r,omitempty"` // id of what the unit reported
	Waiver   string     `json:"w,omitempty"` // id of why it is not waited for
	Official string     `json:"o,omitempty"` // id of who signed for the unit
	From     time.Time  `json:"f"`
	SignTime time.Time  `json:"st,omitzero"`
	To       time.Time  `json:"t,omitzero"` // zero while open
}

// The decisions upon a request. An undecided one has none.
const (
	Granted   = "granted"
	Refused   = "refused"
	Overtaken = "overtaken" // by something that left nothing to decide
)

// Return is a request to hand the ticket, or a work order, back (退单).
type Return struct {
	Number     int       `json:"n"`
	Order      int       `json:"or,omitempty"` // number of the work order; 0 for the ticket itself
	By         Seat      `json:"b"`            // who asks
	Reason     string    `json:"r"`            // code
	Message    string    `json:"m"`            // id of the basis
	Target     string    `json:"tu"`           // unit that should have it
	Time       time.Time `json:"t"`
	Decision   string    `json:"d,omitempty"`
	Decider    string    `json:"db,omitempty"` // id
	Answer     string    `json:"dm,omitempty"` // id of the decision's reason
	DecideTime time.Time `json:"dt,omitzero"`
}

// Extension is a request for more time to answer (延期).
type Extension struct {
	Number     int       `json:"n"`
	By         string    `json:"b"` // id of who asks
	Workdays   int       `json:"w"`
	Message    string    `json:"m"` // id of the reason
	Time       time.Time `json:"t"`
	Decision   string    `json:"d,omitempty"`
	Answer     string    `json:"dm,omitempty"` // id of the decision's reason
	DecideTime time.Time `json:"dt,omitzero"`
}

// The kinds of directive.
const (
	Supervision = "supervise" // 督办
	Instruction = "instruct"  // 批示
)

// Directive is an order, or an instruction, from above.
type Directive struct {
	Kind    string    `json:"k"`
	By      string    `json:"b"` // id
	Message string    `json:"m"` // id of the text
	Time    time.Time `json:"t"`
}

// Dialogue is a filer's request to speak with a leader (直接对话).
type Dialogue struct {
	Number      int           `json:"n"`
	State       DialogueState `json:"s"`
	Topic       string        `json:"m"` // id of the text
	Time        time.Time     `json:"t"`
	Speaker     Seat          `json:"o,omitzero"` // who speaks, or whose it is to take
	Appointment time.Time     `json:"at,omitzero"`
	Mode        string        `json:"md,omitempty"` // phone or in-person
	Reason      string        `json:"r,omitempty"`  // id of why it was declined or handed on
	Record      string        `json:"rec,omitempty"`
	To          time.Time     `json:"e,omitzero"` // held, declined or ended
}

// Why a filer is called back.
const (
	CallbackMajor  = "major"
	CallbackThin   = "thin"
	CallbackSample = "sample"
)

// How a call-back stands.
const (
	CallbackDue         = "due"
	CallbackMissedOnce  = "missed" // one more call follows
	CallbackUnreachable = "unreachable"
	CallbackDone        = "done"
	CallbackOvertaken   = "overtaken" // the filer spoke first, or the ticket closed
)

// Callback is the call to the filer after an answer, by somebody who had no part in it (回访).
type Callback struct {
	Reason   string    `json:"r"`
	State    string    `json:"s"`
	Attempts int       `json:"a,omitempty"` // calls that reached nobody
	Since    time.Time `json:"t"`           // the answer
	Next     time.Time `json:"n,omitzero"`  // no earlier call
}

// Waits reports whether a call is still to be made.
func (c *Callback) Waits() bool {
	return c != nil && (c.State == CallbackDue || c.State == CallbackMissedOnce)
}

// Supervised reports whether the ticket is under supervision.
func (t *Ticket) Supervised() bool {
	for _, d := range t.Directives {
		if d.Kind == Supervision {
			return true
		}
	}
	return false
}

// Order returns a work order by its number, nil when there is none. It is the ticket's own and must not be changed.
func (t *Ticket) Order(number int) *Order {
	if number < 1 || number > len(t.Orders) {
		return nil
	}
	return &t.Orders[number-1]
}

// OrderClock returns the newest clock of a kind of a work order, nil when there is none. It must not be changed.
func (t *Ticket) OrderClock(number int, k Kind) *Clock {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if c := &t.Clocks[i]; c.Kind == k && c.Order == number {
			return c
		}
	}
	return nil
}

// Dialogue returns the dialogue that is still to be held, nil when there is none. It must not be changed.
func (t *Ticket) Dialogue() *Dialogue {
	if n := len(t.Dialogues); n > 0 && t.Dialogues[n-1].State.Open() {
		return &t.Dialogues[n-1]
	}
	return nil
}

// pendingReturn returns the request to hand back that waits for its decision: of a work order, or with 0 of the ticket itself.
func (t *Ticket) pendingReturn(order int) *Return {
	for i := range t.Returns {
		if r := &t.Returns[i]; r.Order == order && r.Decision == "" {
			return r
		}
	}
	return nil
}

// pendingExtension returns the request for more time that waits for its decision.
func (t *Ticket) pendingExtension() *Extension {
	if n := len(t.Extensions); n > 0 && t.Extensions[n-1].Decision == "" {
		return &t.Extensions[n-1]
	}
	return nil
}

// openOrders returns how many work orders are still waited for.
func (t *Ticket) openOrders() (n int) {
	for i := range t.Orders {
		if t.Orders[i].State.Open() {
			n++
		}
	}
	return n
}
