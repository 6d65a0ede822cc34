package eventpb

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Note is one entry of what officials noted beside a ticket.
type Note struct {
	Version    int64
	Time       time.Time
	Actor      string // as feeds name one
	Message    string // id of the text
	Author     ticket.Author
	ContentMAC []byte
}

const noteWritten = "written"

// Envelope returns a note as the journal seals it.
func (n *Note) Envelope(city, aggregate string) (journal.Envelope, error) {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(&hotlinev1.TicketNoteEvent{Event: &hotlinev1.TicketNoteEvent_Written{
		Written: &hotlinev1.TicketNoteWritten{Message: n.Message, Author: hotlinev1.Message_Author(n.Author), ContentMac: n.ContentMAC}}})
	if err != nil {
		return journal.Envelope{}, fmt.Errorf("%s: note %d: %w", aggregate, n.Version, err)
	}
	return journal.Envelope{City: city, Aggregate: aggregate, Version: n.Version, Type: noteWritten, Time: n.Time, Actor: n.Actor, Payload: payload}, nil
}

// OpenNote returns the note of a journal's envelope.
func OpenNote(in journal.Envelope) (Note, error) {
	var message hotlinev1.TicketNoteEvent
	if err := proto.Unmarshal(in.Payload, &message); err != nil {
		return Note{}, fmt.Errorf("%s: note %d: %w", in.Aggregate, in.Version, err)
	}
	w := message.GetWritten()
	if w == nil || in.Type != noteWritten {
		return Note{}, fmt.Errorf("%s: note %d is one that this version of the hotline does not know", in.Aggregate, in.Version)
	}
	return Note{Version: in.Version, Time: in.Time.UTC(), Actor: in.Actor, Message: w.GetMessage(), Author: ticket.Author(w.GetAuthor()),
		ContentMAC: w.GetContentMac()}, nil
}
