package desk

import (
	"context"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Terms is what would be signed now.
type Terms struct {
	casefile.Terms
	Words string
	Due   time.Time // if the item were accepted, or approved upon it, now
}

// Terms returns what would be signed now, to who may read what is signed for the enterprise.
func (d *Desk) Terms(ctx context.Context, caller authn.Caller, ref Ref, kind agencyv1.Commitment_Kind, item string, workdays int) (Terms, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil {
		return Terms{}, err
	}
	if !view.Sight.All || !view.Sight.Text {
		return Terms{}, casefile.ErrNotPartyHere
	}
	a := &act{Context: ctx, desk: d, city: view.City, from: stored, context: view.context}
	terms, words, err := d.terms(ctx, a, kind, item, workdays)
	if err != nil {
		return Terms{}, err
	}
	return Terms{Terms: terms, Words: words, Due: view.City.Calendar().Add(view.Now, workdaysLimit(terms.Workdays)).Due}, nil
}

// terms are what would be signed now, in words.
func (d *Desk) terms(ctx context.Context, a *act, kind agencyv1.Commitment_Kind, item string, workdays int) (casefile.Terms, string, error) {
	terms, err := a.from.Case.TermsOf(a.context, kind, item, workdays)
	if err != nil {
		return casefile.Terms{}, "", err
	}
	title, err := d.title(ctx, a)
	if err != nil {
		return casefile.Terms{}, "", err
	}
	return terms, commitmentWords(a.from.Case, title, terms), nil
}

// title is what the project is called; empty when that was erased.
func (d *Desk) title(ctx context.Context, a *act) (string, error) {
	texts, err := d.Store.Contents(ctx, a.from.Key)
	if err != nil {
		return "", err
	}
	view := View{Texts: texts, Sight: Sight{Text: true, Contact: true}}
	return view.Opening().Title, nil
}
