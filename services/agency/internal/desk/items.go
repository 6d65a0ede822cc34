package desk

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

const (
	itemsPart       = "items/"
	commitmentsPart = "commitments/"
)

// afterPart is what follows a part of a resource's place; empty when it is not there.
func afterPart(resource, part string) string {
	_, after, _ := strings.Cut(resource, "/"+part)
	return after
}

func workdaysLimit(n int) worktime.Limit { return worktime.Limit{Amount: n, Unit: worktime.Workdays} }

// onItem is a verb on an item.
func (d *Desk) onItem(ctx context.Context, by Act, item string, decide verb) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		a.place = itemsPart + item
		return decide(a)
	})
}

// Submit hands an item in.
func (d *Desk) Submit(ctx context.Context, by Act, item string, onPromise bool) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) { return a.from.Case.Submit(a.context, item, onPromise) })
}

// Accept accepts an item. Where it rests on a commitment, the notice of items, date and consequence is written for the enterprise.
func (d *Desk) Accept(ctx context.Context, by Act, item string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Accept(a.context, item, a.write(KindNotice, toleranceNotice(a.city, a.from.Case, item, a.context.Now)))
	})
}

// TakeOn hands an accepted item on.
func (d *Desk) TakeOn(ctx context.Context, by Act, item string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) { return a.from.Case.TakeOn(a.context, item) })
}

// NotAccept says that no approval is needed from here.
func (d *Desk) NotAccept(ctx context.Context, by Act, item, reason string, notNeeded bool) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.NotAccept(a.context, item, a.write(KindReason, reason), notNeeded)
	})
}

// RefuseAcceptance refuses to accept.
func (d *Desk) RefuseAcceptance(ctx context.Context, by Act, item, reason, remedy string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RefuseAcceptance(a.context, item, a.write(KindReason, reason), a.write(KindRemedy, remedy))
	})
}

// Deficiency is one thing that a correction asks for.
type Deficiency struct{ Material, Text string }

// RequestCorrection says once what is missing or wrong.
func (d *Desk) RequestCorrection(ctx context.Context, by Act, item string, wrong []Deficiency, note string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RequestCorrection(a.context, item, a.deficiencies(wrong), a.write(KindNotice, note))
	})
}

func (a *act) deficiencies(wrong []Deficiency) []casefile.Deficiency {
	out := make([]casefile.Deficiency, len(wrong))
	for i, w := range wrong {
		out[i] = casefile.Deficiency{Material: w.Material, Text: a.write(KindDeficiency, w.Text)}
	}
	return out
}

// Correct says that everything asked for is there.
func (d *Desk) Correct(ctx context.Context, by Act, item string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) { return a.from.Case.Correct(a.context, item) })
}

// StartProcedure begins a special procedure.
func (d *Desk) StartProcedure(ctx context.Context, by Act, item, kind, notice string, workdays int) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.StartProcedure(a.context, item, kind, a.write(KindNotice, notice), workdays)
	})
}

// EndProcedure lets the limits go on.
func (d *Desk) EndProcedure(ctx context.Context, by Act, item, body string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.EndProcedure(a.context, item, a.write(KindNotice, body))
	})
}

// Extend extends the statutory limit once.
func (d *Desk) Extend(ctx context.Context, by Act, item string, workdays int, reason string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Extend(a.context, item, workdays, a.write(KindReason, reason))
	})
}

// Approve approves an item.
func (d *Desk) Approve(ctx context.Context, by Act, item, conditions string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Approve(a.context, item, a.write(KindReason, conditions))
	})
}

// Refuse refuses an item.
func (d *Desk) Refuse(ctx context.Context, by Act, item, reason, remedy string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Refuse(a.context, item, a.write(KindReason, reason), a.write(KindRemedy, remedy))
	})
}

// Withdraw takes an item back.
func (d *Desk) Withdraw(ctx context.Context, by Act, item, reason string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Withdraw(a.context, item, a.write(KindReason, reason))
	})
}

// ConfirmWithdrawal lets an accepted item go.
func (d *Desk) ConfirmWithdrawal(ctx context.Context, by Act, item string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) { return a.from.Case.ConfirmWithdrawal(a.context, item) })
}

// DeclineWithdrawal keeps an item.
func (d *Desk) DeclineWithdrawal(ctx context.Context, by Act, item, reason string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.DeclineWithdrawal(a.context, item, a.write(KindReason, reason))
	})
}

// Revoke revokes an approval.
func (d *Desk) Revoke(ctx context.Context, by Act, item, reason string) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.Revoke(a.context, item, a.write(KindReason, reason))
	})
}

// Certificate is a certificate as a unit issues it.
type Certificate struct {
	Number, Document, From, Until string
}

// IssueCertificate issues a certificate under a check code that nobody can guess. The code stands in an erasable row; the history keeps its hash.
func (d *Desk) IssueCertificate(ctx context.Context, by Act, item string, in Certificate) (View, error) {
	return d.onItem(ctx, by, item, func(a *act) ([]casefile.Event, error) {
		code := rand.Text()[:checkCode]
		sum := sha256.Sum256([]byte(code))
		events, err := a.from.Case.IssueCertificate(a.context, casefile.Issue{Item: item, Number: in.Number, Document: in.Document, From: in.From, Until: in.Until, Check: sum[:]})
		if err == nil {
			a.keepCode(in.Number, code)
		}
		return events, err
	})
}

// checkCode is how many characters a check code has: 60 bits.
const checkCode = 12

// SignCommitment signs for the enterprise and returns the number of the commitment.
func (d *Desk) SignCommitment(ctx context.Context, by Act, item string, kind agencyv1.Commitment_Kind, workdays int, in Signature) (View, int, error) {
	view, resource, err := d.do(ctx, by.Caller, by.Call, by.Ref, func(a *act) ([]casefile.Event, error) {
		terms, words, err := d.terms(ctx, a, kind, item, workdays)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(words))
		a.place = commitmentsPart + strconv.Itoa(len(a.from.Case.Commitments)+1)
		return a.from.Case.SignCommitment(a.context, casefile.Commit{Kind: kind, Item: item, Workdays: workdays, Want: terms, Text: a.write(KindCommitment, words),
			Words: sum[:], Signature: casefile.Signature{SHA256: in.SHA256, Name: a.write(KindName, in.Name)}})
	})
	number, _ := strconv.Atoi(afterPart(resource, commitmentsPart))
	return view, number, err
}

// onCommitment is a verb on a commitment.
func (d *Desk) onCommitment(ctx context.Context, by Act, number int, decide verb) (View, error) {
	return d.on(ctx, by, func(a *act) ([]casefile.Event, error) {
		a.place = commitmentsPart + strconv.Itoa(number)
		return decide(a)
	})
}

// ReportPromise says that what was promised is fulfilled.
func (d *Desk) ReportPromise(ctx context.Context, by Act, number int, body string) (View, error) {
	return d.onCommitment(ctx, by, number, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.ReportPromise(a.context, number, a.write(KindNote, body))
	})
}

// CheckPromise is the unit's check.
func (d *Desk) CheckPromise(ctx context.Context, by Act, number int, holds bool, body string) (View, error) {
	return d.onCommitment(ctx, by, number, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.CheckPromise(a.context, number, holds, a.write(KindNotice, body))
	})
}

// RequestExtension asks for more time.
func (d *Desk) RequestExtension(ctx context.Context, by Act, number, workdays int, reason string, documents []string) (View, error) {
	return d.onCommitment(ctx, by, number, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RequestExtension(a.context, number, workdays, a.write(KindReason, reason), documents)
	})
}

// DecideExtension gives more time or not.
func (d *Desk) DecideExtension(ctx context.Context, by Act, number int, granted bool, reason string) (View, error) {
	return d.onCommitment(ctx, by, number, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.DecideExtension(a.context, number, granted, a.write(KindReason, reason))
	})
}

// RepairCredit clears the mark of a broken commitment.
func (d *Desk) RepairCredit(ctx context.Context, by Act, number int, reason string) (View, error) {
	return d.onCommitment(ctx, by, number, func(a *act) ([]casefile.Event, error) {
		return a.from.Case.RepairCredit(a.context, number, a.write(KindReason, reason))
	})
}

// CheckText is the id of the row in which a certificate's check code stands.
func CheckText(number string) string { return "check/" + number }

func (a *act) keepCode(number, code string) {
	c := store.NewContent(store.Content{ID: CheckText(number), Kind: KindCheck, Body: code})
	a.texts = append(a.texts, &c)
}
