package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// join puts the generator's documents together under readable paths. Upstream's own merger cannot do it, because it refuses
// two files that add methods to one path, and the paths become equal only by the names given here.
func join(c *contracts, parts []*Document) (*Document, error) {
	whole := &Document{
		OpenAPI: "3.1.0",
		Info:    Info{Title: title, Summary: summary, Description: description, Version: "v1"},
		Servers: []Server{{URL: "/", Description: "Where this document was read from."}},
		Paths:   map[string]*PathItem{},
	}
	whole.Components.Schemas = map[string]*Schema{}
	tags := map[string]Tag{}
	for _, part := range parts {
		if err := joinPaths(c, whole, part); err != nil {
			return nil, err
		}
		for name, schema := range part.Components.Schemas {
			if other, ok := whole.Components.Schemas[name]; ok && !equal(other, schema) {
				return nil, fmt.Errorf("two documents describe %s differently", name)
			}
			whole.Components.Schemas[name] = schema
		}
		for _, tag := range part.Tags {
			tags[tag.Name] = tag
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		whole.Tags = append(whole.Tags, tags[name])
	}
	return whole, nil
}

func joinPaths(c *contracts, whole, part *Document) error {
	var first error
	part.each(func(generated, verb string, op *Operation) {
		if err := place(c, whole, generated, verb, op); first == nil {
			first = err
		}
	})
	return first
}

// place puts an operation where its HTTP rule says.
func place(c *contracts, whole *Document, generated, verb string, op *Operation) error {
	b := c.bindings[op.OperationID]
	if b == nil || b.verb != verb {
		return fmt.Errorf("the contracts have no %s %s (%s)", strings.ToUpper(verb), generated, op.OperationID)
	}
	path, parameters, err := c.pathOf(b)
	if err != nil {
		return fmt.Errorf("%s: %w", b.method.FullName(), err)
	}
	op.Parameters = append(parameters, slices.DeleteFunc(op.Parameters, func(p *Parameter) bool { return p.In == "path" })...)
	target := whole.Paths[path]
	if target == nil {
		target = &PathItem{}
		whole.Paths[path] = target
	}
	if other := (*target)[verb]; other != nil {
		return fmt.Errorf("%s and %s both answer %s %s", other.OperationID, op.OperationID, strings.ToUpper(verb), path)
	}
	(*target)[verb] = op
	return nil
}

// equal compares what two schemas say.
func equal(a, b *Schema) bool {
	left, errA := a.MarshalJSON()
	right, errB := b.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(left, right)
}
