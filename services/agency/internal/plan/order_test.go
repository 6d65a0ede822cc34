package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/agency/internal/plan"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// shuffled is the same items said in another way: in another order, prerequisites too, some of them twice and some that nobody knows.
func shuffled(t *rapid.T, nodes []plan.Node) []plan.Node {
	out := rapid.Permutation(nodes).Draw(t, "order")
	for i := range out {
		for _, waits := range []*[]string{&out[i].After, &out[i].Needs} {
			more := slices.Concat(*waits, (*waits)[:len(*waits)/2], []string{fmt.Sprintf("unknown %d", i%3)})
			*waits = rapid.Permutation(more).Draw(t, "prerequisites")
		}
	}
	return out
}

func copied(nodes []plan.Node) []plan.Node {
	out := slices.Clone(nodes)
	for i := range out {
		out[i].After, out[i].Needs = slices.Clone(out[i].After), slices.Clone(out[i].Needs)
	}
	return out
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		given := copied(p.nodes)
		first, _ := p.schedule(t)
		if diff := cmp.Diff(given, p.nodes); diff != "" {
			t.Fatalf("planning changed the items: %s", diff)
		}
		p.nodes = shuffled(t, p.nodes)
		again, err := plan.Schedule(p.nodes, p.now)
		if diff := cmp.Diff(first, again); err != nil || diff != "" {
			t.Fatalf("another plan, %v: %s", err, diff)
		}
	})
}

// Every item comes after all it waits for, and no smaller code could have come in its place.
func TestItemsAreInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		got, _ := p.schedule(t)
		placed := map[string]bool{}
		can := func(i int) bool {
			in := func(j int) bool { return placed[p.nodes[j].Code] }
			return !placed[p.nodes[i].Code] && every(p.after[i], in) && every(p.needs[i], in)
		}
		for place, b := range got.Items {
			smallest := ""
			for i, n := range p.nodes {
				if (smallest == "" || n.Code < smallest) && can(i) {
					smallest = n.Code
				}
			}
			if b.Code != smallest {
				t.Fatalf("in place %d comes %s, it could be %s", place, b.Code, smallest)
			}
			placed[b.Code] = true
		}
	})
}

// A ring of any length laid into any project is found, or another one that it closes, and it is the same one however the items are said.
func TestCyclesAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		if got := plan.Cycle(p.nodes); got != nil {
			t.Fatalf("%v is said to be a circle where there is none", got)
		}
		if len(p.nodes) == 0 {
			return
		}
		ring := rapid.Permutation(p.nodes).Draw(t, "ring")[:rapid.IntRange(1, len(p.nodes)).Draw(t, "length")]
		waits := map[string][]string{}
		for i := range p.nodes {
			n := &p.nodes[i]
			if at := slices.IndexFunc(ring, func(r plan.Node) bool { return r.Code == n.Code }); at >= 0 {
				kind := rapid.SampledFrom([]*[]string{&n.After, &n.Needs}).Draw(t, "kind")
				*kind = append(*kind, ring[(at+1)%len(ring)].Code)
			}
			waits[n.Code] = slices.Concat(n.After, n.Needs)
		}
		got := plan.Cycle(p.nodes)
		if len(got) == 0 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) || got[0] != slices.Min(got) {
			t.Fatalf("no circle is %v", got)
		}
		for i, code := range got {
			if next := got[(i+1)%len(got)]; !slices.Contains(waits[code], next) {
				t.Fatalf("in %v, %s does not wait for %s", got, code, next)
			}
		}
		if again := plan.Cycle(shuffled(t, p.nodes)); !slices.Equal(again, got) {
			t.Fatalf("%v, then %v", got, again)
		}
		_, err := plan.Schedule(p.nodes, p.now)
		if !errors.Is(err, plan.ErrCycle) || fault.From(err).Metadata["cycle"] != strings.Join(got, ",") {
			t.Fatalf("%v is refused with %v", got, err)
		}
	})
}
