package ticket

import "time"

// The events beside the straight way.

// OrderCreated gives a unit a part.
type OrderCreated struct {
	Order   int
	Unit    string
	Lead    bool
	Message string
	Named   bool // by a referee
}

// OrderSigned is a unit's signature.
type OrderSigned struct {
	Order int
}

// OrderFinished is a unit's report.
type OrderFinished struct {
	Order   int
	Message string
}

// OrderWaived lets the ticket be answered without a part.
type OrderWaived struct {
	Order   int
	Message string
}

// ReturnRequested asks to hand back.
type ReturnRequested struct {
	Return  int // number
	Order   int // 0 for the ticket itself
	Reason  string
	Message string
	Target  string
}

// ReturnDecided ends a request to hand back.
type ReturnDecided struct {
	Return   int // number
	Decision string
	Message  string
	Unit     string // that has it from now on
}

// Recalled takes a ticket from its holder back into the desk's queue.
type Recalled struct {
	Cause    string // CauseReturn, CauseConflict or CauseHandover
	Proposal int64
	Official string // who had it
}

// HandedOver gives a ticket from its holder to another.
type HandedOver struct {
	Unit     string
	Official string
	Reason   string // handover, leave, dismissed
	Proposal int64
	From     string
}

// ExtensionRequested asks for more time.
type ExtensionRequested struct {
	Extension int // number
	Workdays  int
	Message   string
}

// ExtensionDecided ends a request for more time.
type ExtensionDecided struct {
	Extension int // number
	Decision  string
	Message   string
}

// Supervised is an order of supervision.
type Supervised struct {
	Message string
}

// Instructed is an instruction.
type Instructed struct {
	Message string
}

// Absorbed takes in a later ticket about the same.
type Absorbed struct {
	Ticket string // id
}

// ConflictNamed names who a ticket is about.
type ConflictNamed struct {
	Conflict
}

// DialogueRequested asks to speak with a leader.
type DialogueRequested struct {
	Dialogue int // number
	Message  string
}

// DialogueTaken says who will speak, when and how.
type DialogueTaken struct {
	Dialogue    int
	Speaker     Seat
	Appointment time.Time
	Mode        string
}

// DialogueDeclined ends it with a reason.
type DialogueDeclined struct {
	Dialogue int
	Message  string
}

// DialogueHandedOn gives it to somebody else to take.
type DialogueHandedOn struct {
	Dialogue int
	Speaker  Seat
	Message  string
}

// DialogueHeld ends it with its record.
type DialogueHeld struct {
	Dialogue int
	Message  string
	Mode     string
}

// CallbackMissed is a call that reached nobody.
type CallbackMissed struct {
	Attempt int
	Next    time.Time // no earlier call; zero when it was the last
}

// Type returns "order_created".
func (OrderCreated) Type() string { return "order_created" }

// Type returns "order_signed".
func (OrderSigned) Type() string { return "order_signed" }

// Type returns "order_finished".
func (OrderFinished) Type() string { return "order_finished" }

// Type returns "order_waived".
func (OrderWaived) Type() string { return "order_waived" }

// Type returns "return_requested".
func (ReturnRequested) Type() string { return "return_requested" }

// Type returns "return_decided".
func (ReturnDecided) Type() string { return "return_decided" }

// Type returns "recalled".
func (Recalled) Type() string { return "recalled" }

// Type returns "handed_over".
func (HandedOver) Type() string { return "handed_over" }

// Type returns "extension_requested".
func (ExtensionRequested) Type() string { return "extension_requested" }

// Type returns "extension_decided".
func (ExtensionDecided) Type() string { return "extension_decided" }

// Type returns "supervised".
func (Supervised) Type() string { return "supervised" }

// Type returns "instructed".
func (Instructed) Type() string { return "instructed" }

// Type returns "absorbed".
func (Absorbed) Type() string { return "absorbed" }

// Type returns "conflict_named".
func (ConflictNamed) Type() string { return "conflict_named" }

// Type returns "dialogue_requested".
func (DialogueRequested) Type() string { return "dialogue_requested" }

// Type returns "dialogue_taken".
func (DialogueTaken) Type() string { return "dialogue_taken" }

// Type returns "dialogue_declined".
func (DialogueDeclined) Type() string { return "dialogue_declined" }

// Type returns "dialogue_handed_on".
func (DialogueHandedOn) Type() string { return "dialogue_handed_on" }

// Type returns "dialogue_held".
func (DialogueHeld) Type() string { return "dialogue_held" }

// Type returns "callback_missed".
func (CallbackMissed) Type() string { return "callback_missed" }
