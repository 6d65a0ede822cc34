package rpcserver_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// TestClientsConnectAnew without a call that fails, and a stream that was open goes on.
func TestClientsConnectAnew(t *testing.T) {
	w := &world{t: t, echo: func(_ context.Context, _ string, m echo.Message) (echo.Message, error) { return m, nil }}
	ended := make(chan struct{})
	open := make(chan struct{})
	w.watch = func(s grpc.ServerStream) error {
		defer close(ended)
		close(open)
		<-s.Context().Done()
		return nil
	}
	server, err := rpcserver.New(rpcserver.Config{ConnectionAge: 5 * time.Millisecond}, deps(t, w)).Add(echo.Desc(echo.Service), w).Build()
	if err != nil {
		t.Fatal(err)
	}
	memory := rpcserver.NewMemory()
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, memory) }()
	var dialled atomic.Int64
	conn, err := rpcclient.Connect(rpcclient.Config{Service: "echo", As: authn.NewServiceIssuer("hotline", key(2), clock.System()),
		Dialer: func(ctx context.Context) (net.Conn, error) { dialled.Add(1); return memory.Dial(ctx) }})
	if err != nil {
		t.Fatal(err)
	}
	watching, leave := context.WithCancel(w.as())
	if _, err := echo.Open(watching, conn); err != nil {
		t.Fatal(err)
	}
	<-open
	for dialled.Load() < 5 {
		if _, err := echo.Call(t.Context(), conn, echo.Peer, echo.New("x")); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-ended:
		t.Error("the stream was cut")
	default:
	}
	leave()
	<-ended
	_ = conn.Close()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
