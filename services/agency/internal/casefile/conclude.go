package casefile

import (
	"slices"
	"strconv"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Approve approves an item, with conditions or without. On a promise it is approved on the spot; a unit that accepts it first, or lets acceptance be deemed,
// does not take that way from the enterprise. While a commitment is outstanding the approval is tolerant, and becomes final when the commitment is kept.
func (c *Case) Approve(ctx Context, item, conditions string) ([]Event, error) {
	d, i, err := c.enterItem(VerbApprove, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := d.mayApprove(i); err != nil {
		return nil, err
	}
	if i.AcceptTime.IsZero() {
		k, err := d.mayAccept(i)
		if err != nil {
			return nil, err
		}
		d.accept(i, d.actor, d.now, false, k, "")
	}
	body := &agencyv1.ItemApproved{Item: item, Conditions: conditions, Workdays: int32(d.c.Workdays(i, d.inForce(d.now).Calendar(), d.now))}
	body.Tolerantly = slices.ContainsFunc(d.c.Commitments, func(k Commitment) bool {
		return k.Item == item && k.Attempt == i.Attempt && k.Kind == agencyv1.Commitment_TOLERANCE && k.Live()
	})
	clocks := d.fulfilled(ofItem(i, KindStatutory, KindPromised))
	if !body.GetTolerantly() || i.atOnce() {
		clocks = append(clocks, d.deliver(i)...)
	}
	if promise := d.c.signedFor(i, i.Attempt, agencyv1.Commitment_PROMISE); i.OnPromise && promise != nil && !d.ctx.Barred {
		body.OnPromise = true
		clocks = append(clocks, d.fulfil(i, promise, started(clocks, d.c))...)
	}
	d.emit(body, clocks...)
	d.releaseUnused(i, agencyv1.Commitment_PROMISE)
	d.complete()
	return d.finish()
}

// mayApprove: what it waits for is decided, nobody's opinion is awaited, and nothing is missing but what is committed to.
func (d *decision) mayApprove(i *Item) error {
	if i.AcceptTime.IsZero() {
		if i.State != Received || !i.OnPromise {
			return ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbApprove))
		}
		if err := d.mayPromise(i); err != nil {
			return err
		}
		if d.c.signedFor(i, i.Attempt, agencyv1.Commitment_PROMISE) == nil {
			return ErrPromiseMissing
		}
	}
	if err := d.decided(i.Def.Needs); err != nil {
		return err
	}
	if d.c.reviewed(i.Def.Code) {
		return ErrJointReviewOpen
	}
	principal, secondary := d.c.Missing(i, d.now)
	for _, m := range secondary {
		if !d.c.committed(i, m.Material) && !d.c.standsOnPromise(i) {
			principal = append(principal, m)
		}
	}
	if len(principal) > 0 {
		return missing(principal)
	}
	return nil
}

// standsOnPromise reports whether an attempt was handed in on a promise that stands: the promise then takes the place of secondary materials.
func (c *Case) standsOnPromise(i *Item) bool {
	return i.OnPromise && c.signedFor(i, i.Attempt, agencyv1.Commitment_PROMISE) != nil
}

// reviewed reports whether a joint review of an item is open.
func (c *Case) reviewed(code string) bool {
	return slices.ContainsFunc(c.Reviews, func(r Review) bool { return r.Concluded.IsZero() && slices.Contains(r.Items, code) })
}

// atOnce reports whether a certificate may be issued while a commitment is outstanding.
func (i *Item) atOnce() bool { return i.Def.Tolerance != nil && i.Def.Tolerance.CertificateAtOnce }

// deliver is the clock of a certificate, from the moment at which its unit can issue it: a tolerant approval may have to wait for what was committed to.
func (d *decision) deliver(i *Item) []Clock {
	if i.Def.Certificate == "" || d.c.Clock(i, KindDeliver) != nil {
		return nil
	}
	return d.start(0, KindDeliver, d.inForce(d.now).Rules().DeliverLimit, d.now, i.Unit, Clock{Item: i.Def.Code, Attempt: i.Attempt})
}

// started is how many of some clocks are new to a case.
func started(clocks []Clock, c *Case) int {
	n := 0
	for _, k := range clocks {
		if k.ID > len(c.Clocks) {
			n++
		}
	}
	return n
}

// fulfil is the clock of a promise that an approval rests on.
func (d *decision) fulfil(i *Item, k *Commitment, nth int) []Clock {
	city := d.inForce(d.now)
	clocks := d.start(nth, KindFulfil, workdays(k.Workdays), d.now, "", Clock{Item: i.Def.Code, Attempt: i.Attempt, Number: k.Number})
	for n := range clocks {
		clocks[n].remind(city.Calendar(), city.Rules())
	}
	return clocks
}

// Workdays returns how many workdays an item's unit has used until an instant: from acceptance, what stood still left out.
func (c *Case) Workdays(i *Item, cal *worktime.Calendar, now time.Time) int {
	if i.AcceptTime.IsZero() {
		return 0
	}
	used := cal.BetweenWorkdays(i.AcceptTime, latest(now, i.AcceptTime))
	if k := c.Clock(i, KindPromised); k != nil {
		used -= k.stood(cal, now)
	}
	return max(used, 0)
}

// Refuse refuses an item, in writing, with the reason and what can be done against it (行政许可法 art. 38).
func (c *Case) Refuse(ctx Context, item, reason, remedy string) ([]Event, error) {
	d, i, err := c.enterItem(VerbRefuse, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if err := needText("remedy", remedy); err != nil {
		return nil, err
	}
	if i.AcceptTime.IsZero() {
		return nil, ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbRefuse))
	}
	if d.c.reviewed(item) {
		return nil, ErrJointReviewOpen
	}
	d.emit(&agencyv1.ItemRefused{Item: item, Cause: "unit", Reason: reason, Remedy: remedy,
		Workdays: int32(d.c.Workdays(i, d.inForce(d.now).Calendar(), d.now))}, d.fulfilled(ofItem(i, KindStatutory, KindPromised))...)
	d.ended(i)
	return d.finish()
}

// Revoke revokes an approval, by the head of the unit.
func (c *Case) Revoke(ctx Context, item, reason string) ([]Event, error) {
	d, i, err := c.enterItem(VerbRevoke, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.ItemRevoked{Item: item, Cause: "unit", Reason: reason}, d.dropped(ofItem(i))...)
	d.ended(i)
	return d.finish()
}

// Issue is a certificate as a unit issues it.
type Issue struct {
	Item     string
	Number   string
	Document string
	From     string // first day; today when empty
	Until    string // last day; counted by the catalogue when empty
	Check    []byte // SHA-256 of the check code
}

// IssueCertificate issues the certificate of an approval. While a commitment is outstanding it waits, unless the catalogue lets it be issued at once.
func (c *Case) IssueCertificate(ctx Context, in Issue) ([]Event, error) {
	d, i, err := c.enterItem(VerbIssue, ctx, in.Item)
	if err != nil {
		return nil, err
	}
	if err := d.mayIssue(i); err != nil {
		return nil, err
	}
	if err := d.needDocument(in.Document, PurposeCertificate, true); err != nil {
		return nil, err
	}
	today := worktime.DateOf(d.now)
	if in.From == "" {
		in.From = today.String()
	}
	if in.Until == "" && i.Def.ValidMonths > 0 {
		in.Until = monthsOn(d.now, i.Def.ValidMonths)
	}
	if !civilDate.MatchString(in.From) || in.Until != "" && (!civilDate.MatchString(in.Until) || in.Until < in.From) {
		return nil, ErrValidityInvalid.Field("validUntil", "validity.range", "须写作 YYYY-MM-DD，且不早于起始日", "is written YYYY-MM-DD and not before the first day")
	}
	if in.Number == "" || d.c.certificate(in.Number) != nil {
		return nil, ErrCertificateNumber.Field("number", "number.taken", "为空或已使用", "is empty or taken")
	}
	d.emit(&agencyv1.CertificateIssued{Item: in.Item, Number: in.Number, Document: in.Document, ValidFrom: in.From, ValidUntil: in.Until, CheckSha256: in.Check},
		d.fulfilled(ofItem(i, KindDeliver))...)
	return d.finish()
}

func (d *decision) mayIssue(i *Item) error {
	switch {
	case i.Def.Certificate == "":
		return ErrNoCertificate
	case i.State == ApprovedTolerantly && !i.atOnce():
		return ErrCertificateWaits
	case d.c.inForce(i.Def.Code) != nil:
		return ErrCertificateIssued
	}
	return nil
}
