package casefile

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// Actions returns the verbs the actor may use on the case itself now, in the order of the table. A verb is listed when nothing but its own words could still
// make it fail.
func (c *Case) Actions(ctx Context) []string {
	d := c.look(ctx)
	if d.err != nil {
		return nil
	}
	p := d.c.PartyOf(ctx.Actor)
	var out []string
	for _, v := range offeredOnCase {
		if allowedCase(v, d.c.State, p) == nil && d.may(v) {
			out = append(out, string(v))
		}
	}
	return out
}

var offeredOnCase = []Verb{VerbAdmit, VerbDecline, VerbAnswer, VerbMove, VerbOffer, VerbSign, VerbSeal, VerbTerminate, VerbChoose, VerbClose, VerbRequest,
	VerbSupply, VerbObtain, VerbNote, VerbMeet, VerbLinkTicket, VerbReview}

// may is what a verb on a case asks beyond the table.
func (d *decision) may(v Verb) bool {
	a := d.c.Agreement()
	live := a != nil && a.State != agencyv1.Agreement_TERMINATED
	switch v {
	case VerbMove:
		return d.city.HasCatalogue() && d.city.Version() > d.c.ConfigVersion && d.city.CheckAnswers(d.c.Answers) == nil
	case VerbOffer:
		return d.c.Entrusted() == nil
	case VerbSign:
		return live && (a.State == agencyv1.Agreement_TO_SIGN || a.State == agencyv1.Agreement_SIGNING) && a.Expire.After(d.now)
	case VerbSeal:
		return live && a.State == agencyv1.Agreement_TO_SEAL && a.Expire.After(d.now)
	case VerbTerminate:
		return live
	case VerbChoose:
		return d.c.Entrusted() != nil
	case VerbSupply:
		return d.c.room() == nil
	case VerbClose:
		return d.mayClose() == nil
	case VerbReview:
		return slices.ContainsFunc(d.c.Items, func(i Item) bool {
			_, err := d.mayReview([]string{i.Def.Code})
			return err == nil
		})
	default:
		return true
	}
}

// ItemActions returns the verbs the actor may use on an item now.
func (c *Case) ItemActions(ctx Context, code string) []string {
	d := c.look(ctx)
	i := d.c.Item(code)
	if d.err != nil || i == nil {
		return nil
	}
	var out []string
	for _, v := range offeredOnItem {
		allowed := d.allowedItem(v, i)
		if v == VerbLinkTicket { // whatever became of the case
			allowed = allowedItem(v, i.State, d.c.PartyOfItem(d.actor, i))
		}
		if allowed == nil && d.mayOnItem(v, i) == nil {
			out = append(out, string(v))
		}
	}
	return out
}

var offeredOnItem = []Verb{VerbSubmit, VerbAccept, VerbTakeOn, VerbNotAccept, VerbRefuseAcceptance, VerbRequestCorrection, VerbCorrect, VerbStartProcedure,
	VerbEndProcedure, VerbExtend, VerbApprove, VerbRefuse, VerbWithdraw, VerbConfirmWithdrawal, VerbDeclineWithdrawal, VerbRevoke, VerbIssue, VerbCommit, VerbLinkTicket}

func (d *decision) mayOnItem(v Verb, i *Item) error {
	unaccepted := i.AcceptTime.IsZero()
	switch v {
	case VerbSubmit:
		return d.maySubmit(i)
	case VerbAccept:
		_, err := d.mayAccept(i)
		return err
	case VerbRefuseAcceptance:
		return d.mayRefuseAcceptance(i)
	case VerbRequestCorrection:
		if i.Correction != nil {
			return ErrCorrectionGiven
		}
	case VerbCorrect:
		return d.mayBeCorrected(i)
	case VerbStartProcedure:
		if unaccepted || !slices.ContainsFunc(i.Def.Procedures, func(kind string) bool { return d.procedureLeft(i, kind) > 0 }) {
			return ErrProcedureUnknown
		}
	case VerbExtend:
		if k := d.c.Clock(i, KindStatutory); i.Def.Extension == 0 || i.Extended || k == nil || !k.live() {
			return ErrExtensionUsed
		}
	case VerbApprove:
		return d.mayApprove(i)
	case VerbRefuse:
		if unaccepted || d.c.reviewed(i.Def.Code) {
			return ErrItemStateForbids
		}
	case VerbIssue:
		return d.mayIssue(i)
	case VerbCommit:
		if _, err := d.terms(agencyv1.Commitment_TOLERANCE, i, 0); err == nil {
			return nil
		}
		_, err := d.terms(agencyv1.Commitment_PROMISE, i, 0)
		return err
	default:
	}
	return nil
}

// CommitmentActions returns the verbs the actor may use on a commitment now.
func (c *Case) CommitmentActions(ctx Context, number int) []string {
	d := c.look(ctx)
	k := d.c.Commitment(number)
	if d.err != nil || k == nil {
		return nil
	}
	i := d.c.Item(k.Item)
	refused := k.Extension != nil && k.Extension.Decision == DecisionRefused
	promise := k.Kind == agencyv1.Commitment_PROMISE
	var out []string
	for v, may := range map[Verb]bool{
		VerbReport:          promise && k.Live() && !k.Reported,
		VerbCheck:           promise && k.Live() && k.Reported,
		VerbAskExtension:    k.Live() && !k.Reported && !k.Waits() && !refused,
		VerbDecideExtension: k.Waits(),
	} {
		if may && d.allowedItem(v, i) == nil {
			out = append(out, string(v))
		}
	}
	if k.Bars() && allowedItem(VerbRepair, i.State, d.c.PartyOfItem(d.actor, i)) == nil {
		out = append(out, string(VerbRepair))
	}
	slices.Sort(out)
	return out
}
