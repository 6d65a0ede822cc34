package city

import "github.com/throughtrain/throughtrain/services/kit/worktime"

// Catalogue is what a city's approval agency works by. A city without one has no agency.
type Catalogue struct {
	Stages      []Stage
	Items       []Item // by stage
	Materials   []Material
	Choices     []Choice // by question
	LineSystems []LineSystem
	Rules       AgencyRules
}

// Stage is a stage of a project's approvals, with one lead unit.
type Stage struct {
	Code     string
	Name     string
	NameEn   string
	LeadUnit string
	Beside   bool // stands beside the others: utilities
}

// ItemKind is what sort of approval an item is.
type ItemKind string

var itemKinds = []ItemKind{"approval", "verification", "filing", "utility"}

// Guard is what an item protects that no promise may stand in for.
type Guard string

var guards = []Guard{"security", "finance", "environment", "life"}

// Procedure stops an item's clock, with a written notice.
type Procedure string

var procedures = []Procedure{"hearing", "test", "expert-review", "publicity", "inspection", "bidding"}

// Consequence is what an overdue commitment means.
type Consequence string

var consequences = []Consequence{"withdrawn", "refused"}

// Item is one approval that a project may need.
type Item struct {
	Code        string
	Name        string
	NameEn      string
	Stage       string
	Unit        string // empty when the unit of the project's county decides
	Kind        ItemKind
	Basis       string // the law or rule
	Statutory   int    // workdays
	Promised    int    // workdays
	Extension   int    // workdays, once; 0 for never
	Unconfirmed bool   // no rule gives the statutory limit: the city has yet to confirm it
	After       []string
	Needs       []string
	When        Condition
	Principal   []string // materials without which it is not accepted
	Secondary   []string // materials that are no principal ones, and are wanted at once all the same
	Tolerable   []string // secondary materials that may be supplied later
	Tolerance   *Tolerance
	Guards      Guard // empty when it protects nothing that a promise could not
	Promise     *Promise
	Procedures  []Procedure
	Certificate *Certificate
	JointReview bool
}

// Condition is which projects need an item. Every part that is given must hold; of a list one entry must.
type Condition struct {
	Types, Lands, Hazards, Utilities, Investors []string

	MinInvestmentYuan, BelowInvestmentYuan int // 0 for no bound
	MinFloorArea, BelowFloorArea           int // in square metres
}

// Tolerance is how an item is accepted while materials are missing.
type Tolerance struct {
	MaxWorkdays       int // 0 for the promised limit
	Consequence       Consequence
	CertificateAtOnce bool
}

// Promise is how an item is approved on a promise, in workdays.
type Promise struct{ Fulfil, Check, Fix int }

// Certificate is what an item ends in.
type Certificate struct {
	Name   string
	NameEn string
	Months int // that it is valid; 0 for no end
}

// Source is where a material comes from.
type Source string

// The sources that rules speak of.
const (
	SharedSource Source = "shared" // never asked of the applicant
	ResultSource Source = "result" // of an item
)

var sources = []Source{"applicant", "self-written", SharedSource, "earlier-stage", ResultSource}

// Material is a kind of document.
type Material struct {
	Code           string
	Name           string
	NameEn         string
	Source         Source
	ResultOf       string // item; only of the source result
	ValidityMonths int    // 0 for no end
}

// ours reports whether the city has the material itself, sooner or later, and need not ask for it.
func (m *Material) ours() bool { return m.Source == SharedSource || m.Source == ResultSource }

// The questions of the questionnaire.
const (
	questionType     = "type"
	questionLand     = "land"
	questionHazard   = "hazard"
	questionUtility  = "utility"
	questionInvestor = "investor"
)

var questions = []string{questionType, questionLand, questionHazard, questionUtility, questionInvestor}

// Choice is an answer that the questionnaire offers.
type Choice struct{ Question, Code, Name, NameEn string }

// LineSystem is a department's own system.
type LineSystem struct {
	Code      string
	Name      string
	NameEn    string
	Unit      string
	PublicKey []byte // Ed25519
}

// AgencyRules are the numbers of the agency that a city chooses.
type AgencyRules struct {
	Centres             []string
	AdmitLimit          worktime.Limit
	AssignLimit         worktime.Limit
	AcceptLimit         worktime.Limit
	CorrectLimit        worktime.Limit `json:",omitzero"` // no bound when there is none
	OpinionLimit        worktime.Limit
	DeliverLimit        worktime.Limit
	WithdrawalLimit     worktime.Limit
	ExtensionLimit      worktime.Limit
	CommitmentReminders []worktime.Limit // each this long before it is due
	WarnPercent         int
	Procedures          []ProcedureLimit
	EntrustmentMonths   int
	StuckAfter          worktime.Limit
	TicketCategory      string `json:",omitempty"` // of tickets that are filed from a case
}

// ProcedureLimit is the most workdays that a procedure may stop a clock.
type ProcedureLimit struct {
	Procedure   Procedure
	MaxWorkdays int
}
