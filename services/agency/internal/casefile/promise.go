package casefile

import (
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// ReportPromise says that what was promised is fulfilled: the enterprise's time is over, the unit's to check it begins.
func (c *Case) ReportPromise(ctx Context, number int, text string) ([]Event, error) {
	d, k, err := c.enterCommitment(VerbReport, ctx, number)
	if err != nil {
		return nil, err
	}
	if k.Kind != agencyv1.Commitment_PROMISE || !k.Live() || k.Reported {
		return nil, ErrCommitmentStateForbids
	}
	i := d.c.Item(k.Item)
	d.emit(&agencyv1.PromiseReported{Number: int32(number), Text: text}, append(d.kept(number),
		d.start(0, KindCheck, workdays(max(i.Def.Promise.Check, 1)), d.now, i.Unit, Clock{Item: k.Item, Attempt: k.Attempt, Number: number})...)...)
	return d.finish()
}

// CheckPromise is the unit's check. What differs is put right within the time the catalogue gives; differing again, or with no such time, the approval is
// revoked (安阳条例 art. 27).
func (c *Case) CheckPromise(ctx Context, number int, holds bool, text string) ([]Event, error) {
	d, k, err := c.enterCommitment(VerbCheck, ctx, number)
	if err != nil {
		return nil, err
	}
	switch {
	case k.Kind != agencyv1.Commitment_PROMISE || !k.Live():
		return nil, ErrCommitmentStateForbids
	case !k.Reported:
		return nil, ErrPromiseNotReported // until then its time is the enterprise's: no check cuts that short
	case holds:
		d.emit(&agencyv1.CommitmentKept{Number: int32(number)}, d.kept(number)...)
		d.complete()
		return d.finish()
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	i := d.c.Item(k.Item)
	if i.Def.Promise.Fix == 0 || k.Fixing {
		d.emit(&agencyv1.PromiseDiffers{Number: int32(number), Text: text}, d.kept(number)...)
		d.broken(number)
		return d.finish()
	}
	fix := d.start(0, KindFulfil, workdays(i.Def.Promise.Fix), d.now, "", Clock{Item: k.Item, Attempt: k.Attempt, Number: number})
	city := d.inForce(d.now)
	for n := range fix {
		fix[n].remind(city.Calendar(), city.Rules())
	}
	d.emit(&agencyv1.PromiseDiffers{Number: int32(number), Text: text}, append(d.kept(number), fix...)...)
	return d.finish()
}
