package live

import (
	"time"

	"google.golang.org/grpc"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// breath is the shortest time between two lots of news for one watcher. The first comes at once; of what follows at once, each thing is
// named once. However much happens, a thousand who look at the whole city leave the processors to those who act.
const breath = 100 * time.Millisecond

// Serve invites the caller of a stream to read, until they go, their sign-in ends or the service stops.
func (h *Hub) Serve(asked Asked, stream grpc.ServerStreamingServer[feedv1.Invitation]) error {
	ctx := stream.Context()
	w, err := h.Watch(ctx, asked)
	if err != nil {
		return err
	}
	defer w.Close()
	for {
		select {
		case <-w.Woken():
		case <-w.Ended():
			return stream.Send(expired(w.Told(), w.Ending()))
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := h.SignedIn(ctx, w.token); err != nil {
			if f := fault.From(err); f.Kind == fault.Unauthenticated {
				return stream.Send(expired(w.Told(), f))
			}
			return err
		}
		news := w.Take()
		for _, invitation := range render(w.city, &news) {
			if err := stream.Send(invitation); err != nil {
				return err
			}
		}
		if len(news.Notes) == 0 && !news.Board {
			continue // nobody who has only begun waits for the first
		}
		if err := h.Wall.WaitUntil(ctx, h.Wall.Now().Add(breath)); err != nil {
			return err
		}
	}
}

// render says news in the contract's words; each position is one up to which everything is said.
func render(city string, n *News) []*feedv1.Invitation {
	var out []*feedv1.Invitation
	switch {
	case n.Reset:
		return []*feedv1.Invitation{{Position: n.Position, Event: &feedv1.Invitation_Reset_{Reset_: &feedv1.WatchReset{}}}}
	case n.Empty():
		return []*feedv1.Invitation{{Position: n.Position, Event: &feedv1.Invitation_Progress{Progress: &feedv1.WatchProgress{}}}}
	case n.Ready:
		out = append(out, &feedv1.Invitation{Position: n.Start, Event: &feedv1.Invitation_Ready{Ready: &feedv1.WatchReady{}}})
	}
	for _, note := range n.Notes {
		i := &feedv1.Invitation{Position: note.Position}
		name := "cities/" + city + "/" + note.Name
		if note.Version > 0 {
			i.Event = &feedv1.Invitation_Changed{Changed: &feedv1.ResourceChanged{Name: name, Version: note.Version}}
		} else {
			i.Event = &feedv1.Invitation_Gone{Gone: &feedv1.ResourceGone{Name: name}}
		}
		out = append(out, i)
	}
	if n.Board {
		out = append(out, &feedv1.Invitation{Position: n.Position, Event: &feedv1.Invitation_Board{Board: &feedv1.BoardChanged{}}})
	}
	return out
}

func expired(position int64, because error) *feedv1.Invitation {
	return &feedv1.Invitation{Position: position, Event: &feedv1.Invitation_Expired{Expired: &feedv1.WatchExpired{Reason: fault.From(because).Reason}}}
}
