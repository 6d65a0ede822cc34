package ticket

import "time"

// Event is one entry of a ticket's history: what happened and what it did to the clocks.
type Event struct {
	Version int64 // 1 for the filing, without gaps
	Time    time.Time
	Actor   string  // id of a person, services/… or system/…
	Body    Body    // what happened
	Clocks  []Clock // every clock it started or changed, whole, as it is afterwards
}

// Body is what happened: one of the types below.
type Body interface {
	// Type returns the short name the journal and the timeline use.
	Type() string
}

// Filed begins a ticket.
type Filed struct {
	Number              string
	Filer               string
	FiledBy             string
	Enterprise          string
	Project             string
	MembershipConfirmed bool
	Category            string
	AppealType          string
	Urgency             Urgency
	Channel             string
	County              string
	ConfigVersion       int64
	DeskUnit            string
	ContentMAC          []byte
	Restricted          bool
	Confidential        bool
	Conflict            Conflict
	Source              string
	InvestmentAtRisk    int64
	JobsAtRisk          int
}

// Dispatched gives a ticket to a holder.
type Dispatched struct {
	Unit     string
	Official string
	Reason   string
	Proposal int64 // position of the proposal taken; 0 for a dispatcher
	Named    bool  // by a referee
}

// RouteRefused gives a claim back.
type RouteRefused struct {
	Proposal int64
	Official string
	Reason   string // not-filed, changed, unknown-official, conflict
}

// Signed is the holder's signature.
type Signed struct{}

// Contacted is a contact the holder claims.
type Contacted struct {
	Channel string
	Message string
}

// Asked pauses the answer clock.
type Asked struct {
	Message string
	Until   time.Time
}

// Resumed lets the clocks go on.
type Resumed struct {
	Message string // empty when the bound ended the wait
	Cause   string // CauseReply, CauseBound or CauseRecall
}

// The causes of Resumed, Reopened and Recalled.
const (
	CauseReply        = "reply"
	CauseBound        = "bound"
	CauseRecall       = "recall" // the ticket left its holder
	CauseReturn       = "return"
	CauseConflict     = "conflict"
	CauseHandover     = "handover"
	CauseFiler        = "filer"
	CauseVerification = "verification"
)

// Answered is the holder's closing act.
type Answered struct {
	Outcome        Outcome
	Message        string
	Thin           bool
	WorkingSeconds int64
	Reminders      []time.Time
	Callback       string // why the filer is called back; empty when not
}

// Verified is the filer's word.
type Verified struct {
	Contacted bool
	Solved    bool
	Satisfied Satisfaction
	Message   string
	Callback  bool
}

// Reopened begins another cycle.
type Reopened struct {
	Cause   string // CauseVerification or CauseFiler
	Message string
	Cycle   int
}

// Closed ends a ticket.
type Closed struct {
	Reason  CloseReason
	Message string
	Into    string // id of the ticket it was merged into
}

// MessageWritten is a word between filer, holder and desk.
type MessageWritten struct {
	Message string
	Author  Author
}

// ClockWarned reached a share of the working time.
type ClockWarned struct{ Clock int }

// ClockBreached passed due.
type ClockBreached struct{ Clock int }

// RungReached is a step of the ladder.
type RungReached struct {
	Clock int // 0 for a verification that was not satisfied
	Rung  int
	Seat  Seat // accountable from now on
}

// VerifyReminded is a reminder to verify, from 1.
type VerifyReminded struct{ Reminder int }

// RejectionProposed waits for a second person.
type RejectionProposed struct {
	Route   string
	Message string
}

// RejectionDropped ends a proposal that was overtaken.
type RejectionDropped struct{}

// DeadlinesRecomputed follows a notice that made a projected year official.
type DeadlinesRecomputed struct{ ConfigVersion int64 }

// Claimed names the caller for whom a ticket was filed.
type Claimed struct{ Filer string }

// ClocksBegan starts, at the sign deadline, the clocks that count from signing.
type ClocksBegan struct{}

// ContentErased follows the erasure of what people wrote.
type ContentErased struct{}

// AttachmentAdded is a file that arrived whole.
type AttachmentAdded struct {
	Attachment    string
	Kind          AttachmentKind
	Size          int64
	SHA256        []byte // as it was sent
	ContentSHA256 []byte // as others than its sender see it
	Author        Author
}

// Type returns "filed".
func (Filed) Type() string { return "filed" }

// Type returns "dispatched".
func (Dispatched) Type() string { return "dispatched" }

// Type returns "route_refused".
func (RouteRefused) Type() string { return "route_refused" }

// Type returns "signed".
func (Signed) Type() string { return "signed" }

// Type returns "contacted".
func (Contacted) Type() string { return "contacted" }

// Type returns "asked".
func (Asked) Type() string { return "asked" }

// Type returns "resumed".
func (Resumed) Type() string { return "resumed" }

// Type returns "answered".
func (Answered) Type() string { return "answered" }

// Type returns "verified".
func (Verified) Type() string { return "verified" }

// Type returns "reopened".
func (Reopened) Type() string { return "reopened" }

// Type returns "closed".
func (Closed) Type() string { return "closed" }

// Type returns "message_written".
func (MessageWritten) Type() string { return "message_written" }

// Type returns "clock_warned".
func (ClockWarned) Type() string { return "clock_warned" }

// Type returns "clock_breached".
func (ClockBreached) Type() string { return "clock_breached" }

// Type returns "rung_reached".
func (RungReached) Type() string { return "rung_reached" }

// Type returns "verify_reminded".
func (VerifyReminded) Type() string { return "verify_reminded" }

// Type returns "rejection_proposed".
func (RejectionProposed) Type() string { return "rejection_proposed" }

// Type returns "rejection_dropped".
func (RejectionDropped) Type() string { return "rejection_dropped" }

// Type returns "deadlines_recomputed".
func (DeadlinesRecomputed) Type() string { return "deadlines_recomputed" }

// Type returns "claimed".
func (Claimed) Type() string { return "claimed" }

// Type returns "clocks_began".
func (ClocksBegan) Type() string { return "clocks_began" }

// Type returns "content_erased".
func (ContentErased) Type() string { return "content_erased" }

// Type returns "attachment_added".
func (AttachmentAdded) Type() string { return "attachment_added" }
