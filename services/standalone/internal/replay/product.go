package replay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/standalone"
)

// product is the product, running on a city clock that stands still.
type product struct {
	standalone *standalone.Standalone
	clock      *movable.Clock
	registry   *prometheus.Registry
	client     *client
	phones     *phones

	stop  context.CancelFunc
	ended chan error
}

// importLimits let one import sign in as many people from one address as it has; they are a setting of the product like any other.
var importLimits = directory.Limits{AddressPerMinute: 1_000_000, AddressPerHour: 1_000_000, CityPerMinute: 1_000_000}

// open starts the product in a folder, with the city applied.
func open(ctx context.Context, o Options, start time.Time, wall clock.Clock) (_ *product, err error) {
	folder := filepath.Join(o.Data, "city")
	if err := writeCity(folder, o.Calendars, o.Detours != nil); err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on loopback: %w", err)
	}
	p := &product{clock: movable.New(start), registry: observe.NewRegistry(), phones: &phones{codes: map[string]string{}}, ended: make(chan error, 1)}
	p.standalone, err = standalone.New(ctx, standalone.Config{
		Data: o.Data, Cities: []string{folder}, City: p.clock, Wall: wall, Log: o.Log, Metrics: p.registry,
		Sender: directory.SenderFunc(p.phones.send), Limits: importLimits, Listener: listener, Database: o.Database, Redis: o.Redis,
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p.client = newClient(listener.Addr().String(), wall)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	go func() { p.ended <- p.standalone.Run(running) }()
	select {
	case <-p.standalone.Started():
		return p, nil
	case err := <-p.ended:
		stop()
		p.client.close()
		return nil, errors.Join(errors.New("the product did not start"), err, p.standalone.Close())
	}
}

// close stops the product as an operator would.
func (p *product) close() error {
	p.client.close()
	p.stop()
	return errors.Join(<-p.ended, p.standalone.Close())
}

// emptyFolder makes a folder, or takes one in which there is nothing yet: a second replay would meet the people of the first.
func emptyFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", path)
	}
	return err
}
