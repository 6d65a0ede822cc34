package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	eventStream = "text/event-stream"
	// silent is the field of a streamed message that is sent as a comment: only the position went on.
	silent = "progress"
)

// addStreams describes the methods that answer with messages without an end as what is served: server-sent events, each named after a
// field of the message's oneof, its id the position. The generator takes them for JSON.
func addStreams(c *contracts, document *Document) {
	document.each(func(_, _ string, op *Operation) {
		method := c.bindings[op.OperationID].method
		if !method.IsStreamingServer() {
			return
		}
		document.Components.Parameters["LastEventID"] = &Parameter{
			Name: "Last-Event-ID", In: "header", Schema: &Schema{Type: "string"},
			Description: "The `id` of the last event seen. The stream goes on behind it, or begins with `event: reset` when it is unknown or too old.",
		}
		op.Parameters = append(op.Parameters, &Parameter{Ref: "#/components/parameters/LastEventID"})
		op.Responses["200"] = &Response{
			Description: paragraphs("Server-sent events (`text/event-stream`) until the token's time is over. `retry` says when to come back.", events(method.Output())),
			Content:     map[string]MediaType{eventStream: {Schema: &Schema{Type: "string"}}},
		}
		delete(document.Components.Schemas, string(method.Output().FullName()))
		forget(document, method.Output())
	})
}

// events lists what the events of a message are called and what their data hold.
func events(message protoreflect.MessageDescriptor) string {
	var lines []string
	for _, field := range members(message) {
		if field.Name() == silent {
			continue
		}
		line := fmt.Sprintf("- `event: %s`: %s", field.Name(), strings.ReplaceAll(comment(field), "\n", " "))
		if data := field.Message(); data != nil && data.Fields().Len() > 0 {
			line += fmt.Sprintf(" Its `data` is a `%s` in JSON.", data.FullName())
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// forget drops the schemas of events that have no data.
func forget(document *Document, message protoreflect.MessageDescriptor) {
	for _, field := range members(message) {
		if data := field.Message(); data != nil && data.Fields().Len() == 0 {
			delete(document.Components.Schemas, string(data.FullName()))
		}
	}
}

// members are the fields of a message's oneofs.
func members(message protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var fields []protoreflect.FieldDescriptor
	for i := range message.Fields().Len() {
		if f := message.Fields().Get(i); f.ContainingOneof() != nil && !f.ContainingOneof().IsSynthetic() {
			fields = append(fields, f)
		}
	}
	return fields
}
