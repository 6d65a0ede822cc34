package desk

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// lineVerb is what a kind of report does to a case.
type lineVerb struct {
	do   func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error)
	past casefile.Verb // what is only counted when it had been done before; empty for what never is
}

// lineVerbs are the kinds of reports: the same verbs that clerks use, with the same words.
var lineVerbs = map[agencyv1.LineItemEvent_Kind]lineVerb{
	agencyv1.LineItemEvent_ACCEPTED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.Accept(a.context, e.GetItem(), a.write(KindNotice, toleranceNotice(a.city, a.from.Case, e.GetItem(), a.context.Now)))
	}, casefile.VerbAccept},
	agencyv1.LineItemEvent_TAKEN_ON: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.TakeOn(a.context, e.GetItem())
	}, casefile.VerbTakeOn},
	agencyv1.LineItemEvent_NOT_ACCEPTED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.NotAccept(a.context, e.GetItem(), a.write(KindReason, e.GetText()), e.GetNotNeeded())
	}, ""},
	agencyv1.LineItemEvent_ACCEPTANCE_REFUSED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.RefuseAcceptance(a.context, e.GetItem(), a.write(KindReason, e.GetText()), a.write(KindRemedy, e.GetRemedy()))
	}, ""},
	agencyv1.LineItemEvent_CORRECTION_REQUESTED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		var wrong []Deficiency
		for _, w := range e.GetDeficiencies() {
			wrong = append(wrong, Deficiency{Material: w.GetMaterial(), Text: w.GetText()})
		}
		return a.from.Case.RequestCorrection(a.context, e.GetItem(), a.deficiencies(wrong), a.write(KindNotice, e.GetText()))
	}, ""},
	agencyv1.LineItemEvent_PROCEDURE_STARTED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.StartProcedure(a.context, e.GetItem(), e.GetProcedure(), a.write(KindNotice, e.GetText()), int(e.GetWorkdays()))
	}, ""},
	agencyv1.LineItemEvent_PROCEDURE_ENDED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.EndProcedure(a.context, e.GetItem(), a.write(KindNotice, e.GetText()))
	}, casefile.VerbEndProcedure},
	agencyv1.LineItemEvent_APPROVED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.Approve(a.context, e.GetItem(), a.write(KindReason, e.GetText()))
	}, ""},
	agencyv1.LineItemEvent_REFUSED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.Refuse(a.context, e.GetItem(), a.write(KindReason, e.GetText()), a.write(KindRemedy, e.GetRemedy()))
	}, ""},
	agencyv1.LineItemEvent_WITHDRAWAL_CONFIRMED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.ConfirmWithdrawal(a.context, e.GetItem())
	}, casefile.VerbConfirmWithdrawal},
	agencyv1.LineItemEvent_WITHDRAWAL_DECLINED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		return a.from.Case.DeclineWithdrawal(a.context, e.GetItem(), a.write(KindReason, e.GetText()))
	}, ""},
	agencyv1.LineItemEvent_MATERIAL_OBTAINED: {func(a *act, e *agencyv1.LineItemEvent) ([]casefile.Event, error) {
		asks := func(m catalogue.ItemMaterial) bool { return m.Material == e.GetMaterial() }
		if !slices.ContainsFunc(a.from.Case.Item(e.GetItem()).Def.Materials, asks) { // those of other units' items are not the system's to say
			return nil, casefile.ErrMaterialUnknown.Field("material", "material.unknown", "该事项不需要这份材料", "is no material of this item")
		}
		return a.from.Case.Obtain(a.context, e.GetMaterial(), e.GetReference(), "")
	}, ""},
}
