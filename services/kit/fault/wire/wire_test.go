package wire_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

var withoutCause = cmpopts.IgnoreUnexported(fault.Error{})

func TestEveryKindGoesThereAndBack(t *testing.T) {
	seen := map[codes.Code]fault.Kind{}
	for _, kind := range fault.Kinds() {
		code := wire.Code(kind)
		if code == codes.OK || code == codes.Unknown {
			t.Errorf("%v has code %v", kind, code)
		}
		if other, twice := seen[code]; twice {
			t.Errorf("%v and %v share %v", kind, other, code)
		}
		seen[code] = kind
		bare := wire.Fault(status.New(code, "transport"))
		if bare.Kind != kind || bare.Reason == "" || bare.Text.Zh == "" || bare.Text.En == "" {
			t.Errorf("a bare %v became %+v", code, bare)
		}
	}
}

func TestStatusAndBackIsTheSameFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := fault.New(rapid.SampledFrom(fault.Kinds()).Draw(t, "kind"), rapid.StringMatching(`[A-Z][A-Z_]{1,30}`).Draw(t, "reason"),
			rapid.StringN(1, 50, -1).Draw(t, "zh"), rapid.StringN(1, 50, -1).Draw(t, "en"))
		for range rapid.IntRange(0, 3).Draw(t, "facts") {
			want = want.With(rapid.String().Draw(t, "key"), rapid.String().Draw(t, "value"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			want = want.Field(rapid.String().Draw(t, "path"), rapid.String().Draw(t, "rule"),
				rapid.String().Draw(t, "zh"), rapid.String().Draw(t, "en"))
		}
		want = want.RetryIn(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "retry"))).Wrap(errors.New("secret"))

		got := wire.From(fmt.Errorf("call: %w", wire.Status(want).Err()))
		if diff := cmp.Diff(want, got, withoutCause, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestFromKeepsTheFaultItIsGiven(t *testing.T) {
	e := fault.New(fault.Conflict, "STALE", "旧", "stale")
	if got := wire.From(fmt.Errorf("x: %w", e)); got != e {
		t.Errorf("got %v", got)
	}
	if wire.From(nil) != nil || wire.Fault(status.New(codes.OK, "")) != nil {
		t.Error("nothing went wrong, yet there is a fault")
	}
	if got := wire.From(context.DeadlineExceeded); got.Kind != fault.Deadline {
		t.Errorf("got %v", got)
	}
	if got := wire.From(errors.New("disk")); got.Kind != fault.Internal || got.Reason != "INTERNAL" {
		t.Errorf("got %v", got)
	}
}

func TestReasonsOfOthersAreNotOurs(t *testing.T) {
	s, err := status.New(codes.NotFound, "no").WithDetails(&errdetails.ErrorInfo{Reason: "THEIRS", Domain: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	if got := wire.Fault(s); got.Reason != "NOT_FOUND" || got.Metadata != nil {
		t.Errorf("got %+v", got)
	}
	for _, code := range []codes.Code{codes.Unknown, codes.DataLoss, 99} {
		if got := wire.Fault(status.New(code, "x")); got.Kind != fault.Internal {
			t.Errorf("%v became %v", code, got)
		}
	}
}

func TestATextThatCannotBeSentKeepsItsCode(t *testing.T) {
	s := wire.Status(fault.New(fault.Invalid, "BAD", "\xff", "\xff"))
	if s.Code() != codes.InvalidArgument {
		t.Errorf("got %v", s.Code())
	}
}
