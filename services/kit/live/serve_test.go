package live

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// stream is a stream whose invitations a test reads.
type stream struct {
	grpc.ServerStream
	t     *testing.T
	ctx   context.Context
	leave context.CancelFunc
	said  chan string
	ended chan error
}

func (s *stream) Context() context.Context { return s.ctx }

func (s *stream) Send(i *feedv1.Invitation) error {
	select {
	case s.said <- said(i):
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

// said is an invitation in short.
func said(i *feedv1.Invitation) string {
	switch e := i.GetEvent().(type) {
	case *feedv1.Invitation_Ready:
		return fmt.Sprint(i.GetPosition(), " ready")
	case *feedv1.Invitation_Changed:
		return fmt.Sprint(i.GetPosition(), " changed ", e.Changed.GetName(), " ", e.Changed.GetVersion())
	case *feedv1.Invitation_Gone:
		return fmt.Sprint(i.GetPosition(), " gone ", e.Gone.GetName())
	case *feedv1.Invitation_Board:
		return fmt.Sprint(i.GetPosition(), " board")
	case *feedv1.Invitation_Reset_:
		return fmt.Sprint(i.GetPosition(), " reset")
	case *feedv1.Invitation_Progress:
		return fmt.Sprint(i.GetPosition(), " progress")
	case *feedv1.Invitation_Expired:
		return fmt.Sprint(i.GetPosition(), " expired ", e.Expired.GetReason())
	default:
		return fmt.Sprint(i)
	}
}

func (r *rig) serve(t *testing.T, person string, a Asked) *stream {
	t.Helper()
	s := &stream{t: t, said: make(chan string), ended: make(chan error, 1)}
	s.ctx, s.leave = context.WithCancel(as(context.Background(), person))
	go func() { s.ended <- r.Serve(a, s) }()
	t.Cleanup(s.leave)
	return s
}

func (s *stream) want(said ...string) {
	s.t.Helper()
	for _, want := range said {
		select {
		case got := <-s.said:
			if got != want {
				s.t.Errorf("said %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			s.t.Fatalf("silent, want %q", want)
		}
	}
}

func (s *stream) end(want error) {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if !errors.Is(err, want) {
			s.t.Errorf("ends with %v, want %v", err, want)
		}
	case got := <-s.said:
		s.t.Fatalf("goes on with %q", got)
	case <-time.After(10 * time.Second):
		s.t.Fatal("goes on")
	}
}

func TestServe(t *testing.T) {
	r := newRig(t)
	r.run(t)
	s := r.serve(t, first, asked(first, nil, wayBox))
	s.want("0 ready")
	one, other := boxed(owned(1, owner), first), boxed(owned(2, owner), first)
	r.feed.happen(one)
	s.want("1 changed cities/410900/things/t1 1")
	// Whoever was told breathes, beside the look after sign-ins; what happens meanwhile is said together.
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.wall.AwaitWaiters(soon, 2); err != nil {
		t.Fatal(err)
	}
	for _, next := range []*thing{boxed(one, second), other, other} {
		r.feed.happen(next)
	}
	r.reach(4)
	r.wall.Advance(breath)
	s.want("2 gone cities/410900/things/t1", "4 changed cities/410900/things/t2 2")
	s.leave()
	s.end(context.Canceled)
	if r.Len() != 0 {
		t.Errorf("%d watch on", r.Len())
	}
}

// Who comes back is told first where the stream begins, then what there is to read, and of the board when all of that is said.
func TestServeBehindAPosition(t *testing.T) {
	r := newRig(t)
	for n := range 3 {
		r.feed.happen(owned(n, owner))
	}
	for _, c := range []struct {
		after int64
		want  []string
	}{
		{1, []string{"1 ready", "2 changed cities/410900/things/t1 1", "3 changed cities/410900/things/t2 1", "3 board"}},
		{3, []string{"3 ready", "3 board"}},
		{4, []string{"3 reset"}},
	} {
		a := asked(owner, &c.after, wayOwner)
		a.Board = true
		s := r.serve(t, owner, a)
		s.want(c.want...)
		s.leave()
		s.end(context.Canceled)
	}
}

func TestServeProgress(t *testing.T) {
	r := newRig(t)
	r.run(t)
	s := r.serve(t, stranger, asked(stranger, nil, wayOwner))
	s.want("0 ready")
	r.feed.happen(owned(1, owner))
	r.reach(1)
	for range ProgressEvery / checkEvery {
		r.tick(t, checkEvery)
	}
	s.want("1 progress")
}

func TestServeUntilTheSignInEnds(t *testing.T) {
	r := newRig(t)
	r.run(t)
	s := r.serve(t, owner, asked(owner, nil, wayOwner))
	s.want("0 ready")
	r.signOut(owner, errSignedOut)
	r.tick(t, checkEvery)
	s.want("0 expired SESSION_REVOKED")
	s.end(nil)
	// It is looked at before anything is said, too.
	s = r.serve(t, owner, asked(owner, nil, wayOwner))
	s.want("0 expired SESSION_REVOKED")
	s.end(nil)
	r.signOut(owner, authn.ErrKeysUnavailable)
	r.serve(t, owner, asked(owner, nil, wayOwner)).end(authn.ErrKeysUnavailable)
}
