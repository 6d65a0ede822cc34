// Package issuepb puts a common issue's events into the contract's words and back: the bytes that the journal chains and the feed carries, and
// the messages that the timeline shows. Encoding and decoding are inverse.
//
// It depends on internal/issue, the contract of the hotline and kit's journal.
package issuepb

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Envelope returns an event as the journal seals it.
func Envelope(city, aggregate string, e issue.Event) (journal.Envelope, error) {
	message, err := Encode(e)
	if err != nil {
		return journal.Envelope{}, err
	}
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return journal.Envelope{}, fmt.Errorf("%s: event %d: %w", aggregate, e.Version, err)
	}
	return journal.Envelope{City: city, Aggregate: aggregate, Version: e.Version, Type: e.Body.Type(), Time: e.Time, Actor: e.Actor, Payload: payload}, nil
}

// Open returns the event of a journal's envelope.
func Open(in journal.Envelope) (issue.Event, error) {
	var message hotlinev1.CommonIssueEvent
	if err := proto.Unmarshal(in.Payload, &message); err != nil {
		return issue.Event{}, fmt.Errorf("%s: event %d: %w", in.Aggregate, in.Version, err)
	}
	body := bodyOf(&message)
	switch {
	case body == nil:
		return issue.Event{}, fmt.Errorf("%s: event %d is one that this version of the hotline does not know", in.Aggregate, in.Version)
	case body.Type() != in.Type:
		return issue.Event{}, fmt.Errorf("%s: event %d is sealed as %s and is %s", in.Aggregate, in.Version, in.Type, body.Type())
	}
	return issue.Event{Version: in.Version, Time: in.Time.UTC(), Actor: in.Actor, Body: body}, nil
}

// Encode returns what happened as the contract's message. Version, time and actor are the envelope's.
func Encode(e issue.Event) (*hotlinev1.CommonIssueEvent, error) {
	out := &hotlinev1.CommonIssueEvent{}
	switch b := e.Body.(type) {
	case issue.Opened:
		out.Event = &hotlinev1.CommonIssueEvent_Opened{Opened: &hotlinev1.CommonIssueOpened{
			Month: b.Month, Lead: b.Lead, Assisting: b.Assisting, Promise: promise(b.Promise), Plan: b.Plan, ContentMac: b.ContentMAC}}
	case issue.Replanned:
		message := &hotlinev1.CommonIssueReplanned{Plan: b.Plan, Reason: b.Reason, RequestedBy: b.RequestedBy}
		if b.Promise != nil {
			message.Promise = promise(*b.Promise)
		}
		out.Event = &hotlinev1.CommonIssueEvent_Replanned{Replanned: message}
	case issue.ReplanRequested:
		out.Event = &hotlinev1.CommonIssueEvent_ReplanRequested{ReplanRequested: &hotlinev1.CommonIssueReplanRequested{
			Plan: b.Plan, Date: b.Date, Reason: b.Reason}}
	case issue.ReplanRefused:
		out.Event = &hotlinev1.CommonIssueEvent_ReplanRefused{ReplanRefused: &hotlinev1.CommonIssueReplanRefused{Reason: b.Reason}}
	case issue.Reported:
		out.Event = &hotlinev1.CommonIssueEvent_Reported{Reported: &hotlinev1.CommonIssueReported{Message: b.Message, Unit: b.Unit, Solved: b.Solved}}
	case issue.Closed:
		out.Event = &hotlinev1.CommonIssueEvent_Closed{Closed: &hotlinev1.CommonIssueClosed{
			State: hotlinev1.CommonIssue_State(b.State), Message: b.Message}}
	case issue.Reopened:
		out.Event = &hotlinev1.CommonIssueEvent_Reopened{Reopened: &hotlinev1.CommonIssueReopened{Message: b.Message, Promise: promise(b.Promise)}}
	default:
		return nil, fmt.Errorf("no contract for an event of type %T", e.Body)
	}
	return out, nil
}

// bodyOf returns nil for what this version does not know.
func bodyOf(in *hotlinev1.CommonIssueEvent) issue.Body {
	switch x := in.GetEvent().(type) {
	case *hotlinev1.CommonIssueEvent_Opened:
		b := x.Opened
		return issue.Opened{Month: b.GetMonth(), Lead: b.GetLead(), Assisting: b.GetAssisting(), Promise: promiseOf(b.GetPromise()), Plan: b.GetPlan(),
			ContentMAC: b.GetContentMac()}
	case *hotlinev1.CommonIssueEvent_Replanned:
		b := issue.Replanned{Plan: x.Replanned.GetPlan(), Reason: x.Replanned.GetReason(), RequestedBy: x.Replanned.GetRequestedBy()}
		if p := x.Replanned.GetPromise(); p != nil {
			promised := promiseOf(p)
			b.Promise = &promised
		}
		return b
	case *hotlinev1.CommonIssueEvent_ReplanRequested:
		b := x.ReplanRequested
		return issue.ReplanRequested{Plan: b.GetPlan(), Date: b.GetDate(), Reason: b.GetReason()}
	case *hotlinev1.CommonIssueEvent_ReplanRefused:
		return issue.ReplanRefused{Reason: x.ReplanRefused.GetReason()}
	case *hotlinev1.CommonIssueEvent_Reported:
		b := x.Reported
		return issue.Reported{Message: b.GetMessage(), Unit: b.GetUnit(), Solved: b.GetSolved()}
	case *hotlinev1.CommonIssueEvent_Closed:
		return issue.Closed{State: issue.State(x.Closed.GetState()), Message: x.Closed.GetMessage()}
	case *hotlinev1.CommonIssueEvent_Reopened:
		return issue.Reopened{Message: x.Reopened.GetMessage(), Promise: promiseOf(x.Reopened.GetPromise())}
	default:
		return nil
	}
}

func promise(p issue.Promise) *hotlinev1.CommonIssuePromise {
	return &hotlinev1.CommonIssuePromise{Date: p.Date, Due: stamp(p.Due), Provisional: p.Provisional, ConfigVersion: p.ConfigVersion}
}

func promiseOf(p *hotlinev1.CommonIssuePromise) issue.Promise {
	return issue.Promise{Date: p.GetDate(), Due: moment(p.GetDue()), Provisional: p.GetProvisional(), ConfigVersion: p.GetConfigVersion()}
}

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
