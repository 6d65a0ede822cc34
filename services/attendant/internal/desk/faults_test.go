package desk_test

import (
	"testing"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestReasonsAreTheContracts(t *testing.T) {
	said := map[string]bool{}
	for _, f := range []*fault.Error{desk.ErrCity, desk.ErrBinding, desk.ErrOfficial, desk.ErrNoOfficial, desk.ErrPrimaryTaken, desk.ErrNotSelf,
		desk.ErrEtag, desk.ErrRequestReused, desk.ErrTooBusy, desk.ErrProjectForeign, desk.ErrPeriod, desk.ErrDeputySelf,
		desk.ErrHandoverSelf, desk.ErrNoDeputy, desk.ErrTicketNotHeld, desk.ErrCaseNotHeld, desk.ErrBindingCap, desk.ErrVisit, desk.ErrEnterprise, desk.ErrNotBound,
		desk.ErrNotVisitor, desk.ErrOverride, desk.ErrVisitTime, desk.ErrTooSoon, desk.ErrQuiet, desk.ErrVisitOver, desk.ErrVisitEtag} {
		if _, declared := attendantv1.ErrorReason_value[f.Reason]; !declared {
			t.Errorf("the contract does not know %s", f.Reason)
		}
		if f.Text.Zh == "" || f.Text.En == "" {
			t.Errorf("%s is not said in both languages", f.Reason)
		}
		said[f.Reason] = true
	}
	for reason := range attendantv1.ErrorReason_value {
		if reason != "ERROR_REASON_UNSPECIFIED" && !said[reason] {
			t.Errorf("%s is never said", reason)
		}
	}
}
