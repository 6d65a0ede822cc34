package ticket

import (
	"testing"
	"time"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestATicketRefusesWhatCannotHaveHappened(t *testing.T) {
	p := in(t, StateInProgress)
	next := p.t.Version + 1
	restarted := p.t.Clocks[0]
	restarted.Start = restarted.Start.Add(time.Hour)
	tests := map[string]Event{
		"a gap":               {Version: next + 1, Time: p.now, Body: MessageWritten{"m", AuthorDesk}},
		"the same again":      {Version: p.t.Version, Time: p.now, Body: Signed{}},
		"a step back":         {Version: next, Time: p.now.Add(-tick), Body: MessageWritten{"m", AuthorDesk}},
		"a second filing":     {Version: next, Time: p.now, Body: Filed{}},
		"no edge":             {Version: next, Time: p.now, Body: Dispatched{Official: pt.Clerk}},
		"a clock out of line": {Version: next, Time: p.now, Body: ClockWarned{9}, Clocks: []Clock{{ID: 9}}},
		"a new start":         {Version: next, Time: p.now, Body: ClockWarned{1}, Clocks: []Clock{restarted}},
	}
	for name, e := range tests {
		copied, err := p.t.After()
		if err != nil {
			t.Fatal(err)
		}
		if err := copied.Apply(e); err == nil || fault.From(err).Kind != fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Fold(pt.Code, ticketID, []Event{{Version: 1, Body: Signed{}}}); err == nil {
		t.Error("a history that begins with a signature")
	}
}
