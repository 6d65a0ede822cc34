package rest

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

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

// errHeader refuses a header that cannot be what it says: taken for absent, a repeat would be done twice and a condition ignored.
var errHeader = fault.New(fault.Invalid, "REQUEST_INVALID",
	"请求头的值不正确，请修改后重试。", "The value of a header is not valid. Change it and try again.")

// withHeaders takes Idempotency-Key and If-Match along to where the request message exists.
func withHeaders(r *http.Request) (*http.Request, *fault.Error) {
	requestID, sound := only(r, "Idempotency-Key")
	if !sound {
		return r, refusedHeader("Idempotency-Key")
	}
	match, sound := only(r, "If-Match")
	etag, said := unquote(match)
	if !sound || match != "" && !said {
		return r, refusedHeader("If-Match")
	}
	h := headers{requestID: requestID, etag: etag}
	if h == (headers{}) {
		return r, nil
	}
	return r.WithContext(context.WithValue(r.Context(), headersKey{}, h)), nil
}

func refusedHeader(name string) *fault.Error {
	return errHeader.Field(name, "header", "为空、重复或不是 UTF-8 文本。", "Empty, given twice, or not UTF-8.")
}

// only is the one value of a header, empty when it was not sent.
func only(r *http.Request, name string) (value string, sound bool) {
	switch values := r.Header.Values(name); len(values) {
	case 0:
		return "", true
	case 1:
		return values[0], utf8.ValidString(values[0])
	default:
		return "", false
	}
}

// unquote takes the quotes off an entity tag; some proxies mark ours as weak. `*` means any version, which is no condition. A tag
// with nothing in it is none.
func unquote(tag string) (etag string, said bool) {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	if tag == "*" {
		return "", true
	}
	etag = strings.Trim(tag, `"`)
	return etag, etag != ""
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
