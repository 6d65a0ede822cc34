package main

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// contracts are the descriptors, arranged as this command asks for them.
type contracts struct {
	files *protoregistry.Files
	// bindings are the HTTP rules by the id the generator gives their operations.
	bindings map[string]*binding
	// reasons are the enums of error reasons, in the order of their names.
	reasons []protoreflect.EnumDescriptor
	// variables are the names of a resource's variables by its pattern with stars: cities/*/tickets/* has city, ticket.
	variables map[string][]string
	// contents are the methods that move bytes.
	contents []*binding
}

// binding is one HTTP rule of one method.
type binding struct {
	method   protoreflect.MethodDescriptor
	rule     *optionsv1.Rule
	verb     string // in lower case
	template string
	body     string // as in the HTTP rule: empty, * or a field
}

// reasonEnum is how every package calls the enum of its error reasons.
const reasonEnum = "ErrorReason"

func readContracts(image []byte) (*contracts, error) {
	// A buf image is a file descriptor set on the wire. Its options are known by the packages imported above.
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(image, &set); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, err
	}
	c := &contracts{files: files, bindings: map[string]*binding{}, variables: map[string][]string{}}
	for _, file := range set.GetFile() { // in the set's order: the registry's own is random
		descriptor, err := files.FindFileByPath(file.GetName())
		if err != nil {
			return nil, err
		}
		if err := c.readFile(descriptor); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *contracts) readFile(file protoreflect.FileDescriptor) error {
	for i := range file.Services().Len() {
		methods := file.Services().Get(i).Methods()
		for j := range methods.Len() {
			if err := errors.Join(c.readMethod(methods.Get(j)), c.readContent(methods.Get(j))); err != nil {
				return fmt.Errorf("%s: %w", methods.Get(j).FullName(), err)
			}
		}
	}
	if enum := file.Enums().ByName(reasonEnum); enum != nil {
		c.reasons = append(c.reasons, enum)
	}
	for i := range file.Messages().Len() {
		if err := c.readResource(file.Messages().Get(i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *contracts) readMethod(method protoreflect.MethodDescriptor) error {
	http, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if http == nil {
		return nil
	}
	rule, _ := proto.GetExtension(method.Options(), optionsv1.E_Rule).(*optionsv1.Rule)
	if rule == nil {
		return fmt.Errorf("has no rule that says who may call it")
	}
	id := fmt.Sprintf("%s_%s", method.Parent().Name(), method.Name())
	for i, http := range append([]*annotations.HttpRule{http}, http.GetAdditionalBindings()...) {
		b := &binding{method: method, rule: rule, body: http.GetBody()}
		if b.verb, b.template = verbAndTemplate(http); b.template == "" {
			return fmt.Errorf("has an HTTP rule without a path")
		}
		id := id
		if i > 0 {
			id = fmt.Sprintf("%s_%d", id, i)
		}
		if other := c.bindings[id]; other != nil {
			return fmt.Errorf("shares the operation id %s with %s; name the service differently", id, other.method.FullName())
		}
		c.bindings[id] = b
	}
	return nil
}

func verbAndTemplate(http *annotations.HttpRule) (verb, template string) {
	switch pattern := http.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "get", pattern.Get
	case *annotations.HttpRule_Put:
		return "put", pattern.Put
	case *annotations.HttpRule_Post:
		return "post", pattern.Post
	case *annotations.HttpRule_Delete:
		return "delete", pattern.Delete
	case *annotations.HttpRule_Patch:
		return "patch", pattern.Patch
	default:
		return "", ""
	}
}

// readResource takes the variable names from a message's resource patterns.
func (c *contracts) readResource(message protoreflect.MessageDescriptor) error {
	resource, _ := proto.GetExtension(message.Options(), annotations.E_Resource).(*annotations.ResourceDescriptor)
	for _, pattern := range resource.GetPattern() {
		var names []string
		segments := strings.Split(pattern, "/")
		for i, segment := range segments {
			if strings.HasPrefix(segment, "{") {
				names = append(names, strings.Trim(segment, "{}"))
				segments[i] = "*"
			}
		}
		shape := strings.Join(segments, "/")
		if other, ok := c.variables[shape]; ok && strings.Join(other, "/") != strings.Join(names, "/") {
			return fmt.Errorf("%s: another resource names the variables of %s differently", message.FullName(), shape)
		}
		c.variables[shape] = names
	}
	return nil
}

// comment is the text written before a declaration, in one line per paragraph line.
func comment(descriptor protoreflect.Descriptor) string {
	location := descriptor.ParentFile().SourceLocations().ByDescriptor(descriptor)
	lines := strings.Split(location.LeadingComments, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
