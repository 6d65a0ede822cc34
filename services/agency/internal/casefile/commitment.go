package casefile

import (
	"bytes"
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Terms are what an enterprise commits to.
type Terms struct {
	Kind        agencyv1.Commitment_Kind
	Item        string
	Attempt     int
	Materials   []string // that are to be supplied; those missing
	Workdays    int      // from acceptance
	Consequence string
}

// TermsOf returns what an enterprise would commit to now, or why it cannot: the terms are the catalogue's, not anybody's to bargain for. Fewer workdays than the
// most may be chosen; 0 is the most.
func (c *Case) TermsOf(ctx Context, kind agencyv1.Commitment_Kind, item string, days int) (Terms, error) {
	d := c.look(ctx)
	if d.err != nil {
		return Terms{}, d.err
	}
	i := d.c.Item(item)
	if i == nil {
		return Terms{}, ErrItemNotFound
	}
	return d.terms(kind, i, days)
}

func (d *decision) terms(kind agencyv1.Commitment_Kind, i *Item, days int) (Terms, error) {
	t := Terms{Kind: kind, Item: i.Def.Code, Attempt: d.c.attemptNow(i)}
	if d.c.signedFor(i, t.Attempt, kind) != nil {
		return Terms{}, ErrCommitmentExists
	}
	if kind == agencyv1.Commitment_PROMISE {
		if err := d.mayPromise(i); err != nil {
			return Terms{}, err
		}
		if !slices.Contains(handIn, i.State) {
			return Terms{}, ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbCommit))
		}
		t.Workdays, t.Consequence = i.Def.Promise.Fulfil, catalogue.ConsequenceRevoked
		return t, nil
	}
	if kind != agencyv1.Commitment_TOLERANCE {
		return Terms{}, ErrNotTolerated
	}
	if err := d.mayTolerate(i, &t); err != nil {
		return Terms{}, err
	}
	most := i.Def.Promised // 0 is the promised limit, which nothing exceeds
	if m := i.Def.Tolerance.MaxWorkdays; m > 0 {
		most = min(m, most)
	}
	if days == 0 {
		days = most
	}
	if days < 1 || days > most {
		return Terms{}, ErrCommitmentTooLong.With("maxWorkdays", itoa(most)).Field("workdays", "workdays.range", "超出规定范围", "is out of range")
	}
	t.Workdays, t.Consequence = days, i.Def.Tolerance.Consequence
	return t, nil
}

// mayTolerate: the principal materials are complete, only tolerable ones are missing, and the enterprise has kept its word so far.
func (d *decision) mayTolerate(i *Item, t *Terms) error {
	switch {
	case i.Def.Tolerance == nil:
		return ErrNotTolerated
	case d.ctx.Barred:
		return ErrCreditBarred
	case i.Accepted() || i.State == Approved || i.State == ApprovedTolerantly || i.State == Dropped:
		return ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbCommit))
	}
	principal, secondary := d.c.Missing(i, d.now)
	if len(principal) > 0 {
		return missing(principal)
	}
	if len(secondary) == 0 {
		return ErrNothingMissing
	}
	for _, m := range secondary {
		if !m.Tolerable {
			return ErrMaterialNotTolerable.With("material", m.Material)
		}
		t.Materials = append(t.Materials, m.Material)
	}
	return nil
}

// mayPromise: the item allows it, and the enterprise has kept its word so far (安阳条例 arts. 25–29).
func (d *decision) mayPromise(i *Item) error {
	switch {
	case i.Def.Promise == nil:
		return ErrNoPromise
	case d.ctx.Barred:
		return ErrCreditBarred
	}
	return nil
}

// Commit is a commitment as it is signed.
type Commit struct {
	Kind     agencyv1.Commitment_Kind
	Item     string
	Workdays int    // 0 for the most
	Want     Terms  // what the words that were read say
	Text     string // id of the words
	Words    []byte // SHA-256 of the words as they would be written now
	Signature
}

// SignCommitment signs. Whoever signs says what they read by its hash: when the terms are others by now, nothing is signed.
func (c *Case) SignCommitment(ctx Context, in Commit) ([]Event, error) {
	d, i, err := c.enterItem(VerbCommit, ctx, in.Item)
	if err != nil {
		return nil, err
	}
	t, err := d.terms(in.Kind, i, in.Workdays)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(in.SHA256, in.Words) || !t.equal(in.Want) {
		return nil, ErrTextChanged
	}
	if err := needText("signerName", in.Name); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.CommitmentSigned{Number: int32(len(d.c.Commitments) + 1), Item: in.Item, Attempt: int32(t.Attempt), Kind: t.Kind, Materials: t.Materials,
		Workdays: int32(t.Workdays), Consequence: t.Consequence, TextSha256: in.SHA256, Text: in.Text, Signer: d.actor.Person, SignerName: in.Name})
	return d.finish()
}

func (t Terms) equal(o Terms) bool {
	return t.Kind == o.Kind && t.Item == o.Item && t.Attempt == o.Attempt && t.Workdays == o.Workdays && t.Consequence == o.Consequence &&
		slices.Equal(t.Materials, o.Materials)
}

// keep keeps every commitment whose materials are all there: at the instant at which the last one came. A tolerant approval becomes final.
func (d *decision) keep() {
	for n := range d.c.Commitments {
		k := d.c.Commitments[n]
		if k.Kind != agencyv1.Commitment_TOLERANCE || !k.Live() || len(d.c.StillMissing(k)) > 0 {
			continue
		}
		d.follow(&agencyv1.CommitmentKept{Number: int32(k.Number)}, d.kept(k.Number)...)
		if i := d.c.Item(k.Item); i.State == ApprovedTolerantly && i.Attempt == k.Attempt {
			d.follow(&agencyv1.ItemConfirmed{Item: k.Item}, d.deliver(i)...)
			d.complete()
		}
	}
}

// kept are the clocks of a commitment that was kept; a wish for more time is overtaken.
func (d *decision) kept(number int) []Clock {
	return d.c.changed(numbered(number, KindCommitment, KindFulfil, KindExtension, KindCheck), func(k Clock) Clock {
		if k.Kind == KindExtension {
			return k.dropped(d.now)
		}
		return k.stopped(d.now)
	})
}

// StillMissing returns what a commitment promised to supply and what has not come since it was signed.
func (c *Case) StillMissing(k Commitment) []string {
	var out []string
	for _, m := range k.Materials {
		if !c.suppliedAfter(m, k.Supplies) {
			out = append(out, m)
		}
	}
	return out
}

// broken lets the consequence of an overdue commitment happen: before the decision what the catalogue says (安阳条例 art. 24: deemed withdrawn; 滨州条例 art. 11:
// refused), after it the approval is revoked. The break is the mark in the credit record.
func (d *decision) broken(number int) {
	k := d.c.Commitment(number)
	i := d.c.Item(k.Item)
	consequence := k.Consequence
	switch {
	case i.State == Approved || i.State == ApprovedTolerantly:
		consequence = catalogue.ConsequenceRevoked
	case consequence == catalogue.ConsequenceRevoked:
		consequence = catalogue.ConsequenceWithdrawn // nothing was granted yet that could be revoked
	}
	d.follow(&agencyv1.CommitmentBroken{Number: int32(number), Consequence: consequence}, d.dropped(numbered(number, KindExtension, KindCheck))...)
	switch consequence {
	case catalogue.ConsequenceRevoked:
		cause := "commitment"
		if k.Kind == agencyv1.Commitment_PROMISE {
			cause = "promise"
		}
		d.follow(&agencyv1.ItemRevoked{Item: k.Item, Cause: cause}, d.dropped(ofItem(i))...)
		d.ended(i)
	case catalogue.ConsequenceRefused:
		d.follow(&agencyv1.ItemRefused{Item: k.Item, Cause: "commitment", Workdays: int32(d.c.Workdays(i, d.inForce(d.now).Calendar(), d.now))},
			d.dropped(ofItem(i))...)
		d.ended(i)
	default:
		d.withdrawn(i, Clockwork, "commitment")
	}
}

// RequestExtension asks for more time, for force majeure only. Until the unit has decided the commitment stands still: its silence is not the enterprise's
// breach. After a refusal there is no second wish.
func (c *Case) RequestExtension(ctx Context, number, days int, reason string, documents []string) ([]Event, error) {
	d, k, err := c.enterCommitment(VerbAskExtension, ctx, number)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	switch {
	case !k.Live() || k.Reported:
		return nil, ErrCommitmentStateForbids
	case k.Waits():
		return nil, ErrExtensionPending
	case k.Extension != nil && k.Extension.Decision == DecisionRefused:
		return nil, ErrExtensionUsed
	case days < 1 || days > maxForceMajeure:
		return nil, ErrExtensionTooLong.With("maxWorkdays", itoa(maxForceMajeure)).Field("workdays", "workdays.range", "超出规定范围", "is out of range")
	}
	for _, doc := range documents {
		if err := d.needDocument(doc, PurposeEvidence, true); err != nil {
			return nil, err
		}
	}
	cal := d.inForce(d.now).Calendar()
	clocks := d.c.changed(func(x Clock) bool { return numbered(number, KindCommitment, KindFulfil)(x) && x.State == Running },
		func(x Clock) Clock { return x.paused(cal, d.now) })
	clocks = append(clocks, d.start(0, KindExtension, d.inForce(d.now).Rules().ExtensionLimit, d.now, d.c.Item(k.Item).Unit,
		Clock{Item: k.Item, Attempt: k.Attempt, Number: number})...)
	d.emit(&agencyv1.CommitmentExtensionRequested{Number: int32(number), Workdays: int32(days), Reason: reason, Documents: documents}, clocks...)
	return d.finish()
}

// maxForceMajeure bounds one wish for more time, in workdays.
const maxForceMajeure = 60

// DecideExtension gives more time or not. The first date stays beside the new one.
func (c *Case) DecideExtension(ctx Context, number int, granted bool, reason string) ([]Event, error) {
	d, k, err := c.enterCommitment(VerbDecideExtension, ctx, number)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if !k.Waits() {
		return nil, ErrExtensionNotPending
	}
	city := d.inForce(d.now)
	clocks := d.c.changed(numbered(number, KindCommitment, KindFulfil, KindExtension), func(x Clock) Clock {
		if x.Kind == KindExtension {
			return x.stopped(d.now)
		}
		if x.State == Paused {
			x = x.resumed(city.Calendar(), d.now)
		}
		if granted {
			x = x.extended(city.Calendar(), d.now, workdays(k.Extension.Workdays))
		}
		x.remind(city.Calendar(), city.Rules())
		return x
	})
	d.emit(&agencyv1.CommitmentExtensionDecided{Number: int32(number), Granted: granted, Reason: reason}, clocks...)
	return d.finish()
}

// RepairCredit clears the mark of a broken commitment after what was promised was made good, or for a reason that the mayor's office answers for.
func (c *Case) RepairCredit(ctx Context, number int, reason string) ([]Event, error) {
	d, k, err := c.enterCommitment(VerbRepair, ctx, number)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if !k.Bars() {
		return nil, ErrCommitmentStateForbids
	}
	d.emit(&agencyv1.CreditRepaired{Number: int32(number), Reason: reason})
	return d.finish()
}

// enterCommitment begins a verb on a commitment: it is one on its item.
func (c *Case) enterCommitment(v Verb, ctx Context, number int) (*decision, *Commitment, error) {
	d := c.decide(ctx)
	if d.err != nil {
		return nil, nil, d.err
	}
	k := d.c.Commitment(number)
	if k == nil {
		return nil, nil, ErrCommitmentNotFound
	}
	if v == VerbRepair { // whatever became of the case
		return d, k, allowedItem(v, d.c.Item(k.Item).State, d.c.PartyOfItem(d.actor, d.c.Item(k.Item)))
	}
	return d, k, d.allowedItem(v, d.c.Item(k.Item))
}
