// Package attendant is the attendant service: who answers for which enterprise, who is there, who is proposed for a ticket that was
// filed or that must go to somebody else, who as agent for a case, and who visits whom. This package is the service as a process composes it; everything else is internal.
//
// New opens and migrates the database, Register puts the service on a gRPC server, Run follows the hotline, the agency and the directory
// until its context ends. The hotline alone decides who holds a ticket, the agency who acts in a case: what this service says are proposals.
package attendant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/follow"
	"github.com/throughtrain/throughtrain/services/attendant/internal/rpc"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/sweep"
)

// Name is the service's name among its peers.
const Name = "attendant"

// Config is what an operator chooses.
type Config struct {
	// DSN is the service's own database: sqlite:PATH, sqlite::memory: or postgres://….
	DSN string
	// Readers bounds concurrent SQLite readers; zero is a good number.
	Readers int
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.DSN == "" {
		return errors.New("attendant: a database is required")
	}
	return nil
}

// Deps is what the service works with.
type Deps struct {
	City clock.Clock // of what happens in a city, and of ids
	Wall clock.Clock // of leases, tokens and request ids
	// Verifier is the one that the server uses: revoked sessions are put into its set.
	Verifier *authn.Verifier
	Log      *zap.Logger
	Metrics  prometheus.Registerer // nil registers nowhere
	// Directory, Hotline and Agency are connections on which this service speaks for itself. Without one, nothing is followed there.
	Directory grpc.ClientConnInterface
	Hotline   grpc.ClientConnInterface
	Agency    grpc.ClientConnInterface
	// Redis carries feeds between replicas and services; nil for a process alone, which needs none.
	Redis *redisdb.Client
	// Fatal ends the process when the disk fails; nil logs and exits.
	Fatal func(error)
}

func (d Deps) validate() error {
	if d.City == nil || d.Wall == nil || d.Verifier == nil || d.Log == nil {
		return errors.New("attendant: two clocks, a verifier and a logger are required")
	}
	return nil
}

// Service is the attendant service.
type Service struct {
	deps   Deps
	db     *sqldb.DB
	store  *store.Store
	desk   *desk.Desk
	server *rpc.Server
	feed   *feedrpc.Server
	parts  []part
}

// part is something that works beside the calls.
type part struct {
	name string
	run  func(context.Context) error
	// idle returns when nothing is left to do that was there when it was called; nil when there never is.
	idle func(context.Context) error
}

// New makes the service. On failure nothing stays open.
func New(ctx context.Context, config Config, deps Deps) (_ *Service, err error) {
	if err := errors.Join(config.Validate(), deps.validate()); err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: config.DSN, Readers: config.Readers})
	if err != nil {
		return nil, fmt.Errorf("attendant: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	s := &Service{deps: deps, db: db}
	s.store, err = store.Open(ctx, db, change.Options{Wall: deps.Wall, Logger: deps.Log, Metrics: deps.Metrics, Fatal: deps.Fatal})
	if err != nil {
		return nil, err
	}
	s.feed = feedrpc.NewServer(s.store.Store)
	if err := s.compose(ctx); err != nil {
		s.store.Close()
		return nil, fmt.Errorf("attendant: %w", err)
	}
	return s, nil
}

// compose sets up the use cases and what works beside the calls.
func (s *Service) compose(ctx context.Context) error {
	s.parts = append(s.parts, part{name: "store", run: s.store.Run})
	directory := &follow.Directory{Wall: s.deps.Wall, Log: s.deps.Log}
	deps := desk.Deps{Store: s.store, City: s.deps.City, Wall: s.deps.Wall}
	if s.deps.Directory != nil {
		directory.Configs = follow.Remote(directoryv1.NewCityServiceClient(s.deps.Directory))
		news, err := s.follow(ctx, "directory", s.deps.Directory, directory.Handle)
		if err != nil {
			return err
		}
		deps.News = news
		if _, err := s.follow(ctx, "ledger", s.deps.Directory, follow.Ledger{}.Handle); err != nil {
			return err
		}
		if err := s.watchRevocations(ctx); err != nil {
			return err
		}
	}
	s.desk = desk.New(deps)
	directory.Desk = s.desk
	s.server = rpc.NewServer(s.desk)
	if s.deps.Hotline != nil {
		if _, err := s.follow(ctx, "hotline", s.deps.Hotline, (&follow.Hotline{Desk: s.desk}).Handle); err != nil {
			return err
		}
	}
	if s.deps.Agency != nil {
		if _, err := s.follow(ctx, "agency", s.deps.Agency, (&follow.Agency{Desk: s.desk}).Handle); err != nil {
			return err
		}
	}
	sweeper, err := sweep.New(sweep.Config{Store: s.store.Store, City: s.deps.City, Fire: s.desk.Settle, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "sweeper", run: sweeper.Run, idle: sweeper.Idle})
	return s.composeRelay()
}

// gather is how long what happened elsewhere waits for more of it, so that a crowd's tickets share one commit.
const gather = 10 * time.Millisecond

// followWait is how long one read of another service's feed waits for news.
const followWait = 20 * time.Second

// follow lets a handler follow another service's feed.
func (s *Service) follow(ctx context.Context, name string, conn grpc.ClientConnInterface,
	handle func(context.Context, []change.FeedEvent) (*change.Change, error),
) (*feed.Follower, error) {
	follower, err := feed.New(ctx, feed.Config{Name: name, Source: s.source(name, conn), Store: s.store.Store, Handle: handle, Wait: followWait, Gather: gather,
		Tries: feed.DefaultTries, Clock: s.deps.City, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return nil, err
	}
	idle := func(ctx context.Context) error {
		head, err := feedrpc.Head(ctx, conn)
		if err != nil {
			return err
		}
		return follower.Await(ctx, head)
	}
	s.parts = append(s.parts, part{name: name, run: follower.Run, idle: idle})
	return follower, nil
}

// watchRevocations keeps the verifier's set, where there is one.
func (s *Service) watchRevocations(ctx context.Context) error {
	set := s.deps.Verifier.Revocations
	if set == nil {
		return nil
	}
	watch, err := follow.NewRevocations(ctx, s.store, "directory", set, s.source("directory", s.deps.Directory), s.deps.Wall, s.deps.Log)
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "revocations", run: watch.Run})
	return nil
}

// Register puts the service on a server. The server's Deps take Replay and NotFound.
func (s *Service) Register(b *rpcserver.Builder) {
	b.Add(&attendantv1.BindingService_ServiceDesc, s.server)
	b.Add(&attendantv1.VisitService_ServiceDesc, s.server)
	b.Add(&attendantv1.CoverageService_ServiceDesc, s.server)
	b.Add(&feedv1.FeedService_ServiceDesc, s.feed)
}

// Replay is the server's hook for requests that were accepted before and would not pass validation any more.
func (s *Service) Replay(ctx context.Context, method string, request proto.Message) (proto.Message, bool, error) {
	return s.server.Replay(ctx, method, request)
}

// NotFound is the server's fault for what belongs to another city.
func NotFound(name string) *fault.Error { return rpc.NotFound(name) }

// Run works until the context ends, or until something fails that cannot be tried again.
func (s *Service) Run(ctx context.Context) error {
	defer s.feed.Drain()
	group, ctx := errgroup.WithContext(ctx)
	for _, p := range s.parts {
		group.Go(func() error {
			if err := p.run(ctx); err != nil {
				return fmt.Errorf("attendant: %s: %w", p.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Idle returns when all events that other services had when it was called are taken in, and nothing is due at the city clock's
// present. It needs Run. What it does may give others something to do: whoever composes several services asks them in turn
// until nothing moves.
func (s *Service) Idle(ctx context.Context) error {
	for _, p := range s.parts {
		if p.idle == nil {
			continue
		}
		if err := p.idle(ctx); err != nil {
			return fmt.Errorf("attendant: %s: %w", p.name, err)
		}
	}
	return nil
}

// CaughtUp returns when all events that one other service, by its name, had when it was called are taken in. It needs Run.
func (s *Service) CaughtUp(ctx context.Context, with string) error {
	for _, p := range s.parts {
		if p.name == with && p.idle != nil {
			return p.idle(ctx)
		}
	}
	return fmt.Errorf("attendant: nothing is followed at %q", with)
}

// Position is the newest position of the service's own feed: it moves with everything that is decided here.
func (s *Service) Position(ctx context.Context) (int64, error) { return s.store.Settled(ctx) }

// Close waits for what is being written and closes the database. Run and the server must have ended.
func (s *Service) Close() error {
	s.store.Close()
	return s.db.Close()
}
