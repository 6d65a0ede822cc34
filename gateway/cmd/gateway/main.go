// Command gateway is the gateway as a process of its own: HTTP for people, gRPC with certificates to the services.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/throughtrain/throughtrain/gateway"
	"github.com/throughtrain/throughtrain/services/kit/limit"
	"github.com/throughtrain/throughtrain/services/kit/process"
)

const name = "gateway"

func main() {
	os.Exit(process.Main(name, "市长直通车 Through-Train: the gateway: REST and its documentation, the web app, live updates.", &settings{}))
}

type settings struct {
	process.Settings `embed:""`

	City       string   `placeholder:"CODE" help:"City that the app signs people in to: 410900."`
	Proxy      []string `placeholder:"NET" help:"A proxy that terminates TLS before this process: its address or network, as in 10.0.0.0/8. Who asks is then read from its X-Forwarded-For; without it everybody behind it shares the limits of one address. Repeat for more."`
	Lanes      int      `default:"5" help:"Connections to the hotline for streams alone, of 900 streams each; those that nobody needs are never opened."`
	PerAddress int      `placeholder:"N" help:"Most requests that one address may send in a minute, counted over all replicas where they share a Redis; not counted by default."`
	Demo       bool     `help:"Serve the demonstration's sign-in. On loopback only."`
}

// Validate is called when the settings are read.
func (s *settings) Validate() error {
	if _, err := gateway.ParseProxies(s.Proxy); err != nil {
		return fmt.Errorf("--proxy %w", err)
	}
	if !s.Demo {
		return nil
	}
	if address, err := net.ResolveTCPAddr("tcp", s.Listen); err != nil || !address.IP.IsLoopback() {
		return fmt.Errorf("--demo is served on a loopback address only, not on %s", s.Listen)
	}
	return nil
}

// Run serves until the context ends.
func (s *settings) Run(ctx context.Context, t *process.Terminal) (err error) {
	proxies, err := gateway.ParseProxies(s.Proxy)
	if err != nil {
		return err
	}
	p, err := process.Open(ctx, name, &s.Settings, t.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	var up gateway.Upstreams
	var await []process.Wait
	for _, service := range []struct {
		name string
		to   *grpc.ClientConnInterface
	}{{"directory", &up.Directory}, {"hotline", &up.Hotline}, {"attendant", &up.Attendant}, {"agency", &up.Agency}} {
		c, err := p.ConnectForPersons(service.name)
		if err != nil {
			return err
		}
		*service.to = c
		await = append(await, process.Wait{For: service.name, Until: func(ctx context.Context) error { return serving(ctx, c) }})
	}
	lanes := make([]grpc.ClientConnInterface, s.Lanes)
	for i := range lanes {
		if lanes[i], err = p.ConnectForPersons("hotline"); err != nil {
			return err
		}
	}
	handler, err := gateway.New(ctx, up, gateway.Options{Log: p.Log, Metrics: p.Metrics, Tracing: p.Traced(), Redis: p.Redis, PerAddress: limit.Rate{Most: s.PerAddress, Per: time.Minute}, Demo: s.Demo, City: func() string { return s.City },
		Proxies: proxies, Lanes: lanes})
	if err != nil {
		return err
	}
	return p.ServeHTTP(ctx, gateway.NewServer(handler), await)
}

// serving tells whether any replica of a service serves.
func serving(ctx context.Context, conn grpc.ClientConnInterface) error {
	reply, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	if err == nil && reply.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		err = errors.New("it does not serve yet")
	}
	return err
}
