package citypb

import (
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// catalogue is nil for a city without an approval agency.
func catalogue(c *city.Catalogue) *directoryv1.Catalogue {
	if c == nil {
		return nil
	}
	return &directoryv1.Catalogue{
		Stages: each(c.Stages, func(s city.Stage) *directoryv1.ApprovalStage {
			return &directoryv1.ApprovalStage{Code: s.Code, DisplayName: s.Name, DisplayNameEn: s.NameEn, LeadUnit: s.LeadUnit, Beside: s.Beside}
		}),
		Items: each(c.Items, item),
		Materials: each(c.Materials, func(m city.Material) *directoryv1.MaterialType {
			return &directoryv1.MaterialType{Code: m.Code, DisplayName: m.Name, DisplayNameEn: m.NameEn, Source: string(m.Source), ResultOf: m.ResultOf,
				ValidityMonths: int32(m.ValidityMonths)}
		}),
		Choices: each(c.Choices, func(k city.Choice) *directoryv1.Choice {
			return &directoryv1.Choice{Question: k.Question, Code: k.Code, DisplayName: k.Name, DisplayNameEn: k.NameEn}
		}),
		LineSystems: each(c.LineSystems, func(s city.LineSystem) *directoryv1.LineSystem {
			return &directoryv1.LineSystem{Code: s.Code, DisplayName: s.Name, DisplayNameEn: s.NameEn, Unit: s.Unit, PublicKey: s.PublicKey}
		}),
		Rules: agencyRules(c.Rules),
	}
}

func item(i city.Item) *directoryv1.ApprovalItem {
	out := &directoryv1.ApprovalItem{
		Code: i.Code, DisplayName: i.Name, DisplayNameEn: i.NameEn, Stage: i.Stage, Unit: i.Unit, Kind: string(i.Kind), Basis: basis(i),
		StatutoryWorkdays: int32(i.Statutory), PromisedWorkdays: int32(i.Promised), ExtensionWorkdays: int32(i.Extension),
		After: i.After, Needs: i.Needs, When: condition(i.When), Procedures: each(i.Procedures, func(p city.Procedure) string { return string(p) }),
		JointReview: i.JointReview,
	}
	for _, code := range i.Principal {
		out.Materials = append(out.Materials, &directoryv1.ItemMaterial{Material: code, Principal: true})
	}
	for _, code := range i.Secondary {
		out.Materials = append(out.Materials, &directoryv1.ItemMaterial{Material: code})
	}
	for _, code := range i.Tolerable {
		out.Materials = append(out.Materials, &directoryv1.ItemMaterial{Material: code, Tolerable: true})
	}
	if t := i.Tolerance; t != nil {
		out.Tolerance = &directoryv1.Tolerance{MaxWorkdays: int32(t.MaxWorkdays), Consequence: string(t.Consequence), CertificateAtOnce: t.CertificateAtOnce}
	}
	if p := i.Promise; p != nil {
		out.Promise = &directoryv1.PromiseRule{FulfilWorkdays: int32(p.Fulfil), CheckWorkdays: int32(p.Check), FixWorkdays: int32(p.Fix)}
	}
	if k := i.Certificate; k != nil {
		out.Certificate, out.CertificateEn, out.CertificateMonths = k.Name, k.NameEn, int32(k.Months)
	}
	return out
}

// basis says with an item's basis when no rule gives its statutory limit, so that nobody takes a starting value for law.
func basis(i city.Item) string {
	if !i.Unconfirmed {
		return i.Basis
	}
	return i.Basis + "（法定时限待本市确认 / statutory limit to be confirmed by the city）"
}

// condition is nil for an item that every project needs.
func condition(w city.Condition) *directoryv1.ItemCondition {
	out := &directoryv1.ItemCondition{
		Types: w.Types, Lands: w.Lands, Hazards: w.Hazards, Utilities: w.Utilities, Investors: w.Investors,
		MinInvestmentFen: fen(w.MinInvestmentYuan), BelowInvestmentFen: fen(w.BelowInvestmentYuan),
		MinFloorArea: int32(w.MinFloorArea), BelowFloorArea: int32(w.BelowFloorArea),
	}
	if proto.Size(out) == 0 {
		return nil
	}
	return out
}

func fen(yuan int) int64 { return int64(yuan) * 100 }

func agencyRules(r city.AgencyRules) *directoryv1.AgencyRules {
	return &directoryv1.AgencyRules{
		Centres:             r.Centres,
		AdmitLimit:          r.AdmitLimit.String(),
		AssignLimit:         r.AssignLimit.String(),
		AcceptLimit:         r.AcceptLimit.String(),
		CorrectLimit:        limitText(r.CorrectLimit),
		OpinionLimit:        r.OpinionLimit.String(),
		DeliverLimit:        r.DeliverLimit.String(),
		WithdrawalLimit:     r.WithdrawalLimit.String(),
		ExtensionLimit:      r.ExtensionLimit.String(),
		CommitmentReminders: each(r.CommitmentReminders, worktime.Limit.String),
		WarnPercent:         int32(r.WarnPercent),
		Procedures: each(r.Procedures, func(l city.ProcedureLimit) *directoryv1.ProcedureLimit {
			return &directoryv1.ProcedureLimit{Procedure: string(l.Procedure), MaxWorkdays: int32(l.MaxWorkdays)}
		}),
		EntrustmentMonths: int32(r.EntrustmentMonths),
		StuckAfter:        r.StuckAfter.String(),
		TicketCategory:    r.TicketCategory,
	}
}
