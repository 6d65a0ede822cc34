package hotline_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// stream is an open stream.
type stream struct {
	t    *testing.T
	next func() (*feedv1.Invitation, error)
	stop context.CancelFunc
	last int64
}

func (w *world) watch(t *testing.T, caller authn.Caller, in *hotlinev1.WatchRequest) *stream {
	t.Helper()
	ctx, stop := context.WithTimeout(w.with(t, caller), 20*time.Second)
	t.Cleanup(stop)
	in.Parent = city
	opened, err := hotlinev1.NewWatchServiceClient(w.bare).Watch(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	return &stream{t: t, next: opened.Recv, stop: stop}
}

// want reads one and says so when it is another; progress in between is nothing.
func (s *stream) want(want *feedv1.Invitation) {
	s.t.Helper()
	got, err := s.next()
	if err != nil {
		s.t.Fatalf("the stream ends with %v, want %v", err, want)
	}
	if got.GetPosition() < s.last {
		s.t.Errorf("position %d after %d", got.GetPosition(), s.last)
	}
	s.last = got.GetPosition()
	got.Position = 0
	if got.String() != want.String() {
		s.t.Errorf("got %v, want %v", got, want)
	}
}

func ready() *feedv1.Invitation {
	return &feedv1.Invitation{Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}}
}

func changed(name string, version int64) *feedv1.Invitation {
	return &feedv1.Invitation{Event: &feedv1.Invitation_Changed{Changed: &feedv1.ResourceChanged{Name: name, Version: version}}}
}

func topics(t ...hotlinev1.WatchRequest_Topic) *hotlinev1.WatchRequest {
	return &hotlinev1.WatchRequest{Topics: t}
}

func TestWatch(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		mine := w.watch(t, desktest.Caller(desktest.Filer), topics(hotlinev1.WatchRequest_MINE))
		member := w.watch(t, desktest.Caller(desktest.Colleague), topics(hotlinev1.WatchRequest_MINE))
		desk := w.watch(t, desktest.Caller(policytest.Attendant), topics(hotlinev1.WatchRequest_DESK))
		unit := w.watch(t, desktest.Caller(policytest.HousingLeader), &hotlinev1.WatchRequest{Unit: city + "/units/" + policytest.Housing})
		board := w.watch(t, desktest.Caller(policytest.MayorOffice), topics(hotlinev1.WatchRequest_BOARD))
		stranger := w.watch(t, desktest.Caller(desktest.Stranger), topics(hotlinev1.WatchRequest_MINE, hotlinev1.WatchRequest_ALL))
		for _, s := range []*stream{mine, member, desk, unit, board, stranger} {
			s.want(ready())
		}
		name := w.file(t).GetName()
		mine.want(changed(name, 1))
		member.want(changed(name, 1))
		board.want(&feedv1.Invitation{Event: &feedv1.Invitation_Board{Board: &feedv1.BoardChanged{}}})
		one := w.watch(t, desktest.Caller(policytest.Dispatcher), &hotlinev1.WatchRequest{Ticket: name})
		one.want(ready())
		if _, err := w.DispatchTicket(w.as(t, policytest.Dispatcher), &hotlinev1.DispatchTicketRequest{Name: name, Official: city + "/persons/" + policytest.Attendant}); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*stream{mine, member, desk, unit, one} {
			s.want(changed(name, 2))
		}
		seen := desk.last
		desk.stop()
		if _, err := w.SignTicket(w.as(t, policytest.Attendant), &hotlinev1.SignTicketRequest{Name: name}); err != nil {
			t.Fatal(err)
		}
		mine.want(changed(name, 3))
		for _, c := range []struct{ after, version int64 }{{seen, 3}, {0, 3}} {
			in := topics(hotlinev1.WatchRequest_DESK)
			in.After = &c.after
			back := w.watch(t, desktest.Caller(policytest.Attendant), in)
			back.want(ready())
			back.want(changed(name, c.version))
		}
		future := seen + 1000
		in := topics(hotlinev1.WatchRequest_DESK)
		in.After = &future
		w.watch(t, desktest.Caller(policytest.Attendant), in).want(&feedv1.Invitation{Event: &feedv1.Invitation_Reset_{Reset_: &feedv1.WatchReset{}}})

		own, err := w.CreateTicket(w.as(t, desktest.Stranger), filing())
		if err != nil {
			t.Fatal(err)
		}
		stranger.want(changed(own.GetName(), 1)) // and nothing before it
	})
}

func TestWatchIsRefused(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.file(t).GetName()
	for _, c := range []struct {
		person string
		in     *hotlinev1.WatchRequest
		reason string
	}{
		{desktest.Filer, &hotlinev1.WatchRequest{}, "WATCH_NOTHING"},
		{desktest.Filer, topics(hotlinev1.WatchRequest_BOARD), "ROLE_REQUIRED"},
		{desktest.Stranger, &hotlinev1.WatchRequest{Ticket: name}, "TICKET_NOT_FOUND"},
		{desktest.Filer, &hotlinev1.WatchRequest{Unit: city + "/units/nowhere"}, "WATCH_UNIT_UNKNOWN"},
		{desktest.Filer, &hotlinev1.WatchRequest{Unit: city + "/units/" + policytest.Housing}, "ROLE_REQUIRED"},
		{policytest.HousingLeader, &hotlinev1.WatchRequest{Unit: city + "/units/" + policytest.Market}, "ROLE_REQUIRED"},
		{policytest.HousingLeader, &hotlinev1.WatchRequest{Unit: city + "/units/" + policytest.Government}, "ROLE_REQUIRED"},
		{desktest.Filer, topics(hotlinev1.WatchRequest_MINE, hotlinev1.WatchRequest_MINE), "REQUEST_INVALID"},
		{desktest.Filer, topics(hotlinev1.WatchRequest_TOPIC_UNSPECIFIED), "REQUEST_INVALID"},
		{desktest.Filer, &hotlinev1.WatchRequest{Ticket: "cities/410901/tickets/01910000-0000-7000-8000-000000000001"}, "TICKET_NOT_FOUND"},
	} {
		if _, err := w.watch(t, desktest.Caller(c.person), c.in).next(); reason(err) != c.reason {
			t.Errorf("%v: %v, want %s", c.in, err, c.reason)
		}
	}
	anonymous, err := hotlinev1.NewWatchServiceClient(w.bare).Watch(t.Context(), topics(hotlinev1.WatchRequest_MINE))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := anonymous.Recv(); reason(err) != "TOKEN_MISSING" {
		t.Errorf("without a token: %v", err)
	}
}

// TestWatchEnds: a session that is revoked ends its stream, and whoever had it is told why.
func TestWatchEnds(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	caller := desktest.Caller(desktest.Filer)
	s := w.watch(t, caller, topics(hotlinev1.WatchRequest_MINE))
	s.want(ready())
	w.deps.Verifier.Revocations.RevokeSession(caller.Session, time.Now().Add(time.Hour))
	s.want(&feedv1.Invitation{Event: &feedv1.Invitation_Expired{Expired: &feedv1.WatchExpired{Reason: "SESSION_REVOKED"}}})
	if _, err := s.next(); !errors.Is(err, io.EOF) {
		t.Errorf("it ends with %v", err)
	}
}
