package casefile

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// Event is one entry of a case's history: what happened and what it did to the clocks.
type Event struct {
	Version int64 // 1 for the opening, without gaps
	Time    time.Time
	Actor   string               // id of a person, services/…, line/… or system/…
	Body    proto.Message        // what happened: one of the messages that CaseEvent can hold
	Clocks  []Clock              // every clock it started or changed, whole, as it is afterwards
	Line    *agencyv1.LineReport // the report of a department's system that it comes from
}

// bodies are the fields of CaseEvent's oneof by the name of their message.
var bodies = func() map[protoreflect.FullName]protoreflect.FieldDescriptor {
	fields := (&agencyv1.CaseEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	all := make(map[protoreflect.FullName]protoreflect.FieldDescriptor, fields.Len())
	for i := range fields.Len() {
		f := fields.Get(i)
		all[f.Message().FullName()] = f
	}
	return all
}()

// Type returns the short name that the journal and the timeline use: the contract's word, such as item_submitted. It is empty for a body that is no event.
func (e Event) Type() string {
	if e.Body == nil {
		return ""
	}
	if f := bodies[e.Body.ProtoReflect().Descriptor().FullName()]; f != nil {
		return string(f.Name())
	}
	return ""
}

// Types returns the names of all types of events, in the contract's order.
func Types() []string {
	fields := (&agencyv1.CaseEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	out := make([]string, fields.Len())
	for i := range out {
		out[i] = string(fields.Get(i).Name())
	}
	return out
}

// Wrap puts a body into the contract's message; false when it is no event.
func Wrap(body proto.Message) (*agencyv1.CaseEvent, bool) {
	f := bodies[body.ProtoReflect().Descriptor().FullName()]
	if f == nil {
		return nil, false
	}
	out := &agencyv1.CaseEvent{}
	out.ProtoReflect().Set(f, protoreflect.ValueOfMessage(body.ProtoReflect()))
	return out, true
}

// Unwrap takes the body out of the contract's message; nil when this version knows no such event.
func Unwrap(in *agencyv1.CaseEvent) proto.Message {
	m := in.ProtoReflect()
	f := m.WhichOneof(m.Descriptor().Oneofs().ByName("event"))
	if f == nil {
		return nil
	}
	return m.Get(f).Message().Interface()
}
