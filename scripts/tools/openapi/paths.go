package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// pathOf turns an HTTP rule's template into an OpenAPI path. The stars of a resource name become parameters called after what
// they stand for: /v1/{name=cities/*/tickets/*}:sign is /v1/cities/{city}/tickets/{ticket}:sign. The names depend on the
// collections alone, never on the request's field, so that methods of one resource meet at one path.
func (c *contracts) pathOf(b *binding) (path string, parameters []*Parameter, err error) {
	var out strings.Builder
	rest := b.template
	for {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			break
		}
		variable, tail, closed := strings.Cut(after, "}")
		if !closed {
			return "", nil, fmt.Errorf("template %s has an open brace", b.template)
		}
		field, pattern, hasPattern := strings.Cut(variable, "=")
		if !hasPattern {
			pattern = "*"
		}
		text, own, err := c.expand(b, field, pattern)
		if err != nil {
			return "", nil, err
		}
		out.WriteString(text)
		parameters = append(parameters, own...)
		rest = tail
	}
	for i, p := range parameters {
		if slices.ContainsFunc(parameters[:i], func(q *Parameter) bool { return q.Name == p.Name }) {
			return "", nil, fmt.Errorf("template %s gives two parameters the name %s; annotate the resource with a pattern that does not", b.template, p.Name)
		}
	}
	return out.String(), parameters, nil
}

// expand writes the part of a path that one variable of a template stands for.
func (c *contracts) expand(b *binding, field, pattern string) (string, []*Parameter, error) {
	target := findField(b.method.Input(), field)
	if target == nil {
		return "", nil, fmt.Errorf("template %s: the request has no field %s", b.template, field)
	}
	limits := segmentPatterns(target, pattern)
	names := c.variables[pattern]
	segments := strings.Split(pattern, "/")
	var parameters []*Parameter
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "*") {
			continue
		}
		var name string
		switch {
		case len(parameters) < len(names):
			name = names[len(parameters)]
		case i > 0 && !strings.HasPrefix(segments[i-1], "*"):
			name = singular(segments[i-1])
		default:
			name = string(target.Name())
		}
		segments[i] = "{" + name + "}"
		parameters = append(parameters, &Parameter{
			Name: name, In: "path", Required: true,
			Schema: &Schema{Type: "string", Pattern: limits[i]},
		})
	}
	path := strings.Join(segments, "/")
	for _, p := range parameters {
		if len(segments) > 1 {
			p.Description = "Of the resource name " + path + "."
		} else {
			p.Description = comment(target)
		}
	}
	return path, parameters, nil
}

// singular is the English singular of a collection's name, as far as resource names need it: cities, tickets, processes. What
// it does not know is settled by a resource annotation.
func singular(collection string) string {
	for _, ending := range []struct{ plural, singular string }{
		{"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(collection, ending.plural); ok {
			return stem + ending.singular
		}
	}
	return collection
}

// segmentPatterns cuts the pattern of a resource name into those of its segments: ^cities/[0-9]{6}/tickets/[^/]+$ says what a
// city and what a ticket looks like. Without such a pattern every segment's is empty.
func segmentPatterns(field protoreflect.FieldDescriptor, template string) []string {
	count := strings.Count(template, "/") + 1
	whole := rulesOf(field).GetString().GetPattern()
	inner, anchored := strings.CutPrefix(whole, "^")
	inner, closed := strings.CutSuffix(inner, "$")
	segments := splitOutsideClasses(inner)
	if !anchored || !closed || len(segments) != count {
		return make([]string, count)
	}
	for i, segment := range segments {
		segments[i] = "^" + segment + "$"
		if _, err := regexp.Compile(segments[i]); err != nil { // a group spans segments
			return make([]string, count)
		}
	}
	return segments
}

// splitOutsideClasses splits a regular expression at the slashes that are not in brackets.
func splitOutsideClasses(expression string) []string {
	var segments []string
	start, inClass := 0, false
	for i, char := range expression {
		switch {
		case char == '[':
			inClass = true
		case char == ']':
			inClass = false
		case char == '/' && !inClass:
			segments = append(segments, expression[start:i])
			start = i + 1
		}
	}
	return append(segments, expression[start:])
}
