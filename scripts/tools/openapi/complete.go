package main

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// What the document says of itself.
const (
	title       = "Through-Train (市长直通车)"
	summary     = "A problem filed from a phone reaches a named official, is answered, verified, and counts on the mayor's board."
	description = "Resources are named by path: `cities/{city}/tickets/{ticket}`. Verbs are methods on a resource, after a colon.\n\n" +
		"Calls that change something take an `Idempotency-Key`: repeated with the same body they have one effect and answer with the resource in its " +
		"present state. `If-Match` names the version of the resource that was read. Fields and query parameters that are not described here are refused by name."
)

const bearer = "bearer"

// addSecurity says for every operation who may call it, as its rule does.
func addSecurity(c *contracts, document *Document) {
	document.Components.SecuritySchemes = map[string]SecurityScheme{bearer: {
		Type: "http", Scheme: "bearer", BearerFormat: "JWT",
		Description: "Access token of a session. It speaks for one person in one city and lives ten minutes.",
	}}
	document.Security = []Security{{bearer: {}}}
	document.each(func(_, _ string, op *Operation) {
		b := c.bindings[op.OperationID]
		op.Summary, op.Description = sentences(comment(b.method))
		security, who := access(b.rule)
		op.Security = &security
		op.Description = paragraphs(op.Description, "**Who may call:** "+who+".")
	})
}

// access puts a rule into OpenAPI's terms, one entry for each way in, and into words.
func access(rule *optionsv1.Rule) ([]Security, string) {
	switch {
	case rule.GetPublic():
		return []Security{}, "anybody, without a token"
	case rule.GetPerson():
		return []Security{{bearer: {}}}, "any person signed in to the city"
	}
	var ways []Security
	var words []string
	for _, role := range rule.GetRoles() {
		value := role.Descriptor().Values().ByNumber(role.Number())
		ways = append(ways, Security{bearer: {string(value.Name())}})
		words = append(words, roleWords(value))
	}
	for _, service := range rule.GetServices() {
		ways = append(ways, Security{bearer: {"services/" + service}})
		words = append(words, "the service "+service)
	}
	return ways, strings.Join(words, ", ")
}

// roleWords are a role's name as people say it: ROLE_CITY_ADMIN is city admin.
func roleWords(role protoreflect.EnumValueDescriptor) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(string(role.Name()), "ROLE_"), "_", " "))
}

// addHeaders declares the headers that stand for fields: the request id, the version expected and the version given.
func addHeaders(c *contracts, document *Document) error {
	key := &Parameter{
		Name: "Idempotency-Key", In: "header",
		Description: "Makes the call safe to repeat, like `requestId`. Chosen by the caller, new for every intention.",
	}
	document.Components.Parameters = map[string]*Parameter{
		"IdempotencyKey": key,
		"IfMatch": {
			Name: "If-Match", In: "header",
			Description: "The version of the resource the caller has read, as its ETag gave it; like `etag`. Another one than the present is refused.",
			Schema:      &Schema{Type: "string"},
		},
	}
	document.Components.Headers = map[string]*Header{
		"ETag":       {Description: "Version of the resource, for If-Match.", Schema: &Schema{Type: "string"}},
		"RetryAfter": {Description: "Seconds after which to try again, where that can help.", Schema: &Schema{Type: "integer"}},
	}
	var err error
	document.each(func(_, verb string, op *Operation) {
		b := c.bindings[op.OperationID]
		fields := b.method.Input().Fields()
		if id := fields.ByName("request_id"); id != nil && verb != "get" {
			schema := &Schema{Type: "string"}
			limitField(id, schema)
			if key.Schema != nil && !equal(key.Schema, schema) {
				err = fmt.Errorf("%s limits request_id in its own way, but all share one header", b.method.FullName())
			}
			key.Schema = schema
			op.Parameters = append(op.Parameters, &Parameter{Ref: "#/components/parameters/IdempotencyKey"})
		}
		if fields.ByName("etag") != nil && verb != "get" {
			op.Parameters = append(op.Parameters, &Parameter{Ref: "#/components/parameters/IfMatch"})
		}
		if ok := op.Responses["200"]; ok != nil && b.method.Output().Fields().ByName("etag") != nil {
			ok.Headers = map[string]*Header{"ETag": {Ref: "#/components/headers/ETag"}}
		}
	})
	if key.Schema == nil { // no method takes it
		delete(document.Components.Parameters, "IdempotencyKey")
	}
	return err
}

// addErrors gives every operation the one shape errors have, in place of the generator's bare status.
func addErrors(c *contracts, document *Document) {
	schemas := document.Components.Schemas
	reason := &Schema{Description: "What went wrong, for machines. Each service lists its own; some come from the layers below."}
	for _, enum := range c.reasons {
		schemas[string(enum.FullName())] = enumSchema(enum)
		reason.AnyOf = append(reason.AnyOf, refer(string(enum.FullName())))
	}
	reason.AnyOf = append(reason.AnyOf, &Schema{Type: "string", Pattern: "^[A-Z][A-Z0-9_]*$"})

	schemas["google.rpc.ErrorInfo"] = detail("google.rpc.ErrorInfo", "Why the call was refused, for machines.", map[string]*Schema{
		"reason":   reason,
		"domain":   {Type: "string", Const: "throughtrain"},
		"metadata": {Type: "object", Description: "What the reason is about.", AdditionalProperties: &Schema{Type: "string"}},
	}, "reason", "domain")
	schemas["google.rpc.LocalizedMessage"] = detail("google.rpc.LocalizedMessage", "Why the call was refused, for people. Once in each language.", map[string]*Schema{
		"locale":  {Type: "string", Enum: []string{"zh-CN", "en"}},
		"message": {Type: "string"},
	}, "locale", "message")
	schemas["google.rpc.BadRequest"] = detail("google.rpc.BadRequest", "Which fields are wrong.", map[string]*Schema{
		"fieldViolations": {Type: "array", Items: &Schema{Type: "object", Properties: map[string]*Schema{
			"field":            {Type: "string", Description: "Path of the field."},
			"description":      {Type: "string"},
			"reason":           {Type: "string", Description: "Which rule it breaks."},
			"localizedMessage": {Type: "object", Properties: map[string]*Schema{"locale": {Type: "string"}, "message": {Type: "string"}}},
		}, Required: []string{"field"}}},
	}, "fieldViolations")
	schemas["google.rpc.RetryInfo"] = detail("google.rpc.RetryInfo", "When to try again.", map[string]*Schema{
		"retryDelay": {Type: "string", Pattern: `^[0-9]+(\.[0-9]{1,9})?s$`},
	}, "retryDelay")
	schemas["google.rpc.Status"] = &Schema{
		Type: "object", Description: "What every refused call answers with.",
		Properties: map[string]*Schema{
			"code":    {Type: "integer", Format: "int32", Description: "Number of google.rpc.Code."},
			"message": {Type: "string", Description: "For developers. People read the LocalizedMessage in their language."},
			"details": {Type: "array", Items: &Schema{AnyOf: []*Schema{
				refer("google.rpc.ErrorInfo"), refer("google.rpc.LocalizedMessage"), refer("google.rpc.BadRequest"), refer("google.rpc.RetryInfo"),
			}}},
		},
		Required: []string{"code", "details", "message"},
	}
	document.Components.Responses = map[string]*Response{"Error": {
		Description: "The call was refused or failed.",
		Headers:     map[string]*Header{"Retry-After": {Ref: "#/components/headers/RetryAfter"}},
		Content:     map[string]MediaType{"application/json": {Schema: refer("google.rpc.Status")}},
	}}
	document.each(func(_, _ string, op *Operation) {
		op.Responses["default"] = &Response{Ref: "#/components/responses/Error"}
	})
}

// detail is the schema of one kind of error detail, told from the others by its type.
func detail(name, description string, properties map[string]*Schema, required ...string) *Schema {
	properties["@type"] = &Schema{Type: "string", Const: "type.googleapis.com/" + name}
	required = append(required, "@type")
	slices.Sort(required)
	return &Schema{Type: "object", Description: description, Properties: properties, Required: required}
}

// describeEnums adds to every enum what its values mean.
func describeEnums(c *contracts, document *Document) {
	for name := range document.Components.Schemas {
		descriptor, err := c.files.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			continue
		}
		if enum, ok := descriptor.(protoreflect.EnumDescriptor); ok {
			document.Components.Schemas[name] = enumSchema(enum)
		}
	}
}

func enumSchema(enum protoreflect.EnumDescriptor) *Schema {
	schema := &Schema{Type: "string"}
	var meanings []string
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		schema.Enum = append(schema.Enum, string(value.Name()))
		meanings = append(meanings, fmt.Sprintf("- `%s`: %s", value.Name(), strings.ReplaceAll(comment(value), "\n", " ")))
	}
	schema.Description = paragraphs(comment(enum), strings.Join(meanings, "\n"))
	return schema
}

// sentences cuts a comment into its first sentence, without the full stop, and the rest, where the list of errors is a
// paragraph of its own.
func sentences(text string) (first, rest string) {
	text = strings.ReplaceAll(text, "\nErrors:", "\n\nErrors:")
	end := strings.Index(text, "\n")
	if end < 0 {
		end = len(text)
	}
	if stop := strings.Index(text[:end], ". "); stop >= 0 {
		end = stop + 1
	}
	return strings.TrimSuffix(text[:end], "."), strings.TrimSpace(text[end:])
}

// paragraphs joins texts that are not empty.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "\n\n")
}
