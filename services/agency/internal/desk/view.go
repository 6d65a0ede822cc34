package desk

import (
	"context"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// Texts is what people wrote in a case, by the id of its row.
type Texts map[string]*store.Content

// View is a case as one caller may see it at one moment.
type View struct {
	Case  *casefile.Case
	City  *catalogue.City
	Sight Sight
	Texts Texts // empty for who may not read them
	Now   time.Time
	// Plan is the schedule at that moment.
	Plan casefile.Schedule

	context casefile.Context // in which the caller would act
}

// view looks at a case with the caller's eyes. The texts are the reader's to add.
func (d *Desk) view(ctx context.Context, caller authn.Caller, city *catalogue.City, s store.Stored) (View, error) {
	a, err := d.attempt(ctx, city, s, actorOf(caller, city))
	if err != nil {
		return View{}, err
	}
	return viewIn(a.context, caller, s.Case), nil
}

// viewIn looks at a case in the context in which the caller would act.
func viewIn(in casefile.Context, caller authn.Caller, c *casefile.Case) View {
	return View{Case: c, City: in.City, Sight: sightOf(caller, in.City, c), Now: in.Now, Plan: c.Plan(in.City, in.Now), context: in}
}

// Opening is the words in which the case was opened, or nothing; name and phone masked where these are not for the caller's eyes.
func (v *View) Opening() store.Content {
	c := v.Texts[store.Opening]
	if c == nil || !v.Sight.Text {
		return store.Content{}
	}
	opened := *c
	if !v.Sight.Contact {
		opened.Name, opened.Phone = text.MaskName(c.Name), text.MaskPhone(c.Phone)
	}
	return opened
}

// Text is a text of the case, empty when the caller may not read it, there is none, or it was erased.
func (v *View) Text(id string) string {
	if c := v.Texts[id]; c != nil && v.Sight.Text {
		return c.Body
	}
	return ""
}

// Actions is what the caller may do with the case itself now.
func (v *View) Actions() []string { return v.Case.Actions(v.context) }

// ItemActions is what the caller may do with an item now.
func (v *View) ItemActions(code string) []string { return v.Case.ItemActions(v.context, code) }

// CommitmentActions is what the caller may do with a commitment now.
func (v *View) CommitmentActions(number int) []string {
	return v.Case.CommitmentActions(v.context, number)
}

// Critical tells whether an item is on the critical path as things stand.
func (v *View) Critical(code string) bool { return slices.Contains(v.Plan.Critical, code) }
