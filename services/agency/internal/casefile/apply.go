package casefile

import (
	"fmt"
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Fold makes a case of its whole history.
func Fold(city, id string, events []Event) (*Case, error) {
	c := &Case{City: city, ID: id}
	for _, e := range events {
		if err := c.Apply(e); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// After returns the case after more events; the case itself stays as it is.
func (c *Case) After(events ...Event) (*Case, error) {
	after := c.clone()
	for _, e := range events {
		if err := after.Apply(e); err != nil {
			return nil, err
		}
	}
	return after, nil
}

// Apply lets an event happen. It is the only thing that changes a case, and refuses what no case's history can hold: a gap in the versions, a step
// back in time, a change of state that is not an edge, a clock that changes what never changes, something of what is not there. After an error the case is of no use.
func (c *Case) Apply(e Event) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("case %s: event %d %s: %s", c.ID, e.Version, e.Type(), fmt.Sprintf(format, args...))
	}
	if e.Version != c.Version+1 {
		return fail("follows version %d", c.Version)
	}
	if _, opening := e.Body.(*agencyv1.CaseOpened); opening != (e.Version == 1) {
		return fail("only an opening begins a case, and once")
	}
	if e.Time.Before(c.UpdateTime) {
		return fail("lies %s before the last event", c.UpdateTime.Sub(e.Time))
	}
	c.Version, c.UpdateTime = e.Version, e.Time
	known, follows := c.apply(e)
	switch {
	case !known:
		return fail("is of a type no case knows")
	case !follows:
		return fail("does not follow from how the case is")
	}
	if e.Line != nil && !c.count(e.Line) {
		return fail("does not follow the reports before it")
	}
	c.endStops(e.Time)
	for _, k := range e.Clocks {
		if err := c.put(k); err != nil {
			return fail("%s", err)
		}
	}
	return nil
}

// put takes a clock as an event left it: a new one, or one that is still owed.
func (c *Case) put(k Clock) error {
	switch {
	case k.ID == len(c.Clocks)+1 && k.State == Running && k.Owed():
		c.Clocks = append(c.Clocks, k)
		return nil
	case k.ID < 1 || k.ID > len(c.Clocks):
		return fmt.Errorf("clock %d follows clock %d", k.ID, len(c.Clocks))
	}
	old := c.Clocks[k.ID-1]
	if !old.Owed() || old.State == Breached && k.State != Breached {
		return fmt.Errorf("clock %d is decided", k.ID)
	}
	if k.Kind != old.Kind || k.Item != old.Item || k.Attempt != old.Attempt || k.Number != old.Number || k.Unit != old.Unit ||
		!k.Start.Equal(old.Start) || !k.FirstDue.Equal(old.FirstDue) {
		return fmt.Errorf("clock %d changed what never changes", k.ID)
	}
	c.Clocks[k.ID-1] = k
	return nil
}

// apply reports whether the body is of a known type, and whether it can happen to the case as it is. It asks for less than the verbs do, which know who
// acts and under which configuration.
func (c *Case) apply(e Event) (known, follows bool) {
	for _, part := range []func(Event) (bool, bool){c.applyCase, c.applyAgreement, c.applyMaterial, c.applyItem, c.applyDecision, c.applyCommitment, c.applyAside} {
		if known, follows = part(e); known {
			return known, follows
		}
	}
	return false, false
}

func (c *Case) applyCase(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.CaseOpened:
		c.CreateTime, c.Opener = e.Time, e.Actor
		c.Number, c.Enterprise, c.Project, c.Counties = b.GetNumber(), b.GetEnterprise(), b.GetProject(), b.GetCounties()
		c.Eligibility, c.OpenerUnit, c.ContentMAC, c.Arranged = b.GetEligibility(), b.GetOpenerUnit(), b.GetContentMac(), b.GetText()
		return true, c.turn(VerbOpen, Applied)
	case *agencyv1.CaseAdmitted:
		c.AdmitTime = e.Time
		return true, c.turn(VerbAdmit, Open)
	case *agencyv1.CaseDeclined:
		c.EndTime, c.EndReason = e.Time, b.GetReason()
		return true, c.turn(VerbDecline, Declined)
	case *agencyv1.CasePlanned:
		return true, c.applyPlanned(e.Time, b)
	case *agencyv1.CaseCompleted:
		c.EndTime = e.Time
		return true, c.turn(VerbComplete, Completed)
	case *agencyv1.CaseReopened:
		c.EndTime = time.Time{}
		return true, c.turn(VerbReopen, Open)
	case *agencyv1.CaseClosed:
		c.EndTime, c.EndReason = e.Time, b.GetReason()
		return true, c.turn(VerbClose, Closed)
	default:
		return false, false
	}
}

// turn changes the case's state along an edge of a verb, and reports whether there is one.
func (c *Case) turn(v Verb, to State) bool {
	from := c.State
	c.State = to
	return slices.ContainsFunc(caseEdges, func(e CaseEdge) bool {
		return e.Verb == v && slices.Contains(e.From, from) && slices.Contains(e.To, to)
	})
}

// applyPlanned takes the items that the project needs now. What is under way or decided keeps the definition it began with.
func (c *Case) applyPlanned(at time.Time, b *agencyv1.CasePlanned) bool {
	if len(b.GetUnits()) != len(b.GetItems()) || !slices.Contains(liveCase, c.State) {
		return false
	}
	items, materials, stages := planned(b)
	c.ConfigVersion, c.Answers, c.Stages = b.GetConfigVersion(), AnswersOf(b.GetAnswers()), stages
	needed, places := make(map[string]bool, len(items)), make(map[string]int, len(c.Items))
	for n := range c.Items {
		places[c.Items[n].Def.Code] = n
	}
	for n, def := range items {
		needed[def.Code] = true
		place, known := places[def.Code]
		if !known {
			c.Items = append(c.Items, Item{Def: def, Unit: b.GetUnits()[n], State: Planned, Since: at, Touched: at})
			continue
		}
		i := &c.Items[place]
		i.Out = false
		if slices.Contains(handIn, i.State) || i.State == Dropped {
			i.Def, i.Unit = def, b.GetUnits()[n]
		}
		if i.State == Dropped {
			i.move(Planned, at)
		}
	}
	for n := range c.Items {
		i := &c.Items[n]
		if i.Out = !needed[i.Def.Code]; i.Out && slices.Contains(handIn, i.State) {
			i.move(Dropped, at)
		}
	}
	for _, m := range materials {
		if n := slices.IndexFunc(c.Materials, func(old catalogue.Material) bool { return old.Code == m.Code }); n >= 0 {
			c.Materials[n] = m
		} else {
			c.Materials = append(c.Materials, m)
		}
	}
	return true
}

// move changes an item's state.
func (i *Item) move(to ItemState, at time.Time) { i.State, i.Since, i.Touched = to, at, at }

func (c *Case) applyAgreement(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.AgreementOffered:
		if a := c.Agreement(); int(b.GetNumber()) != len(c.Agreements)+1 || a != nil && a.State != agencyv1.Agreement_TERMINATED {
			return true, false
		}
		c.Agreements = append(c.Agreements, Agreement{Number: int(b.GetNumber()), State: agencyv1.Agreement_TO_SIGN, Stages: b.GetStages(),
			Expire: b.GetExpireTime().AsTime(), Text: b.GetText(), SHA256: b.GetTextSha256(), Paper: b.GetPaper()})
	case *agencyv1.AgreementSigned:
		a := c.Agreement()
		if a == nil || a.Number != int(b.GetNumber()) || a.State != agencyv1.Agreement_TO_SIGN && a.State != agencyv1.Agreement_SIGNING {
			return true, false
		}
		if a.State == agencyv1.Agreement_TO_SIGN {
			a.Signer, a.SignerName, a.SignTime = b.GetSigner(), b.GetSignerName(), e.Time
		}
		a.Document, a.State = b.GetDocument(), agencyv1.Agreement_TO_SEAL
		if a.Paper && a.Document == "" {
			a.State = agencyv1.Agreement_SIGNING
		}
	case *agencyv1.AgreementSealed:
		a := c.Agreement()
		if a == nil || a.Number != int(b.GetNumber()) || a.State != agencyv1.Agreement_TO_SEAL {
			return true, false
		}
		a.State, a.SealTime = agencyv1.Agreement_SIGNED, e.Time
		if b.GetDocument() != "" {
			a.Document = b.GetDocument()
		}
	case *agencyv1.AgreementTerminated:
		a := c.Agreement()
		if a == nil || a.Number != int(b.GetNumber()) || a.State == agencyv1.Agreement_TERMINATED {
			return true, false
		}
		a.State, a.EndTime, a.EndCause, a.EndReason = agencyv1.Agreement_TERMINATED, e.Time, b.GetCause(), b.GetReason()
	case *agencyv1.AgentAssigned:
		if c.Entrusted() == nil || c.AgentOf(b.GetCentre()) != "" || b.GetOfficial() == "" {
			return true, false
		}
		c.Proposal = max(c.Proposal, b.GetProposal())
		c.Agents = append(c.Agents, Assignment{Centre: b.GetCentre(), Official: b.GetOfficial(), Reason: b.GetReason(), From: e.Time})
	case *agencyv1.AgentReleased:
		n := slices.IndexFunc(c.Agents, func(a Assignment) bool { return a.Centre == b.GetCentre() && a.To.IsZero() })
		if n < 0 || c.Agents[n].Official != b.GetOfficial() {
			return true, false
		}
		c.Agents[n].To = e.Time
	case *agencyv1.AgentRefused: // gives a claim back, whatever has become of the case
		c.Proposal = max(c.Proposal, b.GetProposal())
	default:
		return false, false
	}
	return true, true
}

func (c *Case) applyMaterial(e Event) (known, follows bool) {
	switch b := e.Body.(type) {
	case *agencyv1.MaterialRequested:
		if int(b.GetNumber()) != len(c.Requests)+1 {
			return true, false
		}
		c.Requests = append(c.Requests, Request{Number: int(b.GetNumber()), Material: b.GetMaterial(), Text: b.GetText(), Time: e.Time})
	case *agencyv1.DocumentAdded:
		c.Documents = append(c.Documents, Document{ID: b.GetDocument(), Purpose: b.GetPurpose()})
		if b.GetPurpose() != PurposeMaterial {
			return true, true
		}
		if int(b.GetVersion()) != c.nextVersion(b.GetMaterial()) {
			return true, false
		}
		c.Supplies = append(c.Supplies, Supply{Material: b.GetMaterial(), Version: int(b.GetVersion()), Document: b.GetDocument(), SHA256: b.GetSha256(),
			Supplier: b.GetSupplier(), Until: b.GetValidUntil(), Time: e.Time})
		c.supplied(b.GetMaterial(), e.Time)
	case *agencyv1.MaterialObtained:
		if int(b.GetVersion()) != c.nextVersion(b.GetMaterial()) {
			return true, false
		}
		c.Supplies = append(c.Supplies, Supply{Material: b.GetMaterial(), Version: int(b.GetVersion()), Reference: b.GetReference(),
			Supplier: b.GetSupplier(), Until: b.GetValidUntil(), Time: e.Time})
		c.supplied(b.GetMaterial(), e.Time)
	default:
		return false, false
	}
	return true, true
}

func (c *Case) nextVersion(material string) int {
	if s := c.Supply(material); s != nil {
		return s.Version + 1
	}
	return 1
}

// supplied answers what was asked for of a material.
func (c *Case) supplied(material string, at time.Time) {
	for i := range c.Requests {
		if r := &c.Requests[i]; r.Material == material && r.Supplied.IsZero() {
			r.Supplied = at
		}
	}
}
