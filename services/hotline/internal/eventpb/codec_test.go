package eventpb_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

var bodies = []ticket.Body{
	ticket.Filed{}, ticket.Dispatched{}, ticket.RouteRefused{}, ticket.Signed{}, ticket.Contacted{}, ticket.Asked{}, ticket.Resumed{},
	ticket.Answered{}, ticket.Verified{}, ticket.Reopened{}, ticket.Closed{}, ticket.MessageWritten{}, ticket.ClockWarned{},
	ticket.ClockBreached{}, ticket.RungReached{}, ticket.VerifyReminded{}, ticket.RejectionProposed{}, ticket.RejectionDropped{},
	ticket.DeadlinesRecomputed{}, ticket.Claimed{}, ticket.ClocksBegan{}, ticket.ContentErased{},
	ticket.OrderCreated{}, ticket.OrderSigned{}, ticket.OrderFinished{}, ticket.OrderWaived{}, ticket.ReturnRequested{}, ticket.ReturnDecided{},
	ticket.Recalled{}, ticket.HandedOver{}, ticket.ExtensionRequested{}, ticket.ExtensionDecided{}, ticket.Supervised{}, ticket.Instructed{},
	ticket.Absorbed{}, ticket.ConflictNamed{}, ticket.DialogueRequested{}, ticket.DialogueTaken{}, ticket.DialogueDeclined{}, ticket.DialogueHandedOn{},
	ticket.DialogueHeld{}, ticket.CallbackMissed{},
	ticket.IssueLinked{}, ticket.IssueUnlinked{},
	ticket.AttachmentAdded{}, ticket.ContactRevealed{},
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456000, time.UTC)

// fill sets every field, each to something of its own, so that a field the codec forgets or mistakes is noticed.
func fill(v reflect.Value, n *int) {
	*n++
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = noon.Add(time.Duration(*n) * time.Second)
		return
	case *time.Duration:
		*x = time.Duration(*n) * time.Minute
		return
	case *worktime.Limit:
		*x = worktime.Limit{Amount: *n, Unit: worktime.NaturalHours, Roll: true}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.String:
		v.SetString(strings.Repeat("x", *n))
	case reflect.Int8:
		v.SetInt(int64(*n)%3 + 1)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Uint8:
		v.SetUint(uint64(*n))
	default:
		panic("cannot fill " + v.Type().String())
	}
}

func filled(body ticket.Body) ticket.Event {
	n := 0
	v := reflect.New(reflect.TypeOf(body)).Elem()
	fill(v, &n)
	e := ticket.Event{Version: 3, Time: noon, Actor: "system/clockwork", Body: v.Interface().(ticket.Body), Clocks: make([]ticket.Clock, 2)}
	fill(reflect.ValueOf(&e.Clocks).Elem().Index(0), &n)
	e.Clocks[1] = ticket.Clock{ID: 2, Limit: worktime.Limit{Amount: 5, Unit: worktime.Workdays}}
	return e
}

func TestEveryFieldOfEveryEventComesBack(t *testing.T) {
	for _, body := range bodies {
		for _, e := range []ticket.Event{filled(body), {Version: 1, Time: noon, Body: body}} {
			envelope, err := eventpb.Envelope("410900", "id", e)
			if err != nil {
				t.Fatal(err)
			}
			if envelope.Type != body.Type() || envelope.Aggregate != "id" || envelope.City != "410900" {
				t.Errorf("envelope %+v", envelope)
			}
			back, err := eventpb.Open(envelope)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, back); diff != "" {
				t.Errorf("%T:\n%s", body, diff)
			}
		}
	}
}

// TestTypesAreTheContracts: there is one event here for every case of the contract, under the contract's name.
func TestTypesAreTheContracts(t *testing.T) {
	cases := (&hotlinev1.TicketEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	known := map[string]bool{}
	for i := range cases.Len() {
		known[string(cases.Get(i).Name())] = true
	}
	for _, body := range bodies {
		message, err := eventpb.Encode(filled(body))
		if err != nil {
			t.Fatal(err)
		}
		set := message.ProtoReflect().WhichOneof(message.ProtoReflect().Descriptor().Oneofs().ByName("event"))
		if string(set.Name()) != body.Type() {
			t.Errorf("%T is %s here and %s in the contract", body, body.Type(), set.Name())
		}
		delete(known, body.Type())
	}
	if len(known) > 0 {
		t.Errorf("cases of the contract without an event: %v", known)
	}
}

func TestBytesAreTheSameEachTime(t *testing.T) {
	for _, body := range bodies {
		first, err := eventpb.Envelope("410900", "id", filled(body))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			again, err := eventpb.Envelope("410900", "id", filled(body))
			if err != nil || !bytes.Equal(first.Payload, again.Payload) {
				t.Fatalf("%T differs from itself: %v", body, err)
			}
		}
	}
}

func TestWhatIsNotOursIsRefused(t *testing.T) {
	seal := func(typ string, m *hotlinev1.TicketEvent) journal.Envelope {
		payload, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return journal.Envelope{Aggregate: "id", Version: 1, Type: typ, Payload: payload}
	}
	signed := &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Signed{Signed: &hotlinev1.TicketSigned{}}}
	badClock := proto.CloneOf(signed)
	badClock.Clocks = []*hotlinev1.ClockChange{{Id: 1, Limit: "soon"}}
	for name, e := range map[string]journal.Envelope{
		"no event":       seal("signed", &hotlinev1.TicketEvent{}),
		"another type":   seal("closed", signed),
		"a broken limit": seal("signed", badClock),
		"broken bytes":   {Type: "signed", Payload: []byte{0xff, 0xff}},
	} {
		if got, err := eventpb.Open(e); err == nil {
			t.Errorf("%s: opened as %v", name, got)
		}
	}
	if _, err := eventpb.Envelope("410900", "id", ticket.Event{Body: foreign{}}); err == nil {
		t.Error("an event without a contract was sealed")
	}
}

type foreign struct{ ticket.Body }

func FuzzOpen(f *testing.F) {
	for _, body := range bodies {
		envelope, err := eventpb.Envelope("410900", "id", filled(body))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(envelope.Type, envelope.Payload)
	}
	f.Fuzz(func(t *testing.T, typ string, payload []byte) {
		e, err := eventpb.Open(journal.Envelope{Aggregate: "id", Version: 1, Type: typ, Payload: payload})
		if err != nil {
			return
		}
		if again, err := eventpb.Envelope("410900", "id", e); err != nil {
			t.Fatal(err)
		} else if back, err := eventpb.Open(again); err != nil || !reflect.DeepEqual(e, back) {
			t.Fatalf("%+v came back as %+v, %v", e, back, err)
		}
	})
}
