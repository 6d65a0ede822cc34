package observe

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
)

type requestKey struct{}

// maxRequestID bounds what a client may make us repeat in every log line.
const maxRequestID = 64

// WithRequestID marks everything done for one request, across processes.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of WithRequestID, empty outside a request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// NewRequestID makes an id.
func NewRequestID() string { return rand.Text() }

// AcceptRequestID returns the id that a client sent if it can be repeated in logs and headers as it stands, and a new one
// otherwise.
func AcceptRequestID(sent string) (id string, accepted bool) {
	if sent == "" || len(sent) > maxRequestID {
		return NewRequestID(), false
	}
	for i := range len(sent) {
		switch c := sent[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_', c == '.':
		default:
			return NewRequestID(), false
		}
	}
	return sent, true
}

// Fields are the log fields that tie a line to its request and its trace.
func Fields(ctx context.Context) []zap.Field {
	var fields []zap.Field
	if id := RequestID(ctx); id != "" {
		fields = append(fields, zap.String("request_id", id))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		fields = append(fields, zap.Stringer("trace_id", span.TraceID()))
	}
	return fields
}
