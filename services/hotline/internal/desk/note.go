package desk

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Note writes an internal note and returns it. It leaves the ticket as it is, down to its version: the note has a history of its own beside the ticket's.
func (d *Desk) Note(ctx context.Context, caller authn.Caller, call Call, ref Ref, word string) (View, *store.Content, error) {
	view, resource, err := d.do(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		author := a.from.Ticket.InsideAuthorOf(a.context.Actor)
		if _, err := a.say("text", KindInside, author, word); err != nil {
			return nil, err
		}
		if err := a.from.Ticket.MayNote(a.context); err != nil {
			return nil, err
		}
		return nil, a.note(a.texts[0], author)
	})
	return written(view, resource, err)
}

// note puts a text behind what was noted before.
func (a *act) note(c *store.Content, author ticket.Author) error {
	k := a.from.Key
	before, err := a.desk.Store.Journal(a, k.City, k.NotesAggregate(), k.Month)
	if err != nil {
		return err
	}
	if len(before) >= ticket.MaxNotes {
		return ticket.ErrNotesTooMany
	}
	n := eventpb.Note{Version: int64(len(before)) + 1, Time: a.context.Now.UTC().Truncate(time.Microsecond), Actor: actorName(a.context.Actor.ID()),
		Message: c.ID, Author: author, ContentMAC: c.MAC()}
	var last journal.Hash
	if len(before) > 0 {
		previous := before[len(before)-1]
		last = previous.Hash
		if n.Time.Before(previous.Time) {
			n.Time = previous.Time
		}
	}
	envelope, err := n.Envelope(k.City, k.NotesAggregate())
	if err != nil {
		return err
	}
	a.beside = append(a.beside, change.Event{Sealed: journal.Seal(last, envelope), Month: k.Month})
	return nil
}

// ReadsNotes tells whether the caller may read what officials noted beside a ticket.
func ReadsNotes(caller authn.Caller, city *policy.City, s store.Stored) bool {
	sight := sightOf(caller, city, s)
	return sight.Text && sight.Official
}
