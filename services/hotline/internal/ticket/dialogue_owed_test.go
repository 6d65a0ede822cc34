package ticket

import (
	"slices"
	"testing"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestTheDeskDropsNoDialogue: a ticket whose filer waits to speak with a leader is neither merged away nor rejected.
func TestTheDeskDropsNoDialogue(t *testing.T) {
	earlier := newPlay(t, pt.City(t), "2026-03-02 08:45").file()
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
	p.t.ID = "01900000-0000-7000-8000-0000000000ab"
	p.take(p.t.AskDialogue(p.context(theFiler), "topic"))
	if _, _, err := p.t.Merge(p.context(theDesk), earlier.t, "reason", false); !fault.Has(err, "DIALOGUE_OWED") {
		t.Errorf("merged away: %v", err)
	}
	refused(t, "DIALOGUE_OWED")(p.t.Reject(p.context(theDesk), "police", "reason"))
	if slices.Contains(p.t.Actions(p.context(theDesk)), "reject") {
		t.Error("a rejection is offered")
	}
}
