//go:build scenario

package standalone_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/proto/gen/openapi"
)

// What the matrix of bad input is made of: the operations as the OpenAPI document describes them, and ways to spoil a request.

// schema is as much of a JSON schema as the document uses for requests.
type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	Pattern    string
	MaxLength  int
	MinLength  int
	MinItems   int
	Minimum    *int
	Enum       []string
	Items      *schema
	AllOf      []*schema
	Properties map[string]*schema
	Required   []string
}

// operation is a method on a path, ready to be called.
type operation struct {
	method, path string // the path with its parameters filled in
	body         *schema
	query        map[string]*schema
	secured      bool // for who is signed in only
}

func (o operation) String() string { return o.method + " " + o.path }

// apiDocument is as much of the document as is needed.
type apiDocument struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Schema   *schema
		}
		Security    []map[string][]string
		RequestBody struct {
			Content map[string]struct{ Schema *schema }
		}
	}
	Components struct{ Schemas map[string]*schema }
}

// operations reads the document. Parameters of paths are filled in by name.
func operations(t *testing.T, parameters map[string]string) (*apiDocument, []operation) {
	t.Helper()
	var d apiDocument
	if err := json.Unmarshal(openapi.Document, &d); err != nil {
		t.Fatal(err)
	}
	var out []operation
	for path, methods := range d.Paths {
		for name, value := range parameters {
			path = strings.ReplaceAll(path, "{"+name+"}", value)
		}
		for method, of := range methods {
			o := operation{method: strings.ToUpper(method), path: path, body: d.resolve(of.RequestBody.Content["application/json"].Schema), query: map[string]*schema{},
				secured: len(of.Security) > 0}
			for _, p := range of.Parameters {
				if p.In == "query" {
					o.query[p.Name] = p.Schema
				}
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.String(), b.String()) })
	return &d, out
}

// resolve follows references to where a schema says something.
func (d *apiDocument) resolve(s *schema) *schema {
	for s != nil {
		switch {
		case s.Ref != "":
			s = d.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
		case len(s.AllOf) > 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return nil
}

// sound is a body that would pass as far as its form goes; resource names are those of nothing.
func (d *apiDocument) sound(s *schema) fields {
	out := fields{}
	if s == nil {
		return out
	}
	for _, name := range s.Required {
		switch p := d.resolve(s.Properties[name]); {
		case strings.HasPrefix(p.Pattern, "^cities/"):
			out[name] = strings.NewReplacer("^", "", "$", "", "[0-9]{6}", "410900", "[0-9a-f-]{36}", someID).Replace(p.Pattern)
		case p.Pattern != "":
			out[name] = "410902"
		case len(p.Enum) > 0:
			out[name] = p.Enum[len(p.Enum)-1]
		case p.Type == "boolean":
			out[name] = true
		case p.Type == "array":
			out[name] = []fields{{"path": "city.yaml", "content": "bmFtZTogeA=="}}
		default:
			out[name] = strings.Repeat("文", max(1, p.MinLength))
		}
	}
	return out
}

// badCase is one bad request.
type badCase struct {
	name    string
	o       operation
	body    string
	headers map[string]string
	strange bool // not wrong in itself: it may be refused or taken, but nothing may break
}

// raw is JSON that no Go value marshals to.
type raw string

// MarshalJSON implements json.Marshaler.
func (r raw) MarshalJSON() ([]byte, error) { return []byte(r), nil }

// strangers are texts that are valid and unusual.
var strangers = map[string]string{
	"bidi marks": "\u202e\u2066反\u2069", "zero width": "\u200b\u200d\ufeff", "rare Han": "𠮷𡘙𬌗", "combining marks": strings.Repeat("e\u0301\u0323", 40),
	"line breaks": "a\r\nSet-Cookie: x=1\r\n\r\nb", "a path": "../../../../etc/passwd", "an address": "https://evil.example/cities/410900/tickets/1",
	"a wildcard": "cities/-/tickets/-", "a statement": "'; DROP TABLE tickets; --", "markup": "<script>alert(1)</script>", "only blanks": " \t\u3000 ",
	"a number without end": "1e999", "a year": "9999-12-31T23:59:59Z", "another year": "0000-01-01T00:00:00Z", "emoji": "🏭🚚👩‍👩‍👧",
}

// cases spoils an operation in every way that applies to it.
func (d *apiDocument) cases(o operation) []badCase {
	var out []badCase
	if o.method == http.MethodPost {
		out = append(d.bodyCases(o), d.fieldCases(o)...)
		out = append(out, d.headerCases(o)...)
	} else {
		out = queryCases(o)
	}
	return append(out, pathCases(o, d.text(o, nil))...)
}

// text is a sound body with some fields changed.
func (d *apiDocument) text(o operation, change fields) string {
	body := d.sound(o.body)
	maps.Copy(body, change)
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // only what this file writes down
	}
	return string(text)
}

// bodyCases are bodies that are wrong whatever the operation.
func (d *apiDocument) bodyCases(o operation) []badCase {
	var out []badCase
	add := func(name, body string) { out = append(out, badCase{name: name, o: o, body: body}) }
	good := d.text(o, nil)
	add("a body that is cut off", good[:len(good)-1])
	add("a list", "["+good+"]")
	add("null", "null")
	add("a string", `"body"`)
	add("two bodies", good+good)
	add("something behind", good+" x")
	add("single quotes", "{'a':1}")
	add("a field twice", `{"requestId":"a","requestId":"b"}`)
	add("nesting without end", strings.Repeat(`{"a":`, 10_000)+"1"+strings.Repeat("}", 10_000))
	add("lists without end", `{"a":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+"}")
	add("more than 1 MiB", `{"a":"`+strings.Repeat("x", 1<<20)+`"}`)
	add("bytes that are no text", "{\"a\":\"\xff\xfe\"}")
	add("half a character", `{"a":"\ud800"}`)
	add("not a number", `{"a":NaN}`)
	add("an unknown field", d.text(o, fields{"noSuchField": 1}))
	add("an unknown name", d.text(o, fields{"\u202ename\u0000": 1}))
	return out
}

// fieldCases spoil one field after the other and leave the rest sound.
func (d *apiDocument) fieldCases(o operation) []badCase {
	var out []badCase
	if o.body == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(o.body.Properties)) {
		p := d.resolve(o.body.Properties[name])
		bad := func(what string, value any) {
			out = append(out, badCase{name: name + ": " + what, o: o, body: d.text(o, fields{name: value})})
		}
		bad("a body in a field", fields{"a": fields{"b": 1}})
		if p.Type != "array" {
			bad("a list", []int{1})
		}
		if p.Type != "boolean" {
			bad("true", true)
		}
		d.typedCases(p, bad)
		if p.Type == "string" && p.Format == "" && len(p.Enum) == 0 {
			for what, text := range strangers {
				out = append(out, badCase{name: name + ": " + what, o: o, body: d.text(o, fields{name: text}), strange: true})
			}
		}
		if slices.Contains(o.body.Required, name) {
			without := d.sound(o.body)
			delete(without, name)
			text, _ := json.Marshal(without)
			out = append(out, badCase{name: name + ": left out", o: o, body: string(text)})
		}
	}
	return out
}

// typedCases are values that a field's schema excludes.
func (d *apiDocument) typedCases(p *schema, bad func(what string, value any)) {
	switch {
	case p.Type == "boolean":
		bad("a word", "maybe")
		bad("a number", 1)
	case p.Type == "integer" || p.Format == "int64":
		for _, text := range []string{`"x"`, "1.5", "1e999", "-1e400", "99999999999999999999999", `""`} {
			bad(text, raw(text))
		}
		if p.Minimum != nil {
			bad("below the least", *p.Minimum-1)
		}
	case len(p.Enum) > 0:
		bad("no such word", "NO_SUCH_WORD")
		bad("a negative number", -7)
		bad("NUL", "\x00")
	case p.Format == "date-time":
		for _, text := range []string{"yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "2026-01-01T00:00:00"} {
			bad(text, text)
		}
	case p.Type == "array":
		bad("no list", "x")
		if p.MinItems > 0 {
			bad("empty", []int{})
		}
		bad("numbers", []int{1, 2})
	case p.Type == "string":
		bad("a number", 7)
		bad("NUL", "a\x00b")
		if p.MaxLength > 0 {
			bad("too long", strings.Repeat("长", p.MaxLength+1))
		}
		if p.MinLength > 0 {
			bad("empty", "")
		}
		if p.Pattern != "" {
			bad("another form", "!!")
			bad("a form with more behind it", "410900\n410900")
		}
	}
}

// headerCases are headers that are wrong or contradict the body.
func (d *apiDocument) headerCases(o operation) []badCase {
	good := d.text(o, nil)
	of := func(name, header, value, body string, strange bool) badCase {
		return badCase{name: name, o: o, body: body, headers: map[string]string{header: value}, strange: strange}
	}
	out := []badCase{
		of("XML", "Content-Type", "text/xml", good, false),
		of("another alphabet", "Content-Type", "application/json; charset=utf-16", good, false),
		of("no type at all", "Content-Type", ";;;", good, false),
		of("a packed body", "Content-Encoding", "gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", false),
		of("another origin", "Sec-Fetch-Site", "cross-site", good, false),
		of("a language there is not", "Accept-Language", "tlh;q=9,*;q=x", good, true),
		of("a request id of ours", "X-Request-Id", strings.Repeat("x", 500), good, true),
	}
	if o.body != nil && o.body.Properties["requestId"] != nil {
		out = append(out, of("an endless request id", "Idempotency-Key", strings.Repeat("x", 200), good, false),
			of("two request ids", "Idempotency-Key", "a", d.text(o, fields{"requestId": "b"}), false))
	}
	if o.body != nil && o.body.Properties["etag"] != nil {
		out = append(out, of("another version", "If-Match", `"999999"`, good, false), of("no version", "If-Match", "W/%%%", good, false))
	}
	return out
}

// queryCases are query parameters that are wrong, and where they do not belong.
func queryCases(o operation) []badCase {
	var out []badCase
	add := func(name, query string, strange bool) {
		spoilt := o
		spoilt.path += "?" + query
		out = append(out, badCase{name: name, o: spoilt, strange: strange})
	}
	add("an unknown parameter", "noSuchParameter=1", false)
	add("an unknown parameter without a value", "%F0%9F%8F%AD", false)
	add("a name that is no text", "%ff%fe=1", false)
	add("a broken escape", "a=%zz", false)
	add("a name of the path", "name=x", false)
	for name, s := range o.query {
		if s == nil || s.Type != "array" {
			add(name+" twice", name+"=1&"+name+"=2", false)
		}
		add(name+" with NUL", name+"=%00", false)
		add(name+" that is no text", name+"=%ff", false)
		add(name+" too long", name+"="+strings.Repeat("x", 5000), false)
		for what, text := range strangers {
			add(name+": "+what, name+"="+percent(text), true)
		}
		switch name {
		case "pageSize":
			for _, v := range []string{"-1", "x", "1.5", "2147483648", "99999999999999999999"} {
				add("pageSize "+v, "pageSize="+v, false)
			}
			add("a huge page", "pageSize=2147483647", true)
		case "pageToken":
			add("a token of nobody", "pageToken="+base64.RawURLEncoding.EncodeToString([]byte(`{"after":"x"}`)), false)
		case "filter":
			for _, v := range []string{"state=", "nosuch = 1", "state = FILED AND", "((((", `title = "a`, "create_time > yesterday"} {
				add("filter "+v, "filter="+percent(v), false)
			}
			add("a filter without end", "filter="+percent(strings.Repeat("(", 1500)), false)
		case "orderBy":
			add("an order there is not", "orderBy=body", false)
		}
	}
	return out
}

// percent writes a text so that it stands in a query.
func percent(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&out, "%%%02X", b)
	}
	return out.String()
}

// pathCases are paths that lead nowhere, and methods that there are not.
func pathCases(o operation, good string) []badCase {
	var out []badCase
	add := func(name, method, path string) {
		out = append(out, badCase{name: name, o: operation{method: method, path: path}, body: good})
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		add("another method", method, o.path)
	}
	add("a longer path", o.method, o.path+"/more")
	for name, code := range map[string]string{"any city": "-", "no city": "999999", "a city of letters": "puyang", "a city that climbs": "..%2f..", "a city with NUL": "410900%00"} {
		if strings.Contains(o.path, "410900") {
			add(name, o.method, strings.Replace(o.path, "410900", code, 1))
		}
	}
	head, last, _ := strings.Cut(o.path, "/tickets/")
	if last != "" {
		rest := last[min(36, len(last)):]
		for _, id := range []string{"-", "x", strings.Repeat("9", 400), "..%2f..", "%2e%2e%2f", someID, strings.ToUpper(someID), "%00", "𠮷"} {
			add("ticket "+id, o.method, head+"/tickets/"+id+rest)
		}
	}
	return out
}
