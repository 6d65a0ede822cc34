package live

import (
	"context"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// Feed is the ordered feed that is followed.
type Feed interface {
	// Head is the newest position.
	Head(ctx context.Context) (int64, error)
	// Read returns what follows a position, in order and without a gap; it waits for the first.
	Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error)
}

// Own is the feed of a service's own store.
func Own(s *change.Store) Feed { return own{feed.Local(s), s} }

type own struct {
	feed.Source
	store *change.Store
}

func (o own) Head(ctx context.Context) (int64, error) { return o.store.FeedHead(ctx) }

// Step is what one event did to what it is of.
type Step struct {
	Position int64
	Time     time.Time
	City     string
	Name     string // of what changed, below the city: tickets/0192…; empty when there is nothing to tell anybody, and then all below is
	Version  int64  // that the event made of it
	Before   State  // nil before the first event
	After    State
	Now      State // as it was when the step was made
}

// State is what something was at one moment, and who may know of it. It belongs to everybody and is not changed.
type State interface {
	// Ways lead to it, for whoever looks for it. Ways only find; whether what is found may be seen is asked of Sees.
	Ways() []Way
	// Sees tells whether a caller may list it, by what is in force when it is asked.
	Sees(authn.Caller) bool
	// KeepsOut tells whether it is about a caller, who is not even told that it has left their sight.
	KeepsOut(authn.Caller) bool
}

// Way is a way on which a service's things are come by: all of a kind with the same id, such as one holder's.
type Way struct {
	Kind WayKind
	ID   string // empty where a kind has only one
}

// WayKind is a sort of way, the service's own.
type WayKind uint8

// ways lead to what changed, or led there before.
func (s *Step) ways() []Way {
	ways := slices.Clip(s.After.Ways())
	if s.Before == nil {
		return ways
	}
	for _, w := range s.Before.Ways() {
		if !slices.Contains(ways, w) {
			ways = append(ways, w)
		}
	}
	return ways
}
