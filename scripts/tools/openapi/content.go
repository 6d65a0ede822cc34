package main

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Uploads and downloads are no JSON, so the generator knows nothing of them. What the gateway does with a method that is annotated to move
// bytes is the same for all, and is written here once.

// pieceType is the media type of a piece of a file.
const pieceType = "application/offset+octet-stream"

// readContent takes the annotation of a method that moves bytes.
func (c *contracts) readContent(method protoreflect.MethodDescriptor) error {
	content, _ := proto.GetExtension(method.Options(), optionsv1.E_Content).(*optionsv1.Content)
	if content == nil {
		return nil
	}
	rule, _ := proto.GetExtension(method.Options(), optionsv1.E_Rule).(*optionsv1.Rule)
	if rule == nil {
		return fmt.Errorf("has no rule that says who may call it")
	}
	verb, template := "get", content.GetDownload()
	if content.GetUpload() != "" {
		verb, template = "patch", content.GetUpload()
	}
	for _, verb := range []string{verb, "head"} {
		c.contents = append(c.contents, &binding{method: method, rule: rule, verb: verb, template: template})
	}
	return nil
}

// addContents describes uploads and downloads.
func addContents(c *contracts, document *Document) error {
	for _, b := range c.contents {
		op := &Operation{Tags: []string{string(b.method.Parent().Name())}, OperationID: fmt.Sprintf("%s_%s_%s", b.method.Parent().Name(), b.method.Name(), b.verb)}
		c.bindings[op.OperationID] = b
		_, upload := proto.GetExtension(b.method.Options(), optionsv1.E_Content).(*optionsv1.Content).GetWay().(*optionsv1.Content_Upload)
		switch {
		case b.verb == "patch":
			describePiece(b, op)
		case upload:
			op.Responses = map[string]*Response{"200": {Description: "Where to go on.", Headers: progressHeaders()}}
		default:
			describeContent(b, op)
		}
		if err := place(c, document, b.template, b.verb, op); err != nil {
			return err
		}
	}
	return nil
}

// nameHeads says what asking without bytes is for: the method's own comment is about the bytes.
func nameHeads(c *contracts, document *Document) {
	document.each(func(_, verb string, op *Operation) {
		b := c.bindings[op.OperationID]
		content, _ := proto.GetExtension(b.method.Options(), optionsv1.E_Content).(*optionsv1.Content)
		switch {
		case verb != "head":
		case content.GetUpload() != "":
			op.Summary = "Where an upload goes on"
		default:
			op.Summary = "What a download would be, without its bytes"
		}
	})
}

// progressHeaders say how far an upload is.
func progressHeaders() map[string]*Header {
	return map[string]*Header{
		"Upload-Offset": {Description: "How many bytes have arrived: where the next piece begins.", Schema: &Schema{Type: "integer", Format: "int64"}},
		"Upload-Length": {Description: "How many bytes the file has.", Schema: &Schema{Type: "integer", Format: "int64"}},
	}
}

func describePiece(b *binding, op *Operation) {
	op.Parameters = append(op.Parameters, &Parameter{Name: "Upload-Offset", In: "header", Required: true,
		Description: "Where in the file the piece begins: what HEAD says.", Schema: &Schema{Type: "integer", Format: "int64"}})
	op.RequestBody = &RequestBody{Description: "The piece, at most 1 MiB. What arrives of it before the network breaks is kept.", Required: true,
		Content: map[string]MediaType{pieceType: {Schema: &Schema{Type: "string", Format: "binary"}}}}
	op.Responses = map[string]*Response{"200": {Description: "OK", Headers: progressHeaders(),
		Content: map[string]MediaType{"application/json": {Schema: refer(string(b.method.Output().FullName()))}}}}
}

func describeContent(b *binding, op *Operation) {
	op.Parameters = append(op.Parameters,
		&Parameter{Name: "Range", In: "header", Description: "Which part, such as bytes=1000-1999.", Schema: &Schema{Type: "string"}},
		&Parameter{Name: "If-Range", In: "header", Description: "The ETag that the part has to belong to; else all of the file is sent.", Schema: &Schema{Type: "string"}},
		&Parameter{Name: "If-None-Match", In: "header", Description: "The ETag of what the caller has.", Schema: &Schema{Type: "string"}})
	answer := func(description string) *Response {
		r := &Response{Description: description, Headers: map[string]*Header{
			"ETag":                {Ref: "#/components/headers/ETag"},
			"Accept-Ranges":       {Description: "bytes", Schema: &Schema{Type: "string"}},
			"Content-Disposition": {Description: "attachment, with the file's name in UTF-8.", Schema: &Schema{Type: "string"}},
		}}
		if b.verb == "get" {
			r.Content = map[string]MediaType{"*/*": {Schema: &Schema{Type: "string", Format: "binary"}}}
		}
		return r
	}
	op.Responses = map[string]*Response{
		"200": answer("The file."),
		"206": answer("The part asked for."),
		"304": {Description: "The caller has it already."},
		"416": {Description: "The part is not in the file."},
	}
}
