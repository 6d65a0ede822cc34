package standalone

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/gateway"
	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/attendant"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// part is a service of the process.
type part struct {
	name     string
	server   *rpcserver.Server
	run      func(context.Context) error          // what goes on beside requests
	idle     func(context.Context) error          // returns when all that there was has been taken up
	position func(context.Context) (int64, error) // of the newest event
	close    func() error
}

// service is what a façade offers.
type service interface {
	Register(*rpcserver.Builder)
	Run(context.Context) error
	Idle(context.Context) error
	Position(context.Context) (int64, error)
	Close() error
}

// compose opens the services in the order in which they build on each other, and the gateway before them.
func (s *Standalone) compose(ctx context.Context) error {
	for _, open := range []func(context.Context) error{s.openDirectory, s.openHotline, s.openAttendant, s.openAgency} {
		if err := open(ctx); err != nil {
			return err
		}
	}
	return s.openGateway(ctx)
}

func (s *Standalone) openDirectory(ctx context.Context) (err error) {
	revoked := authn.NewRevocations(s.config.Wall)
	s.directory, err = directory.New(ctx, directory.Config{
		DSN: s.config.database(directoryName), Keys: s.config.keys(), Gateway: s.config.Gateway, Limits: s.config.Limits, Demo: s.config.Demo,
	}, directory.Deps{
		City: s.config.City, Wall: s.config.Wall, Log: s.log(directoryName), Metrics: s.metrics(directoryName), Redis: s.config.Redis,
		Sender: s.config.Sender, Revocations: revoked,
	})
	if err != nil {
		return err
	}
	verifier, err := s.wires.verifier(directoryName, s.directory.Keys(), revoked)
	return s.add(directoryName, s.directory, rpcserver.Deps{Verifier: verifier, Replay: s.directory.Replay()}, err)
}

func (s *Standalone) openHotline(ctx context.Context) error {
	verifier, err := s.wires.verifier(hotlineName, s.directory.Keys(), authn.NewRevocations(s.config.Wall))
	if err != nil {
		return err
	}
	to, err := s.connections(hotlineName, directoryName, attendantName)
	if err != nil {
		return err
	}
	s.hotline, err = hotline.New(ctx, hotline.Config{
		DSN: s.config.database(hotlineName), Blobs: s.config.files(hotlineName),
	}, hotline.Deps{
		City: s.config.City, Wall: s.config.Wall, Verifier: verifier, Log: s.log(hotlineName), Metrics: s.metrics(hotlineName), Redis: s.config.Redis,
		Directory: to[0], Attendant: to[1],
	})
	if err != nil {
		return err
	}
	return s.add(hotlineName, s.hotline, rpcserver.Deps{Verifier: verifier, Replay: s.hotline.Replay, NotFound: hotline.NotFound}, nil)
}

func (s *Standalone) openAttendant(ctx context.Context) error {
	verifier, err := s.wires.verifier(attendantName, s.directory.Keys(), authn.NewRevocations(s.config.Wall))
	if err != nil {
		return err
	}
	to, err := s.connections(attendantName, directoryName, hotlineName, agencyName)
	if err != nil {
		return err
	}
	s.attendant, err = attendant.New(ctx, attendant.Config{DSN: s.config.database(attendantName)}, attendant.Deps{
		City: s.config.City, Wall: s.config.Wall, Verifier: verifier, Log: s.log(attendantName), Metrics: s.metrics(attendantName), Redis: s.config.Redis,
		Directory: to[0], Hotline: to[1], Agency: to[2],
	})
	if err != nil {
		return err
	}
	return s.add(attendantName, s.attendant, rpcserver.Deps{Verifier: verifier, Replay: s.attendant.Replay, NotFound: attendant.NotFound}, nil)
}

func (s *Standalone) openAgency(ctx context.Context) error {
	verifier, err := s.wires.verifier(agencyName, s.directory.Keys(), authn.NewRevocations(s.config.Wall))
	if err != nil {
		return err
	}
	to, err := s.connections(agencyName, directoryName, attendantName, hotlineName)
	if err != nil {
		return err
	}
	s.agency, err = agency.New(ctx, agency.Config{
		DSN: s.config.database(agencyName), Blobs: s.config.files(agencyName),
	}, agency.Deps{
		City: s.config.City, Wall: s.config.Wall, Verifier: verifier, Log: s.log(agencyName), Metrics: s.metrics(agencyName), Redis: s.config.Redis,
		Directory: to[0], Attendant: to[1], Hotline: to[2],
	})
	if err != nil {
		return err
	}
	return s.add(agencyName, s.agency, rpcserver.Deps{Verifier: verifier, Replay: s.agency.Replay, NotFound: agency.NotFound}, nil)
}

// connections are those on which a service speaks for itself, one to each other service named.
func (s *Standalone) connections(as string, to ...string) ([]*grpc.ClientConn, error) {
	out := make([]*grpc.ClientConn, len(to))
	for i, name := range to {
		var err error
		if out[i], err = s.wires.connect(name, as); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// add puts an opened service on a server of its own. The service is the process's to close from here on, whatever fails.
func (s *Standalone) add(name string, opened service, deps rpcserver.Deps, err error) error {
	p := &part{name: name, run: opened.Run, idle: opened.Idle, position: opened.Position, close: opened.Close}
	s.parts = append(s.parts, p)
	if err != nil {
		return err
	}
	deps.Log, deps.Metrics, deps.Tracing = s.log(name), s.metrics(name), s.config.Tracing
	builder := rpcserver.New(rpcserver.Config{}, deps)
	opened.Register(builder)
	if p.server, err = builder.Build(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (s *Standalone) openGateway(ctx context.Context) error {
	var up gateway.Upstreams
	for name, to := range map[string]*grpc.ClientConnInterface{directoryName: &up.Directory, hotlineName: &up.Hotline, attendantName: &up.Attendant,
		agencyName: &up.Agency} {
		c, err := s.wires.connect(name, "")
		if err != nil {
			return err
		}
		*to = c
	}
	lanes := make([]grpc.ClientConnInterface, watchLanes)
	for i := range lanes {
		c, err := s.wires.connect(hotlineName, "")
		if err != nil {
			return err
		}
		lanes[i] = c
	}
	var err error
	s.handler, err = gateway.New(ctx, up, gateway.Options{Log: s.log(gatewayName), Metrics: s.metrics(gatewayName), Tracing: s.config.Tracing,
		Demo: s.config.Demo, City: s.firstCity, Proxies: s.config.Proxies, Lanes: lanes})
	return err
}

// watchLanes are enough connections for 4,500 streams; those that nobody needs are never opened.
const watchLanes = 5

// log and metrics tell apart what would be processes of their own elsewhere: they register the same things.
func (s *Standalone) log(service string) *zap.Logger { return s.config.Log.Named(service) }

func (s *Standalone) metrics(service string) prometheus.Registerer {
	return prometheus.WrapRegistererWith(prometheus.Labels{"process": service}, s.config.Metrics)
}
