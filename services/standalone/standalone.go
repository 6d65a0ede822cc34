package standalone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/attendant"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
	"github.com/throughtrain/throughtrain/services/kit/run"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

// Config is what the process is started with. The zero value of everything but Data has a meaning.
type Config struct {
	// Data is the folder that holds everything: databases and keys. It is made if there is none.
	Data string
	// Cities are folders of cities that are applied at the start. A city that was applied once stays without its folder.
	Cities []string
	// Demo opens a demonstration: a cast of personas with their enterprises, signed in without any proof.
	Demo bool

	// City is the clock of obligations, Wall that of tokens, codes and leases; the system's when nil.
	City, Wall clock.Clock
	Log        *zap.Logger
	// Metrics is where everything registers itself; a new registry when nil.
	Metrics *prometheus.Registry
	// Tracing begins a trace with requests and carries it through the services, their databases and those who follow them.
	Tracing bool

	// Gateway delivers one-time codes; with an empty URL they go into the log. Sender takes its place.
	Gateway directory.Gateway
	Sender  directory.Sender
	// Limits on codes and passwords.
	Limits directory.Limits

	// Proxies are those whose X-Forwarded-For is believed: limits count by the address behind them.
	Proxies []*net.IPNet
	// Listener is where people come in; nil serves through Handler only. Run closes it.
	Listener net.Listener
	// S3 is a bucket for files; the data folder keeps them without one.
	S3 blob.S3Config
	// Database is the DSN of a service's database, by the service's name; a file of the data folder when nil. Redis brings events from service to service
	// and counts limits, as it does in the suite; nil for neither. A program that drives the city's clock sets both to drive the suite's ways.
	Database func(service string) string
	Redis    *redisdb.Client
	// Admin is where operators look in: metrics, profiles, readiness; nil for nowhere. Run closes it.
	Admin net.Listener
	// Ready is called once the start is over, before the first request is served.
	Ready func()
}

func (c *Config) complete() error {
	if c.Data == "" {
		return errors.New("standalone: a data folder is required")
	}
	if c.Demo && c.Listener != nil && !Loopback(c.Listener.Addr()) {
		return ErrDemoExposed
	}
	if c.Demo && c.Gateway.URL != "" {
		return errors.New("standalone: a demonstration sends no messages to phones: its people are invented, their numbers may be somebody's")
	}
	if c.City == nil {
		c.City = clock.System()
	}
	if c.Wall == nil {
		c.Wall = clock.System()
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Metrics == nil {
		c.Metrics = observe.NewRegistry()
	}
	return nil
}

// ErrDemoExposed is returned instead of opening a demonstration where others than this machine could enter.
var ErrDemoExposed = errors.New("演示模式允许任何人无需验证即可登录，只能监听本机回环地址 / " +
	"a demonstration lets anybody sign in without proof, so it is served on a loopback address only, such as 127.0.0.1:8080")

// LockedError says that another process has the data folder.
type LockedError = datafolder.LockedError

// Loopback tells whether an address can be reached from this machine only.
func Loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// Standalone is the process.
type Standalone struct {
	config    Config
	lock      *os.File
	wires     *wires
	directory *directory.Service
	hotline   *hotline.Service
	attendant *attendant.Service
	agency    *agency.Service
	parts     []*part // in the order of opening
	handler   http.Handler
	started   chan struct{} // closed when the start is over
	city      atomic.Pointer[string]
}

// New opens the data folder and puts everything together. Nothing works before Run.
func New(ctx context.Context, config Config) (_ *Standalone, err error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	s := &Standalone{config: config, started: make(chan struct{})}
	if s.lock, err = datafolder.Lock(config.Data); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.wires, err = newWires(config.Wall, config.Tracing); err != nil {
		return nil, err
	}
	if err := s.compose(ctx); err != nil {
		return nil, err
	}
	if err := observe.WatchDisk(config.Metrics, config.Data); err != nil {
		return nil, err
	}
	return s, nil
}

// database is the DSN of a service.
func (c *Config) database(service string) string {
	if c.Database != nil {
		return c.Database(service)
	}
	return "sqlite:" + filepath.Join(c.Data, service+".db")
}

// files is where a service keeps files: beside its database, unless a bucket is named.
func (c *Config) files(service string) blob.Config {
	if c.S3.Endpoint == "" {
		return blob.Config{Folder: filepath.Join(c.Data, service+".files")}
	}
	bucket := c.S3
	bucket.Prefix += service + "/"
	return blob.Config{S3: bucket}
}

// Handler is everything that is served over HTTP. It answers properly while Run runs.
func (s *Standalone) Handler() http.Handler { return s.handler }

// Started is closed when the cities are applied, every service knows them, and requests can be answered.
func (s *Standalone) Started() <-chan struct{} { return s.started }

// Run serves until the context ends, or until something fails that cannot be tried again. Then requests in progress are
// finished, what runs beside them comes to its end, and last the servers stop that those have been asking.
func (s *Standalone) Run(ctx context.Context) error {
	group := run.New(s.config.Log, 0)
	for _, p := range s.parts {
		group.Add(p.name+" server", func(ctx context.Context) error { return p.server.Serve(ctx, s.wires.listeners[p.name]) })
	}
	for _, p := range s.parts {
		group.Add(p.name, p.run)
	}
	if s.config.Admin != nil {
		group.Add("admin", func(ctx context.Context) error {
			return observe.ServeAdmin(ctx, s.config.Admin, observe.AdminHandler(s.config.Metrics, s.readiness()))
		})
	}
	return group.Add("gateway", s.serve).Run(ctx)
}

// readiness is what an operator's probe asks.
func (s *Standalone) readiness() *observe.Readiness {
	r := &observe.Readiness{}
	r.Add("start", func(context.Context) error {
		select {
		case <-s.started:
			return nil
		default:
			return errors.New("not over yet")
		}
	})
	return r
}

// Idle returns when nothing is left to do: all events are taken up by everybody whom they concern, the board counts them, and no
// deadline is due at the city clock's present. It needs Run.
func (s *Standalone) Idle(ctx context.Context) error {
	before, err := s.positions(ctx)
	if err != nil {
		return err
	}
	for {
		for _, p := range s.parts {
			if err := p.idle(ctx); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		// Taking up an event may have made another. Only a round in which nothing happened anywhere is the last.
		after, err := s.positions(ctx)
		if err != nil {
			return err
		}
		if slices.Equal(before, after) {
			return nil
		}
		before = after
	}
}

func (s *Standalone) positions(ctx context.Context) ([]int64, error) {
	heads := make([]int64, len(s.parts))
	for i, p := range s.parts {
		head, err := p.position(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		heads[i] = head
	}
	return heads, nil
}

// Close gives everything back, after Run has ended.
func (s *Standalone) Close() error {
	var errs []error
	for _, p := range slices.Backward(s.parts) {
		errs = append(errs, p.close())
	}
	if s.wires != nil {
		errs = append(errs, s.wires.close())
	}
	return errors.Join(append(errs, s.lock.Close())...)
}
