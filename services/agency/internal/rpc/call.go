package rpc

import (
	"context"
	"crypto/sha256"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// changing is every request that changes something.
type changing interface {
	proto.Message
	GetRequestId() string
}

// acting is every request of a verb: it names a case, or something in one.
type acting interface {
	changing
	GetName() string
}

// actOf is what a verb's request brings along.
func actOf(ctx context.Context, in acting) (desk.Act, error) {
	return actOn(ctx, in, in.GetName())
}

func actOn(ctx context.Context, in changing, name string) (desk.Act, error) {
	call, err := calling(ctx, in)
	return desk.Act{Caller: callerOf(ctx), Call: call, Ref: refOf(name)}, err
}

// calling is callOf of the method that is being served.
func calling(ctx context.Context, in changing) (desk.Call, error) {
	method, _ := grpc.Method(ctx)
	return callOf(method, in)
}

// callOf takes what makes a request safe to repeat out of it. A method is named without its service: no two of the agency's are named alike.
func callOf(method string, in changing) (desk.Call, error) {
	c := desk.Call{Method: method[strings.LastIndexByte(method, '/')+1:], RequestID: in.GetRequestId()}
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

func callerOf(ctx context.Context) authn.Caller { return authn.FromContext(ctx) }
