package line

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// Bounds of what a message says. Those of texts are the contract's for people who say the same at a desk.
const (
	MaxEvents    = 100
	maxID        = 128
	maxCode      = 40
	maxText      = 5000
	maxReference = 100
	maxDeficient = 100
)

// Identity is equal for two messages that report the same, whenever each was sent: a system that signs anew what it got no answer to repeats itself.
func Identity(m *agencyv1.LineReportMessage) ([]byte, error) {
	said := proto.CloneOf(m)
	said.Sent = nil
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(said)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

func soundReport(m *agencyv1.LineReportMessage) error {
	if m.GetId() == "" || len(m.GetId()) > maxID {
		return invalid("id", "须填写报文编号，最多 128 个字节", "must be there, with at most 128 bytes")
	}
	if n := len(m.GetEvents()); n == 0 || n > MaxEvents {
		return invalid("events", "须有 1 至 100 条", "must be 1 to 100")
	}
	for n, e := range m.GetEvents() {
		if field, zh, en := soundEvent(e); field != "" {
			return invalid(fmt.Sprintf("events[%d].%s", n, field), zh, en)
		}
	}
	return nil
}

// soundEvent returns the first field that can never be right; empty when there is none. Whether it fits the case is the case's to say.
func soundEvent(e *agencyv1.LineItemEvent) (field, zh, en string) {
	const bad, badEn = "缺少或写法有误", "is missing or not as it must be"
	_, known := agencyv1.LineItemEvent_Kind_name[int32(e.GetKind())]
	switch {
	case e.GetCaseNumber() == "" || len(e.GetCaseNumber()) > maxCode:
		return "caseNumber", bad, badEn
	case e.GetItem() == "" || len(e.GetItem()) > maxCode:
		return "item", bad, badEn
	case e.GetAttempt() < 1:
		return "attempt", bad, badEn
	case e.GetSequence() < 1:
		return "sequence", bad, badEn
	case !known || e.GetKind() == agencyv1.LineItemEvent_KIND_UNSPECIFIED:
		return "kind", bad, badEn
	case !e.GetEventTime().IsValid():
		return "eventTime", bad, badEn
	case utf8.RuneCountInString(e.GetText()) > maxText:
		return "text", "过长", "is too long"
	case utf8.RuneCountInString(e.GetRemedy()) > maxText:
		return "remedy", "过长", "is too long"
	case utf8.RuneCountInString(e.GetReference()) > maxReference:
		return "reference", "过长", "is too long"
	case len(e.GetDeficiencies()) > maxDeficient:
		return "deficiencies", "过多", "are too many"
	}
	for _, d := range e.GetDeficiencies() {
		if utf8.RuneCountInString(d.GetText()) > maxText {
			return "deficiencies.text", "过长", "is too long"
		}
	}
	return "", "", ""
}

func soundPull(m *agencyv1.LinePullMessage) error {
	switch {
	case m.GetAfter() < 0:
		return invalid("after", "不能小于 0", "cannot be less than 0")
	case m.GetLimit() < 0:
		return invalid("limit", "不能小于 0", "cannot be less than 0")
	case m.GetWaitSeconds() < 0:
		return invalid("waitSeconds", "不能小于 0", "cannot be less than 0")
	}
	return nil
}

// withNUL finds a text with the character that PostgreSQL cannot keep; empty when there is none. A request's own texts are checked by the server, but what is
// signed lies deeper than it can see.
func withNUL(m protoreflect.Message) (path string) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				if in := withNUL(v.List().Get(i).Message()); in != "" {
					path = fmt.Sprintf("%s[%d].%s", f.JSONName(), i, in)
					break
				}
			}
		case !f.IsList() && f.Message() != nil:
			if in := withNUL(v.Message()); in != "" {
				path = f.JSONName() + "." + in
			}
		case f.Kind() == protoreflect.StringKind && strings.ContainsRune(v.String(), 0):
			path = f.JSONName()
		}
		return path == ""
	})
	return path
}
