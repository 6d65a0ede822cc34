package ticket

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestNobodyMergesADelayAway: the desk does not merge what is overdue into something slower, which would end its ladder.
func TestNobodyMergesADelayAway(t *testing.T) {
	earlier := newPlay(t, pt.City(t), "2026-03-02 08:45").file()
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-10 09:00").settle()
	p.t.ID = "01900000-0000-7000-8000-0000000000ab"
	if _, _, err := p.t.Merge(p.context(theDesk), earlier.t, "reason", false); !fault.Has(err, "MERGE_OVERDUE") {
		t.Errorf("by the desk: %v", err)
	}
	if _, _, err := p.t.Merge(p.context(person(pt.MayorOffice, policy.RoleMayorOffice)), earlier.t, "reason", false); err != nil {
		t.Errorf("by the mayor's office: %v", err)
	}
}

// TestWhoFiledForACallerDoesNotSpeakForThem: a dispatcher could make up a caller, and then call them back.
func TestWhoFiledForACallerDoesNotSpeakForThem(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	in := filing()
	in.Channel = "phone"
	p.take(File(p.context(theDesk), in)).dispatch().sign().answer()
	verified := Verified{Contacted: true, Solved: true, Satisfied: Satisfied}
	refused(t, "CALLBACK_OWN")(p.t.RecordCallback(p.context(theDesk), verified))
	p.take(p.t.RecordCallback(p.context(otherDesk), verified))
}
