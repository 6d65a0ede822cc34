// Package agency is the agency service: it owns cases, the items, materials and commitments in them, their clocks and their history, and the certificates
// that come of them. This package is the service as a process composes it; everything else is internal.
//
// New opens and migrates the database and brings back what was learnt before, Register puts the service on a gRPC server, Run follows the
// other services and the clock until its context ends. Opening, handing in, deciding and signing call no other service: they work while all
// others are away.
package agency

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

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/boardrpc"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/follow"
	"github.com/throughtrain/throughtrain/services/agency/internal/liverpc"
	"github.com/throughtrain/throughtrain/services/agency/internal/rpc"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/sweep"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// Name is the service's name among its peers.
const Name = "agency"

// Config is what an operator chooses.
type Config struct {
	// DSN is the service's own database: sqlite:PATH, sqlite::memory: or postgres://….
	DSN string
	// Readers bounds concurrent SQLite readers; zero is a good number.
	Readers int
	// Blobs is where files are kept.
	Blobs blob.Config
	// Spool is a folder for a file while it is judged; that of the files, or the system's own, when empty.
	Spool string
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.DSN == "" {
		return errors.New("agency: a database is required")
	}
	if err := c.Blobs.Validate(); err != nil {
		return fmt.Errorf("agency: %w", err)
	}
	return nil
}

// Deps is what the service works with.
type Deps struct {
	City clock.Clock // of obligations, event times and ids
	Wall clock.Clock // of leases, tokens and request ids
	// Verifier is the one that the server uses: revoked sessions are put into its set.
	Verifier *authn.Verifier
	Log      *zap.Logger
	Metrics  prometheus.Registerer // nil registers nowhere
	// Directory, Attendant and Hotline are connections on which this service speaks for itself. Without one, nothing is followed there.
	Directory grpc.ClientConnInterface
	Attendant grpc.ClientConnInterface
	Hotline   grpc.ClientConnInterface
	// Redis carries feeds between replicas and services; nil for a process alone, which needs none.
	Redis *redisdb.Client
	// Fatal ends the process when the disk fails; nil logs and exits.
	Fatal func(error)
}

func (d Deps) validate() error {
	if d.City == nil || d.Wall == nil || d.Verifier == nil || d.Log == nil {
		return errors.New("agency: two clocks, a verifier and a logger are required")
	}
	return nil
}

// Service is the agency.
type Service struct {
	deps    Deps
	db      *sqldb.DB
	store   *store.Store
	desk    *desk.Desk
	server  *rpc.Server
	watch   *liverpc.Server
	board   *boardrpc.Server
	numbers *board.Board
	feed    *feedrpc.Server
	parts   []part
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
	blobs, judge, err := upload.Open(config.Blobs, config.Spool)
	if err != nil {
		return nil, fmt.Errorf("agency: %w", err)
	}
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: config.DSN, Readers: config.Readers})
	if err != nil {
		return nil, fmt.Errorf("agency: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	s := &Service{deps: deps, db: db}
	s.store, err = store.New(ctx, db, change.Options{Wall: deps.Wall, Logger: deps.Log, Metrics: deps.Metrics, Fatal: deps.Fatal})
	if err != nil {
		return nil, err
	}
	s.feed = feedrpc.NewServer(s.store.Store)
	cities := desk.NewCities()
	with := desk.Deps{Store: s.store, Cities: cities, City: deps.City, Wall: deps.Wall, Blobs: blobs, Judge: judge}
	if deps.Hotline != nil {
		with.Hotline = rpc.Hotline(deps.Hotline)
	}
	s.desk = desk.New(with)
	s.server = rpc.NewServer(s.desk)
	if err := s.compose(ctx, cities); err != nil {
		s.store.Close()
		return nil, fmt.Errorf("agency: %w", err)
	}
	return s, nil
}

// compose brings back what was learnt and sets up what works beside the calls.
func (s *Service) compose(ctx context.Context, cities *desk.Cities) error {
	s.parts = append(s.parts, part{name: "store", run: s.store.Run}, part{name: "line", run: s.retryReports},
		part{name: "files", run: func(ctx context.Context) error { return s.desk.Intake.Run(ctx, s.deps.Log) }})
	recompute := follow.NewRecompute(s.store, cities, s.desk, s.deps.Log)
	directory := &follow.Directory{Store: s.store, Cities: cities, Revocations: s.deps.Verifier.Revocations, Wall: s.deps.Wall,
		Log: s.deps.Log, Applied: recompute.Wake}
	if s.deps.Directory != nil {
		directory.Configs = follow.Remote(directoryv1.NewCityServiceClient(s.deps.Directory))
		if err := s.follow(ctx, "directory", s.deps.Directory, directory.Handle, everywhere); err != nil {
			return err
		}
	}
	// After the cursor was read: what another replica stores in between is taken up twice, which harms nothing.
	if err := directory.Load(ctx); err != nil {
		return err
	}
	if s.deps.Attendant != nil {
		if err := s.follow(ctx, "attendant", s.deps.Attendant, (&follow.Attendant{Desk: s.desk}).Handle); err != nil {
			return err
		}
	}
	if s.deps.Hotline != nil {
		if err := s.follow(ctx, "hotline", s.deps.Hotline, (&follow.Hotline{Desk: s.desk}).Handle); err != nil {
			return err
		}
	}
	s.parts = append(s.parts, part{name: "recompute", run: recompute.Run, idle: recompute.Settle})
	sweeper, err := sweep.New(sweep.Config{Store: s.store.Store, City: s.deps.City, Fire: s.desk.Settle, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "sweeper", run: sweeper.Run, idle: sweeper.Idle})
	if err := errors.Join(s.composeRelay(), s.composeBoard(ctx, cities)); err != nil {
		return err
	}
	return s.composeWatch(cities)
}

// composeBoard comes after all that does something to cases: being idle means that what everything before it did is on the board.
func (s *Service) composeBoard(ctx context.Context, cities *desk.Cities) error {
	var err error
	s.numbers, err = board.New(ctx, s.store, cities.City, feed.Config{Clock: s.deps.City, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	if err := s.numbers.Watch(s.deps.Metrics, s.deps.City, cities.All); err != nil {
		return err
	}
	s.board = boardrpc.New(s.numbers, cities, s.deps.City)
	s.parts = append(s.parts, part{name: "board", run: s.numbers.Run, idle: s.numbers.Idle})
	return nil
}

// Register puts the service on a server. The server's Deps take Replay and NotFound.
func (s *Service) Register(b *rpcserver.Builder) {
	b.Add(&agencyv1.CaseService_ServiceDesc, s.server)
	b.Add(&agencyv1.ItemService_ServiceDesc, s.server)
	b.Add(&agencyv1.JointReviewService_ServiceDesc, s.server)
	b.Add(&agencyv1.CommitmentService_ServiceDesc, s.server)
	b.Add(&agencyv1.MaterialService_ServiceDesc, s.server)
	b.Add(&agencyv1.ApprovalCatalogueService_ServiceDesc, s.server)
	b.Add(&agencyv1.CertificateService_ServiceDesc, s.server)
	b.Add(&agencyv1.CaseWatchService_ServiceDesc, s.watch)
	b.Add(&agencyv1.ApprovalBoardService_ServiceDesc, s.board)
	b.Add(&agencyv1.LineService_ServiceDesc, rpc.NewLineServer(s.desk))
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
				return fmt.Errorf("agency: %s: %w", p.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Idle returns when all events that other services had when it was called are taken in and nothing is due at the city clock's present. It needs Run. What
// it does may give others something to do: whoever composes several services asks them in turn until nothing moves.
func (s *Service) Idle(ctx context.Context) error {
	for _, p := range s.parts {
		if p.idle == nil {
			continue
		}
		if err := p.idle(ctx); err != nil {
			return fmt.Errorf("agency: %s: %w", p.name, err)
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
	return fmt.Errorf("agency: nothing is followed at %q", with)
}

// Position is the newest position of the service's own feed: it moves with everything that happens here.
func (s *Service) Position(ctx context.Context) (int64, error) { return s.store.Settled(ctx) }

// NextDue is the earliest deadline that is still to be acted upon; false when there is none.
func (s *Service) NextDue(ctx context.Context) (time.Time, bool, error) { return s.store.NextDue(ctx) }

// Close waits for what is being written and closes the database. Run and the server must have ended.
func (s *Service) Close() error {
	s.store.Close()
	return s.db.Close()
}
