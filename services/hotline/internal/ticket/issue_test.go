package ticket

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestATicketIsPartOfOneIssueAtMost(t *testing.T) {
	p := newPlay(t, policytest.City(t), "2026-03-02 09:00").file()
	clocks := len(p.t.Clocks)
	p.take(p.t.LinkIssue(p.context(theDesk), "a"))
	if p.t.Issue != "a" || len(p.t.Clocks) != clocks {
		t.Errorf("issue %q, %d clocks", p.t.Issue, len(p.t.Clocks))
	}
	if again, err := p.t.LinkIssue(p.context(theDesk), "a"); err != nil || again != nil {
		t.Errorf("linked again: %v, %v", again, err)
	}
	if _, err := p.t.LinkIssue(p.context(theDesk), "b"); !fault.Has(err, "TICKET_IN_ISSUE") {
		t.Errorf("linked to a second: %v", err)
	}
	if none, err := p.t.UnlinkIssue(p.context(theDesk), "b"); err != nil || none != nil {
		t.Errorf("taken out of another: %v, %v", none, err)
	}
	p.take(p.t.UnlinkIssue(p.context(theDesk), "a"))
	if p.t.Issue != "" {
		t.Errorf("still part of %q", p.t.Issue)
	}
	p.take(p.t.LinkIssue(p.context(theDesk), "b"))
}
