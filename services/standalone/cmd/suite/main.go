// Command suite runs the whole suite on this machine: each service and the gateway as processes of their own, on a private PostgreSQL and Redis. It
// reads its settings, puts package suite together, and runs it until it is told to stop.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/standalone"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
	"github.com/throughtrain/throughtrain/services/standalone/internal/suite"
	"github.com/throughtrain/throughtrain/services/standalone/internal/welcome"
)

func main() {
	os.Exit(process.Main("suite", "市长直通车 Through-Train: the whole suite on one machine, each service as processes of its own.", &settings{}))
}

type settings struct {
	Addr     string   `default:"127.0.0.1:8080" help:"Where people come in."`
	Data     string   `default:".data/suite" env:"THROUGHTRAIN_DATA_FOLDER" type:"path" help:"Folder of databases, files and keys."`
	Programs string   `required:"" type:"existingdir" placeholder:"DIR" help:"Folder of the programs that are run."`
	City     []string `type:"existingdir" help:"Folder of a city, applied at the start if it changed. Repeat for more cities."`
	Replicas int      `default:"2" help:"Processes of each service and of the gateway, 1 to 9."`
	Demo     bool     `help:"Open a demonstration: anybody signs in as any of a fixed cast. On loopback only."`

	Log observe.LogConfig `embed:"" prefix:"log-"`
}

// Run runs the suite until the context ends.
func (c *settings) Run(ctx context.Context, t *process.Terminal) (err error) {
	log, err := observe.NewLogger(c.Log, t.Log)
	if err != nil {
		return err
	}
	address, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("%w: --addr: %w", process.ErrUsage, err)
	}
	if c.Demo && !standalone.Loopback(address) {
		return fmt.Errorf("%w: --demo --addr %s: %w", process.ErrUsage, c.Addr, standalone.ErrDemoExposed)
	}
	// The account that PostgreSQL runs as passes through the folder.
	if err := os.MkdirAll(c.Data, 0o711); err != nil { //nolint:gosec // G301: others may pass through, and see nothing
		return err
	}
	lock, err := datafolder.Lock(c.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	// The address is taken before any data is touched: one in use is the commonest mistake.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("无法监听 %s / cannot listen there: %w", c.Addr, err)
	}
	roll := make(chan os.Signal, 1)
	signal.Notify(roll, syscall.SIGUSR1)
	defer signal.Stop(roll)
	s, err := suite.New(suite.Config{
		Data: c.Data, Programs: c.Programs, Cities: c.City, Demo: c.Demo, Replicas: c.Replicas, Listener: listener, Say: t.Say, Log: t.Log, Logger: log, Roll: roll,
		Ready: func(s *suite.Suite) {
			welcome.Print(t.Say, welcome.About{Address: listener.Addr().String(), Data: c.Data, Codes: true, Demo: c.Demo, Table: s.Table()})
		},
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	return s.Run(ctx)
}
