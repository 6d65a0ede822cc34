// Package fault holds the one error type that crosses a layer on purpose: what kind of failure it is, the machine-readable
// reason, what the user reads in Chinese and in English, and which fields are to blame. The domain and the stores return
// faults; only rpcserver knows how they become a gRPC status, so nothing below it depends on gRPC. An error that is not a
// fault is a defect of ours and is shown as Internal without a word of its text.
//
// A fault is a value: every method returns a changed copy, so a package-level fault can serve as a sentinel, be dressed
// with the facts of one call, and still match the sentinel with errors.Is.
//
// It depends on the standard library only.
package fault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Text is one message in both languages. It says what happened and what to do about it.
type Text struct {
	Zh string // shown for zh-CN
	En string // shown for en
}

// Violation blames one field of a request.
type Violation struct {
	Field  string // path in JSON spelling, for example contact.phone or items[2].date
	Reason string // the broken rule, for example string.max_len
	Text   Text
}

// Error is a failure that may be shown. The zero value is an internal error without a message; use New.
type Error struct {
	Kind       Kind
	Reason     string // UPPER_SNAKE_CASE, declared beside the contract; unique within the suite
	Text       Text
	Violations []Violation
	Metadata   map[string]string // facts for programs; never personal data, since it is sent and logged
	RetryAfter time.Duration     // when a retry can make sense; zero says nothing
	cause      error             // logged, never shown
}

// New makes a fault. Both texts are required: they are the only thing the user will read.
func New(kind Kind, reason, zh, en string) *Error {
	return &Error{Kind: kind, Reason: reason, Text: Text{Zh: zh, En: en}}
}

// With adds a fact for programs, for example the limit that was passed. Never a phone, a name or free text.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Metadata = maps.Clone(e.Metadata)
	if c.Metadata == nil {
		c.Metadata = make(map[string]string, 1)
	}
	c.Metadata[key] = value
	return &c
}

// Field adds a field to blame.
func (e *Error) Field(path, reason, zh, en string) *Error {
	c := *e
	c.Violations = append(slices.Clip(e.Violations), Violation{Field: path, Reason: reason, Text: Text{Zh: zh, En: en}})
	return &c
}

// Wrap keeps what caused the fault for the log and for errors.Is. The cause is never shown.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// RetryIn says when the caller may try again.
func (e *Error) RetryIn(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error is for logs and tests: kind, reason and cause, without the user's texts.
func (e *Error) Error() string {
	text := e.Kind.String() + " " + e.Reason
	for _, v := range e.Violations {
		text += fmt.Sprintf(" [%s: %s]", v.Field, v.Reason)
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is matches a fault of the same kind and reason, whatever facts each carries.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Reason == e.Reason
}

// From makes a fault of any error: the fault inside it if there is one, an interruption of the context, or else Internal.
// It returns nil for nil.
func From(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return New(Deadline, "DEADLINE_EXCEEDED",
			"处理超时，请稍后重试；重试时请使用同一请求编号，不会重复提交。",
			"The request took too long. Try again with the same request id; nothing is done twice.").Wrap(err)
	case errors.Is(err, context.Canceled):
		return New(Canceled, "CANCELED",
			"请求已被取消，如需继续请重新提交。",
			"The request was cancelled. Send it again if you still want it.").Wrap(err)
	default:
		return New(Internal, "INTERNAL",
			"系统内部错误，请稍后重试；如多次出现，请把请求编号告知工作人员。",
			"Something went wrong on our side. Try again later; if it keeps happening, report the request id.").Wrap(err)
	}
}

// KindOf tells the kind of any error; a plain error is Internal. It must not be asked about nil.
func KindOf(err error) Kind { return From(err).Kind }

// Has tells whether err is a fault with this reason.
func Has(err error, reason string) bool {
	var e *Error
	return errors.As(err, &e) && e.Reason == reason
}
