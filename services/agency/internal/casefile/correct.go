package casefile

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// Deficiency is one thing that a correction asks for.
type Deficiency struct {
	Material string
	Text     string // id of what is wrong and what to do
}

// RequestCorrection says what is missing or wrong: once, and completely. Before acceptance it ends the unit's limit to accept, which begins anew when the
// correction is made; after acceptance it stops the limits. What the city can get itself, and what a signed commitment covers, is not asked for.
func (c *Case) RequestCorrection(ctx Context, item string, wrong []Deficiency, note string) ([]Event, error) {
	d, i, err := c.enterItem(VerbRequestCorrection, ctx, item)
	if err != nil {
		return nil, err
	}
	if i.Correction != nil {
		return nil, ErrCorrectionGiven
	}
	if err := d.mayCorrect(i, wrong); err != nil {
		return nil, err
	}
	body := &agencyv1.CorrectionRequested{Item: item, Note: note}
	for _, w := range wrong {
		body.Materials, body.Texts = append(body.Materials, w.Material), append(body.Texts, w.Text)
	}
	clocks := append(d.fulfilled(ofItem(i, KindAccept)), d.pausedOf(i)...)
	clocks = append(clocks, d.start(0, KindCorrect, d.inForce(d.now).Rules().CorrectLimit, d.now, "", Clock{Item: item, Attempt: i.Attempt})...)
	d.emit(body, clocks...)
	return d.finish()
}

func (d *decision) mayCorrect(i *Item, wrong []Deficiency) error {
	if len(wrong) == 0 {
		return ErrDeficienciesEmpty
	}
	covered := 0
	for n, w := range wrong {
		if err := needText("deficiencies.text", w.Text); err != nil {
			return err
		}
		asked := slices.ContainsFunc(i.Def.Materials, materialIs(w.Material))
		twice := slices.ContainsFunc(wrong[:n], func(o Deficiency) bool { return o.Material == w.Material })
		if !asked || twice {
			return ErrMaterialUnknown.Field("deficiencies.material", "material.unknown", "该事项不需要这份材料，或重复", "is no material of this item, or is there twice")
		}
		if err := d.mayAskFor(w.Material); err != nil {
			return err
		}
		if d.c.committed(i, w.Material) {
			covered++
		}
	}
	if covered == len(wrong) {
		return ErrToleranceDue
	}
	// Complete: everything that is missing is in it, so that there is no second time.
	principal, secondary := d.c.Missing(i, d.now)
	for _, m := range append(principal, secondary...) {
		if !d.c.committed(i, m.Material) && !slices.ContainsFunc(wrong, func(w Deficiency) bool { return w.Material == m.Material }) {
			return ErrCorrectionIncomplete.With("material", m.Material)
		}
	}
	return nil
}

// Correct says that everything asked for is there. The unit's limits go on, or its limit to accept begins anew.
func (c *Case) Correct(ctx Context, item string) ([]Event, error) {
	d, i, err := c.enterItem(VerbCorrect, ctx, item)
	if err != nil {
		return nil, err
	}
	if err := d.mayBeCorrected(i); err != nil {
		return nil, err
	}
	clocks := append(d.fulfilled(ofItem(i, KindCorrect)), d.resumedOf(i, d.now)...)
	if i.AcceptTime.IsZero() {
		clocks = append(clocks, d.start(0, KindAccept, d.inForce(d.now).Rules().AcceptLimit, d.now, i.Unit, Clock{Item: item, Attempt: i.Attempt})...)
	}
	d.emit(&agencyv1.CorrectionMade{Item: item}, clocks...)
	return d.finish()
}

// mayBeCorrected: everything is there that was asked for, or committed to.
func (d *decision) mayBeCorrected(i *Item) error {
	err := ErrMaterialsMissing
	open := false
	for _, m := range i.Correction.Materials {
		if !d.c.suppliedAfter(m, i.Correction.Supplies) && !d.c.committed(i, m) {
			open = true
			err = err.Field("materials."+m, "material.missing", "还没有补交这份材料", "this document was not supplied yet")
		}
	}
	if open {
		return err
	}
	return nil
}

// lapse ends an attempt that was not corrected in time: taken back before acceptance, withdrawn after it. A wish to withdraw does not put it off.
func (d *decision) lapse(i *Item) {
	if i.AcceptTime.IsZero() {
		d.retract(i, Clockwork, "not-corrected", "")
	} else {
		d.withdrawn(i, Clockwork, "not-corrected")
	}
}
