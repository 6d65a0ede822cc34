package casefile

import (
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// Submit hands an item in. Materials may still be missing: the unit says so once, and completely. From now on its silence is acceptance.
func (c *Case) Submit(ctx Context, item string, onPromise bool) ([]Event, error) {
	d, i, err := c.enterItem(VerbSubmit, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := d.maySubmit(i); err != nil {
		return nil, err
	}
	attempt := i.Attempt + 1
	if onPromise {
		if err := d.mayPromise(i); err != nil {
			return nil, err
		}
		if k := d.c.signedFor(i, attempt, agencyv1.Commitment_PROMISE); k == nil {
			return nil, ErrPromiseMissing
		}
	}
	d.emit(&agencyv1.ItemSubmitted{Item: item, Attempt: int32(attempt), OnPromise: onPromise},
		d.start(0, KindAccept, d.inForce(d.now).Rules().AcceptLimit, d.now, i.Unit, Clock{Item: item, Attempt: attempt})...)
	d.complete() // what was not needed can be handed in after all
	return d.finish()
}

// maySubmit: what must be decided before is.
func (d *decision) maySubmit(i *Item) error { return d.decided(i.Def.After) }

// decided refuses while something that this project needs is not decided well.
func (d *decision) decided(codes []string) error {
	for _, code := range codes {
		if before := d.c.Item(code); before != nil && !before.Good() {
			return ErrPrerequisiteOpen.With("item", code)
		}
	}
	return nil
}

// signedFor returns the signed commitment of a kind on which an attempt can rest, nil when there is none.
func (c *Case) signedFor(i *Item, attempt int, kind agencyv1.Commitment_Kind) *Commitment {
	for n := len(c.Commitments) - 1; n >= 0; n-- {
		k := &c.Commitments[n]
		if k.Item == i.Def.Code && k.Attempt == attempt && k.Kind == kind && k.State == agencyv1.Commitment_SIGNED {
			return k
		}
	}
	return nil
}

// Withdraw takes an item back: at once before acceptance; afterwards the unit confirms, or its silence does.
func (c *Case) Withdraw(ctx Context, item, reason string) ([]Event, error) {
	d, i, err := c.enterItem(VerbWithdraw, ctx, item)
	if err != nil {
		return nil, err
	}
	if i.AcceptTime.IsZero() {
		d.retract(i, d.actor, "enterprise", reason)
		return d.finish()
	}
	if i.State == ProcedureOpen {
		d.endProcedure(i, d.actor, "withdrawal", "")
	}
	d.emit(&agencyv1.WithdrawalRequested{Item: item, Reason: reason},
		d.start(0, KindWithdrawal, d.inForce(d.now).Rules().WithdrawalLimit, d.now, i.Unit, Clock{Item: item, Attempt: i.Attempt})...)
	return d.finish()
}

// retract ends an attempt before acceptance.
func (d *decision) retract(i *Item, by Actor, cause, reason string) {
	d.emitAt(d.now, by, &agencyv1.ItemRetracted{Item: i.Def.Code, Cause: cause, Reason: reason}, d.dropped(ofItem(i))...)
	d.ended(i)
}

// ended follows the end of an attempt, however it came.
func (d *decision) ended(i *Item) {
	d.release(i)
	d.complete()
}

// release lets go of what was promised for an attempt that ended, where it is not broken.
func (d *decision) release(i *Item) {
	for _, k := range d.c.Commitments {
		if k.Item == i.Def.Code && k.Attempt == i.Attempt && (k.State == agencyv1.Commitment_SIGNED || k.Live()) {
			d.follow(&agencyv1.CommitmentReleased{Number: int32(k.Number)},
				d.dropped(numbered(k.Number, KindCommitment, KindFulfil, KindExtension, KindCheck))...)
		}
	}
}

// ConfirmWithdrawal lets an accepted item go.
func (c *Case) ConfirmWithdrawal(ctx Context, item string) ([]Event, error) {
	d, i, err := c.enterItem(VerbConfirmWithdrawal, ctx, item)
	if err != nil {
		return nil, err
	}
	d.withdrawn(i, d.actor, "unit")
	return d.finish()
}

// withdrawn ends an attempt after acceptance. A breach that it has stays.
func (d *decision) withdrawn(i *Item, by Actor, cause string) {
	clocks := d.c.changed(ofItem(i), func(k Clock) Clock {
		if k.Kind == KindWithdrawal && cause == "unit" { // everything else overtook the answer
			return k.stopped(d.now)
		}
		return k.dropped(d.now)
	})
	d.emitAt(d.now, by, &agencyv1.ItemWithdrawn{Item: i.Def.Code, Cause: cause}, clocks...)
	d.ended(i)
}

// DeclineWithdrawal keeps an item: a decision that binds others too may not be prevented by who it is about.
func (c *Case) DeclineWithdrawal(ctx Context, item, reason string) ([]Event, error) {
	d, i, err := c.enterItem(VerbDeclineWithdrawal, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.WithdrawalDeclined{Item: item, Reason: reason}, d.fulfilled(ofItem(i, KindWithdrawal))...)
	return d.finish()
}
