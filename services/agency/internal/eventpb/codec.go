package eventpb

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Envelope returns an event as the journal seals it.
func Envelope(city, aggregate string, e casefile.Event) (journal.Envelope, error) {
	message, err := Encode(e)
	if err != nil {
		return journal.Envelope{}, err
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return journal.Envelope{}, fmt.Errorf("%s: event %d: %w", aggregate, e.Version, err)
	}
	return journal.Envelope{
		City: city, Aggregate: aggregate, Version: e.Version, Type: e.Type(), Time: e.Time, Actor: e.Actor, Payload: payload,
	}, nil
}

// Open returns the event of a journal's envelope.
func Open(in journal.Envelope) (casefile.Event, error) {
	var message agencyv1.CaseEvent
	if err := proto.Unmarshal(in.Payload, &message); err != nil {
		return casefile.Event{}, fmt.Errorf("%s: event %d: %w", in.Aggregate, in.Version, err)
	}
	e, err := Decode(&message)
	if err != nil {
		return casefile.Event{}, fmt.Errorf("%s: event %d: %w", in.Aggregate, in.Version, err)
	}
	if e.Type() != in.Type {
		return casefile.Event{}, fmt.Errorf("%s: event %d is sealed as %s and is %s", in.Aggregate, in.Version, in.Type, e.Type())
	}
	e.Version, e.Time, e.Actor = in.Version, in.Time.UTC(), in.Actor
	return e, nil
}

// Encode returns what happened as the contract's message. Version, time and actor are the envelope's.
func Encode(e casefile.Event) (*agencyv1.CaseEvent, error) {
	out, ok := casefile.Wrap(e.Body)
	if !ok {
		return nil, fmt.Errorf("no contract for an event of type %T", e.Body)
	}
	out.Line = e.Line
	for _, c := range e.Clocks {
		out.Clocks = append(out.Clocks, Clock(c))
	}
	return out, nil
}

// Decode returns the event of the contract's message, without version, time and actor.
func Decode(in *agencyv1.CaseEvent) (casefile.Event, error) {
	e := casefile.Event{Body: casefile.Unwrap(in), Line: in.GetLine()}
	if e.Body == nil {
		return e, fmt.Errorf("an event that this version of the agency does not know")
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
