// Package wire carries faults over gRPC: to a status with its standard details, and back. The two directions are inverse for
// everything but the cause, which never leaves the process. It is apart from package fault so that domains and stores, which
// make faults, do not depend on gRPC.
package wire

import (
	"errors"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Domain marks our reasons in ErrorInfo.
const Domain = "throughtrain"

// Locales of the two texts.
const (
	Chinese = "zh-CN"
	English = "en"
)

var codeOf = map[fault.Kind]codes.Code{
	fault.Internal:        codes.Internal,
	fault.Invalid:         codes.InvalidArgument,
	fault.Unauthenticated: codes.Unauthenticated,
	fault.Denied:          codes.PermissionDenied,
	fault.NotFound:        codes.NotFound,
	fault.Exists:          codes.AlreadyExists,
	fault.Precondition:    codes.FailedPrecondition,
	fault.Conflict:        codes.Aborted,
	fault.Exhausted:       codes.ResourceExhausted,
	fault.Unavailable:     codes.Unavailable,
	fault.Deadline:        codes.DeadlineExceeded,
	fault.Canceled:        codes.Canceled,
	fault.Unimplemented:   codes.Unimplemented,
}

var kindOf = func() map[codes.Code]fault.Kind {
	inverse := make(map[codes.Code]fault.Kind, len(codeOf))
	for kind, code := range codeOf {
		inverse[code] = kind
	}
	inverse[codes.OutOfRange] = fault.Invalid
	return inverse
}()

// Code is the gRPC code of a kind.
func Code(kind fault.Kind) codes.Code {
	if code, ok := codeOf[kind]; ok {
		return code
	}
	return codes.Internal
}

// Status renders a fault. The status message is the English text, which is what tools print.
func Status(e *fault.Error) *status.Status {
	s := status.New(Code(e.Kind), e.Text.En)
	details := []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: e.Reason, Domain: Domain, Metadata: e.Metadata},
		&errdetails.LocalizedMessage{Locale: Chinese, Message: e.Text.Zh},
		&errdetails.LocalizedMessage{Locale: English, Message: e.Text.En},
	}
	if len(e.Violations) > 0 {
		details = append(details, badRequest(e.Violations))
	}
	if e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	detailed, err := s.WithDetails(details...)
	if err != nil {
		// A text that is not UTF-8 cannot be sent. The code alone is still true.
		return status.New(s.Code(), "")
	}
	return detailed
}

// badRequest puts the English text into the description and the Chinese one beside it: the message has room for one
// localized text per field.
func badRequest(violations []fault.Violation) *errdetails.BadRequest {
	fields := make([]*errdetails.BadRequest_FieldViolation, len(violations))
	for i, v := range violations {
		fields[i] = &errdetails.BadRequest_FieldViolation{Field: v.Field, Reason: v.Reason, Description: v.Text.En,
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: Chinese, Message: v.Text.Zh}}
	}
	return &errdetails.BadRequest{FieldViolations: fields}
}

// From makes a fault of any error, one that came over gRPC included; see fault.From for the others. The error itself is the
// cause of what it returns.
func From(err error) *fault.Error {
	var e *fault.Error
	if err == nil || errors.As(err, &e) {
		return fault.From(err)
	}
	var carrier interface{ GRPCStatus() *status.Status }
	if errors.As(err, &carrier) {
		return Fault(carrier.GRPCStatus()).Wrap(err)
	}
	return fault.From(err)
}

// Fault reads a status. One that no service of ours made, such as a connection refused, gets the texts of its kind.
func Fault(s *status.Status) *fault.Error {
	if s.Code() == codes.OK {
		return nil
	}
	kind, known := kindOf[s.Code()]
	if !known {
		kind = fault.Internal
	}
	e := &fault.Error{Kind: kind}
	for _, detail := range s.Details() {
		read(e, detail)
	}
	if e.Reason == "" || e.Text.Zh == "" || e.Text.En == "" {
		plain := foreignTexts[kind]
		e.Reason, e.Text = plain.Reason, plain.Text
	}
	return e
}

func read(e *fault.Error, detail any) {
	switch d := detail.(type) {
	case *errdetails.ErrorInfo:
		if d.GetDomain() == Domain {
			e.Reason, e.Metadata = d.GetReason(), d.GetMetadata()
		}
	case *errdetails.LocalizedMessage:
		switch d.GetLocale() {
		case Chinese:
			e.Text.Zh = d.GetMessage()
		case English:
			e.Text.En = d.GetMessage()
		}
	case *errdetails.BadRequest:
		e.Violations = slices.Grow(e.Violations, len(d.GetFieldViolations()))
		for _, v := range d.GetFieldViolations() {
			e.Violations = append(e.Violations, fault.Violation{Field: v.GetField(), Reason: v.GetReason(),
				Text: fault.Text{Zh: v.GetLocalizedMessage().GetMessage(), En: v.GetDescription()}})
		}
	case *errdetails.RetryInfo:
		e.RetryAfter = min(max(d.GetRetryDelay().AsDuration(), 0), time.Hour)
	}
}
