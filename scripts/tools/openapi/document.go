package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Document is as much of OpenAPI 3.1 as the generator writes and we add. Fields are in the order readers expect them in; maps
// are written sorted, which is what makes the output stable.
type Document struct {
	OpenAPI    string               `json:"openapi"`
	Info       Info                 `json:"info"`
	Servers    []Server             `json:"servers,omitempty"`
	Security   []Security           `json:"security,omitempty"`
	Tags       []Tag                `json:"tags,omitempty"`
	Paths      map[string]*PathItem `json:"paths"`
	Components Components           `json:"components,omitzero"`
}

// Info says what the document describes.
type Info struct {
	Title       string `json:"title"`
	Summary     string `json:"summary,omitempty"`
	Description string `json:"description,omitempty"`
	Version     string `json:"version"`
}

// Server is where the described API answers.
type Server struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// Security names a scheme and the roles it must carry; in a list of them, one is enough.
type Security map[string][]string

// Tag groups operations.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// PathItem holds the operations of one path, by HTTP method in lower case.
type PathItem map[string]*Operation

// Operation is one method at one path.
type Operation struct {
	Tags        []string             `json:"tags,omitempty"`
	Summary     string               `json:"summary,omitempty"`
	Description string               `json:"description,omitempty"`
	OperationID string               `json:"operationId"`
	Deprecated  bool                 `json:"deprecated,omitempty"`
	Parameters  []*Parameter         `json:"parameters,omitempty"`
	RequestBody *RequestBody         `json:"requestBody,omitempty"`
	Responses   map[string]*Response `json:"responses"`
	// Security is a pointer because an empty list, for anybody, differs from none, for the document's default.
	Security *[]Security `json:"security,omitempty"`
}

// Parameter is a part of the path, of the query or a header, or refers to one.
type Parameter struct {
	Ref         string  `json:"$ref,omitempty"`
	Name        string  `json:"name,omitempty"`
	In          string  `json:"in,omitempty"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Deprecated  bool    `json:"deprecated,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
}

// RequestBody is what an operation takes.
type RequestBody struct {
	Description string               `json:"description,omitempty"`
	Content     map[string]MediaType `json:"content"`
	Required    bool                 `json:"required,omitempty"`
}

// Response is what an operation gives, or refers to one.
type Response struct {
	Ref         string               `json:"$ref,omitempty"`
	Description string               `json:"description,omitempty"`
	Headers     map[string]*Header   `json:"headers,omitempty"`
	Content     map[string]MediaType `json:"content,omitempty"`
}

// Header is a header of a response, or refers to one.
type Header struct {
	Ref         string  `json:"$ref,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
}

// MediaType is a body in one format.
type MediaType struct {
	Schema *Schema `json:"schema"`
}

// Components is what the rest refers to.
type Components struct {
	SecuritySchemes map[string]SecurityScheme `json:"securitySchemes,omitempty"`
	Parameters      map[string]*Parameter     `json:"parameters,omitempty"`
	Headers         map[string]*Header        `json:"headers,omitempty"`
	Responses       map[string]*Response      `json:"responses,omitempty"`
	Schemas         map[string]*Schema        `json:"schemas,omitempty"`
}

// SecurityScheme is a way to say who calls.
type SecurityScheme struct {
	Type         string `json:"type"`
	Description  string `json:"description,omitempty"`
	Scheme       string `json:"scheme,omitempty"`
	BearerFormat string `json:"bearerFormat,omitempty"`
}

// Schema is a JSON Schema (2020-12), or, when Bool is set, one of the two schemas that are just true or false.
type Schema struct {
	Bool *bool `json:"-"`

	Ref         string   `json:"$ref,omitempty"`
	Type        string   `json:"type,omitempty"`
	Format      string   `json:"format,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Const       string   `json:"const,omitempty"`
	Enum        []string `json:"enum,omitempty"`

	MinLength        *uint64  `json:"minLength,omitempty"`
	MaxLength        *uint64  `json:"maxLength,omitempty"`
	Pattern          string   `json:"pattern,omitempty"`
	Minimum          *float64 `json:"minimum,omitempty"`
	Maximum          *float64 `json:"maximum,omitempty"`
	ExclusiveMinimum *float64 `json:"exclusiveMinimum,omitempty"`
	ExclusiveMaximum *float64 `json:"exclusiveMaximum,omitempty"`

	Items       *Schema `json:"items,omitempty"`
	MinItems    *uint64 `json:"minItems,omitempty"`
	MaxItems    *uint64 `json:"maxItems,omitempty"`
	UniqueItems bool    `json:"uniqueItems,omitempty"`

	Properties           map[string]*Schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *Schema            `json:"additionalProperties,omitempty"`
	PropertyNames        *Schema            `json:"propertyNames,omitempty"`
	MinProperties        *uint64            `json:"minProperties,omitempty"`
	MaxProperties        *uint64            `json:"maxProperties,omitempty"`

	AllOf []*Schema `json:"allOf,omitempty"`
	AnyOf []*Schema `json:"anyOf,omitempty"`
	OneOf []*Schema `json:"oneOf,omitempty"`
	Not   *Schema   `json:"not,omitempty"`

	ReadOnly   bool `json:"readOnly,omitempty"`
	WriteOnly  bool `json:"writeOnly,omitempty"`
	Deprecated bool `json:"deprecated,omitempty"`
}

// plainSchema is Schema without its methods, so that they can use the ordinary encoding.
type plainSchema Schema

// MarshalJSON writes a boolean schema as the boolean it is.
func (s *Schema) MarshalJSON() ([]byte, error) {
	if s.Bool != nil {
		return json.Marshal(*s.Bool)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // The caller's setting does not reach nested calls.
	err := encoder.Encode((*plainSchema)(s))
	return text.Bytes(), err
}

// UnmarshalJSON reads both forms and refuses keywords that Schema has no field for.
func (s *Schema) UnmarshalJSON(data []byte) error {
	var b bool
	if json.Unmarshal(data, &b) == nil {
		*s = Schema{Bool: &b}
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*plainSchema)(s))
}

// refer makes a reference to a component schema.
func refer(name string) *Schema { return &Schema{Ref: "#/components/schemas/" + name} }

// each calls visit for every operation, in the order they are written.
func (d *Document) each(visit func(path, verb string, op *Operation)) {
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		item := *d.Paths[path]
		for _, verb := range slices.Sorted(maps.Keys(item)) {
			visit(path, verb, item[verb])
		}
	}
}
