package main

import (
	"regexp"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// addLimits writes the validation rules of the contracts into the schemas, wherever a field shows: in components, in bodies
// that are a request without its path, and in the query.
func addLimits(c *contracts, document *Document) {
	for name, schema := range document.Components.Schemas {
		if descriptor, err := c.files.FindDescriptorByName(protoreflect.FullName(name)); err == nil {
			if message, ok := descriptor.(protoreflect.MessageDescriptor); ok {
				limitProperties(message, schema)
			}
		}
	}
	document.each(func(_, _ string, op *Operation) {
		b := c.bindings[op.OperationID]
		for _, p := range op.Parameters {
			if p.In != "query" {
				continue
			}
			if field := findField(b.method.Input(), p.Name); field != nil {
				limitField(field, p.Schema)
				p.Required = p.Required || refusesZero(field)
			}
		}
		if b.body == "*" && op.RequestBody != nil {
			for _, media := range op.RequestBody.Content {
				limitProperties(b.method.Input(), media.Schema)
				// The gateway refuses fields it does not know, by name.
				media.Schema.AdditionalProperties = &Schema{Bool: new(bool)}
				// Without a required field, no body at all is as good as an empty one.
				op.RequestBody.Required = len(media.Schema.Required) > 0
			}
		}
	})
}

// limitProperties completes the schema of a message or of a part of one.
func limitProperties(message protoreflect.MessageDescriptor, schema *Schema) {
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		property := schema.Properties[field.JSONName()]
		if property == nil {
			continue
		}
		limitField(field, property)
		if refusesZero(field) && !slices.Contains(schema.Required, field.JSONName()) {
			schema.Required = append(schema.Required, field.JSONName())
		}
	}
	slices.Sort(schema.Required)
}

// limitField completes the schema of one field.
func limitField(field protoreflect.FieldDescriptor, schema *Schema) {
	rules := rulesOf(field)
	zeroIsFine := rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE
	switch {
	case rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS:
	case field.IsMap():
		r := orEmpty(rules.GetMap())
		atLeast(&schema.MinProperties, r.MinPairs, zeroIsFine)
		atMost(&schema.MaxProperties, r.MaxPairs)
		if r.GetKeys() != nil {
			schema.PropertyNames = &Schema{Type: "string"}
			limitValue(field.MapKey(), r.GetKeys(), schema.PropertyNames, false)
		}
		limitValue(field.MapValue(), r.GetValues(), schema.AdditionalProperties, false)
	case field.IsList():
		r := orEmpty(rules.GetRepeated())
		atLeast(&schema.MinItems, r.MinItems, zeroIsFine)
		atMost(&schema.MaxItems, r.MaxItems)
		schema.UniqueItems = r.GetUnique()
		limitValue(field, r.GetItems(), schema.Items, false)
	default:
		limitValue(field, rules, schema, zeroIsFine)
	}
}

// limitValue completes the schema of a single value.
func limitValue(field protoreflect.FieldDescriptor, rules *validate.FieldRules, schema *Schema, zeroIsFine bool) {
	if schema == nil {
		return
	}
	switch field.Kind() {
	case protoreflect.StringKind:
		limitString(rules.GetString(), schema, zeroIsFine)
	case protoreflect.BytesKind:
		limitBytes(rules.GetBytes(), schema, zeroIsFine)
	case protoreflect.EnumKind:
		limitEnum(field.Enum(), rules.GetEnum(), schema)
	case protoreflect.MessageKind:
		if field.Message().FullName() == "google.protobuf.Duration" {
			schema.Pattern = `^-?[0-9]+(\.[0-9]{1,9})?s$`
		}
	default:
		limitNumber(rules, schema)
	}
}

// uuidPattern stands for the rule that a string is a UUID, as validation reads it.
const uuidPattern = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

func limitString(r *validate.StringRules, schema *Schema, zeroIsFine bool) {
	if r == nil {
		return
	}
	atLeast(&schema.MinLength, r.MinLen, zeroIsFine)
	atMost(&schema.MaxLength, r.MaxLen)
	if r.Len != nil {
		atLeast(&schema.MinLength, r.Len, zeroIsFine)
		atMost(&schema.MaxLength, r.Len)
	}
	schema.Pattern = r.GetPattern()
	schema.Enum = slices.Clone(r.GetIn())
	schema.Const = r.GetConst()
	switch {
	case r.GetUuid():
		schema.Pattern = uuidPattern
	case r.GetEmail():
		schema.Format = "email"
	case r.GetUri():
		schema.Format = "uri"
	}
	if !zeroIsFine {
		return
	}
	// The empty string is let through whatever the other rules say, so the schema must let it through as well.
	if schema.Pattern != "" {
		schema.Pattern = "^$|" + schema.Pattern
	}
	if len(schema.Enum) > 0 && !slices.Contains(schema.Enum, "") {
		schema.Enum = append(schema.Enum, "")
	}
	schema.Format = ""
}

// limitBytes counts the characters of base64, which is how JSON carries bytes.
//
//nolint:protogetter // an unset limit differs from a limit of zero
func limitBytes(r *validate.BytesRules, schema *Schema, zeroIsFine bool) {
	if r == nil {
		return
	}
	base64 := func(n *uint64) *uint64 {
		if n == nil {
			return nil
		}
		length := (*n + 2) / 3 * 4
		return &length
	}
	atLeast(&schema.MinLength, base64(r.MinLen), zeroIsFine)
	atMost(&schema.MaxLength, base64(r.MaxLen))
	if r.Len != nil {
		atLeast(&schema.MinLength, base64(r.Len), zeroIsFine)
		atMost(&schema.MaxLength, base64(r.Len))
	}
}

// limitEnum leaves out the values that are refused. The schema stays a reference to the enum, narrowed.
func limitEnum(enum protoreflect.EnumDescriptor, r *validate.EnumRules, schema *Schema) {
	var refused []string
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		number := int32(value.Number())
		if slices.Contains(r.GetNotIn(), number) || len(r.GetIn()) > 0 && !slices.Contains(r.GetIn(), number) {
			refused = append(refused, string(value.Name()))
		}
	}
	if refused == nil {
		return
	}
	if schema.Ref != "" {
		schema.AllOf, schema.Ref = []*Schema{{Ref: schema.Ref}}, ""
	}
	schema.Not = &Schema{Enum: refused}
}

// limitNumber sets bounds of numbers that are numbers in JSON. Those of 64 bits are strings there and have none.
func limitNumber(rules *validate.FieldRules, schema *Schema) {
	bounds := rules.ProtoReflect()
	kind := bounds.WhichOneof(bounds.Descriptor().Oneofs().ByName("type"))
	if kind == nil || schema.Type != "integer" && schema.Type != "number" {
		return
	}
	r := bounds.Get(kind).Message()
	bound := func(name protoreflect.Name) *float64 {
		field := r.Descriptor().Fields().ByName(name)
		if field == nil || !r.Has(field) {
			return nil
		}
		var number float64
		switch v := r.Get(field).Interface().(type) {
		case int32:
			number = float64(v)
		case uint32:
			number = float64(v)
		case float32:
			number = float64(v)
		case float64:
			number = v
		default:
			return nil
		}
		return &number
	}
	schema.Minimum, schema.ExclusiveMinimum = bound("gte"), bound("gt")
	schema.Maximum, schema.ExclusiveMaximum = bound("lte"), bound("lt")
}

// refusesZero says whether leaving a field out is refused, though nothing but its limits says so: fields without presence are
// validated at their zero value.
func refusesZero(field protoreflect.FieldDescriptor) bool {
	rules := rulesOf(field)
	if rules.GetIgnore() != validate.Ignore_IGNORE_UNSPECIFIED {
		return false
	}
	if rules.GetRequired() {
		return true
	}
	if field.HasPresence() {
		return false
	}
	switch {
	case field.IsMap():
		return rules.GetMap().GetMinPairs() > 0
	case field.IsList():
		return rules.GetRepeated().GetMinItems() > 0
	case field.Kind() == protoreflect.EnumKind:
		r := rules.GetEnum()
		return slices.Contains(r.GetNotIn(), 0) || len(r.GetIn()) > 0 && !slices.Contains(r.GetIn(), 0)
	case field.Kind() == protoreflect.BytesKind:
		return rules.GetBytes().GetMinLen() > 0 || rules.GetBytes().GetLen() > 0
	case field.Kind() == protoreflect.StringKind:
		return refusesEmpty(rules.GetString())
	default:
		return false
	}
}

func refusesEmpty(r *validate.StringRules) bool {
	if r.GetMinLen() > 0 || r.GetLen() > 0 || r.GetConst() != "" || r.GetUuid() || r.GetEmail() {
		return true
	}
	if len(r.GetIn()) > 0 && !slices.Contains(r.GetIn(), "") {
		return true
	}
	if r.GetPattern() == "" {
		return false
	}
	pattern, err := regexp.Compile(r.GetPattern()) // RE2, like the validation itself
	return err == nil && !pattern.MatchString("")
}

func rulesOf(field protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	return rules
}

// findField follows a dotted path of field names, in proto or JSON spelling.
func findField(message protoreflect.MessageDescriptor, path string) protoreflect.FieldDescriptor {
	var field protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil
		}
		if field = message.Fields().ByName(protoreflect.Name(name)); field == nil {
			field = message.Fields().ByJSONName(name)
		}
		if field == nil {
			return nil
		}
		message = field.Message()
	}
	return field
}

// atLeast sets a lower limit that the rules name, unless the zero value is let through regardless.
func atLeast(target **uint64, limit *uint64, zeroIsFine bool) {
	if limit != nil && !zeroIsFine {
		*target = limit
	}
}

// atMost sets an upper limit that the rules name.
func atMost(target **uint64, limit *uint64) {
	if limit != nil {
		*target = limit
	}
}

// orEmpty lets the optional fields of rules that are not there be read as unset.
func orEmpty[T any](rules *T) *T {
	if rules == nil {
		return new(T)
	}
	return rules
}
