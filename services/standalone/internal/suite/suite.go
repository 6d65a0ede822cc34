// Package suite runs the whole suite on one machine: a PostgreSQL and a Redis of its own, replicas of each service and of the gateway as
// processes of their own with certificates between them, and a front before the gateways. It supervises them: what ends is started again,
// and all end with it, in order.
//
// It depends on the directory's façade for the start of a city, on the demonstration's stage, and on kit; the services themselves are programs that
// it runs.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/run"
)

// services are those with a database, in the order in which they build on each other; the gateway comes after them, and ownName is this
// process, for what it does before anybody can sign in.
var services = []string{"directory", "attendant", "hotline", "agency"}

const (
	gatewayName = "gateway"
	ownName     = "standalone"
)

// Config is what the suite is started with.
type Config struct {
	// Data is the folder that holds everything. The account that PostgreSQL runs as must be able to pass through it.
	Data string
	// Programs is the folder of the programs that are run.
	Programs string
	// Cities are folders of cities that are applied at the start.
	Cities []string
	// Demo opens a demonstration.
	Demo bool
	// Replicas is how many there are of each service and of the gateway.
	Replicas int
	// Listener is where people come in. Run closes it.
	Listener net.Listener
	// Say prints what people should know, a line each; Log is where all processes log.
	Say func(format string, args ...any)
	Log io.Writer
	// Logger is for what this process does itself.
	Logger *zap.Logger
	// Ready is called when everything works.
	Ready func(*Suite)
}

// Suite is the whole suite.
type Suite struct {
	config Config
	wall   clock.Clock
	run    string // folder of sockets; their paths must be short
	server *url.URL
	trust  *trust
	log    *lines

	children []*child
	gateways []string
	ports    map[int]bool // that were given to a process
	city     string       // code of the first
}

// New prepares the folder, which is there. Nothing runs before Run.
func New(config Config) (*Suite, error) {
	if config.Replicas < 1 || config.Replicas > 9 {
		return nil, fmt.Errorf("%d replicas: want 1 to 9", config.Replicas)
	}
	s := &Suite{config: config, wall: clock.System(), log: &lines{out: config.Log}, ports: map[int]bool{}}
	for _, folder := range slices.Backward(config.Cities) {
		var err error
		if s.city, _, err = directory.ReadCity(folder); err != nil {
			return nil, err
		}
	}
	if config.Demo && s.city == "" {
		return nil, errors.New("a demonstration needs a city: name its folder with --city")
	}
	for _, folder := range []string{"secrets", "tls", "service-keys", "peers", "directory.keys", "hotline.files", "agency.files"} {
		if err := os.MkdirAll(s.at(folder), 0o700); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Suite) at(parts ...string) string {
	return filepath.Join(append([]string{s.config.Data}, parts...)...)
}

// child adds a process.
func (s *Suite) child(c *child) *child {
	c.wall, c.say, c.log, c.run, c.first = s.wall, s.config.Say, s.log, s.run, make(chan struct{})
	s.children = append(s.children, c)
	return c
}

// Run starts everything and keeps it running until the context ends. Then the front refuses whoever is new, the gateways finish, the services
// after them, and the databases last.
func (s *Suite) Run(ctx context.Context) (err error) {
	if s.run, err = os.MkdirTemp("", "throughtrain-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.run)) }()
	if s.trust, err = s.makeTrust(); err != nil {
		return err
	}
	postgres, err := s.postgres()
	if err != nil {
		return err
	}
	redis, err := s.redis()
	if err != nil {
		return err
	}
	group := run.New(s.config.Logger, stopping)
	group.Add("postgres", postgres.supervise).Add("redis", redis.supervise)
	replicas, err := s.replicas()
	if err != nil {
		return err
	}
	// The services start when their databases are there; what they need of each other they wait for themselves.
	prepared := make(chan struct{})
	for _, c := range replicas {
		group.Add(c.name, func(ctx context.Context) error {
			select {
			case <-prepared:
				return c.supervise(ctx)
			case <-ctx.Done():
				return nil
			}
		})
	}
	group.Add("front", func(ctx context.Context) error { return s.front(ctx, prepared, postgres, redis) })
	return group.Run(ctx)
}

// stopping bounds the ending of all processes together.
const stopping = 2 * time.Minute

// front brings the start to its end, and then serves people.
func (s *Suite) front(ctx context.Context, prepared chan<- struct{}, postgres, redis *child) error {
	defer func() { _ = s.config.Listener.Close() }() // the server has closed it, unless the start failed
	if err := s.await(ctx, postgres, redis); err != nil {
		return err
	}
	if err := s.databases(ctx); err != nil {
		return fmt.Errorf("make the databases: %w", err)
	}
	stage, err := s.openDirectory(ctx)
	if err != nil {
		return err
	}
	close(prepared)
	err = s.await(ctx, s.children...)
	if err == nil {
		err = stage.play(ctx)
	}
	if err := errors.Join(err, stage.close()); err != nil {
		return err
	}
	server := &http.Server{Handler: newFront(s.gateways), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.config.Listener) }()
	if s.config.Ready != nil {
		s.config.Ready(s)
	}
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// Live updates do not end by themselves; the gateways would end them, but stand behind.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(limited); errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	} else if err != nil {
		return err
	}
	return nil
}

// drain bounds the finishing of requests in progress.
const drain = 3 * time.Second

// await waits until processes work, and says which do not every few seconds.
func (s *Suite) await(ctx context.Context, children ...*child) error {
	again := time.NewTicker(saying)
	defer again.Stop()
	for _, c := range children {
		for waiting := true; waiting; {
			select {
			case <-c.first:
				waiting = false
			case <-again.C:
				s.sayWaiting(children)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

const saying = 10 * time.Second

func (s *Suite) sayWaiting(children []*child) {
	var waiting []string
	for _, c := range children {
		if _, state := c.stands(); !isClosed(c.first) {
			waiting = append(waiting, c.name+" ("+state+")")
		}
	}
	s.config.Say("  等待 waiting    %s", strings.Join(waiting, ", "))
}

// replicas are the processes of services and gateways, on free ports.
func (s *Suite) replicas() ([]*child, error) {
	addresses := map[string][]string{}
	for _, name := range append(slices.Clone(services), gatewayName) {
		for range s.config.Replicas {
			port, err := s.freePort()
			if err != nil {
				return nil, err
			}
			addresses[name] = append(addresses[name], net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		}
	}
	var all []*child
	for _, name := range append(slices.Clone(services), gatewayName) {
		for n, address := range addresses[name] {
			port, err := s.freePort()
			if err != nil {
				return nil, err
			}
			c := &child{name: fmt.Sprintf("%s-%d", name, n+1), address: address, admin: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
				path: filepath.Join(s.config.Programs, name)}
			c.args = append(s.common(name, c.address, c.admin, addresses), s.own(name)...)
			all = append(all, s.child(c))
		}
	}
	s.gateways = addresses[gatewayName]
	return all, nil
}

// common is what every process is told.
func (s *Suite) common(name, address, admin string, addresses map[string][]string) []string {
	identity := s.trust.certificates[name]
	args := []string{"--listen", address, "--admin", admin, "--tls-ca", identity.CA, "--tls-cert", identity.Cert, "--tls-key", identity.Key,
		"--service-key", s.trust.keys[name], "--peer-keys", s.at("peers"), "--redis", "file:" + s.at("secrets", "redis")}
	for _, peer := range services {
		if peer != name {
			args = append(args, "--peer", peer+"="+strings.Join(addresses[peer], ","))
		}
	}
	return args
}

// own is what a process is told beside that.
func (s *Suite) own(name string) []string {
	var args []string
	if name != gatewayName {
		args = append(args, "--database", "file:"+s.dsn(name), "--pool", strconv.Itoa(pool(s.config.Replicas)))
	}
	switch name {
	case "directory":
		args = append(args, "--keys", s.at("directory.keys"), "--allow", gatewayName, "--allow", ownName)
		if s.config.Demo {
			args = append(args, "--demo", s.cast())
		}
	case "hotline", "agency":
		args = append(args, "--blobs", s.at(name+".files"))
	case gatewayName:
		args = append(args, "--proxy", "127.0.0.1") // the front
		if s.config.Demo {
			args = append(args, "--demo")
		}
		if s.city != "" {
			args = append(args, "--city", s.city)
		}
	}
	return args
}

// Table is every process with its address and number, a line each.
func (s *Suite) Table() []string {
	rows := []string{fmt.Sprintf("%-14s %-22s %-22s %s", "进程 process", "地址 address", "运维 admin", "进程号 pid"),
		fmt.Sprintf("%-12s   %-22s   %-22s   %d", "suite", s.config.Listener.Addr(), "-", os.Getpid())}
	for _, c := range s.children {
		pid, _ := c.stands()
		admin := c.admin
		if admin == "" {
			admin = "-"
		}
		rows = append(rows, fmt.Sprintf("%-12s   %-22s   %-22s   %d", c.name, c.address, admin, pid))
	}
	return rows
}

// lines lets many write whole lines to one place.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(line)
}
