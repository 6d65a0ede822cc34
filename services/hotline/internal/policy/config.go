package policy

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Config is one version of a city's configuration as plain data.
type Config struct {
	Code          string // of the city, GB/T 2260
	Version       int64
	Applied       time.Time // nothing before this instant was decided by it
	DisplayName   string
	DisplayNameEn string
	DeskUnit      string // the unit whose queue holds what has no holder yet
	Units         []Unit
	Categories    []Category
	AppealTypes   []AppealType
	Counties      []County
	Policies      []Policy // the first that matches a ticket binds it
	Ladder        []Step   // by rung
	Officials     []Official
	Rules         Rules
	Rates         Rates
	Calendar      *worktime.Calendar
}

// Unit is a department, county, park or utility that can hold an obligation.
type Unit struct {
	Code          string
	DisplayName   string
	DisplayNameEn string
	Parent        string // code; empty at the top
	Kind          string
	County        string // empty for the city's own
	Leader        string // id of the person accountable for it; empty when the parent's is
}

// Category is what a ticket is about.
type Category struct {
	Code          string
	DisplayName   string
	DisplayNameEn string
	Parent        string
	Unit          string // handles it when nobody is bound to the enterprise
}

// AppealType is what a filer wants.
type AppealType struct {
	Code          string
	DisplayName   string
	DisplayNameEn string
	Default       bool
}

// County is a county, district or statistical park.
type County struct {
	Code          string
	DisplayName   string
	DisplayNameEn string
}

// Role is what an official may act as, by the word of the contract in lower case: attendant, mayor_office.
type Role string

// The roles of the contract.
const (
	RoleMember          Role = "member"
	RoleEnterpriseAdmin Role = "enterprise_admin"
	RoleAttendant       Role = "attendant"
	RoleAgent           Role = "agent"
	RoleClerk           Role = "clerk"
	RoleDispatcher      Role = "dispatcher"
	RoleSupervisor      Role = "supervisor"
	RoleMayorOffice     Role = "mayor_office"
	RoleLeader          Role = "leader"
	RoleCityAdmin       Role = "city_admin"
	RoleAuditor         Role = "auditor"
)

// Official is a person who serves the city.
type Official struct {
	Person      string // id
	Login       string
	DisplayName string
	Title       string
	Unit        string
	Phone       string // of the office
	Roles       []Role
	LoadCap     int
	Deputy      string // login
}

// Policy is a set of limits for the tickets it matches. An empty list matches everything.
type Policy struct {
	Code        string
	Source      string // the law, standard or notice it rests on
	Channels    []string
	AppealTypes []string
	Categories  []string // each with those below it
	Urgencies   []string // normal, urgent
	Rules       []ClockRule
}

// The clocks a rule can be about.
const (
	ClockDispatch = "dispatch"
	ClockSign     = "sign"
	ClockContact  = "contact"
	ClockAnswer   = "answer"
	ClockVerify   = "verify"

	ClockOrderSign = "order_sign" // a unit's signature on its work order
	ClockHandle    = "handle"     // a unit's part
	ClockReturn    = "return"     // a referee's decision upon a return
	ClockExtension = "extension"  // a supervisor's decision upon more time
	ClockDialogue  = "dialogue"   // a direct dialogue
)

// ClockRule is one limit of a policy.
type ClockRule struct {
	Clock       string
	Limit       worktime.Limit
	FromSign    bool // counts from the signing (of the ticket, or of the order) or the sign deadline, whichever is earlier
	WarnPercent int  // share of the working time after which the owner is warned; 0 for never
	Ladder      bool // its breach climbs the ladder
}

// Accountable is who a step of the ladder makes accountable.
type Accountable string

// The kinds of accountable.
const (
	UnitLeader   Accountable = "unit-leader"
	ParentLeader Accountable = "parent-leader"
	Supervisor   Accountable = "supervisor"
	MayorOffice  Accountable = "mayor-office"
)

// Step is a rung of the ladder.
type Step struct {
	Rung        int            // from 1
	After       worktime.Limit // counted from the breach; the zero limit is the breach itself
	Accountable Accountable
}

// AtBreach reports whether the step is reached at the breach itself.
func (s Step) AtBreach() bool { return s.After == worktime.Limit{} }

// Rules are the numbers of the process that a city chooses.
type Rules struct {
	MaxQuestions          int            // in one cycle
	WaitLimit             worktime.Limit // for one wait
	MaxWaitWorkdays       int            // for all waits of a ticket together
	NoQuestionLastPercent int            // of the answer clock's working time
	MaxReopens            int
	ReopenWindow          worktime.Limit // from the close
	VerifyReminders       []worktime.Limit
	ThinAnswerChars       int

	ReturnWindow         worktime.Limit // from getting a ticket or an order; the zero limit allows no return
	MaxReturns           int            // requests of a ticket, and of each order
	MaxExtensions        int            // requests of a ticket
	MaxExtensionWorkdays int            // of one extension
	CallbackPercent      int            // of the answers that are neither major nor thin
	CallbackRetry        worktime.Limit // from a call that reached nobody to the next one
}

// Rates says how a city weighs the three rates, in percent.
type Rates struct {
	ResponseWeight, ResolutionWeight, SatisfactionWeight int
	BasicallyPercent                                     int // what "basically satisfied" counts of "satisfied"
}
