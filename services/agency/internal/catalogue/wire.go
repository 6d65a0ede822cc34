package catalogue

import (
	"maps"
	"slices"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// ItemOf reads an item of the contract.
func ItemOf(in *directoryv1.ApprovalItem) Item {
	out := Item{Code: in.GetCode(), DisplayName: in.GetDisplayName(), DisplayNameEn: in.GetDisplayNameEn(), Stage: in.GetStage(), Unit: in.GetUnit(),
		Kind: in.GetKind(), Basis: in.GetBasis(), Statutory: int(in.GetStatutoryWorkdays()), Promised: int(in.GetPromisedWorkdays()),
		Extension: int(in.GetExtensionWorkdays()), After: in.GetAfter(), Needs: in.GetNeeds(), Procedures: in.GetProcedures(),
		Certificate: in.GetCertificate(), CertificateEn: in.GetCertificateEn(), ValidMonths: int(in.GetCertificateMonths()), JointReview: in.GetJointReview(),
		When: conditionOf(in.GetWhen())}
	for _, m := range in.GetMaterials() {
		out.Materials = append(out.Materials, ItemMaterial{Material: m.GetMaterial(), Principal: m.GetPrincipal(), Tolerable: m.GetTolerable()})
	}
	if t := in.GetTolerance(); t != nil {
		out.Tolerance = &Tolerance{MaxWorkdays: int(t.GetMaxWorkdays()), Consequence: t.GetConsequence(), CertificateAtOnce: t.GetCertificateAtOnce()}
	}
	if p := in.GetPromise(); p != nil {
		out.Promise = &Promise{Fulfil: int(p.GetFulfilWorkdays()), Check: int(p.GetCheckWorkdays()), Fix: int(p.GetFixWorkdays())}
	}
	return out
}

func conditionOf(w *directoryv1.ItemCondition) Condition {
	return Condition{Types: w.GetTypes(), Lands: w.GetLands(), Hazards: w.GetHazards(), Utilities: w.GetUtilities(), Investors: w.GetInvestors(),
		MinInvestment: w.GetMinInvestmentFen(), BelowInvestment: w.GetBelowInvestmentFen(), MinFloorArea: int(w.GetMinFloorArea()),
		BelowFloorArea: int(w.GetBelowFloorArea())}
}

// Proto writes the item for the contract.
func (i Item) Proto() *directoryv1.ApprovalItem {
	out := &directoryv1.ApprovalItem{Code: i.Code, DisplayName: i.DisplayName, DisplayNameEn: i.DisplayNameEn, Stage: i.Stage, Unit: i.Unit, Kind: i.Kind,
		Basis: i.Basis, StatutoryWorkdays: int32(i.Statutory), PromisedWorkdays: int32(i.Promised), ExtensionWorkdays: int32(i.Extension), After: i.After,
		Needs: i.Needs, Procedures: i.Procedures, Certificate: i.Certificate, CertificateEn: i.CertificateEn, CertificateMonths: int32(i.ValidMonths),
		JointReview: i.JointReview}
	w := i.When
	when := &directoryv1.ItemCondition{Types: w.Types, Lands: w.Lands, Hazards: w.Hazards, Utilities: w.Utilities, Investors: w.Investors,
		MinInvestmentFen: w.MinInvestment, BelowInvestmentFen: w.BelowInvestment, MinFloorArea: int32(w.MinFloorArea), BelowFloorArea: int32(w.BelowFloorArea)}
	if !w.empty() {
		out.When = when
	}
	for _, m := range i.Materials {
		out.Materials = append(out.Materials, &directoryv1.ItemMaterial{Material: m.Material, Principal: m.Principal, Tolerable: m.Tolerable})
	}
	if t := i.Tolerance; t != nil {
		out.Tolerance = &directoryv1.Tolerance{MaxWorkdays: int32(t.MaxWorkdays), Consequence: t.Consequence, CertificateAtOnce: t.CertificateAtOnce}
	}
	if p := i.Promise; p != nil {
		out.Promise = &directoryv1.PromiseRule{FulfilWorkdays: int32(p.Fulfil), CheckWorkdays: int32(p.Check), FixWorkdays: int32(p.Fix)}
	}
	return out
}

func (w Condition) empty() bool {
	return len(w.Types)+len(w.Lands)+len(w.Hazards)+len(w.Utilities)+len(w.Investors) == 0 && w.MinInvestment == 0 && w.BelowInvestment == 0 &&
		w.MinFloorArea == 0 && w.BelowFloorArea == 0
}

// MaterialOf reads a material of the contract.
func MaterialOf(in *directoryv1.MaterialType) Material {
	return Material{Code: in.GetCode(), DisplayName: in.GetDisplayName(), DisplayNameEn: in.GetDisplayNameEn(), Source: in.GetSource(),
		ResultOf: in.GetResultOf(), ValidityMonths: int(in.GetValidityMonths())}
}

// Proto writes the material for the contract.
func (m Material) Proto() *directoryv1.MaterialType {
	return &directoryv1.MaterialType{Code: m.Code, DisplayName: m.DisplayName, DisplayNameEn: m.DisplayNameEn, Source: m.Source, ResultOf: m.ResultOf,
		ValidityMonths: int32(m.ValidityMonths)}
}

// StageOf reads a stage of the contract.
func StageOf(in *directoryv1.ApprovalStage) Stage {
	return Stage{Code: in.GetCode(), DisplayName: in.GetDisplayName(), DisplayNameEn: in.GetDisplayNameEn(), LeadUnit: in.GetLeadUnit(), Beside: in.GetBeside()}
}

// Proto writes the stage for the contract.
func (s Stage) Proto() *directoryv1.ApprovalStage {
	return &directoryv1.ApprovalStage{Code: s.Code, DisplayName: s.DisplayName, DisplayNameEn: s.DisplayNameEn, LeadUnit: s.LeadUnit, Beside: s.Beside}
}

// Catalogue writes what the city has of approvals for the contract, without departments' systems, whose keys are nobody's to read.
func (c *City) Catalogue() *directoryv1.Catalogue {
	return &directoryv1.Catalogue{
		Stages: each(c.config.Stages, Stage.Proto), Items: each(c.config.Items, Item.Proto), Materials: each(c.config.Materials, Material.Proto),
		Choices: each(c.config.Choices, func(o Choice) *directoryv1.Choice {
			return &directoryv1.Choice{Question: o.Question, Code: o.Code, DisplayName: o.DisplayName, DisplayNameEn: o.DisplayNameEn}
		}),
		Rules: c.config.Rules.proto(),
	}
}

func (r Rules) proto() *directoryv1.AgencyRules {
	out := &directoryv1.AgencyRules{Centres: r.Centres, AdmitLimit: text(r.AdmitLimit), AssignLimit: text(r.AssignLimit), AcceptLimit: text(r.AcceptLimit),
		CorrectLimit: text(r.CorrectLimit), OpinionLimit: text(r.OpinionLimit), DeliverLimit: text(r.DeliverLimit), WithdrawalLimit: text(r.WithdrawalLimit),
		ExtensionLimit: text(r.ExtensionLimit), CommitmentReminders: each(r.CommitmentReminders, text), WarnPercent: int32(r.WarnPercent),
		EntrustmentMonths: int32(r.EntrustmentMonths), StuckAfter: text(r.StuckAfter), TicketCategory: r.TicketCategory}
	for _, kind := range slices.Sorted(maps.Keys(r.ProcedureWorkdays)) {
		out.Procedures = append(out.Procedures, &directoryv1.ProcedureLimit{Procedure: kind, MaxWorkdays: int32(r.ProcedureWorkdays[kind])})
	}
	return out
}

// text writes a limit as it was read; none is empty.
func text(l worktime.Limit) string {
	if l == (worktime.Limit{}) {
		return ""
	}
	return l.String()
}
