// Package problem writes failures to HTTP clients: one JSON shape, google.rpc.Status, with the machine's reason and the text in
// both languages, whether the failure comes from a service, from the gateway or from the router. It depends on kit's fault.
package problem

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
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
	if !English(r) {
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

// English tells whether the client prefers English to Chinese. Chinese is what is said when nothing is asked for.
func English(r *http.Request) bool {
	zh, en := -1.0, -1.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		quality := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			if v, err := strconv.ParseFloat(q, 64); err == nil {
				quality = v
			}
		}
		switch primary, _, _ := strings.Cut(strings.ToLower(tag), "-"); primary {
		case "zh":
			zh = max(zh, quality)
		case "en":
			en = max(en, quality)
		}
	}
	return en > zh
}
