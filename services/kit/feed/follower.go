package feed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/internal/mark"
)

// Config describes one consumer of a feed.
type Config struct {
	// Name is the cursor's name, unique in the store.
	Name string
	// Source is what is followed, Store is where effects and cursor are written.
	Source Source
	Store  *change.Store
	// Handle decides what some consecutive events cause. It may be called again with the same events, or with fewer, until
	// its Change is committed. A Change that is nil or empty says that they cause nothing: the follower goes on without a commit, and they may
	// be handled again after a restart.
	Handle func(ctx context.Context, events []change.FeedEvent) (*change.Change, error)
	// Everywhere says that Handle also keeps something in memory, which every replica needs: then each is given every event, also those
	// whose effects another replica has committed.
	Everywhere bool
	// Handled is called once what Handle returned last is committed, or caused nothing; nobody is told when nil.
	Handled func()
	// Tries is how often an event alone may fail before it is set aside, with a place in the consumer's own database, and what follows goes on but for
	// what is of the same aggregate. What fails because something else is away is tried for ever. Never set aside by default: that suits a
	// consumer of which nothing may be missing while it is not seen to stand still.
	Tries int
	// Batch bounds the events handled together; 256 by default.
	Batch int
	// Gather is how long events wait for more that are handled together with them, unless somebody awaits them; not at all by
	// default. It suits a consumer that folds what happened to one thing into one effect.
	Gather time.Duration
	// Reread bounds the events without effect that are read again after a restart; 1000 by default.
	Reread int
	// Wait is how long one read waits for events; 20 s by default.
	Wait time.Duration
	// Clock is what event times are compared with to tell the lag; the system's by default.
	Clock clock.Clock
	// Logger is silent by default, Metrics registers nowhere by default.
	Logger  *zap.Logger
	Metrics prometheus.Registerer
}

// Follower is one consumer of a feed.
type Follower struct {
	cfg      Config
	position mark.Mark    // up to which everything is handled
	wanted   mark.Mark    // up to which somebody waits
	stored   int64        // where the cursor stands, for all this follower knows
	waiting  atomic.Int64 // microseconds of the city clock: since when something waits to be handled; 0 when nothing does
	read     time.Time    // when the feed was read last
	metrics  *metrics
	batch    int
	failures int // in a row
	suspect  suspect
	aside    asides
}

// New makes a follower that stands where its cursor stands.
func New(ctx context.Context, cfg Config) (*Follower, error) {
	if cfg.Name == "" || cfg.Source == nil || cfg.Store == nil || cfg.Handle == nil {
		return nil, errors.New("a follower needs a name, a source, a store and a handler")
	}
	if cfg.Everywhere && cfg.Tries > 0 {
		return nil, errors.New("what every replica keeps in memory is not set aside")
	}
	if cfg.Batch <= 0 {
		cfg.Batch = 256
	}
	if cfg.Reread <= 0 {
		cfg.Reread = 1000
	}
	if cfg.Wait <= 0 {
		cfg.Wait = 20 * time.Second
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	cfg.Logger = cfg.Logger.With(zap.String("consumer", cfg.Name))
	position, err := cfg.Store.Cursor(ctx, cfg.Name)
	if err != nil {
		return nil, fmt.Errorf("read the cursor of %s: %w", cfg.Name, err)
	}
	f := &Follower{cfg: cfg, batch: cfg.Batch, stored: position, read: cfg.Clock.Now()}
	if f.metrics, err = newMetrics(cfg.Metrics, cfg.Name, f.lag, f.behind); err != nil {
		return nil, err
	}
	f.moved(position)
	return f, f.readAside(ctx)
}

// Position is the last position whose effects, if it has any, are committed.
func (f *Follower) Position() int64 { return f.position.Get() }

// Await returns as soon as everything up to a position is committed, and lets nothing up to there wait for more.
func (f *Follower) Await(ctx context.Context, position int64) error {
	f.wanted.Raise(position)
	return f.position.Await(ctx, position-1)
}

// Reached returns as soon as everything up to a position is committed, and hurries nobody.
func (f *Follower) Reached(ctx context.Context, position int64) error {
	return f.position.Await(ctx, position-1)
}

// Run follows until the context ends, and then returns nil. It never skips an event: what cannot be handled is tried again,
// in ever smaller batches and at ever longer intervals, and stays visible in metrics and log; what is set aside is kept until it is handled.
func (f *Follower) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := f.step(ctx)
		switch {
		case err == nil:
			f.failures = 0
			f.batch = min(2*f.batch, f.cfg.Batch)
		case ctx.Err() != nil:
		default:
			f.failures++
			f.batch = max(1, f.batch/2)
			f.metrics.failures.Inc()
			f.cfg.Logger.Warn("cannot follow the feed; trying again", zap.Int64("after", f.Position()),
				zap.Int("failures", f.failures), zap.Int("batch", f.batch), zap.Error(err))
			backOff(ctx, f.failures)
			f.catchUp(ctx)
		}
	}
	return nil
}

const (
	firstBackOff = 20 * time.Millisecond
	lastBackOff  = 5 * time.Second
)

// backOff waits before another try. Nothing tells when a failure is over, so this is a matter of time.
func backOff(ctx context.Context, failures int) {
	wait := time.NewTimer(min(firstBackOff<<min(failures-1, 10), lastBackOff))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}

// step reads and handles one batch.
func (f *Follower) step(ctx context.Context) error {
	if err := f.takeUp(ctx); err != nil {
		return err
	}
	after := f.Position()
	events, err := f.cfg.Source.Read(ctx, after, f.batch, f.patience())
	if err != nil {
		f.waits(f.read)
		return fmt.Errorf("read the feed: %w", err)
	}
	f.read = f.cfg.Clock.Now()
	if len(events) == 0 {
		f.waiting.Store(0)
		f.catchUp(ctx) // another replica may have had something to do
		return nil
	}
	f.waiting.Store(events[0].Time.UnixMicro())
	if events, err = f.gathered(ctx, after, events); err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	if events, err = f.gapless(after, events); err != nil {
		return err
	}
	events = f.oneSort(after, events)
	tracing, traced := f.trace(ctx, events)
	err = f.apply(tracing, after, events)
	traced(err)
	return err
}

// waits notes since when something waits, unless something has been waiting for longer.
func (f *Follower) waits(since time.Time) { f.waiting.CompareAndSwap(0, since.UnixMicro()) }

// lag is asked when somebody looks: a follower that is stuck would not report that it is.
func (f *Follower) lag() float64 {
	since := f.waiting.Load()
	if since == 0 {
		return 0
	}
	return max(0, f.cfg.Clock.Now().Sub(time.UnixMicro(since)).Seconds())
}

// headed is a source that remembers how far the feed goes, as far as it was told.
type headed interface{ Head() int64 }

func (f *Follower) behind() float64 {
	source, ok := f.cfg.Source.(headed)
	if !ok {
		return 0
	}
	return float64(max(0, source.Head()-f.Position()))
}

// gathered returns some events with those that came while they waited.
func (f *Follower) gathered(ctx context.Context, after int64, events []change.FeedEvent) ([]change.FeedEvent, error) {
	if f.cfg.Gather <= 0 || len(events) >= f.batch {
		return events, nil
	}
	waiting, cancel := context.WithTimeout(ctx, f.cfg.Gather)
	defer cancel()
	if err := f.wanted.Await(waiting, after); err == nil && f.wanted.Get() <= events[len(events)-1].Position {
		return events, nil // nothing that somebody awaits is missing
	}
	more, err := f.cfg.Source.Read(ctx, after, f.batch, 0)
	if err == nil && len(more) < len(events) {
		return events, nil
	}
	return more, err
}

// gapless cuts a batch before the first position that is not the next one. What is missing is read again, never skipped.
func (f *Follower) gapless(after int64, events []change.FeedEvent) ([]change.FeedEvent, error) {
	for i, e := range events {
		want := after + int64(i) + 1
		if e.Position == want {
			continue
		}
		f.metrics.gaps.Inc()
		f.cfg.Logger.Error("the feed has a gap", zap.Int64("want", want), zap.Int64("got", e.Position))
		if i == 0 {
			return nil, fmt.Errorf("position %d is missing, got %d", want, e.Position)
		}
		return events[:i], nil
	}
	return events, nil
}

// oneSort cuts a batch of which another replica has committed a part: what was committed is not committed again.
func (f *Follower) oneSort(after int64, events []change.FeedEvent) []change.FeedEvent {
	if committed := f.stored - after; committed > 0 && committed < int64(len(events)) {
		return events[:committed]
	}
	return events
}

// apply decides and commits until it succeeds or fails for another reason than a race.
func (f *Follower) apply(ctx context.Context, after int64, events []change.FeedEvent) error {
	to := events[len(events)-1].Position
	var err error
	for range change.Attempts {
		start := time.Now()
		good, behind := f.sorted(events)
		var decided *change.Change
		if len(good) > 0 {
			if decided, err = f.cfg.Handle(ctx, good); err != nil {
				return f.failed(ctx, events, fmt.Errorf("handle positions %d to %d: %w", after+1, to, err))
			}
		}
		if to <= f.stored {
			f.handled(len(events), to) // another replica committed it
			return nil
		}
		if causesNothing(decided) && len(behind) == 0 && to-f.stored < int64(f.cfg.Reread) {
			f.handled(len(events), to)
			return nil
		}
		if err = f.cfg.Store.Commit(ctx, f.withCursor(f.withAside(decided, behind), start, to)); err == nil {
			f.stored = to
			f.handled(len(events), to)
			f.metrics.aside.Add(float64(len(behind)))
			return nil
		}
		if !errors.Is(err, change.ErrConflict) && !errors.Is(err, change.ErrStale) {
			break
		}
		before := f.stored
		if f.catchUp(ctx); f.stored > before {
			return nil // what is left is read again
		}
	}
	return f.failed(ctx, events, fmt.Errorf("commit the effects of positions %d to %d: %w", after+1, to, err))
}

func causesNothing(c *change.Change) bool {
	return c == nil || len(c.Statements) == 0 && len(c.Events) == 0 && len(c.Due) == 0 && c.Request == nil && len(c.Cursors) == 0
}

func (f *Follower) handled(events int, to int64) {
	f.waiting.Store(0)
	if f.cfg.Handled != nil {
		f.cfg.Handled()
	}
	f.metrics.handled.Add(float64(events))
	f.moved(to)
}

// catchUp takes over the stored position: the same consumer in another replica may have been faster, and then nothing that
// failed here needs to be tried again.
func (f *Follower) catchUp(ctx context.Context) {
	position, err := f.cfg.Store.Cursor(ctx, f.cfg.Name)
	if err != nil {
		return // the next step meets the same trouble and reports it
	}
	if err := f.readAside(ctx); err != nil {
		return
	}
	f.stored = max(f.stored, position)
	if !f.cfg.Everywhere {
		f.moved(position)
	}
}

// withCursor adds the bookmark to a copy of what was decided: the handler keeps its own.
func (f *Follower) withCursor(decided *change.Change, start time.Time, to int64) *change.Change {
	var c change.Change
	if decided != nil {
		c = *decided
	}
	if c.Decided.IsZero() {
		c.Decided = start
	}
	c.Cursors = append(slices.Clip(c.Cursors), change.CursorMove{Consumer: f.cfg.Name, From: f.stored, To: to})
	return &c
}

func (f *Follower) moved(position int64) {
	f.position.Raise(position)
	f.metrics.position.Set(float64(position))
}
