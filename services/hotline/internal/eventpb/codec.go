package eventpb

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Envelope returns an event as the journal seals it.
func Envelope(city, id string, e ticket.Event) (journal.Envelope, error) {
	message, err := Encode(e)
	if err != nil {
		return journal.Envelope{}, err
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return journal.Envelope{}, fmt.Errorf("ticket %s: event %d: %w", id, e.Version, err)
	}
	return journal.Envelope{
		City: city, Aggregate: id, Version: e.Version, Type: e.Body.Type(), Time: e.Time, Actor: e.Actor, Payload: payload,
	}, nil
}

// Open returns the event of a journal's envelope.
func Open(in journal.Envelope) (ticket.Event, error) {
	var message hotlinev1.TicketEvent
	if err := proto.Unmarshal(in.Payload, &message); err != nil {
		return ticket.Event{}, fmt.Errorf("ticket %s: event %d: %w", in.Aggregate, in.Version, err)
	}
	e, err := Decode(&message)
	if err != nil {
		return ticket.Event{}, fmt.Errorf("ticket %s: event %d: %w", in.Aggregate, in.Version, err)
	}
	if e.Body.Type() != in.Type {
		return ticket.Event{}, fmt.Errorf("ticket %s: event %d is sealed as %s and is %s", in.Aggregate, in.Version, in.Type, e.Body.Type())
	}
	e.Version, e.Time, e.Actor = in.Version, in.Time.UTC(), in.Actor
	return e, nil
}

// Encode returns what happened as the contract's message. Version, time and actor are the envelope's.
func Encode(e ticket.Event) (*hotlinev1.TicketEvent, error) {
	out := &hotlinev1.TicketEvent{}
	if !setBody(out, e.Body) {
		return nil, fmt.Errorf("no contract for an event of type %T", e.Body)
	}
	for _, c := range e.Clocks {
		out.Clocks = append(out.Clocks, Clock(c))
	}
	return out, nil
}

// Decode returns the event of the contract's message, without version, time and actor.
func Decode(in *hotlinev1.TicketEvent) (ticket.Event, error) {
	var e ticket.Event
	if e.Body = bodyOf(in); e.Body == nil {
		return e, fmt.Errorf("an event that this version of the hotline does not know")
	}
	for _, c := range in.GetClocks() {
		clock, err := clockOf(c)
		if err != nil {
			return e, err
		}
		e.Clocks = append(e.Clocks, clock)
	}
	return e, nil
}

// stamp leaves a zero time out.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func stamps(list []time.Time) []*timestamppb.Timestamp {
	var out []*timestamppb.Timestamp
	for _, t := range list {
		out = append(out, stamp(t))
	}
	return out
}

func moments(list []*timestamppb.Timestamp) []time.Time {
	var out []time.Time
	for _, t := range list {
		out = append(out, moment(t))
	}
	return out
}
