package recompute_test

import (
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/hotline/recompute"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

const mergedHistories = 4_000

// TestMergedHistories: what a ticket owes after another went into it is what the histories of the two together come to.
func TestMergedHistories(t *testing.T) {
	n := uint64(mergedHistories)
	if testing.Short() || kittest.Race {
		n /= 10
	}
	inForce := city(t)
	merged, shortened, stood := 0, 0, 0
	for seed := range n {
		s := &stage{T: t, Rand: rand.New(rand.NewPCG(seed, 4048)), city: inForce}
		into, from := *s, *s
		into.now = s.anyTime()
		ids := [2]string{"01900000-0000-7000-8000-0000000000aa", "01900000-0000-7000-8000-0000000000bb"}
		policies := [2]recompute.Policy{into.file(ids[0])}
		wander(&into, into.IntN(8))
		from.now = into.now.Add(1000)
		policies[1] = from.file(ids[1])
		wander(&from, from.IntN(8))
		if from.now.Before(into.now) {
			from.now = into.now
		}
		into.now = from.now
		before := len(into.events)
		own, theirs, err := from.ticket.Merge(from.context(desk), into.ticket, "m", false)
		from.take(own, err)
		into.take(theirs, err)
		if len(theirs) > 0 {
			merged++
			for _, c := range into.events[before:] {
				for _, clock := range c.Clocks {
					if k := len(clock.Turns); k > 0 && !clock.Turns[k-1].NotAfter.IsZero() {
						shortened++
						if clock.Remaining > 0 {
							stood++
						}
					}
				}
			}
		}
		wander(&into, into.IntN(8))
		if into.now.After(pt.At("2027-11-01 00:00")) {
			continue
		}
		from.now = into.now
		from.take(from.ticket.Settle(from.context(ticket.Clockwork)))
		got, err := recompute.All([]recompute.History{{Ticket: ids[1], Events: from.export(), Policy: policies[1]},
			{Ticket: ids[0], Events: into.export(), Policy: policies[0]}}, into.now)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range []*stage{&from, &into} {
			if diff := gocmp.Diff(sorted(got[i]), sorted(decidedBy(s.ticket))); diff != "" {
				t.Fatalf("seed %d, ticket %d, as of %s (- recomputed, + decided):\n%s\n%s\n%s", seed, i, s.now, diff, from.export(), into.export())
			}
		}
	}
	if merged < int(n)/10 || shortened < int(n)/50 || stood < int(n)/1000 {
		t.Errorf("of %d, %d were merged, %d clocks shortened, %d of them standing still", n, merged, shortened, stood)
	}
	t.Logf("%d merged, %d clocks shortened, %d of them standing still", merged, shortened, stood)
}

// wander lets a ticket go some random steps.
func wander(s *stage, steps int) {
	for range steps {
		s.step()
		s.act()
		if s.IntN(3) == 0 {
			s.detour()
		}
	}
	s.take(s.ticket.Settle(s.context(ticket.Clockwork)))
}
