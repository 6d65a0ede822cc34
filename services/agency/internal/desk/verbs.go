package desk

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Act is what every verb has in common: who does it, under which request, to which case.
type Act struct {
	Caller authn.Caller
	Call   Call
	Ref    Ref
}

// on is do without the place that it led to.
func (d *Desk) on(ctx context.Context, by Act, decide verb) (View, error) {
	view, _, err := d.do(ctx, by.Caller, by.Call, by.Ref, decide)
	return view, err
}

// reasoned is a verb on the case that takes a reason.
func (d *Desk) reasoned(ctx context.Context, by Act, reason string, f func(c *casefile.Case, ctx casefile.Context, id string) ([]casefile.Event, error)) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) { return f(a.from.Case, a.context, a.write(KindReason, reason)) })
}

// Admit lets the city do it.
func (d *Desk) Admit(ctx context.Context, by Act) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) { return a.from.Case.Admit(a.context) })
}

// Decline says that the city does not do it.
func (d *Desk) Decline(ctx context.Context, by Act, reason string) (View, error) {
	return d.reasoned(ctx, by, reason, (*casefile.Case).Decline)
}

// UpdateAnswers plans anew after the project changed.
func (d *Desk) UpdateAnswers(ctx context.Context, by Act, answers catalogue.Answers) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) { return a.from.Case.UpdateAnswers(a.context, answers) })
}

// Move plans anew by the newest catalogue version.
func (d *Desk) Move(ctx context.Context, by Act, reason string) (View, error) {
	return d.reasoned(ctx, by, reason, (*casefile.Case).Move)
}

// Close ends the case for the enterprise.
func (d *Desk) Close(ctx context.Context, by Act, reason string) (View, error) {
	return d.reasoned(ctx, by, reason, (*casefile.Case).Close)
}

// Offer is an agreement as a centre words it; the city's usual words when there are none.
type Offer struct {
	Stages []string
	Expire time.Time
	Words  string
	Paper  bool
}

// OfferAgreement words an agreement.
func (d *Desk) OfferAgreement(ctx context.Context, by Act, in Offer) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		words := in.Words
		if words == "" {
			title, err := d.title(ctx, a)
			if err != nil {
				return nil, err
			}
			words = agreementWords(a.city, a.from.Case, title, in)
		}
		sum := sha256.Sum256([]byte(words))
		return a.from.Case.OfferAgreement(a.context, casefile.Offer{Stages: in.Stages, Expire: in.Expire, Text: a.write(KindAgreement, words), SHA256: sum[:], Paper: in.Paper})
	})
}

// Signature is how somebody signs.
type Signature struct {
	SHA256   []byte // of the words they read
	Name     string
	Document string // id of the signed paper; may be empty
}

// SignAgreement signs for the enterprise.
func (d *Desk) SignAgreement(ctx context.Context, by Act, in Signature) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.SignAgreement(a.context, casefile.Signature{SHA256: in.SHA256, Name: a.write(KindName, in.Name), Document: in.Document})
	})
}

// SealAgreement is a centre's seal.
func (d *Desk) SealAgreement(ctx context.Context, by Act, document string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) { return a.from.Case.SealAgreement(a.context, document) })
}

// TerminateAgreement ends the entrustment.
func (d *Desk) TerminateAgreement(ctx context.Context, by Act, reason string) (View, error) {
	return d.reasoned(ctx, by, reason, (*casefile.Case).TerminateAgreement)
}

// AssignAgent is a centre's own choice.
func (d *Desk) AssignAgent(ctx context.Context, by Act, centre, official string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) { return a.from.Case.AssignAgent(a.context, centre, official) })
}

// RecordMeeting records a meeting.
func (d *Desk) RecordMeeting(ctx context.Context, by Act, item string, at time.Time, body string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RecordMeeting(a.context, item, at, a.write(KindMeeting, body))
	})
}

// OpenJointReview calls units together.
func (d *Desk) OpenJointReview(ctx context.Context, by Act, items, units []string, body string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.OpenJointReview(a.context, items, units, a.write(KindOpinion, body))
	})
}

// GiveOpinion is a unit's word.
func (d *Desk) GiveOpinion(ctx context.Context, by Act, number int, unit, opinion, body string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.GiveOpinion(a.context, number, unit, opinion, a.write(KindOpinion, body))
	})
}

// ConcludeJointReview ends a review.
func (d *Desk) ConcludeJointReview(ctx context.Context, by Act, number int, body string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.ConcludeJointReview(a.context, number, a.write(KindOpinion, body))
	})
}

// RequestMaterial is an agent's wish for a document.
func (d *Desk) RequestMaterial(ctx context.Context, by Act, material, body string, workdays int) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RequestMaterial(a.context, material, a.write(KindRequest, body), workdaysLimit(workdays))
	})
}

// ObtainMaterial records a document from shared data.
func (d *Desk) ObtainMaterial(ctx context.Context, by Act, material, reference, until string) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Obtain(a.context, material, reference, until)
	})
}
