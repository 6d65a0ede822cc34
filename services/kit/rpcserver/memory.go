package rpcserver

import (
	"context"
	"net"

	"google.golang.org/grpc/test/bufconn"
)

// Memory is a listener inside the process: what standalone and tests join services with. Connections over it carry the same
// frames through the same interceptors as any other, only no socket.
type Memory struct{ *bufconn.Listener }

// NewMemory makes one.
func NewMemory() *Memory { return &Memory{bufconn.Listen(256 << 10)} }

// Dial connects to it; it is what rpcclient takes.
func (m *Memory) Dial(ctx context.Context) (net.Conn, error) { return m.DialContext(ctx) }
