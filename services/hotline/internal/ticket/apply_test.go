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
		"no edge":             {Version: next, Time: p.now, Body: Verified{}},
		"a desk's dispatch":   {Version: next, Time: p.now, Body: Dispatched{Official: pt.Clerk}}, // of what lies on no desk
		"not the holder":      {Version: next, Time: p.now, Body: HandedOver{Official: pt.Clerk, From: pt.Attendant2}},
		"to nobody":           {Version: next, Time: p.now, Body: HandedOver{From: pt.Attendant}},
		"no order to sign":    {Version: next, Time: p.now, Body: OrderSigned{1}},
		"no order to finish":  {Version: next, Time: p.now, Body: OrderFinished{1, "m"}},
		"no order to waive":   {Version: next, Time: p.now, Body: OrderWaived{1, "m"}},
		"an order ahead":      {Version: next, Time: p.now, Body: OrderCreated{Order: 2, Unit: pt.Water}},
		"no order to return":  {Version: next, Time: p.now, Body: ReturnRequested{Return: 1, Order: 1}},
		"a return ahead":      {Version: next, Time: p.now, Body: ReturnRequested{Return: 2}},
		"no return":           {Version: next, Time: p.now, Body: ReturnDecided{Return: 1, Decision: Granted}},
		"an extension ahead":  {Version: next, Time: p.now, Body: ExtensionRequested{Extension: 2}},
		"no extension":        {Version: next, Time: p.now, Body: ExtensionDecided{Extension: 1, Decision: Granted}},
		"a dialogue ahead":    {Version: next, Time: p.now, Body: DialogueRequested{Dialogue: 2}},
		"no dialogue":         {Version: next, Time: p.now, Body: DialogueHeld{Dialogue: 1}},
		"no call-back":        {Version: next, Time: p.now, Body: CallbackMissed{Attempt: 1}},
		"a cycle ahead":       {Version: next, Time: p.now, Body: Reopened{Cycle: 3}},
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
	for name, wrong := range map[string]struct {
		state State
		body  Body
	}{
		"recalled from the desk":    {StateFiled, Recalled{Cause: CauseReturn}},
		"recalled after the answer": {StateAnswered, Recalled{Cause: CauseHandover}},
		"recalled after the close":  {StateClosed, Recalled{Cause: CauseReturn}},
		"handed over by the desk":   {StateFiled, HandedOver{Official: pt.Clerk}},
		"handed over when closed":   {StateClosed, HandedOver{Official: pt.Clerk, From: pt.Attendant}},
		"an order when closed":      {StateClosed, OrderCreated{Order: 1, Unit: pt.Water}},
		"a dialogue when closed":    {StateClosed, DialogueRequested{Dialogue: 1}},
		"closed twice":              {StateClosed, Closed{Reason: ClosedWithdrawn}},
		"signed twice":              {StateInProgress, Signed{}},
	} {
		p := in(t, wrong.state)
		if _, err := p.t.After(Event{Version: p.t.Version + 1, Time: p.now, Body: wrong.body}); err == nil {
			t.Error(name)
		}
	}
	if _, err := Fold(pt.Code, ticketID, []Event{{Version: 1, Body: Signed{}}}); err == nil {
		t.Error("a history that begins with a signature")
	}
}
