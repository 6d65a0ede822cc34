// Package problem writes failures to HTTP clients: one JSON shape, google.rpc.Status, with the machine's reason and the text in
// both languages, whether the failure comes from a service, from the gateway or from the router. It depends on kit's fault and language.
package problem

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// Status is the HTTP status of a fault. Some failures of HTTP itself have one of their own, told by their reason.
func Status(f *fault.Error) int {
	switch f.Reason {
	case "BODY_TOO_LARGE":
		return http.StatusRequestEntityTooLarge
	case "CONTENT_TYPE_UNSUPPORTED", "CONTENT_ENCODING_UNSUPPORTED":
		return http.StatusUnsupportedMediaType
	case "BODY_TOO_SLOW":
		return http.StatusRequestTimeout
	case "METHOD_NOT_ALLOWED":
		return http.StatusMethodNotAllowed
	}
	return runtime.HTTPStatusFromCode(wire.Code(f.Kind))
}

// Write answers with the fault. `message` is in the language of the request; the details carry both.
func Write(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	status := Status(f)
	s := wire.Status(f).Proto()
	if language.Preferred(r.Header.Values("Accept-Language")...) == language.Chinese {
		s.Message = f.Text.Zh
	}
	body, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(s)
	if err != nil {
		// Only a text that is not UTF-8 can fail; the code and the reason are still worth saying.
		body, _ = json.Marshal(map[string]any{"code": int(wire.Code(f.Kind)), "message": f.Reason, "details": []any{}})
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Del("ETag")
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if f.Kind == fault.Unauthenticated {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
