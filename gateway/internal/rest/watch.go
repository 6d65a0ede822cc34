package rest

import (
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/throughtrain/throughtrain/gateway/internal/live"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

// watchPath is that of WatchService's rule. The generated handler would answer with JSON without an end, which no browser reads.
const watchPath = "/v1/{parent=cities/*}:watch"

// watch reads a request for a stream as the generated handlers read theirs.
func watch(streams *live.Streams) runtime.HandlerFunc {
	query := &strictQuery{}
	bound := utilities.NewDoubleArray([][]string{{"parent"}})
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		in := &hotlinev1.WatchRequest{}
		if err := r.ParseForm(); err != nil {
			failed(r.Context(), nil, nil, w, r, status.Error(codes.InvalidArgument, err.Error()))
			return
		}
		if err := query.Parse(in, r.Form, bound); err != nil {
			failed(r.Context(), nil, nil, w, r, err)
			return
		}
		in.Parent = path["parent"]
		streams.Serve(w, r, in)
	}
}
