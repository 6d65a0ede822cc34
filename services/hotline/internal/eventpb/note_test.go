package eventpb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

func TestANoteComesBack(t *testing.T) {
	n := eventpb.Note{Version: 7, Time: noon, Actor: "persons/x", Message: "id", Author: ticket.AuthorUnit, ContentMAC: []byte{1, 2}}
	envelope, err := n.Envelope("410900", "notes/id")
	if err != nil || envelope.City != "410900" || envelope.Aggregate != "notes/id" {
		t.Fatal(envelope, err)
	}
	back, err := eventpb.OpenNote(envelope)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n, back); diff != "" {
		t.Error(diff)
	}
	if e, err := eventpb.Open(envelope); err == nil {
		t.Errorf("a ticket takes it for its own: %v", e)
	}
}

func TestWhatIsNoNoteIsRefused(t *testing.T) {
	signed, err := eventpb.Envelope("410900", "notes/id", ticket.Event{Version: 1, Time: noon, Body: ticket.Signed{}})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]journal.Envelope{"a ticket's event": signed, "nothing": {Type: "written"}, "broken bytes": {Type: "written", Payload: []byte{0xff}}} {
		if n, err := eventpb.OpenNote(e); err == nil {
			t.Errorf("%s: opened as %+v", name, n)
		}
	}
}
