// Package rpc is the directory's contract as gRPC servers: it reads requests, calls the desk, and renders what comes back.
// It decides nothing.
package rpc

import (
	"context"
	"crypto/sha256"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// AddressKey is the metadata by which the gateway says where a request came from.
const AddressKey = "x-client-address"

const maxAddress = 64

// address is where a request came from, for counting only. The gateway says it; a caller that does not is counted by the
// connection it uses.
func address(ctx context.Context) string {
	if said := metadata.ValueFromIncomingContext(ctx, AddressKey); len(said) == 1 && said[0] != "" && len(said[0]) <= maxAddress {
		return said[0]
	}
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	if host, _, err := net.SplitHostPort(p.Addr.String()); err == nil {
		return host
	}
	return p.Addr.String()
}

// withID is a request that may be repeated.
type withID interface {
	proto.Message
	GetRequestId() string
}

// request is the id under which a call may be repeated. Its body is what was asked for without the id itself, in the
// contract's own form, so that it does not matter how a client spells it.
func request(ctx context.Context, m withID) desk.Request {
	method, _ := grpc.Method(ctx)
	return requestOf(method, m)
}

func requestOf(method string, m withID) desk.Request {
	r := desk.Request{Method: method[strings.LastIndexByte(method, '/')+1:], ID: m.GetRequestId()}
	if r.ID == "" {
		return r
	}
	body := proto.Clone(m).ProtoReflect()
	body.Clear(body.Descriptor().Fields().ByName("request_id"))
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(body.Interface())
	if err != nil {
		// Only text that is not UTF-8 does that, and such a request does not get here.
		panic("rpc: " + err.Error())
	}
	r.Body = sha256.Sum256(content)
	return r
}

// The parts of names. The contract's patterns have been checked before a request gets here.
func part(name string, n int) string {
	for range n {
		_, name, _ = strings.Cut(name, "/")
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

func cityOf(name string) string       { return part(name, 1) } // cities/{1}
func idOf(name string) string         { return part(name, 3) } // cities/1/enterprises/{3}
func inEnterprise(name string) string { return part(name, 5) } // cities/1/enterprises/3/members/{5}

func unitName(city, unit string) string {
	if unit == "" {
		return ""
	}
	return "cities/" + city + "/units/" + unit
}

func personName(city, id string) string { return "cities/" + city + "/persons/" + id }

// stamp renders a time; an absent one stays absent.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func caller(ctx context.Context) authn.Caller { return authn.FromContext(ctx) }
