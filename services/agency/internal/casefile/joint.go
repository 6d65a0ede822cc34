package casefile

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// What a unit says in a joint review.
const (
	OpinionAgree  = "agree"
	OpinionObject = "object"
	OpinionSilent = "silent" // its time is over
)

// OpenJointReview lets the lead unit of a stage call units together about items that are accepted. Until it is concluded none of them is decided; no limit
// stands still for it.
func (c *Case) OpenJointReview(ctx Context, items, units []string, text string) ([]Event, error) {
	d, err := c.enter(VerbReview, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	lead, err := d.mayReview(items)
	if err != nil {
		return nil, err
	}
	if len(units) == 0 {
		return nil, ErrUnitUnknown.Field("units", "units.missing", "请至少选择一个单位", "name at least one unit")
	}
	number := len(d.c.Reviews) + 1
	var clocks []Clock
	for n, u := range units {
		if _, known := d.city.Unit(u); !known || slices.Contains(units[:n], u) || !d.city.HasClerk(u) {
			return nil, ErrUnitUnknown.Field("units", "unit.unknown", "没有这个单位、无人可办或重复", "is no unit that could answer, or there twice")
		}
		clocks = append(clocks, d.start(n, KindOpinion, d.inForce(d.now).Rules().OpinionLimit, d.now, u, Clock{Number: number})...)
	}
	d.emit(&agencyv1.JointReviewOpened{Number: int32(number), Items: items, LeadUnit: lead, Units: units, Text: text}, clocks...)
	return d.finish()
}

// mayReview returns the unit that leads: that of the items' stage, for which the actor must be a clerk.
func (d *decision) mayReview(items []string) (string, error) {
	lead := ""
	for n, code := range items {
		i := d.c.Item(code)
		switch {
		case i == nil || slices.Contains(items[:n], code):
			return "", ErrItemNotFound
		case !i.Def.JointReview:
			return "", ErrNoJointReview.With("item", code)
		case !i.Accepted():
			return "", ErrItemStateForbids.With("state", i.State.String()).With("verb", string(VerbReview))
		case d.c.reviewed(code):
			return "", ErrJointReviewOpen
		}
		s := slices.IndexFunc(d.c.Stages, stageIs(i.Def.Stage))
		if s < 0 || lead != "" && d.c.Stages[s].LeadUnit != lead {
			return "", ErrNoJointReview.With("item", code)
		}
		lead = d.c.Stages[s].LeadUnit
	}
	if lead == "" {
		return "", ErrItemNotFound
	}
	if !slices.Contains(d.actor.Clerk, lead) {
		return "", ErrNotUnit
	}
	return lead, nil
}

// GiveOpinion is a unit's word, once.
func (c *Case) GiveOpinion(ctx Context, number int, unit, opinion, text string) ([]Event, error) {
	d, err := c.enter(VerbOpinion, ctx)
	if err != nil {
		return nil, err
	}
	r := d.c.review(number)
	if r == nil {
		return nil, ErrReviewNotFound
	}
	n := slices.IndexFunc(r.Opinions, func(o Opinion) bool { return o.Unit == unit })
	if n < 0 || !slices.Contains(d.actor.Clerk, unit) {
		return nil, ErrNotUnit
	}
	if !r.Concluded.IsZero() || r.Opinions[n].Opinion != "" {
		return nil, ErrOpinionGiven
	}
	switch opinion {
	case OpinionAgree:
	case OpinionObject:
		if err := needText("text", text); err != nil {
			return nil, err
		}
	default:
		return nil, ErrOpinionUnknown.Field("opinion", "opinion.unknown", "只能是同意或有异议", "is agree or object")
	}
	clocks := d.fulfilled(func(k Clock) bool { return numbered(number, KindOpinion)(k) && k.Unit == unit })
	d.emit(&agencyv1.OpinionGiven{Number: int32(number), Unit: unit, Opinion: opinion, Text: text}, clocks...)
	return d.finish()
}

// ConcludeJointReview ends a review when every unit has spoken, or had its time. Not only the lead may: the unit whose decision waits for it need not be late
// because of another.
func (c *Case) ConcludeJointReview(ctx Context, number int, text string) ([]Event, error) {
	d, err := c.enter(VerbConclude, ctx)
	if err != nil {
		return nil, err
	}
	r := d.c.review(number)
	if r == nil {
		return nil, ErrReviewNotFound
	}
	decides := func(code string) bool { return slices.Contains(d.actor.Clerk, d.c.Item(code).Unit) }
	if !slices.Contains(d.actor.Clerk, r.Lead) && !slices.ContainsFunc(r.Items, decides) {
		return nil, ErrNotUnit
	}
	if !r.Concluded.IsZero() {
		return nil, ErrOpinionGiven
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(r.Opinions, func(o Opinion) bool { return o.Opinion == "" }) {
		return nil, ErrOpinionsOpen
	}
	d.emit(&agencyv1.JointReviewConcluded{Number: int32(number), Text: text})
	return d.finish()
}
