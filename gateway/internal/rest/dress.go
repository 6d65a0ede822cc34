package rest

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

type headersKey struct{}

// headers are what HTTP says beside the body and the contract has fields for.
type headers struct{ requestID, etag string }

var errHeaderConflict = fault.New(fault.Invalid, "HEADER_CONFLICT",
	"请求头与请求体中的值不一致，请只给出一处。", "A header and the body say different things. Give the value in one place.")

// withHeaders takes Idempotency-Key and If-Match along to where the request message exists.
func withHeaders(r *http.Request) *http.Request {
	h := headers{requestID: r.Header.Get("Idempotency-Key"), etag: unquote(r.Header.Get("If-Match"))}
	if h == (headers{}) {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), headersKey{}, h))
}

// unquote takes the quotes off an entity tag; some proxies mark ours as weak. `*` means any version, which is no condition.
func unquote(tag string) string {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	if tag == "*" {
		return ""
	}
	return strings.Trim(tag, `"`)
}

// dressed is a connection that fills a request's request_id and etag from the headers.
type dressed struct{ grpc.ClientConnInterface }

func (d dressed) Invoke(ctx context.Context, method string, request, reply any, opts ...grpc.CallOption) error {
	if h, ok := ctx.Value(headersKey{}).(headers); ok {
		if message, ok := request.(proto.Message); ok {
			if err := fill(message.ProtoReflect(), h); err != nil {
				return err
			}
		}
	}
	return d.ClientConnInterface.Invoke(ctx, method, request, reply, opts...)
}

func fill(m protoreflect.Message, h headers) error {
	if err := set(m, "request_id", "Idempotency-Key", h.requestID); err != nil {
		return err
	}
	return set(m, "etag", "If-Match", h.etag)
}

func set(m protoreflect.Message, field protoreflect.Name, header, value string) error {
	f := m.Descriptor().Fields().ByName(field)
	if value == "" || f == nil {
		return nil
	}
	if had := m.Get(f).String(); had != "" && had != value {
		return errHeaderConflict.With("header", header)
	}
	m.Set(f, protoreflect.ValueOfString(value))
	return nil
}
