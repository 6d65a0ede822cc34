package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What one process bears.
const (
	// Window is how many positions somebody may be behind and go on without reading everything anew.
	Window = 8192
	// MaxNotes is how many names are kept for a watcher who does not read.
	MaxNotes = 1000
	// MaxWatchers is how many may look at once, MaxByPerson how many of them may be one person: tabs, phones, scripts.
	MaxWatchers = 10_000
	MaxByPerson = 20

	batch     = 256
	readBatch = 1000
	waitNews  = 20 * time.Second
	// BoardEvery is the shortest time between two invitations to read the board.
	BoardEvery = 250 * time.Millisecond
	// ProgressEvery is how often a watcher whom nothing concerns is told that the feed went on.
	ProgressEvery = 15 * time.Second
	// checkEvery is how often sign-ins are looked at while nothing is sent.
	checkEvery = time.Second
)

var (
	errExhausted = fault.New(fault.Exhausted, "WATCHES_EXHAUSTED",
		"您打开的实时页面过多，请关闭其他页面后重试。",
		"You have too many live pages open. Close some of them and try again.")
	errOverloaded = fault.New(fault.Unavailable, "OVERLOADED",
		"系统正忙，请稍候几秒重试。", "The system is busy. Try again in a few seconds.").RetryIn(5 * time.Second)
)

// Config is what a hub works with.
type Config struct {
	Feed Feed
	// Steps makes a step of every event, in their order. It may be asked for the same events again.
	Steps func(context.Context, []change.FeedEvent) ([]Step, error)
	// Folded returns once the service's board holds everything up to a position; nil where there is no board to look at.
	Folded func(ctx context.Context, position int64) error
	// SignedIn returns the fault of a token that is not good any more.
	SignedIn func(ctx context.Context, token string) error
	City     clock.Clock // of event times
	Wall     clock.Clock // of tokens and intervals
	Log      *zap.Logger
	Metrics  prometheus.Registerer // nil registers nowhere
}

// Hub tells watchers what changed. It is safe for concurrent use; it needs Run.
type Hub struct {
	Config
	metrics *metrics
	gate    chan struct{} // held by who comes to watch, so that what they need of the past is read once
	wanted  chan struct{} // holds a token when somebody has come
	stirred chan struct{} // holds a token when a board may have changed

	mu       sync.Mutex
	position int64  // everything up to here is noted
	ring     []Step // the last steps, without a gap, the last of them at position
	watchers map[*Watcher]struct{}
	ways     map[place]map[*Watcher]struct{}
	persons  map[person]int
	boards   map[string]map[*Watcher]struct{} // who looks at a city's board
	changed  map[string]int64                 // up to where a city's board has changed and nobody was told
}

type place struct {
	city string
	way  Way
}

type person struct{ city, id string }

// New makes a hub.
func New(c Config) (*Hub, error) {
	if c.Feed == nil || c.Steps == nil || c.SignedIn == nil || c.City == nil || c.Wall == nil || c.Log == nil {
		return nil, errors.New("live: something that a hub works with is missing")
	}
	h := &Hub{Config: c, gate: make(chan struct{}, 1), wanted: make(chan struct{}, 1), stirred: make(chan struct{}, 1),
		watchers: map[*Watcher]struct{}{}, ways: map[place]map[*Watcher]struct{}{}, persons: map[person]int{},
		boards: map[string]map[*Watcher]struct{}{}, changed: map[string]int64{}}
	var err error
	h.metrics, err = newMetrics(c.Metrics, func() float64 { return float64(h.Len()) })
	return h, err
}

// Len is how many are watching.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watchers)
}

// Run follows the feed until the context ends, and then returns nil.
func (h *Hub) Run(ctx context.Context) error {
	loops := []func(context.Context) error{h.follow, h.lookAfter}
	if h.Folded != nil {
		loops = append(loops, h.tellBoards)
	}
	var group errgroup.Group
	for _, loop := range loops {
		group.Go(func() error { return h.again(ctx, loop) })
	}
	return group.Wait()
}

// again runs one of the hub's loops until the context ends, whatever happens.
func (h *Hub) again(ctx context.Context, loop func(context.Context) error) error {
	for failures := 0; ctx.Err() == nil; {
		err := loop(ctx)
		if err == nil || ctx.Err() != nil {
			failures = 0
			continue
		}
		failures++
		h.metrics.failures.Inc()
		h.Log.Warn("cannot tell what changes; trying again", zap.Int("failures", failures), zap.Error(err))
		// Nothing tells when a failure is over, so this is a matter of time.
		wait := time.NewTimer(min(firstBackOff<<min(failures-1, 8), lastBackOff))
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
	}
	return nil
}

const (
	firstBackOff = 20 * time.Millisecond
	lastBackOff  = 5 * time.Second
)

// follow reads the next of the feed and notes it, while somebody watches.
func (h *Hub) follow(ctx context.Context) error {
	after, watched := h.standing()
	if !watched {
		select {
		case <-h.wanted:
		case <-ctx.Done():
		}
		return nil
	}
	events, err := h.Feed.Read(ctx, after, batch, waitNews)
	if err != nil {
		return fmt.Errorf("read the feed: %w", err)
	}
	if _, watched = h.standing(); len(events) == 0 || !watched {
		return nil
	}
	steps, err := h.steps(ctx, after, events)
	if err != nil {
		return err
	}
	h.metrics.lag.Set(max(0, h.City.Now().Sub(steps[len(steps)-1].Time).Seconds()))
	h.take(after, steps)
	return nil
}

func (h *Hub) standing() (position int64, watched bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position, len(h.watchers) > 0
}

// steps makes steps of a stretch of the feed that has no gap.
func (h *Hub) steps(ctx context.Context, after int64, events []change.FeedEvent) ([]Step, error) {
	for i := range events {
		if want := after + int64(i) + 1; events[i].Position != want {
			return nil, fmt.Errorf("position %d of the feed is missing, got %d", want, events[i].Position)
		}
	}
	steps, err := h.Steps(ctx, events)
	if err != nil {
		return nil, fmt.Errorf("read what changed: %w", err)
	}
	return steps, nil
}

// take notes steps for all whom they concern. Steps that do not follow the hub's position are of a time when nobody watched.
func (h *Hub) take(after int64, steps []Step) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.position != after {
		return
	}
	for i := range steps {
		h.note(&steps[i])
	}
	h.position = steps[len(steps)-1].Position
	h.ring = append(h.ring, steps...)
	if len(h.ring) > 2*Window {
		h.ring = append(make([]Step, 0, 2*Window), h.ring[len(h.ring)-Window:]...)
	}
	if len(h.changed) > 0 {
		wake(h.stirred)
	}
}

// note offers a step to those on the ways that lead to what changed, or led there before.
func (h *Hub) note(s *Step) {
	if s.Name == "" {
		return
	}
	if len(h.boards[s.City]) > 0 {
		h.changed[s.City] = s.Position
	}
	for _, w := range s.ways() {
		for watcher := range h.ways[place{s.City, w}] {
			watcher.note(s)
		}
	}
}

// tellBoards invites those who look at boards that changed, when the board holds the change, and not again before its time.
func (h *Hub) tellBoards(ctx context.Context) error {
	select {
	case <-h.stirred:
	case <-ctx.Done():
		return nil
	}
	h.mu.Lock()
	cities, upTo := h.changed, int64(0)
	h.changed = map[string]int64{}
	h.mu.Unlock()
	for _, position := range cities {
		upTo = max(upTo, position)
	}
	err := h.Folded(ctx, upTo)
	h.mu.Lock()
	for city, position := range cities {
		if err != nil {
			h.changed[city] = max(h.changed[city], position)
			wake(h.stirred)
			continue
		}
		for w := range h.boards[city] {
			w.board = true
			wake(w.woken)
		}
	}
	h.mu.Unlock()
	if err != nil {
		return err
	}
	return h.Wall.WaitUntil(ctx, h.Wall.Now().Add(BoardEvery))
}

// lookAfter ends the streams whose sign-in is over, and lets the others know from time to time how far the feed is.
func (h *Hub) lookAfter(ctx context.Context) error {
	now := h.Wall.Now()
	for _, w := range h.due(now) {
		if err := h.SignedIn(ctx, w.token); err != nil && fault.From(err).Kind == fault.Unauthenticated {
			w.end(err)
		}
	}
	return h.Wall.WaitUntil(ctx, now.Add(checkEvery))
}

// due are all watchers; those who have heard nothing for a while are woken.
func (h *Hub) due(now time.Time) []*Watcher {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Watcher, 0, len(h.watchers))
	for w := range h.watchers {
		all = append(all, w)
		if h.position > w.told && now.Sub(w.spoken) >= ProgressEvery {
			wake(w.woken)
		}
	}
	return all
}

// wake leaves a token for who waits at a channel of one.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
