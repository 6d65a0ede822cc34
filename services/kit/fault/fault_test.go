package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var errGone = fault.New(fault.NotFound, "THING_NOT_FOUND", "未找到，请核对编号。", "Not found. Check the number.")

func TestDressingLeavesTheSentinelAlone(t *testing.T) {
	dressed := errGone.With("limit", "3").Field("name", "name.unknown", "编号不存在", "no such name").
		RetryIn(time.Second).Wrap(io.ErrUnexpectedEOF)

	if errGone.Metadata != nil || errGone.Violations != nil || errGone.RetryAfter != 0 || errors.Unwrap(errGone) != nil {
		t.Fatalf("sentinel changed: %#v", errGone)
	}
	wrapped := fmt.Errorf("reading: %w", dressed)
	if !errors.Is(wrapped, errGone) {
		t.Error("a dressed fault no longer matches its sentinel")
	}
	if !errors.Is(wrapped, io.ErrUnexpectedEOF) {
		t.Error("the cause cannot be found")
	}
	if !fault.Has(wrapped, "THING_NOT_FOUND") || fault.Has(io.EOF, "THING_NOT_FOUND") {
		t.Error("Has does not look at the reason")
	}
	if errors.Is(wrapped, fault.New(fault.Denied, "THING_NOT_FOUND", "", "")) {
		t.Error("a fault of another kind matches")
	}
	if got := wrapped.Error(); !strings.Contains(got, "THING_NOT_FOUND") || !strings.Contains(got, "unexpected EOF") ||
		strings.Contains(got, "未找到") {
		t.Errorf("log text %q", got)
	}
}

func TestCopiesDoNotShareMetadataOrViolations(t *testing.T) {
	base := errGone.With("a", "1").Field("x", "r", "", "")
	one, two := base.With("b", "2").Field("y", "r", "", ""), base.With("b", "3").Field("z", "r", "", "")
	if one.Metadata["b"] != "2" || two.Metadata["b"] != "3" || len(base.Metadata) != 1 {
		t.Errorf("metadata shared: %v %v %v", base.Metadata, one.Metadata, two.Metadata)
	}
	if one.Violations[1].Field != "y" || two.Violations[1].Field != "z" || len(base.Violations) != 1 {
		t.Errorf("violations shared: %v %v", one.Violations, two.Violations)
	}
}

func TestFromAnyError(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		kind   fault.Kind
		reason string
	}{
		{"fault inside", fmt.Errorf("x: %w", errGone), fault.NotFound, "THING_NOT_FOUND"},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Deadline, "DEADLINE_EXCEEDED"},
		{"cancelled", context.Canceled, fault.Canceled, "CANCELED"},
		{"plain", errors.New("secret table name"), fault.Internal, "INTERNAL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := fault.From(tt.err)
			if got.Kind != tt.kind || got.Reason != tt.reason || fault.KindOf(tt.err) != tt.kind {
				t.Errorf("got %v", got)
			}
			if got.Text.Zh == "" || got.Text.En == "" || strings.Contains(got.Text.Zh+got.Text.En, "secret") {
				t.Errorf("texts %+v", got.Text)
			}
			if !errors.Is(tt.err, errGone) && !errors.Is(got, tt.err) {
				t.Error("the cause is lost")
			}
		})
	}
	if fault.From(nil) != nil {
		t.Error("nil must stay nil")
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range fault.Kinds() {
		if name := k.String(); name == "" || seen[name] {
			t.Errorf("kind %d is named %q", k, name)
		} else {
			seen[name] = true
		}
	}
	if fault.Kind(200).String() != "kind 200" || !fault.Kind(200).Ours() {
		t.Error("an unknown kind must be named and be ours")
	}
}
