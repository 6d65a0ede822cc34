package feedstream

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

const (
	// blockMost is how long the stream alone is waited at: then the owner is asked, in case nobody brings what happens there.
	blockMost = 5 * time.Second
	// awayMost is how long the owner is waited at while the stream cannot be.
	awayMost = 2 * time.Second
	// readMost bounds what is read at once.
	readMost = 1000
)

// Source reads a service's feed from its stream, and from the owner whatever the stream does not have. Everybody who reads gets everything.
// Without a Redis it is the owner's own source.
func Source(r *redisdb.Client, service string, owner feed.Source) feed.Source {
	if r == nil {
		return owner
	}
	return newSource(r, service, owner)
}

func newSource(r *redisdb.Client, service string, owner feed.Source) *source {
	return &source{redis: r, service: service, owner: owner}
}

// source is used by one goroutine.
type source struct {
	redis   *redisdb.Client
	service string
	owner   feed.Source
	key     string
	lacks   int64 // the stream has nothing before this position
}

// Owner is the source of what no stream need have.
func (s *source) Owner() feed.Source { return s.owner }

// Read implements feed.Source.
func (s *source) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	if !s.named(ctx) {
		return s.owner.Read(ctx, after, limit, min(wait, awayMost))
	}
	if after+1 < s.lacks {
		if events, err := s.owner.Read(ctx, after, limit, 0); err != nil || len(events) > 0 {
			return events, err
		}
		s.lacks = 0
	}
	events, err := await(ctx, s.redis, s.key, after, min(limit, readMost), min(wait, blockMost))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return s.owner.Read(ctx, after, limit, min(wait, awayMost))
	case len(events) == 0:
		return s.owner.Read(ctx, after, limit, 0)
	case events[0].Position != after+1:
		s.lacks = events[0].Position
		return s.owner.Read(ctx, after, limit, 0)
	}
	return consecutive(events), nil
}

// named tells whether it is known which stream it is: the owner has to be there for that once, and something to have happened there.
func (s *source) named(ctx context.Context) bool {
	if s.key == "" {
		s.key, _ = keyOf(ctx, s.redis, s.service, s.owner) // who cannot be asked now is asked again
	}
	return s.key != ""
}
