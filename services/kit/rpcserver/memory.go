package rpcserver

import (
	"context"
	"net"

	"google.golang.org/grpc/test/bufconn"
)

// Memory is a listener inside the process: what standalone and tests join services with. Connections over it carry the same
// frames through the same interceptors as any other, only no socket.
//
// Measured on two busy cores with BenchmarkTransport (600 bytes each way, client included, processor time a call): 53 to 59 µs
// for one caller and 49 to 54 for 64, against 61 to 66 and 50 to 57 over loopback TCP and 56 to 63 and 51 to 57 over a Unix
// socket. Most of it is HTTP/2 and allocation whatever the transport; the pipeline itself is a twelfth.
type Memory struct{ *bufconn.Listener }

// NewMemory makes one.
func NewMemory() *Memory { return &Memory{bufconn.Listen(256 << 10)} }

// Dial connects to it; it is what rpcclient takes.
func (m *Memory) Dial(ctx context.Context) (net.Conn, error) { return m.DialContext(ctx) }
