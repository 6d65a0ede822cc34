package run_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// order notes who stopped when.
type order struct {
	mu    sync.Mutex
	names []string
}

func (o *order) note(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names = append(o.names, name)
}

// until is a component that works until it is told to stop.
func (o *order) until(name string, started *sync.WaitGroup) func(context.Context) error {
	started.Add(1)
	return func(ctx context.Context) error {
		started.Done()
		<-ctx.Done()
		o.note(name)
		return ctx.Err()
	}
}

func TestStopsFromTheLastToTheFirst(t *testing.T) {
	var o order
	var started sync.WaitGroup
	g := run.New(zap.NewNop(), 0).Add("store", o.until("store", &started)).Add("sweeper", o.until("sweeper", &started)).Add("server", o.until("server", &started))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { started.Wait(); cancel() }()
	if err := g.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if want := []string{"server", "sweeper", "store"}; !slices.Equal(o.names, want) {
		t.Errorf("stopped %v", o.names)
	}
}

func TestTheFirstToFailEndsAllAndIsNamed(t *testing.T) {
	var o order
	var started sync.WaitGroup
	disk := errors.New("disk full")
	g := run.New(zap.NewNop(), 0).Add("store", o.until("store", &started))
	g.Add("sweeper", func(context.Context) error { started.Wait(); return disk })
	err := g.Run(t.Context())
	if !errors.Is(err, disk) || !strings.HasPrefix(err.Error(), "sweeper: ") {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(o.names, []string{"store"}) {
		t.Errorf("stopped %v", o.names)
	}
}

func TestOneThatEndsByItselfEndsAllWithoutAnError(t *testing.T) {
	var o order
	var started sync.WaitGroup
	g := run.New(zap.NewNop(), 0).Add("store", o.until("store", &started)).Add("job", func(context.Context) error { started.Wait(); return nil })
	if err := g.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAFailureWhileStoppingIsReported(t *testing.T) {
	flush := errors.New("flush failed")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := run.New(zap.NewNop(), 0).Add("log", func(ctx context.Context) error { <-ctx.Done(); return flush }).Run(ctx)
	if !errors.Is(err, flush) {
		t.Errorf("got %v", err)
	}
}

func TestOneThatDoesNotStopIsNamed(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	left := make(chan struct{})
	g := run.New(zap.NewNop(), 10*time.Millisecond).
		Add("deaf", func(context.Context) error { <-release; close(left); return nil }).
		Add("server", func(ctx context.Context) error { <-ctx.Done(); return nil })
	err := g.Run(ctx)
	if !errors.Is(err, run.ErrStuck) || !strings.HasPrefix(err.Error(), "deaf: ") {
		t.Errorf("got %v", err)
	}
	close(release)
	<-left
}

func TestNothingToRun(t *testing.T) {
	if err := run.New(zap.NewNop(), 0).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSignalsEndTheContext(t *testing.T) {
	ctx, cancel := run.Signals(t.Context())
	defer cancel()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}
