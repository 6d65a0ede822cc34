package desk

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// The kinds of text, by the contract's words; the filing itself is not a message.
const (
	KindFiling      = "FILING"
	KindNote        = "NOTE"
	KindQuestion    = "QUESTION"
	KindReply       = "REPLY"
	KindAnswer      = "ANSWER"
	KindComment     = "COMMENT"
	KindReason      = "REASON"
	KindContactNote = "CONTACT_NOTE"
	KindWorkOrder   = "WORK_ORDER"
	KindReturn      = "RETURN"
	KindExtension   = "EXTENSION"
	KindDirective   = "DIRECTIVE"
	KindDialogue    = "DIALOGUE"
	KindInside      = store.NoteKind
	KindReveal      = "CONTACT_REVEAL"
)

// officialOnly tells the kinds of text that officials write for each other.
func officialOnly(kind string) bool {
	return kind == KindContactNote || kind == KindWorkOrder || kind == KindReturn || kind == KindInside
}

// Dispatch gives a filed ticket to an official.
func (d *Desk) Dispatch(ctx context.Context, caller authn.Caller, call Call, ref Ref, official string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) { return a.from.Ticket.Dispatch(a.context, official) })
}

// Sign is the holder's signature.
func (d *Desk) Sign(ctx context.Context, caller authn.Caller, call Call, ref Ref) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) { return a.from.Ticket.Sign(a.context) })
}

// Contact records a contact that the holder claims.
func (d *Desk) Contact(ctx context.Context, caller authn.Caller, call Call, ref Ref, channel, note string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		if err := text.Optional("note", note); err != nil {
			return nil, err
		}
		return a.from.Ticket.Contact(a.context, channel, a.write(KindContactNote, ticket.AuthorHolder, note))
	})
}

// Ask asks the filer.
func (d *Desk) Ask(ctx context.Context, caller authn.Caller, call Call, ref Ref, question string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("question", KindQuestion, ticket.AuthorHolder, question)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.Ask(a.context, id)
	})
}

// Reply is the filer's reply to the question.
func (d *Desk) Reply(ctx context.Context, caller authn.Caller, call Call, ref Ref, reply string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("text", KindReply, ticket.AuthorFiler, reply)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.Reply(a.context, id)
	})
}

// Answer is the holder's closing act. No answer is refused for being short; one that is, or that the official has given before, is
// marked as thin.
func (d *Desk) Answer(ctx context.Context, caller authn.Caller, call Call, ref Ref, outcome ticket.Outcome, answer string) (View, error) {
	likeness := text.Likeness(answer)
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("text", KindAnswer, ticket.AuthorHolder, answer)
		if err != nil {
			return nil, err
		}
		known, err := d.Store.AnsweredBefore(a, ref.City, caller.Person, likeness)
		if err != nil {
			return nil, err
		}
		thin := known || text.Length(answer) < a.context.City.Rules().ThinAnswerChars
		keep := store.NewAnswer
		if thin {
			keep = store.SameAnswer
		}
		a.rows = append(a.rows, keep(ref.City, caller.Person, likeness))
		return a.from.Ticket.Answer(a.context, ticket.AnswerInput{Outcome: outcome, Message: id, Thin: thin, Lot: lot()})
	})
}

// lot is drawn for the sample of call-backs.
func lot() int {
	const lots = 100
	n, err := rand.Int(rand.Reader, big.NewInt(lots))
	if err != nil {
		panic("desk: no randomness: " + err.Error()) // crypto/rand ends the process itself before this
	}
	return int(n.Int64())
}

// Verdict is the filer's word on an answer.
type Verdict struct {
	Contacted, Solved bool
	Satisfied         ticket.Satisfaction
	Comment           string
}

// Verify is the filer's word.
func (d *Desk) Verify(ctx context.Context, caller authn.Caller, call Call, ref Ref, v Verdict) (View, error) {
	return d.verified(ctx, caller, call, ref, v, ticket.AuthorFiler, (*ticket.Ticket).Verify)
}

// RecordCallback is the filer's word on the phone.
func (d *Desk) RecordCallback(ctx context.Context, caller authn.Caller, call Call, ref Ref, v Verdict) (View, error) {
	return d.verified(ctx, caller, call, ref, v, ticket.AuthorDesk, (*ticket.Ticket).RecordCallback)
}

type verifying func(*ticket.Ticket, ticket.Context, ticket.Verified) ([]ticket.Event, error)

func (d *Desk) verified(ctx context.Context, caller authn.Caller, call Call, ref Ref, v Verdict, by ticket.Author, verify verifying) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		if err := text.Optional("comment", v.Comment); err != nil {
			return nil, err
		}
		id := a.write(KindComment, by, v.Comment)
		return verify(a.from.Ticket, a.context, ticket.Verified{Contacted: v.Contacted, Solved: v.Solved, Satisfied: v.Satisfied, Message: id})
	})
}

// Reopen opens a closed ticket again.
func (d *Desk) Reopen(ctx context.Context, caller authn.Caller, call Call, ref Ref, reason string) (View, error) {
	return d.reasoned(ctx, caller, call, ref, reason, ticket.AuthorFiler, (*ticket.Ticket).Reopen)
}

// Withdraw takes an open ticket back.
func (d *Desk) Withdraw(ctx context.Context, caller authn.Caller, call Call, ref Ref, reason string) (View, error) {
	return d.reasoned(ctx, caller, call, ref, reason, ticket.AuthorFiler, (*ticket.Ticket).Withdraw)
}

// Reject does not accept a ticket and names the lawful route.
func (d *Desk) Reject(ctx context.Context, caller authn.Caller, call Call, ref Ref, route, reason string) (View, error) {
	return d.reasoned(ctx, caller, call, ref, reason, ticket.AuthorDesk, func(t *ticket.Ticket, c ticket.Context, id string) ([]ticket.Event, error) {
		return t.Reject(c, route, id)
	})
}

func (d *Desk) reasoned(ctx context.Context, caller authn.Caller, call Call, ref Ref, reason string, by ticket.Author,
	decide func(*ticket.Ticket, ticket.Context, string) ([]ticket.Event, error),
) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("reason", KindReason, by, reason)
		if err != nil {
			return nil, err
		}
		return decide(a.from.Ticket, a.context, id)
	})
}

// Write writes a word into a ticket and returns it.
func (d *Desk) Write(ctx context.Context, caller authn.Caller, call Call, ref Ref, word string) (View, *store.Content, error) {
	view, resource, err := d.do(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("text", KindNote, authorOf(a.from.Ticket, a.context.Actor), word)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.Message(a.context, id)
	})
	return written(view, resource, err)
}

// written is the text that a call led to.
func written(view View, resource string, err error) (View, *store.Content, error) {
	if err != nil {
		return View{}, nil, err
	}
	_, id, _ := strings.Cut(resource, messagesPart)
	c := view.Texts[id]
	if c == nil || !view.Reads(c) {
		return View{}, nil, ticket.ErrNotFound // erased since, or not the caller's to read any more
	}
	return view, c, nil
}

// authorOf is as what somebody writes who may be several things to a ticket: as its filer first of all.
func authorOf(t *ticket.Ticket, a ticket.Actor) ticket.Author {
	switch p := t.PartyOf(a); {
	case p&ticket.Filer != 0:
		return ticket.AuthorFiler
	case p&ticket.Holder != 0:
		return ticket.AuthorHolder
	default:
		return ticket.AuthorDesk
	}
}

// Claim makes a ticket that was filed for a caller the caller's own: by its number and the phone the caller is signed in with. Every other phone is
// told that there is no such ticket.
func (d *Desk) Claim(ctx context.Context, caller authn.Caller, call Call, city, written string) (View, error) {
	id, err := d.byNumber(ctx, city, written)
	if err != nil {
		return View{}, err
	}
	key, err := store.KeyOf(city, id)
	if err != nil {
		return View{}, ticket.ErrNotFound
	}
	texts, err := d.Store.Contents(ctx, key)
	if err != nil {
		return View{}, err
	}
	phone, err := text.Phone("", caller.Phone)
	filed := texts[store.Filing]
	if err != nil || phone == "" || filed == nil || filed.Phone != phone {
		return View{}, ticket.ErrNotFound
	}
	stored, err := d.read(ctx, Ref{City: city, ID: id})
	if err != nil {
		return View{}, err
	}
	if stored.Ticket.FiledBy == "" {
		return View{}, ticket.ErrNotFound
	}
	view, _, err := d.acting(ctx, caller, call, Ref{City: city, ID: id}, anySight, func(a *act) ([]ticket.Event, error) {
		return a.from.Ticket.Claim(a.context)
	})
	return view, err
}

// plain is do for a verb that answers with the ticket alone.
func (d *Desk) plain(ctx context.Context, caller authn.Caller, call Call, ref Ref, decide verb) (View, error) {
	view, _, err := d.do(ctx, caller, call, ref, decide)
	return view, err
}

// say keeps a text that must say something.
func (a *act) say(field, kind string, author ticket.Author, body string) (id string, err error) {
	if err := text.Required(field, body); err != nil {
		return "", err
	}
	return a.write(kind, author, body), nil
}
