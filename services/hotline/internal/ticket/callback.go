package ticket

import "github.com/throughtrain/throughtrain/services/kit/worktime"

// callbackAttempts is how often a filer is called before they count as unreachable.
const callbackAttempts = 2

// majorCycle is the cycle from which on a ticket is a major one.
const majorCycle = 2

// callbackFor tells why the filer is to be called back after an answer: always after a major ticket or a thin answer, and after a share of the
// rest, by a lot that whoever answers can neither choose nor foresee.
func (d *decision) callbackFor(in AnswerInput) string {
	switch {
	case d.t.Confidential:
		return "" // its filer is reached by message alone
	case d.t.major():
		return CallbackMajor
	case in.Thin:
		return CallbackThin
	case in.Lot < d.inForce(d.now).Rules().CallbackPercent:
		return CallbackSample
	default:
		return ""
	}
}

// major: urgent, under supervision, opened again, with investment or jobs at risk, or risen to the third rung.
func (t *Ticket) major() bool {
	const highRung = 3
	return t.Urgency == Urgent || t.Supervised() || t.Cycle >= majorCycle || t.InvestmentAtRisk > 0 || t.JobsAtRisk > 0 || t.Rung >= highRung
}

// RecordMissedCall says that a call-back reached nobody. A second call follows, not too soon; after that the filer counts as
// unreachable.
func (t *Ticket) RecordMissedCall(c Context) ([]Event, error) {
	d, err := t.enter(VerbMissedCall, c)
	if err != nil {
		return nil, err
	}
	if err := d.mayMissCall(); err != nil {
		return nil, err
	}
	body := CallbackMissed{Attempt: d.t.Callback.Attempts + 1}
	if body.Attempt < callbackAttempts {
		body.Next = d.now
		city := d.inForce(d.now)
		if retry := city.Rules().CallbackRetry; retry != (worktime.Limit{}) {
			body.Next = instant(city.Calendar().Add(d.now, retry).Due)
		}
	}
	d.emit(body)
	return d.finish()
}

func (d *decision) mayMissCall() error {
	if err := d.mayVerify(VerbCallback); err != nil {
		return err
	}
	if cb := d.t.Callback; !cb.Waits() || d.now.Before(cb.Next) {
		return ErrCallbackNotDue
	}
	return nil
}
