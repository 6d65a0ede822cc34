package casefile

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Accept accepts an item: the limits run from now. When only secondary materials are missing, the enterprise's commitment is what it rests on
// (Henan's regulation on the business environment, art. 35); the notice says what is to be supplied, by when, and what happens otherwise.
func (c *Case) Accept(ctx Context, item, notice string) ([]Event, error) {
	d, i, err := c.enterItem(VerbAccept, ctx, item)
	if err != nil {
		return nil, err
	}
	commitment, err := d.mayAccept(i)
	if err != nil {
		return nil, err
	}
	d.accept(i, d.actor, d.now, false, commitment, notice)
	return d.finish()
}

// mayAccept returns the commitment that acceptance rests on, nil when it needs none.
func (d *decision) mayAccept(i *Item) (*Commitment, error) {
	if !i.AcceptTime.IsZero() {
		return nil, ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbAccept)) // corrected after acceptance: it goes on by itself
	}
	principal, secondary := d.c.Missing(i, d.now)
	if len(principal) > 0 {
		return nil, missing(principal)
	}
	if len(secondary) == 0 {
		return nil, nil
	}
	k := d.c.signedFor(i, i.Attempt, agencyv1.Commitment_TOLERANCE)
	covers := k != nil && !slices.ContainsFunc(secondary, func(m catalogue.ItemMaterial) bool { return !slices.Contains(k.Materials, m.Material) })
	switch {
	case covers:
		return k, nil
	case d.c.standsOnPromise(i): // also where a document expired after the other commitment was signed
		return nil, nil
	}
	return nil, missing(secondary)
}

func missing(all []catalogue.ItemMaterial) error {
	err := ErrMaterialsMissing
	for _, m := range all {
		err = err.Field("materials."+m.Material, "material.missing", "缺少这份材料", "this document is missing")
	}
	return err
}

// accept lets the limits run: from the acceptance, or, where it is deemed, from the receipt.
func (d *decision) accept(i *Item, by Actor, from time.Time, deemed bool, k *Commitment, notice string) {
	of := Clock{Item: i.Def.Code, Attempt: i.Attempt}
	var clocks []Clock // a deemed acceptance found its clock breached
	if !deemed {
		clocks = d.fulfilled(ofItem(i, KindAccept))
	}
	started := 0
	add := func(list []Clock) {
		started += len(list)
		clocks = append(clocks, list...)
	}
	add(d.start(started, KindStatutory, workdays(i.Def.Statutory), from, i.Unit, of))
	add(d.start(started, KindPromised, workdays(i.Def.Promised), from, i.Unit, of))
	body := &agencyv1.ItemAccepted{Item: i.Def.Code, AcceptTime: timestamppb.New(from), Deemed: deemed, Text: notice}
	if k != nil {
		body.Commitment = int32(k.Number)
		of.Number = k.Number
		list := d.start(started, KindCommitment, workdays(k.Workdays), d.now, "", of)
		city := d.inForce(d.now)
		for n := range list {
			list[n].remind(city.Calendar(), city.Rules())
		}
		add(list)
	}
	d.emitAt(d.now, by, body, clocks...)
	d.releaseUnused(i, agencyv1.Commitment_TOLERANCE)
}

// releaseUnused lets go of commitments of some kinds that were signed and on which nothing rests.
func (d *decision) releaseUnused(i *Item, kinds ...agencyv1.Commitment_Kind) {
	d.releaseAll(func(k Commitment) bool {
		return k.Item == i.Def.Code && k.Attempt == i.Attempt && slices.Contains(kinds, k.Kind) && k.State == agencyv1.Commitment_SIGNED
	})
}

// deem accepts an item about which nothing was said in time: from the day it was received (行政许可法 art. 32). A correction that was made after
// acceptance needs none. A signed commitment is taken up where it covers what is missing.
func (d *decision) deem(i *Item) {
	from := i.SubmitTime
	if i.Correction != nil && !i.Correction.Made.IsZero() {
		from = i.Correction.Made
	}
	k, err := d.mayAccept(i)
	if err != nil {
		k = nil
	}
	d.accept(i, Clockwork, from, true, k, "")
}

// TakeOn hands an accepted item on to the department that decides.
func (c *Case) TakeOn(ctx Context, item string) ([]Event, error) {
	d, _, err := c.enterItem(VerbTakeOn, ctx, item)
	if err != nil {
		return nil, err
	}
	d.emit(&agencyv1.ItemTakenOn{Item: item})
	return d.finish()
}

// NotAccept says that no approval is needed, or whom to turn to instead.
func (c *Case) NotAccept(ctx Context, item, reason string, notNeeded bool) ([]Event, error) {
	d, i, err := c.enterItem(VerbNotAccept, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.ItemNotAccepted{Item: item, Reason: reason, NotNeeded: notNeeded}, d.fulfilled(ofItem(i, KindAccept))...)
	d.ended(i)
	return d.finish()
}

// RefuseAcceptance refuses to accept, in writing. It may not be used for what a correction could mend, nor where a commitment covers what is missing.
func (c *Case) RefuseAcceptance(ctx Context, item, reason, remedy string) ([]Event, error) {
	d, i, err := c.enterItem(VerbRefuseAcceptance, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if err := needText("remedy", remedy); err != nil {
		return nil, err
	}
	if err := d.mayRefuseAcceptance(i); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.AcceptanceRefused{Item: item, Reason: reason, Remedy: remedy}, d.fulfilled(ofItem(i, KindAccept))...)
	d.ended(i)
	return d.finish()
}

func (d *decision) mayRefuseAcceptance(i *Item) error {
	if !i.AcceptTime.IsZero() {
		return ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbRefuseAcceptance))
	}
	if k, err := d.mayAccept(i); err == nil && k != nil {
		return ErrToleranceDue
	}
	if principal, secondary := d.c.Missing(i, d.now); i.Correction == nil && len(principal)+len(secondary) > 0 {
		return ErrCorrectionFirst
	}
	return nil
}
