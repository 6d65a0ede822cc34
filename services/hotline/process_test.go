package hotline_test

import (
	"slices"
	"testing"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
)

// TestProcessSpeaksTheContract: its states are the contract's, a filing leads from none, and every state but that is left and reached.
func TestProcessSpeaksTheContract(t *testing.T) {
	table := hotline.Process()
	for word, number := range hotlinev1.Ticket_State_value {
		if number == 0 {
			continue
		}
		if !slices.ContainsFunc(table, func(e hotline.Edge) bool { return e.From == word }) || !slices.ContainsFunc(table, func(e hotline.Edge) bool { return e.To == word }) {
			t.Errorf("no edge leads from or to %s", word)
		}
	}
	for _, e := range table {
		if _, known := hotlinev1.Ticket_State_value[e.To]; !known || (e.From == "") != (e.Verb == "file") || e.Verb == "" {
			t.Errorf("there is an edge %+v", e)
		}
	}
	if sign := (hotline.Edge{Verb: "sign", From: "DISPATCHED", To: "IN_PROGRESS"}); !slices.Contains(table, sign) {
		t.Errorf("nobody signs")
	}
}
