package issuepb_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456000, time.UTC)

func promise(n int) issue.Promise {
	return issue.Promise{Date: "2026-03-31", Due: noon.Add(time.Duration(n) * time.Second), Provisional: true, ConfigVersion: int64(n)}
}

func promised(n int) *issue.Promise {
	p := promise(n)
	return &p
}

// full has every field set, each to something of its own.
var full = []issue.Body{
	issue.Opened{Month: "2026-03", Lead: "housing", Assisting: []string{"market", "water"}, Promise: promise(1), Plan: "plan", ContentMAC: []byte{0, 1}},
	issue.Replanned{Plan: "plan", Promise: promised(2), Reason: "reason", RequestedBy: "person"},
	issue.ReplanRequested{Plan: "plan", Date: "2026-04-01", Reason: "reason"},
	issue.ReplanRefused{Reason: "reason"},
	issue.Reported{Message: "message", Unit: "unit", Solved: true},
	issue.Closed{State: issue.StateClosed, Message: "message"},
	issue.Reopened{Message: "message", Promise: promise(3)},
}

func TestEveryFieldOfEveryEventComesBack(t *testing.T) {
	cases := (&hotlinev1.CommonIssueEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event")
	known := map[string]bool{}
	for i := range cases.Fields().Len() {
		known[string(cases.Fields().Get(i).Name())] = true
	}
	for _, body := range full {
		v := reflect.ValueOf(body)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%T: the test leaves %s out", body, v.Type().Field(i).Name)
			}
		}
		for _, b := range []issue.Body{body, reflect.Zero(v.Type()).Interface().(issue.Body)} {
			e := issue.Event{Version: 3, Time: noon, Actor: "persons/p", Body: b}
			envelope, err := issuepb.Envelope("410900", "issues/id", e)
			if err != nil {
				t.Fatal(err)
			}
			back, err := issuepb.Open(envelope)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, back); diff != "" {
				t.Errorf("%T:\n%s", b, diff)
			}
		}
		message, err := issuepb.Encode(issue.Event{Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if set := message.ProtoReflect().WhichOneof(cases); string(set.Name()) != body.Type() {
			t.Errorf("%T is %s here and %s in the contract", body, body.Type(), set.Name())
		}
		delete(known, body.Type())
	}
	if len(known) > 0 {
		t.Errorf("cases of the contract without an event: %v", known)
	}
}

// Whoever takes an issue's event for a ticket's finds nothing known in it, nor the other way round: older readers of the feed do.
func TestAnIssuesEventIsNoTickets(t *testing.T) {
	for _, body := range full {
		envelope, err := issuepb.Envelope("410900", "issues/id", issue.Event{Body: body})
		if err != nil {
			t.Fatal(err)
		}
		var ticket hotlinev1.TicketEvent
		if err := proto.Unmarshal(envelope.Payload, &ticket); err != nil || ticket.GetEvent() != nil || len(ticket.GetClocks()) > 0 {
			t.Errorf("%T reads as %v, %v", body, &ticket, err)
		}
	}
	payload, err := proto.Marshal(&hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Signed{Signed: &hotlinev1.TicketSigned{}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]journal.Envelope{
		"a ticket's":   {Type: "signed", Payload: payload},
		"broken bytes": {Type: "opened", Payload: []byte{0xff, 0xff}},
		"another type": {Type: "closed", Payload: mustSeal(t, full[0])},
	} {
		if got, err := issuepb.Open(e); err == nil {
			t.Errorf("%s: opened as %v", name, got)
		}
	}
}

func mustSeal(t *testing.T, body issue.Body) []byte {
	t.Helper()
	e, err := issuepb.Envelope("410900", "issues/id", issue.Event{Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return e.Payload
}

func FuzzOpen(f *testing.F) {
	for _, body := range full {
		e, err := issuepb.Envelope("410900", "issues/id", issue.Event{Body: body})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(e.Type, e.Payload)
	}
	f.Fuzz(func(t *testing.T, typ string, payload []byte) {
		e, err := issuepb.Open(journal.Envelope{Aggregate: "issues/id", Version: 1, Type: typ, Payload: payload})
		if err != nil {
			return
		}
		if again, err := issuepb.Envelope("410900", "issues/id", e); err != nil {
			t.Fatal(err)
		} else if back, err := issuepb.Open(again); err != nil || !cmp.Equal(e, back) {
			t.Fatalf("%+v came back as %+v, %v", e, back, err)
		}
	})
}
