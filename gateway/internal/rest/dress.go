package rest

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

type besideKey struct{}

// beside is what HTTP says beside path and body: what the contract has fields for, and parameters that it may not have.
type beside struct{ requestID, etag, query string }

var errHeaderConflict = fault.New(fault.Invalid, "HEADER_CONFLICT",
	"请求头与请求体中的值不一致，请只给出一处。", "A header and the body say different things. Give the value in one place.")

// errHeader refuses a header that cannot be what it says: taken for absent, a repeat would be done twice and a condition ignored.
var errHeader = fault.New(fault.Invalid, "REQUEST_INVALID",
	"请求头的值不正确，请修改后重试。", "The value of a header is not valid. Change it and try again.")

// withBeside takes Idempotency-Key, If-Match and the query along to where the request message exists.
func withBeside(r *http.Request) (*http.Request, *fault.Error) {
	requestID, sound := only(r, "Idempotency-Key")
	if !sound {
		return r, refusedHeader("Idempotency-Key")
	}
	match, sound := only(r, "If-Match")
	etag, said := unquote(match)
	if !sound || match != "" && !said {
		return r, refusedHeader("If-Match")
	}
	b := beside{requestID: requestID, etag: etag, query: r.URL.RawQuery}
	if b == (beside{}) {
		return r, nil
	}
	return r.WithContext(context.WithValue(r.Context(), besideKey{}, b)), nil
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
	if pattern, ok := runtime.HTTPPathPattern(ctx); ok {
		guard.Route(ctx, pattern)
	}
	if b, ok := ctx.Value(besideKey{}).(beside); ok {
		if message, ok := request.(proto.Message); ok {
			if err := fill(message.ProtoReflect(), b); err != nil {
				return err
			}
			if err := unparsed(method, b.query); err != nil {
				return err
			}
		}
	}
	return d.ClientConnInterface.Invoke(ctx, method, request, reply, opts...)
}

func fill(m protoreflect.Message, b beside) error {
	if err := set(m, "request_id", "Idempotency-Key", b.requestID); err != nil {
		return err
	}
	return set(m, "etag", "If-Match", b.etag)
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
