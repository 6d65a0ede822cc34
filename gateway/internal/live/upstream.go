package live

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// upstream is the service's side of a stream.
type upstream struct {
	open     Open
	over     grpc.ClientConnInterface
	after    *int64                  // everything up to here is passed on, or was seen before; nil where the client does not say
	messages chan *feedv1.Invitation // closed at the end
	failure  *fault.Error            // why there was no message at all; set before the end
	begun    bool
}

const (
	firstBackOff = 50 * time.Millisecond
	lastBackOff  = 2 * time.Second
)

// read passes on what the service says until it says no more. When it goes away in the middle, read comes back to it at the position
// reached, and whoever reads the messages notices nothing.
func (u *upstream) read(ctx context.Context) {
	defer close(u.messages)
	// Nothing has come for too long: at first because the service is slow to begin, later because it stays away.
	ctx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	late := time.AfterFunc(opening, giveUp)
	defer late.Stop()
	for failures := 0; ; failures++ {
		passed, err := u.pass(ctx, func() { late.Stop() })
		f := wire.From(err)
		switch {
		case errors.Is(err, io.EOF), u.begun && ctx.Err() != nil:
			return
		case !u.begun:
			u.failure = f
			if ctx.Err() != nil {
				u.failure = wire.From(context.DeadlineExceeded)
			}
			return
		case f.Kind == fault.Unauthenticated:
			u.send(ctx, &feedv1.Invitation{Position: *u.after, Event: &feedv1.Invitation_Expired{Expired: &feedv1.WatchExpired{Reason: f.Reason}}})
			return
		case !passing(f.Kind):
			return
		}
		if passed {
			failures = 0
			late.Reset(away)
		}
		wait(ctx, min(firstBackOff<<min(failures, 6), lastBackOff))
	}
}

// passing tells failures that a restart of the service brings about.
func passing(kind fault.Kind) bool {
	switch kind {
	case fault.Unavailable, fault.Canceled, fault.Deadline, fault.Internal:
		return true
	default:
		return false
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// pass opens the service's stream and passes it on to its end, which is never without an error.
func (u *upstream) pass(ctx context.Context, began func()) (passed bool, err error) {
	stream, err := u.open(ctx, u.over, u.after, grpc.WaitForReady(u.begun))
	if err != nil {
		return false, err
	}
	for {
		m, err := stream.Recv()
		if err != nil {
			return passed, err
		}
		began()
		again := u.begun && !passed
		passed, u.begun = true, true
		if again && m.GetReady() != nil {
			continue // the client knows of no interruption
		}
		if !u.send(ctx, m) {
			return passed, ctx.Err()
		}
		position := m.GetPosition()
		u.after = &position
	}
}

func (u *upstream) send(ctx context.Context, m *feedv1.Invitation) bool {
	select {
	case u.messages <- m:
		return true
	case <-ctx.Done():
		return false
	}
}
