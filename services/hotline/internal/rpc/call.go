package rpc

import (
	"context"
	"crypto/sha256"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// changing is every request that changes something.
type changing interface {
	proto.Message
	GetRequestId() string
}

// callOf takes what makes a request safe to repeat out of it.
func callOf(method string, in changing) (desk.Call, error) {
	c := desk.Call{Method: method, RequestID: in.GetRequestId()}
	if versioned, ok := in.(interface{ GetEtag() string }); ok {
		c.Etag = versioned.GetEtag()
	}
	if c.RequestID == "" {
		return c, nil
	}
	hash, err := bodyHash(in)
	c.BodyHash = hash
	return c, err
}

// bodyHash is equal for two requests that ask for the same: the request id and the expected version are left out.
func bodyHash(in proto.Message) ([]byte, error) {
	m := in.ProtoReflect()
	for _, name := range []protoreflect.Name{"request_id", "etag"} {
		if field := m.Descriptor().Fields().ByName(name); field != nil {
			kept := m.Get(field)
			m.Clear(field)
			defer m.Set(field, kept)
		}
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return sum[:], nil
}

// BodyHash is for services beside this one whose calls are safe to repeat in the same way.
func BodyHash(in proto.Message) ([]byte, error) { return bodyHash(in) }

// ReturnReason is what a reason to hand back is called; false for none that there is.
func ReturnReason(code string) (zh, en string, ok bool) {
	t, ok := returnTexts[code]
	return t.Zh, t.En, ok
}

func callerOf(ctx context.Context) authn.Caller { return authn.FromContext(ctx) }
