package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
)

// writer writes frames to a client.
type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    int64 // everything up to here is written
	frames  bytes.Buffer
}

// run writes until there is no more to write, or the client takes too long to read it.
func (w *writer) run(ctx context.Context, first *feedv1.Invitation, more <-chan *feedv1.Invitation, ticks <-chan time.Time) {
	h := w.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy that collects what it passes on would keep it
	w.w.WriteHeader(http.StatusOK)
	fmt.Fprintf(&w.frames, "retry: %d\n", retry())
	w.frame(first)
	for w.flush() == nil {
		select {
		case m, ok := <-more:
			if !ok {
				return
			}
			w.frame(m)
			w.gather(more)
		case <-ticks:
			// The position goes on although nothing concerns the client, so that coming back does not mean reading far.
			fmt.Fprintf(&w.frames, ":\nid: %d\n\n", w.last)
		case <-ctx.Done():
			return
		}
	}
}

// gather takes what is there already into the same packet. A channel that is closed says so again.
func (w *writer) gather(more <-chan *feedv1.Invitation) {
	for {
		select {
		case m, ok := <-more:
			if !ok {
				return
			}
			w.frame(m)
		default:
			return
		}
	}
}

func (w *writer) flush() error {
	if w.frames.Len() == 0 {
		return nil
	}
	// The server's own limit is for answers that end.
	if err := w.control.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := w.w.Write(w.frames.Bytes())
	w.frames.Reset()
	if err != nil {
		return err
	}
	return w.control.Flush()
}

type named struct {
	Name    string `json:"name"`
	Version int64  `json:"version,string,omitempty"`
}

type reasoned struct {
	Reason string `json:"reason"`
}

// frame adds what a message says. What this gateway does not know yet is not said, and not passed over either: the position stays.
func (w *writer) frame(m *feedv1.Invitation) {
	var event string
	data := any(struct{}{})
	switch e := m.GetEvent().(type) {
	case *feedv1.Invitation_Progress:
		w.last = m.GetPosition()
		return
	case *feedv1.Invitation_Ready:
		event = "ready"
	case *feedv1.Invitation_Changed:
		event, data = "changed", named{e.Changed.GetName(), e.Changed.GetVersion()}
	case *feedv1.Invitation_Gone:
		event, data = "gone", named{Name: e.Gone.GetName()}
	case *feedv1.Invitation_Board:
		event = "board"
	case *feedv1.Invitation_Reset_:
		event = "reset"
	case *feedv1.Invitation_Expired:
		event, data = "expired", reasoned{e.Expired.GetReason()}
	default:
		return
	}
	w.last = m.GetPosition()
	text, err := json.Marshal(data)
	if err != nil {
		return // names and reasons are text
	}
	fmt.Fprintf(&w.frames, "id: %d\nevent: %s\ndata: %s\n\n", w.last, event, text)
}
