package catalogue

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
	Units         []Unit
	Counties      []County
	Officials     []Official
	Calendar      *worktime.Calendar
	Stages        []Stage    // in their order
	Items         []Item     // by stage
	Materials     []Material // that items ask for
	Choices       []Choice   // of the questionnaire
	LineSystems   []LineSystem
	Rules         Rules
}

// Unit is a department, county, park or utility.
type Unit struct {
	Code, DisplayName, DisplayNameEn string
	Parent                           string // code; empty at the top
	Kind                             string // department, county, park, utility, desk, office
	County                           string // empty for the city's own
	Leader                           string // id of the person accountable for it; empty when the parent's is
}

// County is a county, district or statistical park.
type County struct{ Code, DisplayName, DisplayNameEn string }

// Official is a person who serves the city.
type Official struct {
	Person      string // id
	DisplayName string
	Title       string
	Unit        string
	Phone       string // of the office
	Agent       bool   // may be an agent (代办员)
	Clerk       bool   // works on what a unit has to decide
}

// Stage is a stage of a project's approvals, with one lead unit.
type Stage struct {
	Code, DisplayName, DisplayNameEn string
	LeadUnit                         string
	Beside                           bool // stands beside the four stages: utilities
}

// Kinds of items.
const (
	KindApproval     = "approval"     // 审批
	KindVerification = "verification" // 核准
	KindFiling       = "filing"       // 备案
	KindUtility      = "utility"      // connection to a network
)

// Item is one approval that a project may need. Its JSON is how an open case keeps the version it was opened under.
type Item struct {
	Code          string         `json:"code"`
	DisplayName   string         `json:"name"`
	DisplayNameEn string         `json:"en,omitempty"`
	Stage         string         `json:"stage"`
	Unit          string         `json:"unit,omitempty"` // empty when the unit of the project's county decides
	Kind          string         `json:"kind"`
	Basis         string         `json:"basis,omitempty"`
	Statutory     int            `json:"stat"` // workdays
	Promised      int            `json:"prom"` // workdays, not more than Statutory
	Extension     int            `json:"ext,omitempty"`
	After         []string       `json:"after,omitempty"` // decided before this one can be handed in
	Needs         []string       `json:"needs,omitempty"` // decided before this one can be decided
	When          Condition      `json:"when,omitzero"`
	Materials     []ItemMaterial `json:"mats,omitempty"`
	Tolerance     *Tolerance     `json:"tol,omitempty"`   // nil: never accepted with materials missing
	Promise       *Promise       `json:"prm,omitempty"`   // nil: never approved on a promise
	Procedures    []string       `json:"procs,omitempty"` // that may stop its clock
	Certificate   string         `json:"cert,omitempty"`  // its name; empty when it has none
	CertificateEn string         `json:"certEn,omitempty"`
	ValidMonths   int            `json:"valid,omitempty"` // of its certificate; 0 for no end
	JointReview   bool           `json:"joint,omitempty"`
}

// ItemMaterial is a document that an item asks for.
type ItemMaterial struct {
	Material  string `json:"m"`
	Principal bool   `json:"p,omitempty"`
	Tolerable bool   `json:"t,omitempty"` // a secondary one that may be supplied later
}

// Consequences of an overdue commitment before the decision.
const (
	ConsequenceWithdrawn = "withdrawn" // 视为撤回
	ConsequenceRefused   = "refused"
	ConsequenceRevoked   = "revoked" // after a certificate was issued
)

// Tolerance is how an item is accepted while secondary materials are missing (容缺受理).
type Tolerance struct {
	MaxWorkdays       int    `json:"max"` // to supply them, not more than the promised limit
	Consequence       string `json:"cons"`
	CertificateAtOnce bool   `json:"now,omitempty"`
}

// Promise is how an item is approved on a promise (告知承诺).
type Promise struct {
	Fulfil int `json:"ful"` // workdays in which it must be fulfilled
	Check  int `json:"chk"` // workdays after that in which the unit checks it
	Fix    int `json:"fix"` // workdays to put right what differs; 0 revokes at once
}

// Condition is which projects need an item. Every part that is given must hold; of a list one entry must.
type Condition struct {
	Types           []string `json:"types,omitempty"`
	Lands           []string `json:"lands,omitempty"`
	Hazards         []string `json:"hazards,omitempty"`
	Utilities       []string `json:"utils,omitempty"`
	Investors       []string `json:"investors,omitempty"`
	MinInvestment   int64    `json:"minInv,omitempty"`   // in fen
	BelowInvestment int64    `json:"belowInv,omitempty"` // in fen
	MinFloorArea    int      `json:"minArea,omitempty"`  // in square metres
	BelowFloorArea  int      `json:"belowArea,omitempty"`
}

// Sources of materials.
const (
	SourceApplicant = "applicant"
	SourceSelf      = "self-written"
	SourceShared    = "shared" // obtainable from shared data: never asked of the applicant
	SourceEarlier   = "earlier-stage"
	SourceResult    = "result" // of an item
)

// Material is a kind of document. Its JSON is how an open case keeps it.
type Material struct {
	Code           string `json:"code"`
	DisplayName    string `json:"name"`
	DisplayNameEn  string `json:"en,omitempty"`
	Source         string `json:"src"`
	ResultOf       string `json:"res,omitempty"`   // code of the item whose result it is
	ValidityMonths int    `json:"valid,omitempty"` // from its date; 0 for no end
}

// Questions of the questionnaire that are answered by choosing.
const (
	QuestionType     = "type"
	QuestionLand     = "land"
	QuestionHazard   = "hazard"   // any number
	QuestionUtility  = "utility"  // any number
	QuestionInvestor = "investor" // domestic, foreign
)

// Choice is an answer that the questionnaire offers.
type Choice struct{ Question, Code, DisplayName, DisplayNameEn string }

// Answers describe a project. They say nothing of people.
type Answers struct {
	Type       string   `json:"type"`
	Land       string   `json:"land"`
	Investor   string   `json:"investor"`
	Hazards    []string `json:"hazards,omitempty"`
	Utilities  []string `json:"utilities,omitempty"`
	Investment int64    `json:"investment"` // in fen
	FloorArea  int      `json:"area"`       // in square metres
}

// LineSystem is a department's own system.
type LineSystem struct {
	Code, DisplayName, DisplayNameEn string
	Unit                             string // it speaks for, with those below it
	PublicKey                        []byte // Ed25519
}

// Special procedures that stop an item's clock, with a written notice.
const (
	ProcedureHearing    = "hearing"
	ProcedureTest       = "test"
	ProcedureReview     = "expert-review"
	ProcedurePublicity  = "publicity"
	ProcedureInspection = "inspection"
	ProcedureBidding    = "bidding"
)

// Rules are the numbers of the agency that a city chooses. A zero limit is none.
type Rules struct {
	Centres             []string // codes of the units that run the agency; each gives a case one agent
	AdmitLimit          worktime.Limit
	AssignLimit         worktime.Limit
	AcceptLimit         worktime.Limit
	CorrectLimit        worktime.Limit
	OpinionLimit        worktime.Limit
	DeliverLimit        worktime.Limit
	WithdrawalLimit     worktime.Limit
	ExtensionLimit      worktime.Limit
	CommitmentReminders []worktime.Limit // each this long before it is due
	WarnPercent         int
	ProcedureWorkdays   map[string]int // most workdays by procedure
	EntrustmentMonths   int
	StuckAfter          worktime.Limit
	TicketCategory      string // code of the hotline's, for tickets that are filed from a case; empty when a dispatcher chooses
}
