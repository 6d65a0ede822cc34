// Package sweep fires deadlines: it waits for the earliest one of a store on the city clock, claims what is due and lets the
// service act, until nothing is due. Any number of replicas may sweep the same store. A sweeper only adds late marks: whether
// an obligation was met is decided by its own events, so a stopped sweeper makes nothing look better.
//
// It depends on change and clock; it knows no business word.
package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/internal/mark"
)

// Config describes a sweeper.
type Config struct {
	Store *change.Store
	// City is the clock of deadlines.
	City clock.Clock
	// Fire does what an aggregate's deadline asks for, at each deadline's own time, and commits it in a Change that moves or
	// removes the aggregate's entry. It decides by what it reads: the entry may have moved since it was claimed.
	Fire func(ctx context.Context, city, aggregate string) error
	// Workers is how many fire at once, so that commits share syncs; 128 by default.
	Workers int
	// Batch bounds one claim; 500 by default.
	Batch int
	// Lease is how long a claim holds on the wall clock; 30 s by default, longer than any Fire takes.
	Lease time.Duration
	// Grace is how long after a deadline it fires; 1 s by default, change.MaxAge, after which no earlier decision can still
	// be committed.
	Grace time.Duration
	// RetryIn is how long a failed deadline rests; 1 s by default, and longer with every failure.
	RetryIn time.Duration
	// Poll is how often other replicas' deadlines and released leases are looked for; 1 s by default.
	Poll time.Duration
	// Logger is silent by default, Metrics registers nowhere by default.
	Logger  *zap.Logger
	Metrics prometheus.Registerer
}

// Sweeper fires the deadlines of one store.
type Sweeper struct {
	cfg     Config
	metrics *metrics

	mu     sync.Mutex
	active bool      // a pass is running
	passes mark.Mark // passes ended
}

// New makes a sweeper.
func New(cfg Config) (*Sweeper, error) {
	if cfg.Store == nil || cfg.City == nil || cfg.Fire == nil {
		return nil, errors.New("a sweeper needs a store, a city clock and what to fire")
	}
	cfg.Workers = orDefault(cfg.Workers, 128)
	cfg.Batch = orDefault(cfg.Batch, 500)
	cfg.Lease = orDefault(cfg.Lease, 30*time.Second)
	cfg.Grace = orDefault(cfg.Grace, change.MaxAge)
	cfg.RetryIn = orDefault(cfg.RetryIn, time.Second)
	cfg.Poll = orDefault(cfg.Poll, time.Second)
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	s := &Sweeper{cfg: cfg}
	var err error
	s.metrics, err = newMetrics(cfg.Metrics, s.overdue)
	return s, err
}

func orDefault[T int | time.Duration](value, byDefault T) T {
	if value <= 0 {
		return byDefault
	}
	return value
}

// Run sweeps until the context ends, and then returns nil.
func (s *Sweeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Error("cannot sweep; trying again", zap.Error(err))
			s.pause(ctx)
		}
		if err := s.rest(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Error("cannot look for the next deadline; trying again", zap.Error(err))
			s.pause(ctx)
		}
	}
	return nil
}

// sweep makes passes, each from the oldest deadline, until one finds nothing.
func (s *Sweeper) sweep(ctx context.Context) error {
	s.setActive(true)
	defer s.setActive(false)
	for {
		n, err := s.pass(ctx)
		if n == 0 || err != nil {
			return errors.Join(err, s.report(ctx))
		}
	}
}

func (s *Sweeper) setActive(active bool) {
	s.mu.Lock()
	s.active = active
	s.mu.Unlock()
	if !active {
		s.passes.Raise(s.passes.Get() + 1)
	}
}

// pass claims by keyset, so that deadlines which stay where they are hold nobody up, and fires with several workers. It
// returns how many were claimed, after the last has been fired.
func (s *Sweeper) pass(ctx context.Context) (int, error) {
	claimed := make(chan change.Due)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(claimed)
	started := 0
	var after change.DueKey
	for total := 0; ; {
		cutoff := s.cfg.City.Now().Add(-s.cfg.Grace)
		due, err := s.cfg.Store.ClaimDue(ctx, cutoff, after, s.cfg.Batch, s.cfg.Lease)
		if err != nil {
			return total, fmt.Errorf("claim deadlines: %w", err)
		}
		for _, d := range due {
			if started < min(s.cfg.Workers, total+len(due)) {
				started++
				workers.Go(func() {
					for d := range claimed {
						s.fire(ctx, d)
					}
				})
			}
			claimed <- d
			after = d.Key()
		}
		total += len(due)
		if len(due) < s.cfg.Batch {
			return total, nil
		}
	}
}

// fire acts on one claimed deadline and sees to it that a failure is neither lost nor repeated for ever.
func (s *Sweeper) fire(ctx context.Context, d change.Due) {
	if ctx.Err() != nil {
		return // the lease runs out by itself
	}
	var err error
	if d.Attempts > change.MaxClaims {
		err = errors.New("earlier attempts ended without an effect and without an error")
	} else if err = s.attempt(ctx, d); err == nil {
		s.metrics.lateness.Observe(s.cfg.City.Now().Sub(d.At).Seconds())
		return
	}
	if ctx.Err() != nil {
		return
	}
	log := s.cfg.Logger.With(zap.String("city", d.City), zap.String("aggregate", d.Aggregate), zap.Time("due", d.At))
	if lostRace(err) {
		if err := s.cfg.Store.ReleaseDue(ctx, d, s.cfg.RetryIn); err != nil {
			log.Error("cannot release a deadline; its lease will run out", zap.Error(err))
		}
		return
	}
	s.metrics.failures.Inc()
	aside, failErr := s.cfg.Store.FailDue(ctx, d, s.cfg.RetryIn*time.Duration(d.Attempts))
	switch {
	case failErr != nil:
		log.Error("cannot record that a deadline failed; its lease will run out", zap.Error(errors.Join(err, failErr)))
	case aside:
		log.Error("a deadline failed too often and is set aside until somebody looks", zap.Int("attempts", d.Attempts), zap.Error(err))
	default:
		log.Warn("a deadline failed; trying again", zap.Int("attempts", d.Attempts), zap.Error(err))
	}
}

// attempt runs Fire and makes an error of a panic: one bad record must not stop every other deadline of the city.
func (s *Sweeper) attempt(ctx context.Context, d change.Due) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return s.cfg.Fire(ctx, d.City, d.Aggregate)
}

func lostRace(err error) bool {
	return errors.Is(err, change.ErrConflict) || errors.Is(err, change.ErrStale) || fault.KindOf(err) == fault.Conflict
}

// rest returns when there may be something to do: the next deadline has come on the city clock, a commit set an earlier one,
// or it is time to look what other replicas did.
func (s *Sweeper) rest(ctx context.Context) error {
	next, ok, err := s.cfg.Store.NextDue(ctx)
	if err != nil {
		return err
	}
	if !ok {
		next = endOfTime
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Poll)
	defer cancel()
	var waits sync.WaitGroup
	woken := make(chan error, 2)
	waits.Go(func() { woken <- s.cfg.City.WaitUntil(ctx, next.Add(s.cfg.Grace)) })
	waits.Go(func() { woken <- s.cfg.Store.AwaitDue(ctx, next) })
	err = <-woken
	cancel()
	waits.Wait()
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// endOfTime is later than any deadline.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *Sweeper) pause(ctx context.Context) {
	wait := time.NewTimer(s.cfg.Poll)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}

// Idle returns when nothing is due at the city clock's present and nothing is being fired. Deadlines set aside do not count.
// It needs Run.
func (s *Sweeper) Idle(ctx context.Context) error {
	for {
		passes := s.passes.Get()
		stats, err := s.cfg.Store.DueStats(ctx)
		if err != nil {
			return err
		}
		// A pass that is running, or ran while the database was asked, may have changed the answer.
		if s.notDue(stats.Oldest) && !s.sweeping() && s.passes.Get() == passes {
			return nil
		}
		if err := s.passes.Await(ctx, passes); err != nil {
			return err
		}
	}
}

func (s *Sweeper) notDue(oldest time.Time) bool {
	return oldest.IsZero() || oldest.Add(s.cfg.Grace).After(s.cfg.City.Now())
}

func (s *Sweeper) sweeping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

// lookTime bounds what a scrape asks the database.
const lookTime = 2 * time.Second

// overdue is asked when somebody looks, because a sweeper that has stopped reports nothing; not a number when the database does not say.
func (s *Sweeper) overdue() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	stats, err := s.cfg.Store.DueStats(ctx)
	switch {
	case err != nil:
		return math.NaN()
	case stats.Oldest.IsZero():
		return 0
	}
	return max(0, s.cfg.City.Now().Sub(stats.Oldest).Seconds())
}

// report brings the gauges up to date.
func (s *Sweeper) report(ctx context.Context) error {
	stats, err := s.cfg.Store.DueStats(ctx)
	if err != nil {
		return err
	}
	s.metrics.aside.Set(float64(stats.SetAside))
	return nil
}
