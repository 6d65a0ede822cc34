package process

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/observe"
)

// Wait is something that must be there before a process can do its work.
type Wait struct {
	For string // as operators read it
	// Until returns nil when it is there. When it fails it is called again.
	Until func(context.Context) error
}

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
	sayAgain   = 15 * time.Second
)

// waits is what a process waits for.
type waits struct {
	wall      clock.Clock
	log       *zap.Logger
	readiness observe.Readiness
}

func newWaits(wall clock.Clock, log *zap.Logger) *waits { return &waits{wall: wall, log: log} }

var errNotYet = errors.New("not yet")

// waiting is how one wait stands.
type waiting struct {
	mu  sync.Mutex
	err error // nil when it is over
}

func (w *waiting) set(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

func (w *waiting) get() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// add lets readiness know of a wait before it begins.
func (w *waits) add(what string) *waiting {
	one := &waiting{err: errNotYet}
	w.readiness.Add(what, func(context.Context) error { return one.get() })
	return one
}

// until waits for one thing.
func (w *waits) until(ctx context.Context, one *waiting, wait Wait) error {
	var said time.Time
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := wait.Until(ctx)
		if err == nil {
			one.set(nil)
			if !said.IsZero() {
				w.log.Info("there it is", zap.String("waited_for", wait.For))
			}
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		one.set(err)
		if now := w.wall.Now(); now.Sub(said) >= sayAgain {
			said = now
			w.log.Info("waiting", zap.String("for", wait.For), zap.Error(err))
			tell("STATUS=waiting for " + wait.For)
		}
		if err := w.wall.WaitUntil(ctx, w.wall.Now().Add(pause)); err != nil {
			return err
		}
	}
}

// Await waits for something without which there is nothing to serve with.
func (p *Process) Await(ctx context.Context, wait Wait) error {
	return p.waits.until(ctx, p.waits.add(wait.For), wait)
}
