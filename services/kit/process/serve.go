package process

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/run"
)

// Service is what a façade offers.
type Service interface {
	Register(*rpcserver.Builder)
	Run(context.Context) error
	Position(context.Context) (int64, error)
	Close() error
}

// Part is something that goes on beside the service.
type Part struct {
	Name string
	Run  func(context.Context) error
}

// slack is what the grace of a whole process is longer than that of its requests.
const slack = 10 * time.Second

// connectionAge is after how long callers look for replicas that have been added. They hold few connections, so that it costs nothing.
const connectionAge = 5 * time.Minute

// Serve serves a service over gRPC until the context ends, and closes it. Others are told to send their calls elsewhere until everything
// awaited is there, and again when the process is told to stop: then what goes on beside requests comes to its end, and requests
// in progress are finished.
func (p *Process) Serve(ctx context.Context, service Service, deps rpcserver.Deps, await []Wait, beside ...Part) (err error) {
	defer func() { err = errors.Join(err, service.Close()) }()
	var server *rpcserver.Server
	allow := func() []string {
		all := append(server.Callers(), p.settings.Allow...)
		slices.Sort(all)
		return slices.Compact(all)
	}
	deps.Log, deps.Metrics, deps.Tracing, deps.Credentials = p.Log, p.Metrics, p.settings.Trace.Enabled(), p.identity.Server(allow)
	builder := rpcserver.New(rpcserver.Config{Hold: true, StopTimeout: p.settings.StopAfter, ConnectionAge: connectionAge}, deps)
	service.Register(builder)
	if server, err = builder.Build(); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	p.waits.readiness.Add("database", func(ctx context.Context) error {
		_, err := service.Position(ctx)
		return err
	})
	group := run.New(p.Log, p.settings.StopAfter+slack).
		Add("server", func(ctx context.Context) error { return server.Serve(ctx, p.listener) }).
		Add("service", service.Run)
	for _, part := range beside {
		group.Add(part.Name, part.Run)
	}
	p.Log.Info("listening", zap.Stringer("address", p.listener.Addr()), zap.Strings("callers", allow()))
	return p.finished(group.Add("readiness", func(ctx context.Context) error {
		return p.ready(ctx, await, server.SetServing)
	}).Run(ctx))
}

// ready waits for everything at once, says that the process serves, and takes that back when the context ends.
func (p *Process) ready(ctx context.Context, await []Wait, serving func(bool)) error {
	start := p.Wall.Now()
	var all errgroup.Group
	for _, wait := range await {
		one := p.waits.add(wait.For)
		all.Go(func() error { return p.waits.until(ctx, one, wait) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	serving(true)
	p.Log.Info("ready", zap.Duration("after", p.Wall.Now().Sub(start)))
	tell("READY=1")
	<-ctx.Done()
	tell("STOPPING=1")
	serving(false)
	return nil
}

// finished says how it ended.
func (p *Process) finished(err error) error {
	if err == nil {
		p.Log.Info("stopped")
	}
	return err
}

// ServeHTTP serves a server until the context ends, and then finishes the requests in progress.
func (p *Process) ServeHTTP(ctx context.Context, server *http.Server, await []Wait, beside ...Part) error {
	group := run.New(p.Log, p.settings.StopAfter+slack).Add("server", func(ctx context.Context) error { return p.serveHTTP(ctx, server) })
	for _, part := range beside {
		group.Add(part.Name, part.Run)
	}
	p.Log.Info("listening", zap.Stringer("address", p.listener.Addr()))
	return p.finished(group.Add("readiness", func(ctx context.Context) error {
		return p.ready(ctx, await, func(bool) {})
	}).Run(ctx))
}

func (p *Process) serveHTTP(ctx context.Context, server *http.Server) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(p.listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.settings.StopAfter)
	defer cancel()
	err := server.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		p.Log.Warn("requests in progress are cut off: they took too long to finish")
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
