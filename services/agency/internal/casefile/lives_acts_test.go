package casefile

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// act is something that can happen in a life.
type act struct {
	name string
	do   func(*rapid.T)
}

// GoString is how a failure names it.
func (a act) GoString() string { return a.name }

// acts are all of them, the more frequent ones more than once.
func (l *life) acts() (all []act) {
	for _, a := range []struct {
		times int
		act
	}{
		{7, act{"step", l.step}}, {20, act{"work", l.work}}, {1, act{"wander", l.wander}}, {3, act{"supply", l.supply}}, {8, act{"commitment", l.commitment}},
		{2, act{"agreement", l.agreement}}, {2, act{"agent", l.agent}}, {2, act{"review", l.review}}, {1, act{"aside", l.aside}}, {1, act{"obtain", l.obtain}},
		{1, act{"project", l.project}},
	} {
		for range a.times {
			all = append(all, a.act)
		}
	}
	return all
}

func (l *life) supply(t *rapid.T) {
	materials := livelyMaterials
	var wanted []string
	for _, i := range l.c().Items {
		if i.State == CorrectionOpen {
			wanted = append(wanted, i.Correction.Materials...)
		}
	}
	for _, k := range l.c().Commitments {
		if k.Live() {
			wanted = append(wanted, k.Materials...)
		}
	}
	if len(wanted) > 0 && rapid.IntRange(0, 3).Draw(t, "anything") > 0 {
		materials = wanted
	}
	l.arrive(t, theMember, PurposeMaterial, rapid.SampledFrom(materials).Draw(t, "material"))
}

func (l *life) obtain(t *rapid.T) {
	_ = l.do(t, planning, func(c *Case, ctx Context) ([]Event, error) { return c.Obtain(ctx, ct.Licence, "reference", "") })
}

// commitment does something that is offered with one of the commitments.
func (l *life) commitment(t *rapid.T) {
	if len(l.c().Commitments) == 0 {
		return
	}
	number := rapid.IntRange(1, len(l.c().Commitments)).Draw(t, "commitment")
	if n := slices.IndexFunc(l.c().Commitments, Commitment.Live); n >= 0 {
		number = n + 1
	}
	a, row := rapid.SampledFrom(people).Draw(t, "by"), rapid.SampledFrom(commitmentGrid).Draw(t, "verb")
	if rapid.IntRange(0, 3).Draw(t, "anything") > 0 { // something that is offered
		type chance struct {
			by  Actor
			row commitmentRow
		}
		var chances []chance
		for _, a := range people {
			offered := l.c().CommitmentActions(l.context(a), number)
			for _, row := range commitmentGrid {
				if slices.Contains(offered, string(row.verb)) {
					chances = append(chances, chance{a, row})
				}
			}
		}
		if len(chances) > 0 {
			it := rapid.SampledFrom(chances).Draw(t, "chance")
			a, row = it.by, it.row
		}
	}
	n := rapid.IntRange(1, 8).Draw(t, "workdays")
	offered := slices.Contains(l.c().CommitmentActions(l.context(a), number), string(row.verb))
	err := l.do(t, a, func(c *Case, ctx Context) ([]Event, error) {
		switch row.verb {
		case VerbReport:
			return c.ReportPromise(ctx, number, "")
		case VerbCheck:
			return c.CheckPromise(ctx, number, row.yes, "text")
		case VerbAskExtension:
			return c.RequestExtension(ctx, number, n, "reason", nil)
		case VerbDecideExtension:
			return c.DecideExtension(ctx, number, row.yes, "reason")
		default:
			return c.RepairCredit(ctx, number, "reason")
		}
	})
	if offered != (err == nil) {
		t.Fatalf("%s of commitment %d is offered to %+v: %t, and %v", row.verb, number, a, offered, err)
	}
}

// onCase does something to the case, and checks that it was offered if it works, and works if it was.
func (l *life) onCase(t *rapid.T, v Verb, a Actor, act func(*Case, Context) ([]Event, error)) {
	offered := slices.Contains(l.c().Actions(l.context(a)), string(v))
	if err := l.do(t, a, act); offered != (err == nil || ownWords(err)) {
		t.Fatalf("%s is offered to %+v: %t, and %v", v, a, offered, err)
	}
}

func (l *life) agreement(t *rapid.T) {
	stages := rapid.SampledFrom([][]string{nil, {ct.Design}, {ct.Land, ct.Construction}}).Draw(t, "stages")
	expire := l.now.Add(time.Duration(rapid.IntRange(1, 60*24).Draw(t, "hours")) * time.Hour)
	a := rapid.SampledFrom([]Actor{theMember, theCentre, theOpener, theAgent}).Draw(t, "by")
	paper := rapid.Bool().Draw(t, "paper")
	switch rapid.IntRange(0, 4).Draw(t, "verb") {
	case 0:
		l.onCase(t, VerbOffer, a, func(c *Case, ctx Context) ([]Event, error) {
			return c.OfferAgreement(ctx, Offer{Stages: stages, Expire: expire, Text: "text", SHA256: []byte("w"), Paper: paper})
		})
	case 1:
		in := Signature{SHA256: []byte("w"), Name: "name"}
		if worked := l.c().State == Open || l.c().State == Completed; worked {
			in.Document = l.arrive(t, theCentre, PurposeAgreement, "")
		}
		l.onCase(t, VerbSign, a, func(c *Case, ctx Context) ([]Event, error) { return c.SignAgreement(ctx, in) })
	case 2:
		l.onCase(t, VerbSeal, a, func(c *Case, ctx Context) ([]Event, error) { return c.SealAgreement(ctx, "") })
	case 3:
		if rapid.IntRange(0, 4).Draw(t, "rarely") == 0 {
			l.onCase(t, VerbTerminate, a, func(c *Case, ctx Context) ([]Event, error) { return c.TerminateAgreement(ctx, "reason") })
		}
	default: // all of it at once
		if l.c().State != Open || l.c().Entrusted() != nil {
			return
		}
		_ = l.do(t, theCentre, func(c *Case, ctx Context) ([]Event, error) {
			return c.OfferAgreement(ctx, Offer{Stages: stages, Expire: expire, Text: "text", SHA256: []byte("w")})
		})
		_ = l.do(t, theMember, func(c *Case, ctx Context) ([]Event, error) {
			return c.SignAgreement(ctx, Signature{SHA256: []byte("w"), Name: "name"})
		})
		_ = l.do(t, theCentre, func(c *Case, ctx Context) ([]Event, error) { return c.SealAgreement(ctx, "") })
	}
}

func (l *life) agent(t *rapid.T) {
	centre := rapid.SampledFrom([]string{ct.Approvals, ct.Investment}).Draw(t, "centre")
	official := rapid.SampledFrom([]string{ct.ApprovalsAgent, ct.ApprovalsAgent2, ct.InvestmentAgent, ct.InvestmentAgent2, ""}).Draw(t, "official")
	if rapid.IntRange(0, 3).Draw(t, "chosen") == 0 {
		_ = l.do(t, theCentre, func(c *Case, ctx Context) ([]Event, error) { return c.AssignAgent(ctx, centre, official) })
		return
	}
	l.position++
	p := Proposal{Position: l.position, Centre: centre, Official: official, Reason: "bound"}
	if a := l.c().Agreement(); a != nil {
		p.Agreement = a.Number
	}
	if rapid.Bool().Draw(t, "instead") {
		p.From, p.Reason = l.c().AgentOf(centre), "leave"
	}
	_ = l.do(t, assigner, func(c *Case, ctx Context) ([]Event, error) { return c.TakeAgent(ctx, p) })
}

func (l *life) review(t *rapid.T) {
	switch rapid.IntRange(0, 2).Draw(t, "verb") {
	case 0:
		l.onCase(t, VerbReview, planning, func(c *Case, ctx Context) ([]Event, error) {
			return c.OpenJointReview(ctx, []string{theItem}, []string{ct.Ecology, ct.Water}, "text")
		})
	case 1:
		a := rapid.SampledFrom([]Actor{ecology, water}).Draw(t, "by")
		_ = l.do(t, a, func(c *Case, ctx Context) ([]Event, error) {
			return c.GiveOpinion(ctx, len(c.Reviews), a.Clerk[0], OpinionAgree, "")
		})
	default:
		_ = l.do(t, planning, func(c *Case, ctx Context) ([]Event, error) { return c.ConcludeJointReview(ctx, len(c.Reviews), "text") })
	}
}

func (l *life) aside(t *rapid.T) {
	a := rapid.SampledFrom(people).Draw(t, "by")
	switch rapid.IntRange(0, 4).Draw(t, "verb") {
	case 0:
		l.onCase(t, VerbNote, a, func(c *Case, ctx Context) ([]Event, error) { return c.WriteNote(ctx, "", "text") })
	case 1:
		l.onCase(t, VerbMeet, a, func(c *Case, ctx Context) ([]Event, error) { return c.RecordMeeting(ctx, "", ctx.Now, "text") })
	case 2:
		n := rapid.IntRange(1, 10).Draw(t, "workdays")
		m := rapid.SampledFrom([]string{ct.Form, ct.Drawings, ct.Survey}).Draw(t, "material")
		_ = l.do(t, a, func(c *Case, ctx Context) ([]Event, error) { return c.RequestMaterial(ctx, m, "text", days(n)) })
	case 3:
		l.onCase(t, VerbAdmit, a, func(c *Case, ctx Context) ([]Event, error) { return c.Admit(ctx) })
	default:
		if rapid.IntRange(0, 9).Draw(t, "rarely") == 0 {
			l.onCase(t, VerbDecline, a, func(c *Case, ctx Context) ([]Event, error) { return c.Decline(ctx, "reason") })
		}
	}
}

// project changes it, moves it to the newest catalogue, or closes the case.
func (l *life) project(t *rapid.T) {
	a := rapid.SampledFrom(people).Draw(t, "by")
	answers := ct.Plant()
	if rapid.IntRange(0, 2).Draw(t, "another") == 0 {
		answers = ct.Shop()
	}
	switch rapid.IntRange(0, 5).Draw(t, "verb") {
	case 0, 1, 2:
		l.onCase(t, VerbAnswer, a, func(c *Case, ctx Context) ([]Event, error) { return c.UpdateAnswers(ctx, answers) })
	case 3, 4:
		l.onCase(t, VerbMove, a, func(c *Case, ctx Context) ([]Event, error) { return c.Move(ctx, "reason") })
	default:
		if rapid.IntRange(0, 3).Draw(t, "rarely") == 0 {
			l.onCase(t, VerbClose, a, func(c *Case, ctx Context) ([]Event, error) { return c.Close(ctx, "") })
		}
	}
}
