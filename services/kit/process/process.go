// Package process is the life of one service of the suite as a process of its own: the settings that all of them have, the connections to
// the others with certificates on both sides, the wait for what it needs, and the drain when it is told to stop. Processes start in any
// order. One that waits says for what: in its log, at /readyz of its admin address, and to whoever supervises it.
//
// It depends on most of kit and knows no business word: a service's main brings its façade.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
)

// off is the admin address of a process that shows operators nothing.
const off = "off"

// Settings are what every process of the suite is told.
type Settings struct {
	Listen string            `required:"" placeholder:"HOST:PORT" help:"Where callers come in."`
	Admin  string            `default:"off" placeholder:"HOST:PORT" help:"Where operators look in: metrics, profiles, /healthz, and /readyz, which says what the process waits for. It asks nobody who they are. off for nowhere."`
	Peer   map[string]string `mapsep:"none" placeholder:"NAME=ADDRESSES" help:"Where another service is: directory=HOST:PORT, or its replicas with commas between them, or dns:///HOST:PORT. Repeat for each."`

	TLS        mutual.Files  `embed:"" prefix:"tls-"`
	ServiceKey string        `required:"" type:"existingfile" placeholder:"FILE" help:"Ed25519 private key, in PEM, by which this service signs what it asks of others for itself."`
	PeerKeys   string        `required:"" type:"existingdir" placeholder:"DIR" help:"Folder of the others' public keys, NAME.pem each. Read again when they change."`
	Allow      []string      `default:"gateway" placeholder:"NAME" help:"Services that may connect although the contract names them for nothing, because they bring persons."`
	StopAfter  time.Duration `default:"10s" help:"How long requests in progress may take to finish when the process is told to stop."`

	Redis   config.Secret `placeholder:"REF" help:"URL of the Redis that replicas share, as file:PATH or env:NAME: redis://, redis-sentinel:// or redis-cluster://, each with rediss for TLS. It wakes replicas and counts limits for all of them; without it each looks and counts for itself."`
	RedisCA string        `type:"existingfile" placeholder:"FILE" help:"Certificates that Redis' is signed by; the system's by default."`

	Log   observe.LogConfig   `embed:"" prefix:"log-"`
	Trace observe.TraceConfig `embed:""`
}

// Validate is called when the settings are read.
func (s *Settings) Validate() error {
	if s.StopAfter <= 0 {
		return errors.New("--stop-after must be more than nothing")
	}
	return s.Trace.Validate()
}

// Process is a process that has been set up and does not serve yet.
type Process struct {
	Name    string
	Log     *zap.Logger
	Metrics prometheus.Registerer
	Wall    clock.Clock
	Redis   *redisdb.Client // nil without one

	registry    *prometheus.Registry
	settings    *Settings
	identity    *mutual.Identity
	issuer      *authn.ServiceIssuer
	listener    net.Listener
	connections []*grpc.ClientConn
	waits       *waits
	closers     []func() error
}

// Open sets a process up: it takes its addresses, reads keys and certificates, and lets operators look in. Nothing is asked of any other
// process yet.
func Open(ctx context.Context, name string, settings *Settings, log io.Writer) (_ *Process, err error) {
	p := &Process{Name: name, registry: observe.NewRegistry(), Wall: clock.System(), settings: settings}
	p.Metrics = prometheus.WrapRegistererWith(prometheus.Labels{"process": name}, p.registry)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.Log, err = observe.NewLogger(settings.Log, log); err != nil {
		return nil, err
	}
	p.Log = p.Log.Named(name)
	if p.identity, err = mutual.Load(settings.TLS, p.Log); err != nil {
		return nil, err
	}
	if err := p.identity.Names(name); err != nil {
		return nil, err
	}
	key, err := authn.ReadPrivateKey(settings.ServiceKey)
	if err != nil {
		return nil, err
	}
	p.issuer = authn.NewServiceIssuer(name, key, p.Wall)
	observe.LogTraceErrors(p.Log)
	stop, err := observe.StartTracing(ctx, settings.Trace, name, "")
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() error { return stop(context.WithoutCancel(ctx)) })
	if err := p.openRedis(); err != nil {
		return nil, err
	}
	p.waits = newWaits(p.Wall, p.Log)
	if p.listener, err = listen(ctx, "--listen", settings.Listen); err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() error { _ = p.listener.Close(); return nil }) // the server has closed it, unless the start failed
	return p, p.showOperators(ctx)
}

// openRedis makes the client that the process shares with its other replicas. Redis need not be there.
func (p *Process) openRedis() (err error) {
	if p.settings.Redis.Reveal() == "" {
		return nil
	}
	p.Redis, err = redisdb.Open(redisdb.Config{URL: p.settings.Redis.Reveal(), CA: p.settings.RedisCA}, redisdb.Deps{Log: p.Log, Metrics: p.Metrics})
	if err != nil {
		return fmt.Errorf("--redis: %w", err)
	}
	p.closers = append(p.closers, p.Redis.Close)
	return nil
}

// Traced reports whether traces are sent somewhere.
func (p *Process) Traced() bool { return p.settings.Trace.Enabled() }

func listen(ctx context.Context, flag, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return listener, nil
}

// showOperators serves the admin address from now on: a process that waits for something must be able to say so.
func (p *Process) showOperators(ctx context.Context) error {
	if p.settings.Admin == off || p.settings.Admin == "" {
		return nil
	}
	listener, err := listen(ctx, "--admin", p.settings.Admin)
	if err != nil {
		return err
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() {
		served <- observe.ServeAdmin(own, listener, observe.AdminHandler(p.registry, &p.waits.readiness))
	}()
	p.closers = append(p.closers, func() error { cancel(); return <-served })
	p.Log.Info("operators look in", zap.Stringer("admin", listener.Addr()))
	return nil
}

// WatchDisk shows operators how much room there is where a folder lies that the process writes to; nothing without one.
func (p *Process) WatchDisk(folder string) error {
	if folder == "" {
		return nil
	}
	return observe.WatchDisk(p.registry, folder)
}

// Listener is where callers come in. The process closes it.
func (p *Process) Listener() net.Listener { return p.listener }

// Connect makes a connection to another service on which this one speaks for itself where no person is in the context.
func (p *Process) Connect(to string) (*grpc.ClientConn, error) { return p.connect(to, p.issuer) }

// ConnectForPersons makes one on which only persons speak.
func (p *Process) ConnectForPersons(to string) (*grpc.ClientConn, error) { return p.connect(to, nil) }

func (p *Process) connect(to string, as *authn.ServiceIssuer) (*grpc.ClientConn, error) {
	address := p.settings.Peer[to]
	if address == "" {
		return nil, fmt.Errorf("--peer %s=ADDRESSES is required", to)
	}
	c, err := rpcclient.Connect(rpcclient.Config{Service: to, Address: address, As: as, Credentials: p.identity.Client(to), Tracing: p.settings.Trace.Enabled()})
	if err != nil {
		return nil, err
	}
	p.connections = append(p.connections, c)
	return c, nil
}

// Verifier is what the service knows its callers by: the issuer's keys for persons, the folder of public keys for services.
func (p *Process) Verifier(persons authn.Keys, revoked *authn.Revocations) (*authn.Verifier, error) {
	peers, err := authn.PeerKeys(p.settings.PeerKeys, p.Wall)
	if err != nil {
		return nil, err
	}
	return authn.NewVerifier(authn.VerifierConfig{Issuer: authn.SuiteIssuer, Audience: authn.SuiteAudience, Keys: persons,
		Service: p.Name, Peers: peers, Revocations: revoked, Clock: p.Wall})
}

// Close gives everything back.
func (p *Process) Close() error {
	var errs []error
	for _, c := range p.connections {
		errs = append(errs, c.Close())
	}
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	return errors.Join(errs...)
}
