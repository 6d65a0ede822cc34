package rpcserver

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// maxViolations bounds what one bad request makes us send back: details travel in a header.
const maxViolations = 20

var errInvalid = fault.New(fault.Invalid, "REQUEST_INVALID",
	"提交的内容有误，请按提示修改后重新提交。", "The request is not valid. Correct the fields named and send it again.")

// validator holds requests against the rules of their contract.
type validator struct {
	rules protovalidate.Validator
	own   map[string]fault.Text
}

// newValidator compiles the rules of every request of the services now, so that a broken rule is found before the first call
// and no call pays for compiling.
func newValidator(own map[string]fault.Text, services []string) (*validator, error) {
	var requests []protoreflect.MessageDescriptor
	for _, name := range services {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, err
		}
		methods := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			requests = append(requests, methods.Get(i).Input())
		}
	}
	rules, err := protovalidate.New(protovalidate.WithMessageDescriptors(requests...))
	if err != nil {
		return nil, fmt.Errorf("validation rules: %w", err)
	}
	return &validator{rules: rules, own: own}, nil
}

// check returns an Invalid fault that names every field to blame, up to maxViolations. Rules that cannot be evaluated are our
// defect and refuse the request too.
func (v *validator) check(request proto.Message) error {
	if field := withoutNUL(request.ProtoReflect()); field != "" {
		return errInvalid.Field(field, ruleNUL, nulText.Zh, nulText.En)
	}
	err := v.rules.Validate(request)
	if err == nil {
		return nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("validating %s: %w", request.ProtoReflect().Descriptor().FullName(), err)
	}
	failure := errInvalid
	if n := len(invalid.Violations); n > maxViolations {
		failure = failure.With("violations", strconv.Itoa(n))
	}
	for _, violation := range invalid.Violations[:min(len(invalid.Violations), maxViolations)] {
		text := v.text(violation)
		failure = failure.Field(fieldPath(violation.Proto.GetField()), violation.Proto.GetRuleId(), text.Zh, text.En)
	}
	return failure
}

// text says what a rule wants, from the service's own texts or from those of the standard rules.
func (v *validator) text(violation *protovalidate.Violation) fault.Text {
	id := violation.Proto.GetRuleId()
	if text, ok := v.own[id]; ok {
		return text
	}
	return standardText(id, violation)
}

// fieldPath spells a path as JSON does. A map's key is somebody's input and is left out.
func fieldPath(path *validate.FieldPath) string {
	var out strings.Builder
	for i, element := range path.GetElements() {
		if i > 0 {
			out.WriteByte('.')
		}
		out.WriteString(lowerCamel(element.GetFieldName()))
		switch element.GetSubscript().(type) {
		case nil:
		case *validate.FieldPathElement_Index:
			fmt.Fprintf(&out, "[%d]", element.GetIndex())
		default:
			out.WriteString("[*]")
		}
	}
	return out.String()
}

// lowerCamel is protobuf's own rule for JSON names.
func lowerCamel(name string) string {
	out := make([]byte, 0, len(name))
	upper := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_':
			upper = true
			continue
		case upper && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		upper = false
		out = append(out, c)
	}
	return string(out)
}
