package eventpb_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

const aggregate = "cases/id"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123456000, time.UTC)

// bodies returns one message for each case of the contract, every field of it set to something of its own.
func bodies() []proto.Message {
	n := 0
	var all []proto.Message
	fields := (&agencyv1.CaseEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	for i := range fields.Len() {
		m := (&agencyv1.CaseEvent{}).ProtoReflect().NewField(fields.Get(i)).Message()
		fillMessage(m, &n)
		all = append(all, m.Interface())
	}
	return all
}

func fillMessage(m protoreflect.Message, n *int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !f.IsList() {
			m.Set(f, valueFor(f, m.NewField(f), n))
			continue
		}
		list := m.Mutable(f).List()
		for range 2 {
			list.Append(valueFor(f, list.NewElement(), n))
		}
	}
}

func valueFor(f protoreflect.FieldDescriptor, empty protoreflect.Value, n *int) protoreflect.Value {
	*n++
	switch f.Kind() {
	case protoreflect.MessageKind:
		fillMessage(empty.Message(), n)
		return empty
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(1 + *n%2))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("x" + strings.Repeat("y", *n%30))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte{0, byte(*n), 255})
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(*n))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(*n))
	default:
		panic("cannot fill " + f.FullName())
	}
}

// filledClock sets every field, each to something of its own, so that one that the codec forgets or mistakes is noticed.
func filledClock(v reflect.Value, n *int) {
	*n++
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = noon.Add(time.Duration(*n) * time.Second)
		return
	case *time.Duration:
		*x = time.Duration(*n)*time.Minute + 7*time.Microsecond
		return
	case *worktime.Limit:
		*x = worktime.Limit{Amount: *n, Unit: worktime.NaturalHours, Roll: true}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			filledClock(v.Field(i), n)
		}
	case reflect.String:
		v.SetString(strings.Repeat("x", *n))
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filledClock(v.Index(i), n)
		}
	default:
		panic("cannot fill " + v.Type().String())
	}
}

func filled(body proto.Message) casefile.Event {
	e := casefile.Event{Version: 3, Time: noon, Actor: "line/planning", Body: body, Clocks: make([]casefile.Clock, 2), Line: &agencyv1.LineReport{}}
	n := 0
	fillMessage(e.Line.ProtoReflect(), &n)
	filledClock(reflect.ValueOf(&e.Clocks).Elem().Index(0), &n)
	e.Clocks[1] = casefile.Clock{ID: 2, Limit: worktime.Limit{Amount: 5, Unit: worktime.Workdays}}
	return e
}

func TestEveryFieldOfEveryEventComesBack(t *testing.T) {
	for _, body := range bodies() {
		for _, e := range []casefile.Event{filled(body), {Version: 1, Time: noon, Body: body}} {
			envelope, err := eventpb.Envelope("410900", aggregate, e)
			if err != nil {
				t.Fatal(err)
			}
			if envelope.Type != e.Type() || envelope.Type == "" || envelope.Aggregate != aggregate || envelope.City != "410900" {
				t.Errorf("envelope %+v", envelope)
			}
			back, err := eventpb.Open(envelope)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, back, protocmp.Transform()); diff != "" {
				t.Errorf("%T:\n%s", body, diff)
			}
		}
	}
}

func TestEveryTypeOfEventIsKnown(t *testing.T) {
	all := bodies()
	if len(all) != len(casefile.Types()) {
		t.Fatalf("%d bodies for %d types", len(all), len(casefile.Types()))
	}
	for i, want := range casefile.Types() {
		if got := (casefile.Event{Body: all[i]}).Type(); got != want {
			t.Errorf("%T is %s, want %s", all[i], got, want)
		}
	}
}

// anyLimit draws one of the limits that there are.
func anyLimit(t *rapid.T) worktime.Limit {
	l := worktime.Limit{Amount: rapid.IntRange(1, 1000).Draw(t, "amount"), Unit: worktime.Unit(rapid.IntRange(1, 4).Draw(t, "unit"))}
	l.Roll = !l.Unit.Working() && rapid.Bool().Draw(t, "roll")
	return l
}

func anyTime(t *rapid.T) time.Time {
	if rapid.IntRange(0, 3).Draw(t, "absent") == 0 {
		return time.Time{}
	}
	return someTime(t)
}

func someTime(t *rapid.T) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "micros")).UTC()
}

func anyClock(t *rapid.T) casefile.Clock {
	c := casefile.Clock{
		ID: rapid.IntRange(1, 1<<20).Draw(t, "id"), Kind: casefile.Kind(rapid.Int32Range(1, 16).Draw(t, "kind")),
		State: casefile.ClockState(rapid.Int32Range(1, 5).Draw(t, "state")), Item: rapid.StringMatching(`[a-z-]{0,20}`).Draw(t, "item"),
		Attempt: rapid.IntRange(0, 9).Draw(t, "attempt"), Number: rapid.IntRange(0, 9).Draw(t, "number"), Unit: rapid.StringMatching(`[a-z-]{0,20}`).Draw(t, "unit"),
		Start: anyTime(t), FirstDue: anyTime(t), Due: anyTime(t), Warn: anyTime(t), Warned: rapid.Bool().Draw(t, "warned"), Stop: anyTime(t), Paused: anyTime(t),
		Remaining: time.Duration(rapid.Int64Range(0, 1e13).Draw(t, "remaining")) * time.Microsecond, Limit: anyLimit(t),
		WarnPercent: rapid.IntRange(0, 100).Draw(t, "percent"), ConfigVersion: rapid.Int64Range(0, 1e6).Draw(t, "config"),
		Calendar: rapid.StringMatching(`[0-9a-f]{0,8}`).Draw(t, "calendar"), Provisional: rapid.Bool().Draw(t, "provisional"),
		Reminded: rapid.IntRange(0, 3).Draw(t, "reminded"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "reminders") {
		c.Reminders = append(c.Reminders, someTime(t))
	}
	for range rapid.IntRange(0, 3).Draw(t, "pauses") {
		c.Pauses = append(c.Pauses, worktime.Pause{From: someTime(t), To: someTime(t)})
	}
	for range rapid.IntRange(0, 3).Draw(t, "more") {
		c.More = append(c.More, casefile.More{Limit: anyLimit(t), At: someTime(t)})
	}
	return c
}

func TestAnyClocksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := casefile.Event{Version: 1, Time: noon, Body: &agencyv1.CaseReopened{}}
		for range rapid.IntRange(0, 4).Draw(t, "clocks") {
			e.Clocks = append(e.Clocks, anyClock(t))
		}
		envelope, err := eventpb.Envelope("410900", aggregate, e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := eventpb.Open(envelope)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, back, protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestBytesAreTheSameEachTime(t *testing.T) {
	for _, body := range bodies() {
		first, err := eventpb.Envelope("410900", aggregate, filled(body))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			again, err := eventpb.Envelope("410900", aggregate, filled(body))
			if err != nil || !bytes.Equal(first.Payload, again.Payload) {
				t.Fatalf("%T differs from itself: %v", body, err)
			}
		}
	}
}

func TestWhatIsNotOursIsRefused(t *testing.T) {
	seal := func(typ string, m *agencyv1.CaseEvent) journal.Envelope {
		payload, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return journal.Envelope{Aggregate: aggregate, Version: 1, Type: typ, Payload: payload}
	}
	reopened := &agencyv1.CaseEvent{Event: &agencyv1.CaseEvent_CaseReopened{CaseReopened: &agencyv1.CaseReopened{}}}
	with := func(c *agencyv1.Clock) *agencyv1.CaseEvent {
		m := proto.CloneOf(reopened)
		m.Clocks = []*agencyv1.Clock{c}
		return m
	}
	for name, e := range map[string]journal.Envelope{
		"no event":           seal("case_reopened", &agencyv1.CaseEvent{}),
		"another type":       seal("case_closed", reopened),
		"a broken limit":     seal("case_reopened", with(&agencyv1.Clock{Id: 1, Limit: "soon"})),
		"a broken extension": seal("case_reopened", with(&agencyv1.Clock{Id: 1, Limit: "5 workdays", Extensions: []*agencyv1.ClockExtension{{Limit: "later"}}})),
		"half a pause":       seal("case_reopened", with(&agencyv1.Clock{Id: 1, Limit: "5 workdays", Pauses: []*timestamppb.Timestamp{timestamppb.New(noon)}})),
		"broken bytes":       {Type: "case_reopened", Payload: []byte{0xff, 0xff}},
	} {
		if got, err := eventpb.Open(e); err == nil {
			t.Errorf("%s: opened as %v", name, got)
		}
	}
	if _, err := eventpb.Envelope("410900", aggregate, casefile.Event{Body: &agencyv1.Case{}}); err == nil {
		t.Error("an event without a contract was sealed")
	}
}

func FuzzOpen(f *testing.F) {
	for _, body := range bodies() {
		envelope, err := eventpb.Envelope("410900", aggregate, filled(body))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(envelope.Type, envelope.Payload)
	}
	f.Fuzz(func(t *testing.T, typ string, payload []byte) {
		e, err := eventpb.Open(journal.Envelope{Aggregate: aggregate, Version: 1, Type: typ, Payload: payload})
		if err != nil {
			return
		}
		if again, err := eventpb.Envelope("410900", aggregate, e); err != nil {
			t.Fatal(err)
		} else if back, err := eventpb.Open(again); err != nil || !cmp.Equal(e, back, protocmp.Transform()) {
			t.Fatalf("%+v came back as %+v, %v", e, back, err)
		}
	})
}

// TestClocksOfEventsHoldNothingForReaders: what a page counts down with is worked out for who reads, and history does not keep it.
func TestClocksOfEventsHoldNothingForReaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := eventpb.Clock(anyClock(t)).ProtoReflect()
		for _, name := range []protoreflect.Name{"as_of_time", "natural", "seconds_total", "seconds_left", "working_spans", "next_opening_time"} {
			if f := m.Descriptor().Fields().ByName(name); f == nil || m.Has(f) {
				t.Fatalf("%s: %v", name, f)
			}
		}
	})
}
