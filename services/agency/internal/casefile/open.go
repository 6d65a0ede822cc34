package casefile

import (
	"slices"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Opening is a case as it comes in.
type Opening struct {
	City, ID, Number string
	Enterprise       string // id
	Project          string // id; may be empty
	Counties         []string
	Eligibility      agencyv1.Case_Eligibility
	OpenerUnit       string // that opens it on the enterprise's behalf; empty when the enterprise does
	Answers          catalogue.Answers
	Arranged         string // id of what the city arranged
	ContentMAC       []byte
}

// New opens a case: with its plan, and admitted at once where a rule, and nobody's judgement, decides that. Puyang's notice of August 2021 names the
// three kinds of projects.
func New(ctx Context, in Opening) ([]Event, error) {
	d := &decision{c: &Case{City: in.City, ID: in.ID}, ctx: ctx, city: ctx.City, actor: ctx.Actor, now: instant(ctx.Now)}
	if ctx.Actor.Kind != PersonActor || ctx.Actor.Person == "" {
		return nil, ErrNotApplicant
	}
	if in.OpenerUnit != "" && !slices.Contains(ctx.Actor.Clerk, in.OpenerUnit) {
		return nil, ErrNotDepartment
	}
	if in.OpenerUnit == "" && (in.Enterprise == "" || ctx.Actor.Claims != in.Enterprise && !slices.Contains(ctx.Actor.Enterprises, in.Enterprise)) {
		return nil, ErrNotApplicant
	}
	if !ctx.City.HasCatalogue() {
		return nil, ErrNoCatalogue
	}
	for _, county := range in.Counties {
		if _, known := ctx.City.County(county); !known {
			return nil, ErrCountyUnknown.Field("counties", "county.unknown", "没有这个县区", "no such county")
		}
	}
	if len(in.Counties) == 0 {
		return nil, ErrCountyUnknown.Field("counties", "county.missing", "请至少填写一个县区", "name at least one county")
	}
	if err := ctx.City.CheckAnswers(in.Answers); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.CaseOpened{Number: in.Number, Enterprise: in.Enterprise, Project: in.Project, Counties: in.Counties, Eligibility: in.Eligibility,
		OpenerUnit: in.OpenerUnit, ContentMac: in.ContentMAC, Text: in.Arranged},
		d.start(0, KindAdmit, d.city.Rules().AdmitLimit, d.now, firstOf(d.city.Rules().Centres), Clock{})...)
	if err := d.plan("opened", ctx.City, in.Answers, ""); err != nil {
		return nil, err
	}
	byRule, err := d.eligible()
	if err != nil {
		return nil, err
	}
	if byRule {
		d.admit(Clockwork, true)
	} else if ctx.Actor.Office || ctx.Actor.Centre {
		d.admit(ctx.Actor, false)
	}
	return d.finish()
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// eligible reports whether the reason given holds by itself; a reason that does not hold is refused.
func (d *decision) eligible() (byRule bool, err error) {
	switch d.c.Eligibility {
	case agencyv1.Case_MUNICIPAL_APPROVAL:
		for i := range d.c.Items {
			if u, known := d.city.Unit(d.c.Items[i].Unit); known && u.County == "" {
				return true, nil
			}
		}
		return false, ErrIneligible.With("eligibility", "MUNICIPAL_APPROVAL")
	case agencyv1.Case_SPANS_COUNTIES:
		if len(d.c.Counties) > 1 {
			return true, nil
		}
		return false, ErrIneligible.With("eligibility", "SPANS_COUNTIES")
	default:
		return false, nil
	}
}

func (d *decision) admit(by Actor, byRule bool) {
	d.emitAt(d.now, by, &agencyv1.CaseAdmitted{ByRule: byRule}, d.c.changed(ofCase(KindAdmit), func(k Clock) Clock { return k.stopped(d.now) })...)
}

// ofCase fits the owed clocks of a kind that belong to no item.
func ofCase(kinds ...Kind) func(Clock) bool {
	return func(k Clock) bool { return k.Owed() && k.Item == "" && slices.Contains(kinds, k.Kind) }
}

// plan takes the items that the project needs by a version of the catalogue.
func (d *decision) plan(cause string, city *catalogue.City, a catalogue.Answers, reason string) error {
	body := &agencyv1.CasePlanned{Cause: cause, ConfigVersion: city.Version(), Answers: AnswersProto(a), Reason: reason}
	items := city.Select(a)
	if len(items) == 0 {
		return ErrNothingNeeded
	}
	wanted := map[string]bool{}
	stages := map[string]bool{}
	for _, i := range items {
		unit := city.UnitOf(i, firstOf(d.c.Counties))
		if unit == "" {
			return ErrNoUnit.With("item", i.Code)
		}
		body.Items, body.Units = append(body.Items, i.Proto()), append(body.Units, unit)
		stages[i.Stage] = true
		for _, m := range i.Materials {
			wanted[m.Material] = true
		}
	}
	for _, m := range city.Materials() {
		if wanted[m.Code] {
			body.Materials = append(body.Materials, m.Proto())
		}
	}
	for _, s := range city.Stages() {
		if stages[s.Code] {
			body.Stages = append(body.Stages, s.Proto())
		}
	}
	d.emit(body)
	return nil
}

// Admit lets the city do it, where that is a judgement.
func (c *Case) Admit(ctx Context) ([]Event, error) {
	d, err := c.enter(VerbAdmit, ctx)
	if err != nil {
		return nil, err
	}
	d.admit(d.actor, false)
	return d.finish()
}

// Decline says that the city does not do it, and why.
func (c *Case) Decline(ctx Context, reason string) ([]Event, error) {
	d, err := c.enter(VerbDecline, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.CaseDeclined{Reason: reason}, d.fulfilled(ofCase(KindAdmit))...)
	return d.finish()
}

// UpdateAnswers plans anew after the project changed, by the catalogue version that the case keeps.
func (c *Case) UpdateAnswers(ctx Context, a catalogue.Answers) ([]Event, error) {
	d, err := c.enter(VerbAnswer, ctx)
	if err != nil {
		return nil, err
	}
	city := d.city.Revision(d.c.ConfigVersion)
	if err := city.CheckAnswers(a); err != nil {
		return nil, err
	}
	return d.replan("answers", city, a, "")
}

// Move plans anew by the newest catalogue version. What is under way or decided keeps what it began with.
func (c *Case) Move(ctx Context, reason string) ([]Event, error) {
	d, err := c.enter(VerbMove, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if !d.city.HasCatalogue() {
		return nil, ErrNoCatalogue
	}
	if d.city.Version() <= d.c.ConfigVersion {
		return nil, ErrNothingNewer
	}
	if err := d.city.CheckAnswers(d.c.Answers); err != nil {
		return nil, err
	}
	return d.replan("moved", d.city, d.c.Answers, reason)
}

func (d *decision) replan(cause string, city *catalogue.City, a catalogue.Answers, reason string) ([]Event, error) {
	if err := d.plan(cause, city, a, reason); err != nil {
		return nil, err
	}
	d.releaseAll(func(k Commitment) bool {
		return k.State == agencyv1.Commitment_SIGNED && d.c.Item(k.Item).State == Dropped
	})
	d.complete()
	return d.finish()
}

// releaseAll lets go of signed commitments on which nothing rests.
func (d *decision) releaseAll(fits func(Commitment) bool) {
	for _, k := range d.c.Commitments {
		if fits(k) {
			d.follow(&agencyv1.CommitmentReleased{Number: int32(k.Number)})
		}
	}
}

// complete ends a case all of whose items are decided well, and opens it again when one no longer is.
func (d *decision) complete() {
	good := len(d.c.Items) > 0
	for i := range d.c.Items {
		good = good && d.c.Items[i].Good() && d.c.Items[i].State != ApprovedTolerantly
	}
	good = good && !slices.ContainsFunc(d.c.Commitments, Commitment.Live)
	switch {
	case good && d.c.State == Open:
		p := d.c.Plan(d.inForce(d.now), d.now)
		d.follow(&agencyv1.CaseCompleted{Workdays: int32(p.Finish), SavedWorkdays: int32(p.Saved)})
	case !good && d.c.State == Completed:
		d.follow(&agencyv1.CaseReopened{})
	}
}

// Close ends the case for the enterprise, who needs no reason to. What lies with units is taken back first.
func (c *Case) Close(ctx Context, reason string) ([]Event, error) {
	d, err := c.enter(VerbClose, ctx)
	if err != nil {
		return nil, err
	}
	if err := d.mayClose(); err != nil {
		return nil, err
	}
	d.releaseAll(func(k Commitment) bool { return k.State == agencyv1.Commitment_SIGNED })
	if a := d.c.Agreement(); a != nil && a.State != agencyv1.Agreement_TERMINATED {
		d.terminate(d.actor, "closed", "", d.ends())
	}
	d.emit(&agencyv1.CaseClosed{Reason: reason}, d.dropped(Clock.Owed)...)
	return d.finish()
}

func (d *decision) mayClose() error {
	for i := range d.c.Items {
		if d.c.Items[i].UnderWay() {
			return ErrItemsUnderWay.With("item", d.c.Items[i].Def.Code)
		}
	}
	if slices.ContainsFunc(d.c.Commitments, Commitment.Live) {
		return ErrCommitmentsOpen
	}
	return nil
}
