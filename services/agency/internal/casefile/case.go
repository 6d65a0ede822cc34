package casefile

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// The contract's words for states, so that nothing is named twice.
type (
	// State is where a case stands.
	State = agencyv1.Case_State
	// ItemState is where an item stands.
	ItemState = agencyv1.Item_State
	// AgreementState is where an agreement stands.
	AgreementState = agencyv1.Agreement_State
	// CommitmentState is where a commitment stands.
	CommitmentState = agencyv1.Commitment_State
)

// The states, by short names.
const (
	Applied   = agencyv1.Case_APPLIED
	Open      = agencyv1.Case_OPEN
	Completed = agencyv1.Case_COMPLETED
	Declined  = agencyv1.Case_DECLINED
	Closed    = agencyv1.Case_CLOSED

	Planned            = agencyv1.Item_PLANNED
	Received           = agencyv1.Item_RECEIVED
	Retracted          = agencyv1.Item_RETRACTED
	WindowAccepted     = agencyv1.Item_WINDOW_ACCEPTED
	NotAccepted        = agencyv1.Item_NOT_ACCEPTED
	AcceptanceRefused  = agencyv1.Item_ACCEPTANCE_REFUSED
	CorrectionOpen     = agencyv1.Item_CORRECTION_OPEN
	Corrected          = agencyv1.Item_CORRECTED
	DepartmentAccepted = agencyv1.Item_DEPARTMENT_ACCEPTED
	ProcedureOpen      = agencyv1.Item_PROCEDURE_OPEN
	ProcedureEnded     = agencyv1.Item_PROCEDURE_ENDED
	Approved           = agencyv1.Item_APPROVED
	ApprovedTolerantly = agencyv1.Item_APPROVED_TOLERANTLY
	Refused            = agencyv1.Item_REFUSED
	Withdrawn          = agencyv1.Item_WITHDRAWN
	Revoked            = agencyv1.Item_REVOKED
	WithdrawalPending  = agencyv1.Item_WITHDRAWAL_PENDING
	Dropped            = agencyv1.Item_DROPPED
)

// Case is a project's entrustment, as all events so far have made it. Its JSON is the snapshot stored beside the row; it equals the fold of the
// journal. All times are UTC in whole microseconds.
type Case struct {
	City          string `json:"city"`
	ID            string `json:"id"`
	Number        string `json:"no"`
	State         State  `json:"state"`
	Version       int64  `json:"v"`
	ConfigVersion int64  `json:"cfg"` // whose catalogue it keeps

	Enterprise  string                    `json:"ent"`
	Project     string                    `json:"prj,omitempty"`
	Counties    []string                  `json:"counties,omitempty"` // the first is where it mainly is
	Eligibility agencyv1.Case_Eligibility `json:"elig"`
	Opener      string                    `json:"by,omitempty"`   // id of who opened it
	OpenerUnit  string                    `json:"unit,omitempty"` // that opened it on the enterprise's behalf
	Arranged    string                    `json:"arr,omitempty"`  // id of what the city arranged
	ContentMAC  []byte                    `json:"mac,omitempty"`
	Erased      bool                      `json:"erased,omitempty"`

	Answers   catalogue.Answers    `json:"answers"`
	Stages    []catalogue.Stage    `json:"stages,omitempty"`
	Materials []catalogue.Material `json:"mats,omitempty"`
	Items     []Item               `json:"items,omitempty"`

	Agreements   []Agreement   `json:"agr,omitempty"` // by number
	Agents       []Assignment  `json:"agents,omitempty"`
	Proposal     int64         `json:"prop,omitempty"` // the highest position of a proposal taken or refused
	Documents    []Document    `json:"docs,omitempty"`
	Supplies     []Supply      `json:"sup,omitempty"` // versions of materials, oldest first
	Requests     []Request     `json:"req,omitempty"` // by number
	Commitments  []Commitment  `json:"com,omitempty"` // by number
	Reviews      []Review      `json:"rev,omitempty"` // by number
	Certificates []Certificate `json:"cert,omitempty"`
	Stops        []Stop        `json:"stops,omitempty"` // in the order in which they began
	Tickets      []Ticket      `json:"tic,omitempty"`
	Meetings     int           `json:"meet,omitempty"`
	Clocks       []Clock       `json:"clocks,omitempty"` // by number

	CreateTime time.Time `json:"ct"`
	UpdateTime time.Time `json:"ut"`
	AdmitTime  time.Time `json:"at,omitzero"` // the origin of the plan
	EndTime    time.Time `json:"et,omitzero"` // completed, declined or closed
	EndReason  string    `json:"er,omitempty"`
}

// Item is one approval of the case.
type Item struct {
	Def       catalogue.Item `json:"def"`
	Unit      string         `json:"unit"` // that decides
	State     ItemState      `json:"s"`
	Since     time.Time      `json:"t"`           // of the state
	Touched   time.Time      `json:"tt"`          // when something happened to it last
	Attempt   int            `json:"n,omitempty"` // how often it was handed in
	OnPromise bool           `json:"prm,omitempty"`
	Out       bool           `json:"out,omitempty"` // the project does not need it any more, as was found while it was under way or decided
	NotNeeded bool           `json:"nn,omitempty"`  // NOT_ACCEPTED because the project needs no such approval

	SubmitTime time.Time `json:"st,omitzero"`
	AcceptTime time.Time `json:"at,omitzero"` // zero until accepted in this attempt; a deemed one lies at the receipt
	Deemed     bool      `json:"dm,omitempty"`
	Tolerant   bool      `json:"tol,omitempty"`
	DecideTime time.Time `json:"dt,omitzero"`
	Workdays   int       `json:"wd,omitempty"` // used, once decided
	Extended   bool      `json:"ext,omitempty"`

	Correction *Correction `json:"cor,omitempty"` // the one of this attempt
	Procedure  *Procedure  `json:"proc,omitempty"`
	Before     ItemState   `json:"bef,omitempty"` // a wish to withdraw
	Conditions string      `json:"cond,omitempty"`
	Reason     string      `json:"rsn,omitempty"`
	Remedy     string      `json:"rem,omitempty"`
	Cause      string      `json:"cause,omitempty"` // of how the attempt ended
	Lines      []LineCount `json:"line,omitempty"`  // how far departments' systems have reported
}

// Correction is the one notice of all that is missing.
type Correction struct {
	Materials []string  `json:"m"`
	Texts     []string  `json:"x"` // ids, by place
	Note      string    `json:"n,omitempty"`
	Since     time.Time `json:"t"`
	Made      time.Time `json:"e,omitzero"`
	Supplies  int       `json:"sup,omitempty"` // how many versions of materials there were: what comes after those corrects
}

// Procedure is an open special procedure.
type Procedure struct {
	Kind   string    `json:"k"`
	Notice string    `json:"n"` // id
	Since  time.Time `json:"t"`
	Until  time.Time `json:"u"`
}

// Agreement is an entrustment.
type Agreement struct {
	Number     int            `json:"n"`
	State      AgreementState `json:"s"`
	Stages     []string       `json:"st,omitempty"` // empty for all
	Expire     time.Time      `json:"x"`
	Text       string         `json:"t"` // id
	SHA256     []byte         `json:"h"`
	Paper      bool           `json:"p,omitempty"` // a signed paper is wanted
	Document   string         `json:"d,omitempty"`
	Signer     string         `json:"by,omitempty"`
	SignerName string         `json:"byn,omitempty"` // id
	SignTime   time.Time      `json:"sgt,omitzero"`
	SealTime   time.Time      `json:"slt,omitzero"`
	EndTime    time.Time      `json:"et,omitzero"`
	EndCause   string         `json:"ec,omitempty"`
	EndReason  string         `json:"er,omitempty"` // id
}

// Assignment is an official who walks the case through, for a time.
type Assignment struct {
	Centre   string    `json:"c"`
	Official string    `json:"o"`
	Reason   string    `json:"r"`
	From     time.Time `json:"f"`
	To       time.Time `json:"t,omitzero"`
}

// Document is a file that arrived whole.
type Document struct {
	ID      string `json:"id"`
	Purpose string `json:"p"`
}

// Purposes of documents.
const (
	PurposeMaterial    = "material"
	PurposeAgreement   = "agreement"
	PurposeCertificate = "certificate"
	PurposeEvidence    = "evidence"
	PurposeNotice      = "notice"
)

// Supply is a version of a material.
type Supply struct {
	Material  string    `json:"m"`
	Version   int       `json:"v"`
	Document  string    `json:"d,omitempty"` // empty when it came from shared data
	SHA256    []byte    `json:"h,omitempty"`
	Supplier  string    `json:"by"`
	Reference string    `json:"ref,omitempty"`
	Until     string    `json:"u,omitempty"` // last day of its validity, YYYY-MM-DD
	Time      time.Time `json:"t"`
}

// Request is an agent's wish for a document.
type Request struct {
	Number   int       `json:"n"`
	Material string    `json:"m"`
	Text     string    `json:"x"` // id
	Time     time.Time `json:"t"`
	Supplied time.Time `json:"e,omitzero"`
}

// Commitment is a signed promise.
type Commitment struct {
	Number      int                      `json:"n"`
	Item        string                   `json:"i"`
	Attempt     int                      `json:"a"`
	Kind        agencyv1.Commitment_Kind `json:"k"`
	State       CommitmentState          `json:"s"`
	Materials   []string                 `json:"m,omitempty"`
	Workdays    int                      `json:"w"`
	Consequence string                   `json:"c"`
	Text        string                   `json:"t"` // id
	SHA256      []byte                   `json:"h"`
	Signer      string                   `json:"by"`
	SignerName  string                   `json:"byn"` // id
	SignTime    time.Time                `json:"st"`
	Reported    bool                     `json:"rep,omitempty"` // a promise: the enterprise says it is fulfilled
	Fixing      bool                     `json:"fix,omitempty"` // a promise: the facts differed once
	EndTime     time.Time                `json:"et,omitzero"`
	RepairTime  time.Time                `json:"rt,omitzero"`
	Extension   *Extension               `json:"x,omitempty"`   // the last wish for more time
	Supplies    int                      `json:"sup,omitempty"` // how many versions of materials there were: what comes after those fulfils it
}

// Waits reports whether a wish for more time waits for its answer.
func (k Commitment) Waits() bool { return k.Extension != nil && k.Extension.Decision == "" }

// Bars reports whether a broken commitment bars the enterprise from the next one.
func (k Commitment) Bars() bool {
	return k.State == agencyv1.Commitment_BROKEN && k.RepairTime.IsZero()
}

// Live reports whether the commitment can still be kept or broken.
func (k Commitment) Live() bool {
	return k.State == agencyv1.Commitment_RUNNING || k.State == agencyv1.Commitment_TO_FIX
}

// Extension is a wish for more time, for force majeure.
type Extension struct {
	Workdays  int       `json:"w"`
	Reason    string    `json:"r"` // id
	Documents []string  `json:"d,omitempty"`
	Time      time.Time `json:"t"`
	Decision  string    `json:"dec,omitempty"` // granted, refused, overtaken; empty while it waits
	Answer    string    `json:"ans,omitempty"` // id
}

// Review is a joint review.
type Review struct {
	Number     int       `json:"n"`
	Items      []string  `json:"i"`
	Lead       string    `json:"l"`
	Opinions   []Opinion `json:"o"`
	Text       string    `json:"t"` // id
	Time       time.Time `json:"f"`
	Concluded  time.Time `json:"e,omitzero"`
	Conclusion string    `json:"c,omitempty"` // id
}

// Opinion is one unit's; silent once its time is over.
type Opinion struct {
	Unit    string    `json:"u"`
	Opinion string    `json:"o,omitempty"`
	Text    string    `json:"t,omitempty"` // id
	Time    time.Time `json:"at,omitzero"`
}

// Certificate is what an approval led to.
type Certificate struct {
	Number   string    `json:"n"`
	Item     string    `json:"i"`
	Document string    `json:"d"`
	From     string    `json:"f"`
	Until    string    `json:"u,omitempty"`
	Check    []byte    `json:"c"` // SHA-256 of the check code
	Time     time.Time `json:"t"`
	Revoked  time.Time `json:"r,omitzero"`
}

// Ticket is a ticket that came of the case.
type Ticket struct {
	ID     string    `json:"id"`
	Number string    `json:"n,omitempty"`
	Item   string    `json:"i,omitempty"`
	Reason string    `json:"r"`
	Closed bool      `json:"c,omitempty"`
	Time   time.Time `json:"t"`
}

// Item returns an item by its code, nil when the case has none. It is the case's own and must not be changed.
func (c *Case) Item(code string) *Item {
	for i := range c.Items {
		if c.Items[i].Def.Code == code {
			return &c.Items[i]
		}
	}
	return nil
}

// InStage reports whether the case needs an item of a stage.
func (c *Case) InStage(stage string) bool {
	return slices.ContainsFunc(c.Items, func(i Item) bool { return i.Def.Stage == stage && i.State != Dropped })
}

// Material returns a material's definition as the case keeps it.
func (c *Case) Material(code string) (catalogue.Material, bool) {
	for _, m := range c.Materials {
		if m.Code == code {
			return m, true
		}
	}
	return catalogue.Material{}, false
}

// Agreement returns the last agreement, nil when there is none.
func (c *Case) Agreement() *Agreement {
	if n := len(c.Agreements); n > 0 {
		return &c.Agreements[n-1]
	}
	return nil
}

// Entrusted returns the agreement within which agents act, nil when there is none.
func (c *Case) Entrusted() *Agreement {
	if a := c.Agreement(); a != nil && a.State == agencyv1.Agreement_SIGNED {
		return a
	}
	return nil
}

// Covers reports whether an agreement entrusts a stage.
func (a *Agreement) Covers(stage string) bool {
	return len(a.Stages) == 0 || slices.Contains(a.Stages, stage)
}

// AgentOf returns who acts for a centre; empty when nobody does.
func (c *Case) AgentOf(centre string) string {
	for _, a := range c.Agents {
		if a.Centre == centre && a.To.IsZero() {
			return a.Official
		}
	}
	return ""
}

// ActsFor reports whether a person acts as an agent of the case now, whatever is entrusted.
func (c *Case) ActsFor(person string) bool {
	return person != "" && slices.ContainsFunc(c.Agents, func(a Assignment) bool { return a.Official == person && a.To.IsZero() })
}

// Commitment returns a commitment by its number, nil when there is none.
func (c *Case) Commitment(number int) *Commitment {
	if number < 1 || number > len(c.Commitments) {
		return nil
	}
	return &c.Commitments[number-1]
}

// Supply returns the newest version of a material, nil when there is none.
func (c *Case) Supply(material string) *Supply {
	for i := len(c.Supplies) - 1; i >= 0; i-- {
		if c.Supplies[i].Material == material {
			return &c.Supplies[i]
		}
	}
	return nil
}

// UnderWay reports whether the item lies with its unit, or waits for a correction of what lies there.
func (i *Item) UnderWay() bool { return slices.Contains(underWay, i.State) }

// Accepted reports whether the item was accepted in this attempt and is not decided.
func (i *Item) Accepted() bool { return i.UnderWay() && !i.AcceptTime.IsZero() }

// Good reports whether nothing waits for the item any more: it is approved, or not needed.
func (i *Item) Good() bool {
	return i.State == Approved || i.State == ApprovedTolerantly || i.unneeded()
}

// unneeded reports whether the item is out: the project changed, or its unit said that no approval is needed.
func (i *Item) unneeded() bool {
	return i.State == Dropped || i.State == NotAccepted && i.NotNeeded || i.Out && slices.Contains(handIn, i.State)
}

// clone copies everything that Apply changes in place.
func (c *Case) clone() *Case {
	n := *c
	n.Items = slices.Clone(c.Items)
	n.Materials = slices.Clone(c.Materials)
	n.Agreements = slices.Clone(c.Agreements)
	n.Agents = slices.Clone(c.Agents)
	n.Documents = slices.Clip(c.Documents)
	n.Supplies = slices.Clip(c.Supplies)
	n.Requests = slices.Clone(c.Requests)
	n.Commitments = slices.Clone(c.Commitments)
	n.Reviews = slices.Clone(c.Reviews)
	for i := range n.Reviews {
		n.Reviews[i].Opinions = slices.Clone(n.Reviews[i].Opinions)
	}
	n.Certificates = slices.Clone(c.Certificates)
	n.Stops = slices.Clone(c.Stops)
	n.Tickets = slices.Clone(c.Tickets)
	n.Clocks = slices.Clone(c.Clocks)
	return &n
}
