package desk

import (
	"strings"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// seal makes journal entries of a case's events and returns the hash of the last.
func seal(k store.Key, previous journal.Hash, events []casefile.Event) ([]change.Event, journal.Hash, error) {
	sealed := make([]change.Event, 0, len(events))
	for _, e := range events {
		e.Actor = actorName(e.Actor)
		envelope, err := eventpb.Envelope(k.City, k.Aggregate(), e)
		if err != nil {
			return nil, previous, err
		}
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
func opened(s journal.Sealed) (casefile.Event, error) {
	e, err := eventpb.Open(s.Envelope)
	e.Actor = strings.TrimPrefix(e.Actor, personPrefix)
	return e, err
}

// write makes the Change of what was decided upon a case: its rows, events and next deadline.
func write(city *catalogue.City, from store.Stored, events []casefile.Event) (*change.Change, store.Stored, error) {
	after, err := from.Case.After(events...)
	if err != nil {
		return nil, from, err
	}
	sealed, hash, err := seal(from.Key, from.Hash, events)
	if err != nil {
		return nil, from, err
	}
	facts := fact.Of(after, city)
	rows, err := store.Update(from, fact.By(from.Case, city.Revision(from.CountedBy)), facts, after, hash)
	if err != nil {
		return nil, from, err
	}
	return &change.Change{Statements: rows, Events: sealed, Due: []change.Due{dueOf(from.Key, after)}},
		store.Stored{Key: from.Key, Case: after, Hash: hash, CountedBy: facts.CountedBy}, nil
}

// dueOf is a case's next deadline; a zero time removes it.
func dueOf(k store.Key, c *casefile.Case) change.Due {
	return change.Due{City: k.City, Aggregate: k.Aggregate(), At: c.NextDeadline()}
}
