package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/gateway/internal/live"
)

// Streams answer where an answer does not end.
type Streams struct {
	Hotline, Agency *live.Streams
}

// The fields that every request for a stream has: whose city, and the position to go on behind.
const (
	parentField = "parent"
	afterField  = "after"
)

// streamed is the route of a method that invites to read, under the path of its rule. The generated handler would answer with JSON without an
// end, which no browser reads; requests are read as generated handlers read theirs.
func streamed[C any, In proto.Message](streams *live.Streams, path string, client func(grpc.ClientConnInterface) C,
	watch func(C, context.Context, In, ...grpc.CallOption) (live.Upstream, error),
) register {
	var none In
	request := none.ProtoReflect().Type()
	parent, after := request.Descriptor().Fields().ByName(parentField), request.Descriptor().Fields().ByName(afterField)
	query, bound := &strictQuery{}, utilities.NewDoubleArray([][]string{{parentField}})
	answer := func(w http.ResponseWriter, r *http.Request, variables map[string]string) {
		in := request.New()
		if err := r.ParseForm(); err != nil {
			failed(r.Context(), nil, nil, w, r, status.Error(codes.InvalidArgument, err.Error()))
			return
		}
		if err := query.Parse(in.Interface(), r.Form, bound); err != nil {
			failed(r.Context(), nil, nil, w, r, err)
			return
		}
		in.Set(parent, protoreflect.ValueOfString(variables[parentField]))
		streams.Serve(w, r, func(ctx context.Context, over grpc.ClientConnInterface, seen *int64, opts ...grpc.CallOption) (live.Upstream, error) {
			if seen != nil {
				in.Set(after, protoreflect.ValueOfInt64(*seen))
			}
			return watch(client(over), ctx, in.Interface().(In), opts...)
		})
	}
	return func(_ context.Context, m *runtime.ServeMux) error {
		if parent == nil || parent.Kind() != protoreflect.StringKind || after == nil || after.Kind() != protoreflect.Int64Kind {
			return fmt.Errorf("%s is no request for a stream: %s or %s is missing", request.Descriptor().FullName(), parentField, afterField)
		}
		return m.HandlePath(http.MethodGet, path, answer)
	}
}
