package ticket

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestALookHasItsReason(t *testing.T) {
	p := in(t, StateInProgress)
	for _, c := range []struct{ reason, message, want string }{
		{"", "", "REVEAL_REASON_UNKNOWN"}, {"curiosity", "x", "REVEAL_REASON_UNKNOWN"}, {"other", "", "TEXT_EMPTY"},
	} {
		if events, err := p.t.RevealContact(p.context(theHolder), c.reason, c.message); !fault.Has(err, c.want) || events != nil {
			t.Errorf("%q, %q: %v, %v", c.reason, c.message, events, err)
		}
	}
	for _, reason := range RevealReasons() {
		events, err := p.t.RevealContact(p.context(theHolder), reason, "id")
		if err != nil || len(events) != 1 || events[0].Body != (ContactRevealed{reason, "id"}) || len(events[0].Clocks) > 0 {
			t.Errorf("%s: %v, %v", reason, events, err)
		}
	}
}

// A confidential filer is known to the mayor's office alone, and what was erased is nobody's to look at.
func TestWhoseIsConfidentialOrErasedIsNotShown(t *testing.T) {
	p := in(t, StateInProgress)
	p.t.Confidential = true
	if _, err := p.t.RevealContact(p.context(theHolder), "call", ""); !fault.Has(err, "CONTACT_BY_MESSAGE") {
		t.Error(err)
	}
	if _, err := p.t.RevealContact(p.context(cast["office"]), "call", ""); err != nil {
		t.Error(err)
	}
	p.t.Confidential, p.t.Erased = false, true
	if _, err := p.t.RevealContact(p.context(theHolder), "call", ""); !fault.Has(err, "CONTACT_ABSENT") {
		t.Error(err)
	}
}
