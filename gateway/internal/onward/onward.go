// Package onward says to a service who asks, and in which language, where the gateway calls it by itself rather than through the
// generated handlers. It depends on gRPC's metadata only.
package onward

import (
	"context"
	"net/http"
	"slices"

	"google.golang.org/grpc/metadata"
)

// carried are the headers that go on. Who asks is said by the Authorization header alone, never by the address; a browser's session, which
// lives in a cookie, was turned into a bearer token before this, where it is kept.
var carried = []string{"Authorization", "Accept-Language"}

// Context is ctx, in which a service is asked for the client at an address who sent a request. A value that gRPC cannot carry stays behind, as it does in
// the generated handlers: whoever sends a token that is none is asked to sign in.
func Context(ctx context.Context, r *http.Request, address string) context.Context {
	meta := metadata.Pairs("x-client-address", address)
	for _, header := range carried {
		if values := slices.DeleteFunc(slices.Clone(r.Header.Values(header)), unprintable); len(values) > 0 {
			meta.Set(header, values...)
		}
	}
	return metadata.NewOutgoingContext(ctx, meta)
}

func unprintable(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] > '~' {
			return true
		}
	}
	return false
}
