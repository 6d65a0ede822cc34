package follow

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// tokenLife is longer than any access token lives: so long a revocation is remembered.
const tokenLife = 70 * time.Minute

// revocation is what an event of the directory revokes; false when nothing.
func revocation(e change.FeedEvent, in *directoryv1.DirectoryEvent, now time.Time) (store.Revocation, bool) {
	switch body := in.GetEvent().(type) {
	case *directoryv1.DirectoryEvent_SessionsRevoked:
		return store.Revocation{City: e.City, Person: body.SessionsRevoked.GetPerson(), Session: body.SessionsRevoked.GetSession(),
			At: time.UnixMicro(body.SessionsRevoked.GetIssuedUntilMicros()).UTC(), Expires: now.Add(tokenLife)}, true
	case *directoryv1.DirectoryEvent_OfficialDismissed:
		return store.Revocation{City: e.City, Person: body.OfficialDismissed.GetPerson(), At: now, Expires: now.Add(tokenLife)}, true
	}
	return store.Revocation{}, false
}

// Revocations refuses tokens whose sign-in has ended. Every replica must know of each, so it has no cursor: it begins with what
// is stored and follows the directory's feed from there.
type Revocations struct {
	set    *authn.Revocations
	source feed.Source
	wall   clock.Clock
	log    *zap.Logger
	after  int64
}

const (
	watchBatch = 500
	watchWait  = 20 * time.Second
	watchRetry = time.Second
)

// NewRevocations fills the set with what is stored. Cursor is the consumer whose Changes stored it.
func NewRevocations(ctx context.Context, s *store.Store, cursor string, set *authn.Revocations, source feed.Source, wall clock.Clock, log *zap.Logger) (*Revocations, error) {
	w := &Revocations{set: set, source: source, wall: wall, log: log}
	var err error
	// The cursor first: what is stored between the two reads is taken up twice, which harms nothing.
	if w.after, err = s.Cursor(ctx, cursor); err != nil {
		return nil, err
	}
	stored, err := s.Revocations(ctx)
	for _, r := range stored {
		w.revoke(r)
	}
	return w, err
}

func (w *Revocations) revoke(r store.Revocation) {
	if r.Session != "" {
		w.set.RevokeSession(r.Session, r.Expires)
		return
	}
	w.set.RevokePerson(r.City, r.Person, r.At, r.Expires)
}

// Run follows the feed until the context ends.
func (w *Revocations) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.step(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("cannot follow revocations; trying again", zap.Error(err))
			_ = w.wall.WaitUntil(ctx, w.wall.Now().Add(watchRetry)) // it fails only when the context ends
		}
	}
	return nil
}

func (w *Revocations) step(ctx context.Context) error {
	events, err := w.source.Read(ctx, w.after, watchBatch, watchWait)
	if err != nil {
		return err
	}
	for _, e := range events {
		in := &directoryv1.DirectoryEvent{}
		if err := proto.Unmarshal(e.Payload, in); err != nil {
			return fmt.Errorf("position %d: %w", e.Position, err)
		}
		if r, ok := revocation(e, in, w.wall.Now()); ok {
			w.revoke(r)
		}
		w.after = e.Position
	}
	return nil
}
