package board_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The people of a life beside the officials of cataloguetest.
const (
	member     = "01910000-0000-7000-8000-000000000001"
	enterprise = "01920000-0000-7000-8000-0000000000aa"
)

var owner = casefile.Actor{Kind: casefile.PersonActor, Person: member, Enterprises: []string{enterprise}}

func clerk(unit string) casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: "clerk of " + unit, Clerk: []string{unit}, Centre: unit == ct.Approvals}
}

func head(unit string) casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: "head of " + unit, Head: []string{unit}}
}

var supervisor = casefile.Actor{Kind: casefile.PersonActor, Person: ct.Supervisor, Office: true}

// verb is what somebody does to a case.
type verb = func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error)

// life does things to cases at random, as far as their state allows.
type life struct{ rnd *rand.Rand }

func (l life) one(n int) bool { return l.rnd.IntN(n) == 0 }

func pick[T any](l life, all ...T) T { return all[l.rnd.IntN(len(all))] }

// opening is a project at random.
func (l life) opening() (casefile.Opening, casefile.Actor) {
	in := casefile.Opening{City: ct.Code, Enterprise: enterprise, Counties: []string{pick(l, ct.HualongCode, ct.QingfengCode)},
		Eligibility: agencyv1.Case_MUNICIPAL_APPROVAL, Answers: pick(l, ct.Plant(), ct.Shop())}
	by := owner
	switch l.rnd.IntN(6) {
	case 0:
		in.Eligibility, in.Arranged = agencyv1.Case_ARRANGED_BY_CITY, "text"
	case 1:
		in.OpenerUnit, by = ct.Hualong, clerk(ct.Hualong)
	}
	return in, by
}

// next is something that somebody could do to a case, and who.
func (l life) next(t *testing.T, c *casefile.Case, ctx casefile.Context) (casefile.Actor, verb) {
	t.Helper()
	switch {
	case c.State == casefile.Applied:
		if l.one(4) {
			return supervisor, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
				return c.Decline(ctx, "reason")
			}
		}
		return supervisor, (*casefile.Case).Admit
	case l.one(200):
		return owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) { return c.Close(ctx, "reason") }
	case l.one(60):
		answers := pick(l, ct.Plant(), ct.Shop())
		return owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.UpdateAnswers(ctx, answers)
		}
	case l.one(40):
		return casefile.Clockwork, l.ticket(c)
	case l.one(8):
		return casefile.Clockwork, (*casefile.Case).Settle
	case l.one(6) && len(c.Commitments) > 0:
		return l.commitment(c, 1+l.rnd.IntN(len(c.Commitments)))
	}
	return l.onItem(c, ctx)
}

func (l life) ticket(c *casefile.Case) verb {
	if n := len(c.Tickets); n > 0 && !l.one(3) {
		k := c.Tickets[l.rnd.IntN(n)]
		return func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.MoveTicket(ctx, k.ID, k.Closed)
		}
	}
	id := fmt.Sprint("ticket ", len(c.Tickets), " of ", c.ID)
	return func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.LinkTicket(ctx, casefile.Ticket{ID: id, Reason: casefile.TroubleOther})
	}
}

func (l life) commitment(c *casefile.Case, number int) (casefile.Actor, verb) {
	unit := c.Item(c.Commitment(number).Item).Unit
	holds := !l.one(3)
	switch l.rnd.IntN(4) {
	case 0:
		return clerk(unit), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.CheckPromise(ctx, number, holds, "text")
		}
	case 1:
		return owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.RequestExtension(ctx, number, 1, "reason", nil)
		}
	case 2:
		return supervisor, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.RepairCredit(ctx, number, "reason")
		}
	default:
		return owner, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.ReportPromise(ctx, number, "text")
		}
	}
}

// onItem chooses among what is offered of any item to anybody; seldom what ends its way badly.
func (l life) onItem(c *casefile.Case, ctx casefile.Context) (casefile.Actor, verb) {
	type offer struct {
		by   casefile.Actor
		item string
		verb casefile.Verb
	}
	var offers []offer
	for n := range c.Items {
		i := &c.Items[n]
		for _, by := range []casefile.Actor{owner, clerk(i.Unit), head(i.Unit)} {
			ctx.Actor = by
			for _, v := range c.ItemActions(ctx, i.Def.Code) {
				if !l.one(8) && slices.Contains(rare, casefile.Verb(v)) {
					continue
				}
				offers = append(offers, offer{by, i.Def.Code, casefile.Verb(v)})
			}
		}
	}
	if len(offers) == 0 || l.one(8) {
		return owner, arrives(fmt.Sprint("document ", l.rnd.Int()), casefile.PurposeMaterial, pick(l, materials...))
	}
	o := pick(l, offers...)
	return o.by, l.onOne(c, o.item, o.verb)
}

// materials are what the items of cataloguetest ask an enterprise for.
var materials = []string{ct.Form, ct.SitePlan, ct.Drawings, ct.Survey, ct.Contract, ct.Report, ct.Feasibility, ct.LandPaper, ct.SitePaper, ct.FirePaper, ct.BuildPaper}

// rare is what ends an item's way, or leads round it.
var rare = []casefile.Verb{casefile.VerbNotAccept, casefile.VerbRefuseAcceptance, casefile.VerbRefuse, casefile.VerbWithdraw, casefile.VerbRevoke, casefile.VerbLinkTicket,
	casefile.VerbRequestCorrection, casefile.VerbStartProcedure}

func arrives(id, purpose, material string) verb {
	return func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Arrive(ctx, casefile.Arrival{Document: id, Purpose: purpose, Material: material, Size: 1, SHA256: []byte{1}, ContentSHA256: []byte{2}})
	}
}

func (l life) onOne(from *casefile.Case, item string, v casefile.Verb) verb {
	yes, id := !l.one(3), fmt.Sprint(l.rnd.Int())
	i := from.Item(item)
	return func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		switch v {
		case casefile.VerbSubmit:
			events, err := c.Submit(ctx, item, yes)
			if err != nil {
				return c.Submit(ctx, item, false)
			}
			return events, err
		case casefile.VerbAccept:
			return c.Accept(ctx, item, "notice")
		case casefile.VerbTakeOn:
			return c.TakeOn(ctx, item)
		case casefile.VerbNotAccept:
			return c.NotAccept(ctx, item, "reason", yes)
		case casefile.VerbRefuseAcceptance:
			return c.RefuseAcceptance(ctx, item, "reason", "remedy")
		case casefile.VerbRequestCorrection:
			return c.RequestCorrection(ctx, item, []casefile.Deficiency{{Material: i.Def.Materials[len(i.Def.Materials)-1].Material, Text: "text"}}, "")
		case casefile.VerbCorrect:
			return c.Correct(ctx, item)
		case casefile.VerbStartProcedure:
			return c.StartProcedure(ctx, item, i.Def.Procedures[0], "notice", 3)
		case casefile.VerbEndProcedure:
			return c.EndProcedure(ctx, item, "text")
		case casefile.VerbExtend:
			return c.Extend(ctx, item, 1, "reason")
		case casefile.VerbApprove:
			return c.Approve(ctx, item, "")
		case casefile.VerbRefuse:
			return c.Refuse(ctx, item, "reason", "remedy")
		case casefile.VerbWithdraw:
			return c.Withdraw(ctx, item, "reason")
		case casefile.VerbConfirmWithdrawal:
			return c.ConfirmWithdrawal(ctx, item)
		case casefile.VerbDeclineWithdrawal:
			return c.DeclineWithdrawal(ctx, item, "reason")
		case casefile.VerbRevoke:
			return c.Revoke(ctx, item, "reason")
		case casefile.VerbIssue:
			for _, d := range c.Documents {
				if d.Purpose == casefile.PurposeCertificate {
					return c.IssueCertificate(ctx, casefile.Issue{Item: item, Number: "C" + id, Document: d.ID, Check: []byte(id)})
				}
			}
			return arrives(id, casefile.PurposeCertificate, "")(c, ctx)
		case casefile.VerbCommit:
			return signs(c, ctx, item)
		default:
			return c.Settle(ctx)
		}
	}
}

// signs commits to whichever the item lets one commit to.
func signs(c *casefile.Case, ctx casefile.Context, item string) ([]casefile.Event, error) {
	terms, err := c.TermsOf(ctx, agencyv1.Commitment_TOLERANCE, item, 0)
	if err != nil {
		terms, err = c.TermsOf(ctx, agencyv1.Commitment_PROMISE, item, 0)
	}
	if err != nil {
		return nil, err
	}
	return c.SignCommitment(ctx, casefile.Commit{Kind: terms.Kind, Item: terms.Item, Want: terms, Text: "text", Words: []byte{8},
		Signature: casefile.Signature{SHA256: []byte{8}, Name: "name"}})
}

// refused tells whether a case's state forbade what was wanted, which is part of life; anything else ends the test.
func refused(t *testing.T, err error) bool {
	t.Helper()
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		t.Fatal(err)
	}
	return err != nil
}
