package recount_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/recount"
)

// service is who has deadlines.
type service struct {
	mu      sync.Mutex
	todo    []recount.Version
	inForce int64
	passes  []int64 // by which version each counted
	fails   int     // so many passes fail first
}

func (s *service) worker(t *testing.T) *recount.Worker {
	return recount.New(recount.Config{
		Log: zaptest.NewLogger(t),
		Todo: func(context.Context) ([]recount.Version, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]recount.Version(nil), s.todo...), nil
		},
		Begin: func(string) (int64, func(context.Context) error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			version := s.inForce
			return version, func(context.Context) error {
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.fails > 0 {
					s.fails--
					return errors.New("the database is away")
				}
				s.passes = append(s.passes, version)
				return nil
			}
		},
		Done: func(_ context.Context, v recount.Version) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.todo[0] != v {
				t.Errorf("done with %v instead of %v", v, s.todo[0])
			}
			s.todo = nil
			return nil
		},
	})
}

// applied is a new version: written first, in force after.
func (s *service) applied(version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.todo, s.inForce = []recount.Version{{City: "410900", Number: version}}, version
}

func (s *service) state() (passes, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.passes), len(s.todo)
}

// A version is done with when a pass has ended that began after all that was decided before it could be committed; what fails is tried again.
func TestAVersionIsDoneWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{fails: 1}
		w := s.worker(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		synctest.Wait()
		s.applied(2)
		w.Wake(recount.Version{City: "410900", Number: 2})
		synctest.Wait()
		if passes, left := s.state(); passes != 0 || left != 1 {
			t.Errorf("after a failure: %d passes, %d left", passes, left)
		}
		time.Sleep(change.MaxAge + time.Millisecond) // of the bubble's own clock
		synctest.Wait()
		if passes, _ := s.state(); passes == 0 {
			t.Error("it was not tried again")
		}
		time.Sleep(3 * change.MaxAge)
		synctest.Wait()
		if passes, left := s.state(); passes < 2 || left != 0 {
			t.Errorf("at the end: %d passes, %d left", passes, left)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A version that is written and not in force here yet is left to the next pass.
func TestAVersionThatIsNotInForce(t *testing.T) {
	s := &service{todo: []recount.Version{{City: "410900", Number: 2}}, inForce: 1}
	w := s.worker(t)
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if passes, left := s.state(); passes != 0 || left != 1 {
		t.Errorf("%d passes, %d left", passes, left)
	}
	s.applied(2)
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if passes, left := s.state(); passes != 1 || left != 1 { // too early to be done with
		t.Errorf("%d passes, %d left", passes, left)
	}
}

// A replica that hears of a version last counts by it, although another one has done all there was to do until then.
func TestEveryReplicaCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{inForce: 2}
		w := s.worker(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		synctest.Wait()
		w.Wake(recount.Version{City: "410900", Number: 2})
		synctest.Wait()
		time.Sleep(time.Minute) // of the bubble's own clock
		enough, _ := s.state()
		if enough < 2 {
			t.Errorf("%d passes, want one at once and one when nothing older can be committed", enough)
		}
		time.Sleep(time.Minute)
		if passes, _ := s.state(); passes != enough {
			t.Errorf("%d passes, then %d: it does not end", enough, passes)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
