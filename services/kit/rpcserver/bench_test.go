package rpcserver_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/internal/echo"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// BenchmarkTransport compares the ways to join two services on one machine: a unary call of 600 bytes each way through the
// whole pipeline, token included. See Memory for what was found.
func BenchmarkTransport(b *testing.B) {
	listeners := map[string]func() (net.Listener, func(context.Context) (net.Conn, error)){
		"memory": func() (net.Listener, func(context.Context) (net.Conn, error)) {
			m := rpcserver.NewMemory()
			return m, m.Dial
		},
		"tcp": func() (net.Listener, func(context.Context) (net.Conn, error)) { return listen(b, "tcp", "127.0.0.1:0") },
		"unix": func() (net.Listener, func(context.Context) (net.Conn, error)) {
			return listen(b, "unix", filepath.Join(b.TempDir(), "s"))
		},
	}
	for _, name := range []string{"memory", "tcp", "unix"} {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", name, callers), func(b *testing.B) {
				listener, dial := listeners[name]()
				benchmark(b, listener, dial, callers)
			})
		}
	}
}

func listen(b *testing.B, network, address string) (net.Listener, func(context.Context) (net.Conn, error)) {
	listener, err := net.Listen(network, address)
	if err != nil {
		b.Fatal(err)
	}
	return listener, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, listener.Addr().String())
	}
}

func benchmark(b *testing.B, listener net.Listener, dial func(context.Context) (net.Conn, error), callers int) {
	w := &world{t: b, echo: func(_ context.Context, _ string, m echo.Message) (echo.Message, error) { return m, nil }}
	d := deps(b, w)
	d.Log = zap.NewNop()
	server, err := rpcserver.New(rpcserver.Config{}, d).Add(echo.Desc(echo.Service), w).Build()
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Serve(ctx, listener) }()
	conn, err := rpcclient.Connect(rpcclient.Config{Service: "echo", Dialer: dial, As: authn.NewServiceIssuer("hotline", key(2), clock.System())})
	if err != nil {
		b.Fatal(err)
	}
	request := echo.New(strings.Repeat("x", 600))
	call(b, conn, request)
	b.ResetTimer()
	before := cpu(b)
	work := make(chan struct{}, b.N)
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	finished := make(chan struct{})
	for range callers {
		go func() {
			for range work {
				call(b, conn, request)
			}
			finished <- struct{}{}
		}()
	}
	for range callers {
		<-finished
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
	conn.Close()
	cancel()
	if err := <-done; err != nil {
		b.Error(err)
	}
}

func call(b *testing.B, conn grpc.ClientConnInterface, request echo.Message) {
	if _, err := echo.Call(context.Background(), conn, echo.Peer, request); err != nil {
		b.Error(err)
	}
}

// cpu is the time that this process has had of the processors: unlike the clock, it can be compared on a busy machine.
func cpu(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
