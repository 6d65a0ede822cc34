package plan

import (
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrCycle refuses items that wait for each other. Its reason is declared in the contract.
var ErrCycle = fault.New(fault.Invalid, "PREREQUISITES_CYCLIC",
	"审批事项的前置关系互相循环，无法排出计划，请修改事项目录中的前置事项。",
	"Approval items wait for each other in a circle, so that none can ever be decided. Remove one of these prerequisites from the catalogue.")

// cyclic names the circle.
func cyclic(codes []string) error {
	circle := strings.Join(codes, " → ") + " → " + codes[0]
	return ErrCycle.With("cycle", strings.Join(codes, ",")).
		Field("prerequisites", "prerequisites.cycle", "每项都在等待下一项："+circle, "each waits for the next: "+circle)
}

// Cycle returns the codes of items that wait for each other, each for the next and the last for the first, beginning with the smallest;
// nil when there are none. Where there are several circles it is always the same one.
func Cycle(nodes []Node) []string {
	g := newGraph(nodes)
	if g.sort() {
		return nil
	}
	return g.cycle()
}

// item is a node among its neighbours. Neighbours are places in graph.items: no name is looked up twice.
type item struct {
	*Node
	after, needs []int
	followers    []int // who has this one in after or needs
	waits        int   // for so many that are not in order yet
	bar          Bar
}

// ownDue is when the item would be due if it needed nobody else's decision.
func (n *item) ownDue() int { return n.bar.Start + n.Promised + n.Paused }

// graph is the items by code, and the order in which they can be planned.
type graph struct {
	items []item
	order []int
}

func newGraph(nodes []Node) *graph {
	byCode := make([]*Node, len(nodes))
	for i := range nodes {
		byCode[i] = &nodes[i]
	}
	slices.SortFunc(byCode, func(a, b *Node) int { return strings.Compare(a.Code, b.Code) })
	places := make(map[string]int, len(nodes))
	g := &graph{items: make([]item, len(nodes)), order: make([]int, 0, len(nodes))}
	for i, n := range byCode {
		places[n.Code] = i
		g.items[i].Node = n
	}
	var known []int // the neighbours of all, one after the other
	link := func(from int, codes []string) []int {
		first := len(known)
		for _, code := range codes {
			if to, ok := places[code]; ok {
				known = append(known, to)
				g.items[to].followers = append(g.items[to].followers, from)
			}
		}
		return known[first:]
	}
	for i := range g.items {
		n := &g.items[i]
		n.after, n.needs = link(i, n.After), link(i, n.Needs)
		n.waits = len(n.after) + len(n.needs)
	}
	return g
}

// sort puts the items in order, always taking the smallest code of those that wait for nobody who is not in order. It tells whether all
// could be: what it leaves out waits in a circle, or for somebody who does.
func (g *graph) sort() bool {
	ready := make([]int, 0, len(g.items)) // ascending
	for i := range g.items {
		if g.items[i].waits == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		g.order = append(g.order, i)
		for _, j := range g.items[i].followers {
			if g.items[j].waits--; g.items[j].waits == 0 {
				at, _ := slices.BinarySearch(ready, j)
				ready = slices.Insert(ready, at, j)
			}
		}
	}
	return len(g.order) == len(g.items)
}

// cycle finds a circle among the items that sort left out. Each of them waits for another one of them, so whoever goes from one to what it
// waits for comes round.
func (g *graph) cycle() []string {
	leftOut := func(i int) bool { return g.items[i].waits > 0 }
	at := 0
	for !leftOut(at) {
		at++
	}
	var way []int
	for !slices.Contains(way, at) {
		way = append(way, at)
		n := &g.items[at]
		next := len(g.items)
		for _, j := range slices.Concat(n.after, n.needs) {
			if leftOut(j) {
				next = min(next, j)
			}
		}
		at = next
	}
	circle := way[slices.Index(way, at):]
	first := slices.Index(circle, slices.Min(circle))
	codes := make([]string, 0, len(circle))
	for _, i := range slices.Concat(circle[first:], circle[:first]) {
		codes = append(codes, g.items[i].Code)
	}
	return codes
}
