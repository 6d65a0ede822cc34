package change

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/internal/mark"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Schema is the migration set of this package. It goes first into sqldb.Migrate, before the service's own.
func Schema() sqldb.MigrationSet {
	return sqldb.MigrationSet{Name: "kit", FS: migrationFS()}
}

// exitUnsynced is the status with which the process ends when the disk fails to sync.
const exitUnsynced = 70

// Options are a store's collaborators; the zero value is ready to use.
type Options struct {
	// Wall is the clock of leases and expiry; the system's by default.
	Wall clock.Clock
	// Logger is silent by default.
	Logger *zap.Logger
	// Metrics is where the store registers itself; nil registers nowhere. Several stores of one process need registries that
	// tell them apart, see prometheus.WrapRegistererWith.
	Metrics prometheus.Registerer
	// Poll is how often PostgreSQL is asked for commits of other replicas; 100 ms by default, and a tenth as often while they ring.
	Poll time.Duration
	// Fatal ends the process after a failed fsync: by default it logs and exits with status 70. It must not return to a
	// process that goes on serving.
	Fatal func(error)
}

// engine is what the two databases do differently.
type engine interface {
	// commit writes a valid Change or nothing of it.
	commit(ctx context.Context, c *Change) error
	// exec runs one statement outside of any Change.
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	// claim runs a statement that writes deadlines and returns them.
	claim(ctx context.Context, sql string, args ...any) ([]Due, error)
	// run does what the engine does beside commits, until the context ends.
	run(ctx context.Context) error
	// close waits for commits under way and refuses later ones.
	close()
}

// Store writes Changes to one database and reads what they left there. It is safe for concurrent use.
type Store struct {
	db      *sqldb.DB
	wall    clock.Clock
	log     *zap.Logger
	metrics *metrics
	engine  engine
	head    mark.Mark // greatest feed position known to be readable
	due     dueWatch
	fatal   func(error)
	poll    time.Duration
	causes  causes
	rung    atomic.Bool
	dying   sync.Once
	closing sync.Once
}

// New makes a store over a migrated database, the only one over it on SQLite. The database stays the caller's to close, after the store.
func New(ctx context.Context, db *sqldb.DB, opts Options) (*Store, error) {
	s := &Store{db: db, wall: opts.Wall, log: opts.Logger, fatal: opts.Fatal, poll: opts.Poll}
	if s.wall == nil {
		s.wall = clock.System()
	}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.fatal == nil {
		s.fatal = s.exit
	}
	if s.poll <= 0 {
		s.poll = 100 * time.Millisecond
	}
	var err error
	if s.metrics, err = newMetrics(opts.Metrics, db.Engine(), s.head.Get, s.outboxAge); err != nil {
		return nil, err
	}
	head, err := s.readHead(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the feed's head, is the database migrated? %w", err)
	}
	s.head.Raise(head)
	if w := db.SQLiteWriter(); w != nil {
		if !w.Own() {
			return nil, errors.New("another store writes to this SQLite database; one is the most it can have")
		}
		g := newGroup(s, w)
		s.engine = g
		// Leases of a process that is gone would only delay what they cover: a SQLite file has one owner.
		if _, err := g.exec(ctx, `UPDATE due SET leased_until = 0 WHERE leased_until > 0`); err != nil {
			w.Disown()
			return nil, err
		}
	} else {
		s.engine = newPostgres(s, db.PostgresPool())
	}
	return s, nil
}

func (s *Store) exit(err error) {
	s.log.Error("the disk does not make data durable; ending so that a restart can recover", zap.Error(err))
	_ = s.log.Sync()      // nothing is left to tell if this fails
	os.Exit(exitUnsynced) //nolint:revive // going on, or unwinding, could acknowledge what the disk does not hold
}

// die is called with an error after which the process must not go on.
func (s *Store) die(err error) { s.dying.Do(func() { s.fatal(err) }) }

// DB is the database, for reading.
func (s *Store) DB() *sqldb.DB { return s.db }

// Commit writes a Change and returns nil only when it is durable. ErrConflict, ErrStale, ErrRequestSeen and *UniqueError say
// that nothing was written, and so does every other error but two: a context that ends, or a connection that is lost, during
// the commit leaves the outcome unknown; a repeat with the same request id finds out.
func (s *Store) Commit(ctx context.Context, c *Change) error {
	if err := c.validate(); err != nil {
		return err
	}
	start := time.Now()
	if c.Decided.IsZero() {
		c.Decided = start
	}
	ctx, traced := s.trace(ctx, c)
	err := s.engine.commit(ctx, c)
	traced(err)
	s.metrics.committed(ctx, time.Since(start), err)
	if err != nil {
		return err
	}
	for i := range c.Due {
		if !c.Due[i].At.IsZero() {
			s.due.committed(c.Due[i].At)
		}
	}
	return nil
}

// Attempts is how often Decide decides before it gives up.
const Attempts = 5

// Decide runs a decision until it is written: decide reads, decides and returns the Change, or nil when there is nothing to
// write. After ErrConflict or ErrStale it runs again, at most Attempts times; then the caller gets a Conflict fault with the
// reason CONTENTION. Any other error, decide's own included, is returned as it is.
func (s *Store) Decide(ctx context.Context, decide func(ctx context.Context) (*Change, error)) error {
	var err error
	for range Attempts {
		start := time.Now()
		var c *Change
		if c, err = decide(ctx); err != nil || c == nil {
			return err
		}
		if c.Decided.IsZero() {
			c.Decided = start
		}
		if err = s.Commit(ctx, c); !errors.Is(err, ErrConflict) && !errors.Is(err, ErrStale) {
			return err
		}
	}
	return contention.Wrap(err)
}

var contention = fault.New(fault.Conflict, "CONTENTION",
	"该记录正在被他人频繁修改，请稍后重试。",
	"Others are changing this record at the same time. Try again in a moment.")

// Run sequences the feed and makes the journal's partitions ahead on PostgreSQL, and forgets expired request ids, until the context ends. Commits do not need it;
// Feed on PostgreSQL does.
func (s *Store) Run(ctx context.Context) error {
	running, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- s.engine.run(running) }()
	err := s.expire(running)
	stop()
	if err = errors.Join(err, <-done); ctx.Err() != nil {
		return nil // it was told to stop
	}
	return err
}

// Close waits for the commits under way and refuses later ones with ErrClosed. It does not close the database.
func (s *Store) Close() {
	s.closing.Do(func() {
		s.engine.close()
		if w := s.db.SQLiteWriter(); w != nil {
			w.Disown()
		}
	})
}
