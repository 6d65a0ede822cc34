package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/gateway"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// off is the admin address of a process that shows operators nothing.
const off = "off"

// fence makes a refusal loud.
const fence = "!!----------------------------------------------------------------------"

type serveCommand struct {
	dataFolder
	Addr      string   `default:"127.0.0.1:8080" help:"Where people come in."`
	AdminAddr string   `default:"off" help:"Where operators look in: metrics, profiles, readiness. It asks nobody who they are: keep it on loopback. off for nowhere."`
	Proxy     []string `placeholder:"NET" help:"A proxy that terminates TLS before this process: its address or network, as in 10.0.0.0/8. Who asks is then read from its X-Forwarded-For; without it everybody behind it shares the limits of one address. Repeat for more."`
	City      []string `type:"existingdir" help:"Folder of a city, applied at the start if it changed. Repeat for more cities."`
	Demo      bool     `help:"Open a demonstration: anybody signs in as any of a fixed cast. On loopback only."`

	MessageGateway       string        `placeholder:"URL" help:"Message gateway that takes one-time codes by POST. Without one they are written into the log."`
	MessageGatewaySecret config.Secret `placeholder:"REF" help:"What requests to the message gateway are signed with: file:PATH or env:NAME."`

	S3    blob.S3Config       `embed:"" prefix:"s3-"`
	Log   observe.LogConfig   `embed:"" prefix:"log-"`
	Trace observe.TraceConfig `embed:""`
}

// Validate is called when the settings are read.
func (c *serveCommand) Validate() error {
	if c.MessageGateway != "" && !c.MessageGatewaySecret.Set() {
		return errors.New("--message-gateway needs --message-gateway-secret")
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	return c.Trace.Validate()
}

// proxies reads the networks of --proxy.
func (c *serveCommand) proxies() ([]*net.IPNet, error) {
	networks, err := gateway.ParseProxies(c.Proxy)
	if err != nil {
		return nil, fmt.Errorf("--proxy %w", err)
	}
	return networks, nil
}

// garbagePercent lets garbage grow to twice what is alive before it is collected. Little is alive, some 20 MiB, and the collector
// took an eighth of the processor time under load; the runtime's own setting, GOGC, goes before.
const garbagePercent = 200

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, t *terminal) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	log, err := observe.NewLogger(c.Log, t.log)
	if err != nil {
		return err
	}
	observe.LogTraceErrors(log)
	stopTracing, err := observe.StartTracing(ctx, c.Trace, "throughtrain", "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopTracing(context.WithoutCancel(ctx))) }()
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	main, admin, err := c.listen(ctx)
	if err != nil {
		return err
	}
	s, err := standalone.New(ctx, standalone.Config{
		Data: c.Data, Cities: c.City, Demo: c.Demo, Log: log, Tracing: c.Trace.Enabled(),
		Gateway: directory.Gateway{URL: c.MessageGateway, Secret: []byte(c.MessageGatewaySecret.Reveal())},
		Proxies: proxies, Listener: main, Admin: admin, S3: c.S3,
		Ready: func() { c.welcome(t, main, admin) },
	})
	if err != nil {
		return errors.Join(err, main.Close(), closeIf(admin))
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if len(c.City) == 0 {
		log.Info("no city is named: those applied before are served")
	}
	if err := s.Run(ctx); err != nil {
		return err
	}
	log.Info("stopped", zap.String("data", c.Data))
	return nil
}

// listen takes the addresses before any data is opened: an address in use is the commonest mistake.
func (c *serveCommand) listen(ctx context.Context) (main, admin net.Listener, err error) {
	address, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --addr: %w", errUsage, err)
	}
	if c.Demo && !standalone.Loopback(address) {
		return nil, nil, fmt.Errorf("%w: --demo --addr %s\n%s\n!! %w\n%s", errUsage, c.Addr, fence, standalone.ErrDemoExposed, fence)
	}
	var with net.ListenConfig
	if main, err = with.Listen(ctx, "tcp", c.Addr); err != nil {
		return nil, nil, fmt.Errorf("无法监听 %s / cannot listen there: %w", c.Addr, err)
	}
	if c.AdminAddr == off || c.AdminAddr == "" {
		return main, nil, nil
	}
	if admin, err = with.Listen(ctx, "tcp", c.AdminAddr); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("--admin-addr: %w", err), main.Close())
	}
	return main, admin, nil
}

func closeIf(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}
