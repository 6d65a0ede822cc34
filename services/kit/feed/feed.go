// Package feed follows an ordered feed of events, a service's own or another's, and writes what the events cause together
// with the bookmark, in one Change. An event is therefore handled once in effect, however often it is delivered.
//
// It depends on change; it knows no business word.
package feed

import (
	"context"
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Source is an ordered, gapless feed: a store of this process, or a client of another service's ListEvents.
type Source interface {
	// Read returns the events after a position, at most limit of them, in order. When there is none it waits up to wait for
	// one; an empty result without error means that none came.
	Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error)
}

// Owner is the source of a feed's owner, who has all of it: the one behind a source that reads copies, or the source itself.
func Owner(s Source) Source {
	if copies, ok := s.(interface{ Owner() Source }); ok {
		return copies.Owner()
	}
	return s
}

// Local is the feed of a store in this process.
func Local(s *change.Store) Source { return local{s} }

type local struct{ store *change.Store }

// Head is the newest position known here.
func (l local) Head() int64 { return l.store.Head() }

func (l local) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	events, err := l.store.Feed(ctx, after, limit)
	if err != nil || len(events) > 0 || wait <= 0 {
		return events, err
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	switch err := l.store.AwaitFeed(waiting, after); {
	case err == nil:
		return l.store.Feed(ctx, after, limit)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	default:
		return nil, err
	}
}
