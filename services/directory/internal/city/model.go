package city

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// City is the whole configuration of a city. Whoever gets one from Load may read it and share it, and must not change it.
type City struct {
	Code     string // GB/T 2260
	Name     string
	NameEn   string
	Zone     string // IANA name
	DeskUnit string // the dispatcher's queue
	// SecondPerson says that what one administrator applies is in force only when another has applied it too.
	SecondPerson bool
	Rules        Rules
	Rates        Rates
	Counties     []County
	Units        []Unit     // parents before children
	Categories   []Category // parents before children
	AppealTypes  []AppealType
	Policies     []Policy // first match wins
	Ladder       []Rung
	Years        []worktime.Year // by number
	Seasons      []worktime.Season
	Officials    []Official
	Catalogue    *Catalogue `json:",omitempty"` // nil for a city without an approval agency
}

// Rules are the numbers of the process that a city chooses.
type Rules struct {
	MaxQuestions          int // in one cycle
	WaitLimit             worktime.Limit
	MaxWaitWorkdays       int // in all
	NoQuestionLastPercent int // of the answer clock's working time
	MaxReopens            int
	ReopenWindow          worktime.Limit
	VerifyReminders       []worktime.Limit // each counted from the answer
	ThinAnswerChars       int

	// What a city does not say of the following, it does not allow or do; its digest is then as before there was such a rule.
	ReturnWindow         worktime.Limit `json:",omitzero"` // from getting a ticket or an order
	MaxReturns           int            `json:",omitzero"` // requests of a ticket, and of each order
	MaxExtensions        int            `json:",omitzero"` // requests of a ticket
	MaxExtensionWorkdays int            `json:",omitzero"` // of one extension
	CallbackPercent      int            `json:",omitzero"` // of the answers that are neither major nor thin
	CallbackRetry        worktime.Limit `json:",omitzero"` // from a call that reached nobody to the next one
	MinVisitInterval     worktime.Limit `json:",omitzero"` // between two visits to one enterprise
}

// Rates are the weights of the three rates and of "basically satisfied", and what the city means to reach, in percent.
type Rates struct {
	Response, Resolution, Satisfaction, Basically int

	Targets Targets `json:",omitzero"` // a city without any has the digest that it had before there were targets
}

// Targets are the rates that a city means to reach, in percent; 0 for none.
type Targets struct {
	Response, Resolution, Satisfaction int
}

// County is a county, district or statistical park.
type County struct {
	Code   string // GB/T 2260
	Name   string
	NameEn string
}

// UnitKind is what sort of unit it is.
type UnitKind string

// The kinds of units.
const (
	Department UnitKind = "department"
	CountyUnit UnitKind = "county"
	Park       UnitKind = "park"
	Utility    UnitKind = "utility"
	Desk       UnitKind = "desk"
	Office     UnitKind = "office"
)

var unitKinds = []UnitKind{Department, CountyUnit, Park, Utility, Desk, Office}

// Unit can hold an obligation.
type Unit struct {
	Code   string
	Name   string
	NameEn string
	Parent string // empty at the top
	Kind   UnitKind
	County string // empty for the city's own
	Leader string // login; empty where the parent's leads
}

// Category is what a ticket is about.
type Category struct {
	Code   string
	Name   string
	NameEn string
	Parent string // empty at the top
	Unit   string
}

// AppealType is what a filer wants.
type AppealType struct {
	Code    string
	Name    string
	NameEn  string
	Default bool
}

// ClockKind is an obligation that a policy limits.
type ClockKind string

// The clocks of a policy.
const (
	DispatchClock ClockKind = "dispatch"
	SignClock     ClockKind = "sign"
	ContactClock  ClockKind = "contact"
	AnswerClock   ClockKind = "answer"
	VerifyClock   ClockKind = "verify"

	OrderSignClock ClockKind = "order_sign" // a unit's signature on its work order
	HandleClock    ClockKind = "handle"     // a unit's part
	ReturnClock    ClockKind = "return"     // a referee's decision upon a return
	ExtensionClock ClockKind = "extension"  // a supervisor's decision upon more time
	DialogueClock  ClockKind = "dialogue"   // a direct dialogue
)

var clockKinds = []ClockKind{DispatchClock, SignClock, ContactClock, AnswerClock, VerifyClock,
	OrderSignClock, HandleClock, ReturnClock, ExtensionClock, DialogueClock}

// signedFirst names, for each clock that can be counted from a signing, the clock of that signing.
var signedFirst = map[ClockKind]ClockKind{ContactClock: SignClock, AnswerClock: SignClock, HandleClock: OrderSignClock}

// FromSigning marks a limit that is counted from the signing or the sign deadline, whichever is earlier.
const FromSigning = "sign"

// channels are the ways in, as tickets name them.
var channels = []string{"app", "portal", "phone", "visit", "service-day", "dispatch-meeting", "agency", "import"}

// urgencies are how urgent a ticket can be.
var urgencies = []string{"normal", "urgent"}

// Policy is a set of limits for the tickets it matches. An empty list matches everything.
type Policy struct {
	Code        string
	Source      string // the law, standard or notice
	Channels    []string
	AppealTypes []string
	Categories  []string // each with those below it
	Urgencies   []string
	Limits      []PolicyLimit
}

// general reports whether the policy matches every ticket.
func (p *Policy) general() bool {
	return len(p.Channels)+len(p.AppealTypes)+len(p.Categories)+len(p.Urgencies) == 0
}

// PolicyLimit is one clock of a policy.
type PolicyLimit struct {
	Clock       ClockKind
	Limit       worktime.Limit
	FromSigning bool // counted from the signing or the sign deadline, whichever is earlier
	WarnPercent int  // share of the working time after which the owner is warned; 0 for never
	Ladder      bool // whether its breach climbs the ladder
	Unconfirmed bool // no rule says it: the city has yet to confirm it
}

// Accountable says whom a rung names.
type Accountable string

// Who can become accountable.
const (
	UnitLeader   Accountable = "unit-leader"
	ParentLeader Accountable = "parent-leader"
	Supervisor   Accountable = "supervisor"
	MayorOffice  Accountable = "mayor-office"
)

var accountables = []Accountable{UnitLeader, ParentLeader, Supervisor, MayorOffice}

// Rung is a step of the ladder. The first is reached by the breach itself and has no limit.
type Rung struct {
	Number      int // from 1
	After       worktime.Limit
	Accountable Accountable
}

// AtBreach reports whether the rung is reached by the breach itself.
func (r Rung) AtBreach() bool { return r.After == worktime.Limit{} }

// MarshalJSON leaves out the limit of the first rung, which has none.
func (r Rung) MarshalJSON() ([]byte, error) {
	after := ""
	if !r.AtBreach() {
		after = r.After.String()
	}
	return json.Marshal(map[string]any{"number": r.Number, "after": after, "accountable": r.Accountable})
}

// Role is what an official acts as, in the spelling of the files.
type Role string

// The roles that staff can hold; membership of an enterprise is nobody's office.
const (
	RoleAttendant   Role = "attendant"
	RoleAgent       Role = "agent"
	RoleClerk       Role = "clerk"
	RoleDispatcher  Role = "dispatcher"
	RoleSupervisor  Role = "supervisor"
	RoleMayorOffice Role = "mayor-office"
	RoleLeader      Role = "leader"
	RoleCityAdmin   Role = "city-admin"
	RoleAuditor     Role = "auditor"
)

// Roles lists the roles that staff can hold.
func Roles() []Role {
	return []Role{RoleAttendant, RoleAgent, RoleClerk, RoleDispatcher, RoleSupervisor, RoleMayorOffice, RoleLeader, RoleCityAdmin,
		RoleAuditor}
}

// Official serves the city.
type Official struct {
	Login   string
	Name    string
	Title   string
	Unit    string
	Phone   string
	Roles   []Role
	LoadCap int    // most open tickets that routing gives; 0 for no bound
	Deputy  string // login; empty where nobody stands in
	// Qualifications are the categories that load may decide on for them, each with those below it; none for all.
	Qualifications []string `json:",omitempty"`
	BindingCap     int      `json:",omitempty"` // most enterprises bound to them; 0 for no bound

	// Line of staff.yaml, for faults that only the applied city can show. It is no part of the configuration.
	Line int `json:"-"`
}

// Holds reports whether the official has the role.
func (o *Official) Holds(r Role) bool { return slices.Contains(o.Roles, r) }

// Digest names the configuration by what it says, whatever its spelling: comments, blanks and the order of keys do not
// change it.
func (c *City) Digest() [sha256.Size]byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic("city: a loaded configuration cannot be written: " + err.Error()) // every limit in it was checked
	}
	return sha256.Sum256(b)
}

// Official finds an official by login.
func (c *City) Official(login string) (Official, bool) {
	i := slices.IndexFunc(c.Officials, func(o Official) bool { return o.Login == login })
	if i < 0 {
		return Official{}, false
	}
	return c.Officials[i], true
}
