package rpc

import (
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
)

// item renders an item. Everybody who sees the case sees that it is there and how it stands; what belongs to it is for who is shown it.
func (s *shown) item(i *casefile.Item) *agencyv1.Item {
	c, def := s.Case, &i.Def
	cal, rules := s.City.Calendar(), s.City.Rules()
	out := &agencyv1.Item{
		Name: caseName(c) + itemsPart + def.Code, DisplayName: s.itemName(i), Stage: def.Stage, Unit: named(c.City, "units", i.Unit),
		UnitDisplayName: s.unitName(i.Unit, i.Since), Kind: def.Kind, Basis: def.Basis, State: i.State, StateTime: stamp(i.Since), Attempt: int32(i.Attempt),
		StatutoryWorkdays: int32(def.Statutory), PromisedWorkdays: int32(def.Promised), ActualWorkdays: int32(s.workdays(i)),
		SubmitTime: stamp(i.SubmitTime), AcceptTime: stamp(i.AcceptTime), DeemedAccepted: i.Deemed, DecideTime: stamp(i.DecideTime),
		PromisedDueTime: s.dueTime(i, casefile.KindPromised), StatutoryDueTime: s.dueTime(i, casefile.KindStatutory),
		After: def.After, Needs: def.Needs, Overdue: c.Overdue(i, s.Now), Stuck: c.Stuck(i, cal, rules, s.Now), Critical: s.Critical(def.Code), Etag: s.Etag(),
	}
	if !s.showsItem(def.Code) {
		return out
	}
	g := c.Entrusted()
	out.OnPromise, out.Tolerant, out.SelfHandled = i.OnPromise, i.Tolerant, g != nil && !g.Covers(def.Stage)
	out.Actions = s.ItemActions(def.Code)
	out.DecisionText, out.Remedy = s.decisionText(i), s.text(i.Remedy)
	out.Certificates = s.inForce(i)
	if !s.row {
		out.Materials = s.asked(i)
		out.Correction = s.correction(i)
		out.Procedure = s.procedure(i)
	}
	return out
}

func (s *shown) itemName(i *casefile.Item) string {
	return s.Pick(i.Def.DisplayName, i.Def.DisplayNameEn)
}

// workdays are those used so far, or in all once the attempt is over.
func (s *shown) workdays(i *casefile.Item) int {
	switch {
	case !i.DecideTime.IsZero():
		return i.Workdays
	case i.UnderWay():
		return s.Case.Workdays(i, s.City.Calendar(), s.Now)
	default:
		return s.Case.Workdays(i, s.City.Calendar(), i.Since)
	}
}

// dueTime is when a limit of an item ends; nothing while it stands still or does not run.
func (s *shown) dueTime(i *casefile.Item, kind casefile.Kind) (due *timestamp) {
	if k := s.Case.Clock(i, kind); k != nil && k.Owed() && k.State != casefile.Paused {
		due = stamp(k.Due)
	}
	return due
}

// decisionText is the conditions of an approval, or why the attempt ended as it did.
func (s *shown) decisionText(i *casefile.Item) string {
	if i.State == casefile.Approved || i.State == casefile.ApprovedTolerantly {
		return s.text(i.Conditions)
	}
	if i.Reason == "" && !s.row {
		return s.Say(causeTexts[i.Cause])
	}
	return s.text(i.Reason)
}

// inForce are the numbers of an item's certificates that were not revoked.
func (s *shown) inForce(i *casefile.Item) (numbers []string) {
	for _, k := range s.Case.Certificates {
		if k.Item == i.Def.Code && k.Revoked.IsZero() {
			numbers = append(numbers, k.Number)
		}
	}
	return numbers
}

func (s *shown) asked(i *casefile.Item) (out []*agencyv1.ItemMaterial) {
	for _, m := range i.Def.Materials {
		out = append(out, &agencyv1.ItemMaterial{Material: m.Material, DisplayName: s.materialName(m.Material), Principal: m.Principal, Tolerable: m.Tolerable,
			State: s.Case.StateOfMaterial(i, m, s.Now)})
	}
	return out
}

func (s *shown) correction(i *casefile.Item) *agencyv1.Correction {
	k := i.Correction
	if k == nil {
		return nil
	}
	out := &agencyv1.Correction{Text: s.text(k.Note), NoticeTime: stamp(k.Since), CorrectTime: stamp(k.Made)}
	for n, m := range k.Materials {
		out.Deficiencies = append(out.Deficiencies, &agencyv1.Deficiency{Material: m, Text: s.text(k.Texts[n])})
	}
	if due := s.Case.Clock(i, casefile.KindCorrect); due != nil {
		out.DueTime = stamp(due.Due)
	}
	return out
}

func (s *shown) procedure(i *casefile.Item) *agencyv1.Procedure {
	p := i.Procedure
	if p == nil {
		return nil
	}
	until := p.Until
	if k := s.Case.Clock(i, casefile.KindProcedure); k != nil && k.Owed() { // an official calendar may have moved it
		until = k.Due
	}
	return &agencyv1.Procedure{Kind: p.Kind, Text: s.text(p.Notice), StartTime: stamp(p.Since), UntilTime: stamp(until)}
}

// commitment renders a commitment.
func (s *shown) commitment(k *casefile.Commitment) *agencyv1.Commitment {
	c := s.Case
	i := c.Item(k.Item)
	out := &agencyv1.Commitment{
		Name: commitmentName(c, k.Number), Item: k.Item, ItemDisplayName: s.itemName(i), Kind: k.Kind, State: k.State, Materials: k.Materials,
		Consequence: k.Consequence, Workdays: int32(k.Workdays), Text: s.text(k.Text), TextSha256: hexOf(k.SHA256), SignTime: stamp(k.SignTime),
		EndTime: stamp(k.EndTime), Bars: k.Bars(), RepairTime: stamp(k.RepairTime), Actions: s.CommitmentActions(k.Number), Etag: s.Etag(),
		Signer: named(c.City, "persons", k.Signer), SignerName: s.text(k.SignerName),
	}
	if k.EndTime.IsZero() || k.State == agencyv1.Commitment_BROKEN {
		out.Missing = c.StillMissing(*k)
	}
	out.DueTime, out.FirstDueTime = s.commitmentDue(k)
	if x := k.Extension; x != nil {
		out.Extension = &agencyv1.CommitmentExtension{Workdays: int32(x.Workdays), Reason: s.text(x.Reason), Decision: x.Decision,
			DecisionReason: s.text(x.Answer), CreateTime: stamp(x.Time)}
	}
	return out
}

// commitmentDue is by when a commitment is to be fulfilled, and by when it was at first where more time was given.
func (s *shown) commitmentDue(k *casefile.Commitment) (due, first *timestamp) {
	for n := len(s.Case.Clocks) - 1; n >= 0; n-- {
		x := &s.Case.Clocks[n]
		if x.Number != k.Number || x.Kind != casefile.KindCommitment && x.Kind != casefile.KindFulfil {
			continue
		}
		if len(x.More) > 0 {
			first = stamp(x.FirstDue)
		}
		return stamp(x.Due), first
	}
	return nil, nil
}

// review renders a joint review.
func (s *shown) review(r *casefile.Review) *agencyv1.JointReview {
	out := &agencyv1.JointReview{Number: int32(r.Number), Items: r.Items, LeadUnit: named(s.Case.City, "units", r.Lead), Text: s.text(r.Text),
		Conclusion: s.text(r.Conclusion), CreateTime: stamp(r.Time), ConcludeTime: stamp(r.Concluded)}
	for _, o := range r.Opinions {
		out.Opinions = append(out.Opinions, &agencyv1.Opinion{Unit: named(s.Case.City, "units", o.Unit), UnitDisplayName: s.unitName(o.Unit, r.Time),
			Opinion: o.Opinion, Text: s.text(o.Text), OpinionTime: stamp(o.Time)})
	}
	var due time.Time
	for _, k := range s.Case.Clocks {
		if k.Kind == casefile.KindOpinion && k.Number == r.Number && k.Due.After(due) {
			due = k.Due
		}
	}
	out.DueTime = stamp(due)
	return out
}
