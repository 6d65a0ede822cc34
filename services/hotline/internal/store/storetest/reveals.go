package storetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// reveals: as many as may be are counted, each once, however many come at once; another person, day or city has its own.
func (f *fixture) reveals(t *testing.T) {
	const most, callers = 5, 32
	count := func(person, day string) error {
		return f.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.CountReveal(policytest.Code, person, day, most)}})
	}
	var all sync.WaitGroup
	counted := make(chan error, callers)
	for range callers {
		all.Go(func() { counted <- count("a", "2026-03-02") })
	}
	all.Wait()
	close(counted)
	done := 0
	for err := range counted {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, change.ErrConflict):
			t.Error(err)
		}
	}
	if done != most {
		t.Errorf("%d of %d were counted, want %d", done, callers, most)
	}
	for _, err := range []error{count("a", "2026-03-03"), count("b", "2026-03-02")} {
		if err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		city, person, day string
		want              int
	}{{policytest.Code, "a", "2026-03-02", most}, {policytest.Code, "a", "2026-03-03", 1}, {policytest.Code, "b", "2026-03-02", 1}, {"410700", "a", "2026-03-02", 0}} {
		if n, err := f.store.Reveals(t.Context(), c.city, c.person, c.day); err != nil || n != c.want {
			t.Errorf("%+v: %d, %v", c, n, err)
		}
	}
}
