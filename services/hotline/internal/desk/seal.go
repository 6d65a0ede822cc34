package desk

import (
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// seal makes journal entries of a ticket's events and returns the hash of the last.
func seal(k store.Key, previous journal.Hash, events []ticket.Event) ([]change.Event, journal.Hash, error) {
	sealed := make([]change.Event, 0, len(events))
	for _, e := range events {
		envelope, err := eventpb.Envelope(k.City, k.ID, e)
		if err != nil {
			return nil, previous, err
		}
		envelope.Aggregate, envelope.Actor = k.Aggregate(), actorName(e.Actor)
		s := journal.Seal(previous, envelope)
		previous = s.Hash
		sealed = append(sealed, change.Event{Sealed: s, Month: k.Month})
	}
	return sealed, previous, nil
}

const personPrefix = "persons/"

// actorName is an actor as feeds name it: the domain leaves a person's id bare.
func actorName(actor string) string {
	if actor == "" || strings.Contains(actor, "/") {
		return actor
	}
	return personPrefix + actor
}

// opened is the event in a journal entry, its actor as the domain names one.
func opened(s journal.Sealed) (ticket.Event, error) {
	e, err := eventpb.Open(s.Envelope)
	e.Actor = strings.TrimPrefix(e.Actor, personPrefix)
	return e, err
}

// write makes the Change of what was decided upon a ticket: its row, clocks, events and next deadline.
func write(from store.Stored, events []ticket.Event) (*change.Change, *ticket.Ticket, error) {
	after, err := from.Ticket.After(events...)
	if err != nil {
		return nil, nil, err
	}
	sealed, hash, err := seal(from.Key, from.Hash, events)
	if err != nil {
		return nil, nil, err
	}
	rows, err := store.Update(from, after, hash)
	if err != nil {
		return nil, nil, err
	}
	return &change.Change{Statements: rows, Events: sealed, Due: []change.Due{dueOf(from.Key, after)}}, after, nil
}

// dueOf is a ticket's next deadline; a zero time removes it.
func dueOf(k store.Key, t *ticket.Ticket) change.Due {
	return change.Due{City: k.City, Aggregate: k.Aggregate(), At: t.NextDeadline()}
}
