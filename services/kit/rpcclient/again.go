package rpcclient

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
)

// pauses are before the second try and those after it. The first is long enough to learn that a replica is gone, all of them for a
// process to be there again.
var pauses = []time.Duration{20 * time.Millisecond, 150 * time.Millisecond, 800 * time.Millisecond}

// again makes a call that nobody answered once more, where that cannot do anything twice: the replica that it went to may have ended
// in the middle of it, or the one before it may have ended when the next was not found yet, and another one is there.
func (o *outgoing) again(ctx context.Context, method string, request any, call func(...grpc.CallOption) error) error {
	var to peer.Peer // stays empty when there was nobody to send it to
	err := call(grpc.Peer(&to))
	for _, pause := range pauses {
		if err == nil || !unanswered(err) || to.Addr != nil && !o.methods.repeatable(method, request) || rest(ctx, pause) != nil {
			return err
		}
		to = peer.Peer{}
		err = call(grpc.Peer(&to))
	}
	return err
}

// unanswered tells a connection that failed from a service that says why it cannot do it now.
func unanswered(err error) bool {
	s, ok := status.FromError(err)
	return ok && s.Code() == codes.Unavailable && !slices.ContainsFunc(s.Details(), func(detail any) bool {
		info, ok := detail.(*errdetails.ErrorInfo)
		return ok && info.GetDomain() == wire.Domain
	})
}

func rest(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// methods knows which methods only read.
type methods struct{ read sync.Map }

// repeatable tells whether a call may be made twice: one that only reads, or one whose request id lets the service know it again.
func (m *methods) repeatable(method string, request any) bool {
	if r, ok := request.(interface{ GetRequestId() string }); ok && r.GetRequestId() != "" {
		return true
	}
	known, ok := m.read.Load(method)
	if !ok {
		known = reads(method)
		m.read.Store(method, known)
	}
	return known.(bool)
}

// reads looks into the contract: a GET changes nothing, nor do standard methods that get or list.
func reads(method string) bool {
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/"), "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service).Append(protoreflect.Name(name)))
	if err != nil {
		return false
	}
	if strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") {
		return true
	}
	rule, _ := proto.GetExtension(found.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule.GetGet() != ""
}
