package follow_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/follow"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// What is no ticket's is passed over, whatever its payload would read as: nothing is asked of the desk, which is not there.
func TestOnlyTicketsAreFollowed(t *testing.T) {
	payload, err := proto.Marshal(&hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Filed{Filed: &hotlinev1.TicketFiled{Category: "0702"}}})
	if err != nil {
		t.Fatal(err)
	}
	sealed := journal.Seal(journal.Hash{}, journal.Envelope{City: "410900", Aggregate: "issues/01900000-0000-7000-8000-00000000ffff", Version: 1, Type: "opened",
		Actor: "persons/p", Payload: payload})
	c, err := (&follow.Hotline{}).Handle(t.Context(), []change.FeedEvent{{Position: 1, Event: change.Event{Sealed: sealed}}})
	if c != nil || err != nil {
		t.Errorf("%v, %v", c, err)
	}
}
