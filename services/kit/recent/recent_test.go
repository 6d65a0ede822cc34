package recent_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/recent"
)

func TestCache(t *testing.T) {
	c := recent.New[*int](3)
	things := make([]int, 5)
	for i := range things {
		hash := journal.Hash{byte(i + 1)}
		if c.Get(hash) != nil {
			t.Errorf("%d is there before it was kept", i)
		}
		c.Keep(hash, &things[i])
		c.Keep(hash, nil) // what a hash stands for never changes
		if c.Get(hash) != &things[i] {
			t.Errorf("%d is not there", i)
		}
	}
	for i := range things {
		if got := c.Get(journal.Hash{byte(i + 1)}) != nil; got != (i >= 2) {
			t.Errorf("of five, %d is kept: %t", i, got)
		}
	}
	if c.Get(journal.Hash{}) != nil {
		t.Error("no hash stands for something")
	}
}
