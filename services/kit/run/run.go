// Package run is the life of a process: named components that start together and stop in the reverse order of their adding,
// each only after those that were added later, and so may still use it, have returned. The first component to return ends
// all. It depends on zap.
package run

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// DefaultGrace is how long all components together may take to stop.
const DefaultGrace = 20 * time.Second

// ErrStuck is returned when components did not stop in time.
var ErrStuck = errors.New("did not stop in time")

// Group is the components of a process. It runs once.
type Group struct {
	log        *zap.Logger
	grace      time.Duration
	components []*component
}

type component struct {
	name string
	run  func(context.Context) error
	done chan struct{} // closed when run has returned
}

// New makes an empty group; grace bounds the stopping of all of it, DefaultGrace when zero.
func New(log *zap.Logger, grace time.Duration) *Group {
	if grace <= 0 {
		grace = DefaultGrace
	}
	return &Group{log: log, grace: grace}
}

// Add adds a component. It runs until its context ends; then it finishes what it has begun and returns. What it returns of
// that context's own error is no failure.
func (g *Group) Add(name string, run func(context.Context) error) *Group {
	g.components = append(g.components, &component{name: name, run: run, done: make(chan struct{})})
	return g
}

// Signals is a context that ends with SIGINT or SIGTERM. After the first signal the next one has its usual effect: a
// second ^C ends the process at once.
func Signals(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, cancel)
	return ctx, cancel
}

// Run starts every component and returns when all have stopped, or when the grace is over. The error is that of the first
// component to fail, under its name; a component that simply ends, ends the others too, without an error.
func (g *Group) Run(ctx context.Context) error {
	if len(g.components) == 0 {
		return nil
	}
	var group errgroup.Group
	ended := make(chan struct{}, len(g.components))
	cancels := make([]context.CancelFunc, len(g.components))
	for i, c := range g.components {
		// Each has a context of its own, so that the order of stopping is ours. Values come from ctx, its end does not.
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		cancels[i] = cancel
		group.Go(func() error {
			defer func() { close(c.done); ended <- struct{}{} }()
			if err := c.run(own); err != nil && !(own.Err() != nil && errors.Is(err, own.Err())) {
				g.log.Error("component failed", zap.String("component", c.name), zap.Error(err))
				return fmt.Errorf("%s: %w", c.name, err)
			}
			return nil
		})
	}
	select {
	case <-ctx.Done():
		g.log.Info("stopping", zap.NamedError("because", context.Cause(ctx)))
	case <-ended:
		g.log.Info("stopping because a component ended")
	}
	if stuck := g.stop(cancels); len(stuck) > 0 {
		return fmt.Errorf("%s: %w", strings.Join(stuck, ", "), ErrStuck)
	}
	return group.Wait()
}

// stop ends the components from the last to the first and names those that outlived the grace.
func (g *Group) stop(cancels []context.CancelFunc) (stuck []string) {
	limit := time.NewTimer(g.grace)
	defer limit.Stop()
	over := false
	for i := len(g.components) - 1; i >= 0; i-- {
		cancels[i]()
		if over {
			continue
		}
		select {
		case <-g.components[i].done:
		case <-limit.C:
			over = true
		}
	}
	if !over {
		return nil
	}
	for _, c := range g.components {
		select {
		case <-c.done:
		default:
			stuck = append(stuck, c.name)
		}
	}
	return stuck
}
