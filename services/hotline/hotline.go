// Package hotline is the hotline service: it owns tickets, their clocks and their history, and the board of a city. This package is the
// service as a process composes it; everything else is internal.
//
// New opens and migrates the database and brings back what was learnt before, Register puts the service on a gRPC server, Run follows the
// other services and the clock until its context ends. Filing, signing and answering call no other service: they work while all
// others are away.
package hotline

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

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/boardrpc"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/follow"
	"github.com/throughtrain/throughtrain/services/hotline/internal/liverpc"
	"github.com/throughtrain/throughtrain/services/hotline/internal/rpc"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
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
		return errors.New("hotline: a database is required")
	}
	if err := c.Blobs.Validate(); err != nil {
		return fmt.Errorf("hotline: %w", err)
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
	// Directory and Attendant are connections on which this service speaks for itself. Without one, nothing is followed there.
	Directory grpc.ClientConnInterface
	Attendant grpc.ClientConnInterface
	// Redis carries feeds between replicas and services; nil for a process alone, which needs none.
	Redis *redisdb.Client
	// Fatal ends the process when the disk fails; nil logs and exits.
	Fatal func(error)
}

func (d Deps) validate() error {
	if d.City == nil || d.Wall == nil || d.Verifier == nil || d.Log == nil {
		return errors.New("hotline: two clocks, a verifier and a logger are required")
	}
	return nil
}

// Service is the hotline.
type Service struct {
	deps   Deps
	db     *sqldb.DB
	store  *store.Store
	desk   *desk.Desk
	server *rpc.Server
	board  *boardrpc.Server
	watch  *liverpc.Server
	feed   *feedrpc.Server
	parts  []part
}

// part is something that works beside the calls.
type part struct {
	name string
	run  func(context.Context) error
	// idle returns when nothing is left to do that was there when it was called.
	idle func(context.Context) error
}

// New makes the service. On failure nothing stays open.
func New(ctx context.Context, config Config, deps Deps) (_ *Service, err error) {
	if err := errors.Join(config.Validate(), deps.validate()); err != nil {
		return nil, err
	}
	blobs, judge, err := upload.Open(config.Blobs, config.Spool)
	if err != nil {
		return nil, fmt.Errorf("hotline: %w", err)
	}
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: config.DSN, Readers: config.Readers})
	if err != nil {
		return nil, fmt.Errorf("hotline: %w", err)
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
	cities := desk.NewCities()
	s.desk = desk.New(desk.Deps{Store: s.store, Cities: cities, City: deps.City, Wall: deps.Wall, Blobs: blobs, Judge: judge,
		Log: deps.Log, Compile: follow.Compile(deps.Directory)})
	if deps.Metrics != nil {
		if err = deps.Metrics.Register(s.desk.Metrics()); err != nil {
			s.store.Close()
			return nil, fmt.Errorf("hotline: %w", err)
		}
	}
	s.server = rpc.NewServer(s.desk)
	if err := s.compose(ctx, cities); err != nil {
		s.store.Close()
		return nil, fmt.Errorf("hotline: %w", err)
	}
	return s, nil
}

// compose brings back what was learnt and sets up what works beside the calls.
func (s *Service) compose(ctx context.Context, cities *desk.Cities) error {
	s.parts = append(s.parts, part{name: "store", run: s.store.Run},
		part{name: "files", run: func(ctx context.Context) error { return s.desk.Intake.Run(ctx, s.deps.Log) }})
	recompute := follow.NewRecompute(s.store, cities, s.desk, s.deps.Log)
	directory := &follow.Directory{Store: s.store, Cities: cities, Revocations: s.deps.Verifier.Revocations, Wall: s.deps.Wall,
		Log: s.deps.Log, Applied: recompute.Wake}
	if s.deps.Directory != nil {
		directory.Configs = follow.Remote(directoryv1.NewCityServiceClient(s.deps.Directory))
		directory.Names = follow.RemoteNames(directoryv1.NewEnterpriseServiceClient(s.deps.Directory))
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
	s.parts = append(s.parts, part{name: "search", run: func(ctx context.Context) error { s.indexAll(ctx, directory); return nil }}, part{name: "recompute", run: recompute.Run, idle: recompute.Settle})
	sweeper, err := sweep.New(sweep.Config{Store: s.store.Store, City: s.deps.City, Fire: s.desk.Settle, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "sweeper", run: sweeper.Run, idle: sweeper.Idle})
	if err := s.composeRelay(); err != nil {
		return err
	}
	return s.composeBoard(ctx)
}

// indexAll lets tickets be found that were filed, and enterprises that were learnt of, before there was an index. What fails is done at the next start.
func (s *Service) indexAll(ctx context.Context, directory *follow.Directory) {
	for code := range s.desk.Cities.All() {
		if err := errors.Join(s.store.IndexAll(ctx, code), directory.NameAll(ctx, code)); err != nil && ctx.Err() == nil {
			s.deps.Log.Warn("not all tickets of a city can be found by their words", zap.String("city", code), zap.Error(err))
		}
	}
}

// composeBoard comes last: being idle means that what everything before it did is on the board.
func (s *Service) composeBoard(ctx context.Context) error {
	numbers, err := board.New(ctx, s.store, feed.Config{Clock: s.deps.City, Logger: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	if err := numbers.Watch(s.deps.Metrics, s.deps.City, s.desk.Cities.All); err != nil {
		return err
	}
	s.board = boardrpc.New(numbers, s.desk)
	s.parts = append(s.parts, part{name: "board", run: numbers.Run, idle: numbers.Idle})
	return s.composeWatch(s.desk.Cities, numbers)
}

// Register puts the service on a server. The server's Deps take Replay and NotFound.
func (s *Service) Register(b *rpcserver.Builder) {
	b.Add(&hotlinev1.TicketService_ServiceDesc, s.server)
	b.Add(&hotlinev1.WorkOrderService_ServiceDesc, s.server)
	b.Add(&hotlinev1.TicketOversightService_ServiceDesc, s.server)
	b.Add(&hotlinev1.DialogueService_ServiceDesc, s.server)
	b.Add(&hotlinev1.SimilarService_ServiceDesc, rpc.NewSimilarServer(s.desk))
	b.Add(&hotlinev1.CommonIssueService_ServiceDesc, rpc.NewIssueServer(s.desk))
	b.Add(&hotlinev1.AttachmentService_ServiceDesc, rpc.NewAttachments(s.desk))
	b.Add(&hotlinev1.QueueService_ServiceDesc, rpc.NewQueueServer(s.desk))
	b.Add(&hotlinev1.DeadlineService_ServiceDesc, rpc.NewDeadlineServer(s.desk))
	b.Add(&hotlinev1.BoardService_ServiceDesc, s.board)
	b.Add(&hotlinev1.WatchService_ServiceDesc, s.watch)
	b.Add(&feedv1.FeedService_ServiceDesc, s.feed)
}

// Replay is the server's hook for requests that were accepted before and would not pass validation any more.
func (s *Service) Replay(ctx context.Context, method string, request proto.Message) (proto.Message, bool, error) {
	if r, publishing := request.(*hotlinev1.PublishPeriodRequest); publishing {
		return s.board.ReplayPublish(ctx, r)
	}
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
				return fmt.Errorf("hotline: %s: %w", p.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// Idle returns when all events that other services had when it was called are taken in, nothing is due at the city clock's present, and
// nothing is left to count. It needs Run. What it does may give others something to do: whoever composes several services asks
// them in turn until nothing moves.
func (s *Service) Idle(ctx context.Context) error {
	for _, p := range s.parts {
		if p.idle == nil {
			continue
		}
		if err := p.idle(ctx); err != nil {
			return fmt.Errorf("hotline: %s: %w", p.name, err)
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
	return fmt.Errorf("hotline: nothing is followed at %q", with)
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
