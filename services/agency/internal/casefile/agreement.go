package casefile

import (
	"bytes"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Offer is an agreement as a centre words it.
type Offer struct {
	Stages []string // empty for all
	Expire time.Time
	Text   string // id of the words
	SHA256 []byte // of the words
	Paper  bool   // a signed paper is wanted beside the signature in the app
}

// OfferAgreement words an agreement. One that was offered before and not sealed is replaced by it.
func (c *Case) OfferAgreement(ctx Context, in Offer) ([]Event, error) {
	d, err := c.enter(VerbOffer, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("text", in.Text); err != nil {
		return nil, err
	}
	if d.c.Entrusted() != nil {
		return nil, ErrEntrusted
	}
	for _, s := range in.Stages {
		if !d.c.InStage(s) {
			return nil, ErrStageUnknown.Field("stages", "stage.unknown", "本案没有这个阶段", "is no stage of this case")
		}
	}
	months := d.inForce(d.now).Rules().EntrustmentMonths
	if !in.Expire.After(d.now) || months > 0 && in.Expire.After(d.now.AddDate(0, months, 1)) || in.Expire.After(d.now.AddDate(maxEntrustment, 0, 0)) {
		return nil, ErrExpiryInvalid.Field("expireTime", "expiry.range", "须晚于现在，且不超过规定的最长期限", "lies after now and within the longest time allowed")
	}
	if a := d.c.Agreement(); a != nil && a.State != agencyv1.Agreement_TERMINATED {
		d.emit(&agencyv1.AgreementTerminated{Number: int32(a.Number), Cause: "centre"})
	}
	d.emit(&agencyv1.AgreementOffered{Number: int32(len(d.c.Agreements) + 1), Stages: in.Stages, ExpireTime: timestamppb.New(instant(in.Expire)),
		TextSha256: in.SHA256, Text: in.Text, Paper: in.Paper})
	return d.finish()
}

// maxEntrustment bounds an entrustment in years, whatever a city allows.
const maxEntrustment = 10

// Signature is how somebody signs: they say what they read, and their name.
type Signature struct {
	SHA256   []byte // of the words they read
	Name     string // id of the name typed
	Document string // of the signed paper; may be empty
}

// SignAgreement is the enterprise's signature, or the signed paper that is wanted after it.
func (c *Case) SignAgreement(ctx Context, in Signature) ([]Event, error) {
	d, err := c.enter(VerbSign, ctx)
	if err != nil {
		return nil, err
	}
	a := d.c.Agreement()
	if a == nil || a.State != agencyv1.Agreement_TO_SIGN && a.State != agencyv1.Agreement_SIGNING {
		return nil, ErrAgreementStateForbids
	}
	if !bytes.Equal(in.SHA256, a.SHA256) {
		return nil, ErrTextChanged
	}
	if !a.Expire.After(d.now) {
		return nil, ErrExpiryInvalid
	}
	if err := d.needDocument(in.Document, PurposeAgreement, a.State == agencyv1.Agreement_SIGNING); err != nil {
		return nil, err
	}
	if a.State == agencyv1.Agreement_TO_SIGN {
		if err := needText("signerName", in.Name); err != nil {
			return nil, err
		}
	}
	d.emit(&agencyv1.AgreementSigned{Number: int32(a.Number), Signer: d.actor.Person, Document: in.Document, SignerName: in.Name})
	return d.finish()
}

// needDocument refuses a document that is not there for that purpose.
func (d *decision) needDocument(id, purpose string, required bool) error {
	if id == "" && !required {
		return nil
	}
	if !slices.Contains(d.c.Documents, Document{ID: id, Purpose: purpose}) {
		return ErrDocumentUnknown.Field("document", "document.unknown", "没有这份已上传完成的文件", "is no file of the case that is there")
	}
	return nil
}

// SealAgreement is a centre's seal: from now on agents act within it, and each centre owes one.
func (c *Case) SealAgreement(ctx Context, document string) ([]Event, error) {
	d, err := c.enter(VerbSeal, ctx)
	if err != nil {
		return nil, err
	}
	a := d.c.Agreement()
	if a == nil || a.State != agencyv1.Agreement_TO_SEAL {
		return nil, ErrAgreementStateForbids
	}
	if !a.Expire.After(d.now) {
		return nil, ErrExpiryInvalid
	}
	if err := d.needDocument(document, PurposeAgreement, false); err != nil {
		return nil, err
	}
	city := d.inForce(d.now)
	clocks := []Clock{d.entrustment(a)}
	for _, centre := range city.Rules().Centres {
		clocks = append(clocks, d.start(len(clocks), KindAssign, city.Rules().AssignLimit, d.now, centre, Clock{Number: a.Number})...)
	}
	d.emit(&agencyv1.AgreementSealed{Number: int32(a.Number), Document: document, Centres: city.Rules().Centres, Enterprise: d.c.Enterprise,
		Project: d.c.Project, ConfigVersion: city.Version()}, clocks...)
	return d.finish()
}

// entrustment is the clock at whose end an agreement ends: a date that was agreed, which no calendar moves.
func (d *decision) entrustment(a *Agreement) Clock {
	city := d.inForce(d.now)
	days := int((a.Expire.Sub(d.now) + 24*time.Hour - 1) / (24 * time.Hour)) // begun ones count
	return Clock{ID: len(d.c.Clocks) + 1, Kind: KindEntrustment, State: Running, Number: a.Number, Start: d.now, Due: a.Expire, FirstDue: a.Expire,
		Limit: worktime.Limit{Amount: days, Unit: worktime.NaturalDays}, ConfigVersion: city.Version(), Calendar: city.Calendar().Version()}
}

// TerminateAgreement ends the entrustment by either side. What lies with units goes on; the enterprise carries it.
func (c *Case) TerminateAgreement(ctx Context, reason string) ([]Event, error) {
	d, err := c.enter(VerbTerminate, ctx)
	if err != nil {
		return nil, err
	}
	a := d.c.Agreement()
	if a == nil || a.State == agencyv1.Agreement_TERMINATED {
		return nil, ErrAgreementStateForbids
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	cause := "centre"
	if d.c.PartyOf(d.actor)&Signer != 0 {
		cause = "enterprise"
	}
	d.terminate(d.actor, cause, reason, d.ends())
	return d.finish()
}

// ends are the clocks that end with the agreement.
func (d *decision) ends() []Clock { return d.dropped(ofCase(KindEntrustment, KindAssign)) }

// terminate ends the agreement and releases the agents.
func (d *decision) terminate(by Actor, cause, reason string, clocks []Clock) {
	a := d.c.Agreement()
	if cause == "expired" {
		clocks = append(clocks, d.dropped(ofCase(KindAssign))...)
	}
	d.emitAt(d.now, by, &agencyv1.AgreementTerminated{Number: int32(a.Number), Cause: cause, Reason: reason}, clocks...)
	for _, g := range d.c.Agents {
		if g.To.IsZero() {
			d.follow(&agencyv1.AgentReleased{Centre: g.Centre, Official: g.Official, Reason: "terminated"})
		}
	}
}

// Proposal is an agent whom the attendant service proposes for a case.
type Proposal struct {
	Position  int64 // in the attendant's feed
	Agreement int   // number of the agreement it answers
	Centre    string
	Official  string // empty when there is nobody
	From      string // id of the agent to be replaced; empty for a first one
	Reason    string
}

// TakeAgent takes a proposal, or says that it is not taken, so that the claim is given back. One that was decided before does nothing.
func (c *Case) TakeAgent(ctx Context, p Proposal) ([]Event, error) {
	d, err := c.enter(VerbPropose, ctx)
	if err != nil || p.Position <= c.Proposal {
		return nil, err
	}
	refuse := func(why string) ([]Event, error) {
		d.emit(&agencyv1.AgentRefused{Proposal: p.Position, Centre: p.Centre, Official: p.Official, Reason: why})
		return d.finish()
	}
	a := d.c.Entrusted()
	switch {
	case a == nil || d.c.State != Open && d.c.State != Completed:
		return refuse("not-entrusted")
	case p.From == "" && p.Agreement != a.Number:
		return refuse("changed")
	case p.From == "" && d.c.AgentOf(p.Centre) != "":
		return refuse("already-assigned")
	case p.From != "" && d.c.AgentOf(p.Centre) != p.From:
		return refuse("changed")
	case p.Official == "" && p.From == "":
		return refuse("nobody") // a centre chooses; its clock runs
	}
	if o, known := d.city.Official(p.Official); p.Official != "" && (!known || !o.Agent || !d.city.IsBelow(o.Unit, p.Centre)) {
		return refuse("unknown-official")
	}
	if p.From != "" {
		d.emit(&agencyv1.AgentReleased{Centre: p.Centre, Official: p.From, Reason: p.Reason})
		if p.Official == "" {
			city := d.inForce(d.now)
			d.emit(&agencyv1.AgentRefused{Proposal: p.Position, Centre: p.Centre, Reason: "nobody"},
				d.start(0, KindAssign, city.Rules().AssignLimit, d.now, p.Centre, Clock{Number: a.Number})...)
			return d.finish()
		}
	}
	d.assign(p.Centre, p.Official, p.Reason, p.Position)
	return d.finish()
}

func (d *decision) assign(centre, official, reason string, position int64) {
	clocks := d.c.changed(func(k Clock) bool { return k.Owed() && k.Kind == KindAssign && k.Unit == centre }, func(k Clock) Clock { return k.stopped(d.now) })
	d.emit(&agencyv1.AgentAssigned{Centre: centre, Official: official, Reason: reason, Proposal: position}, clocks...)
}

// AssignAgent is a centre's own choice: somebody of a centre, instead of who acts for it now.
func (c *Case) AssignAgent(ctx Context, centre, official string) ([]Event, error) {
	d, err := c.enter(VerbChoose, ctx)
	if err != nil {
		return nil, err
	}
	if d.c.Entrusted() == nil {
		return nil, ErrNotEntrusted
	}
	city := d.inForce(d.now)
	if !slices.Contains(city.Rules().Centres, centre) {
		return nil, ErrCentreUnknown.Field("centre", "centre.unknown", "不是代办机构", "is no centre of the agency")
	}
	o, known := city.Official(official)
	if !known || !o.Agent || !city.IsBelow(o.Unit, centre) {
		return nil, ErrAgentUnknown.Field("official", "agent.unknown", "不是该机构的代办员", "is no agent of that centre")
	}
	now := d.c.AgentOf(centre)
	if now == official {
		return d.finish()
	}
	if now != "" {
		d.emit(&agencyv1.AgentReleased{Centre: centre, Official: now, Reason: "chosen"})
	}
	d.assign(centre, official, "chosen", 0)
	return d.finish()
}
