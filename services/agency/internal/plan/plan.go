package plan

import (
	"fmt"
	"slices"
)

// Node is an approval item as the scheduler sees it.
type Node struct {
	Code      string   // unique in the project
	After     []string // codes whose decision must exist before this one can start
	Needs     []string // codes whose decision must exist before this one can be decided; reviewed beside them meanwhile
	Promised  int      // workdays
	Statutory int      // workdays
	Started   bool     // accepted
	Start     int      // when it was, in workdays from the origin
	Finished  bool     // decided
	Finish    int      // when it was
	Paused    int      // workdays its clock has stood still so far
}

// Bar is an item's place in the plan.
type Bar struct {
	Code            string
	Start           int // earliest, or when it was accepted
	Finish          int // earliest, or when it was decided
	Due             int // when it is to be decided, given its start
	LatestStart     int
	LatestFinish    int
	Slack           int // workdays its finish can move without moving the plan's
	StatutoryStart  int
	StatutoryFinish int
	Critical        bool
	Late            bool
}

// Plan is a schedule of all items.
type Plan struct {
	Items     []Bar    // each after all it waits for; of those that could come next, the smallest code first
	Finish    int      // when the last item is decided
	Statutory int      // when it would be if each item took its statutory time from day 0 on
	Saved     int      // Statutory less Finish
	Critical  []string // codes of the items that decide the finish, in the order of Items
}

// Schedule plans the items as of a workday. It refuses items that wait for each other in a circle with ErrCycle.
func Schedule(nodes []Node, now int) (Plan, error) {
	g := newGraph(nodes)
	for i := 1; i < len(g.items); i++ {
		if code := g.items[i].Code; code == g.items[i-1].Code {
			return Plan{}, fmt.Errorf("plan: two items have the code %q", code)
		}
	}
	if !g.sort() {
		return Plan{}, cyclic(g.cycle())
	}
	g.forward(now)
	p := Plan{Items: make([]Bar, 0, len(nodes))}
	if len(nodes) > 0 {
		p.Finish, p.Statutory = g.last()
	}
	p.Saved = p.Statutory - p.Finish
	g.backward(p.Finish)
	g.explain(p.Finish)
	for _, i := range g.order {
		b := g.items[i].bar
		p.Items = append(p.Items, b)
		if b.Critical {
			p.Critical = append(p.Critical, b.Code)
		}
	}
	return p, nil
}

// forward finds when each item starts and finishes, and when it would under the law.
func (g *graph) forward(now int) {
	for _, i := range g.order {
		n := &g.items[i]
		b := &n.bar
		b.Code = n.Code
		b.StatutoryStart, b.Start = 0, now
		for _, j := range n.after {
			before := &g.items[j].bar
			b.StatutoryStart, b.Start = max(b.StatutoryStart, before.StatutoryFinish), max(b.Start, before.Finish)
		}
		switch {
		case n.Started:
			b.Start = n.Start
		case n.Finished:
			b.Start = n.Finish
		}
		b.StatutoryFinish, b.Due = b.StatutoryStart+n.Statutory, n.ownDue()
		for _, j := range n.needs {
			beside := &g.items[j].bar
			b.StatutoryFinish, b.Due = max(b.StatutoryFinish, beside.StatutoryFinish), max(b.Due, beside.Finish)
		}
		switch {
		case n.Finished:
			b.Finish = n.Finish
		case n.Started:
			b.Finish = max(now, b.Due)
		default:
			b.Finish = b.Due
		}
		b.Late = b.Finish > b.Due
	}
}

// last tells when the last item is decided, and when it would be under the law.
func (g *graph) last() (finish, statutory int) {
	finish = g.items[0].bar.Finish
	for i := range g.items {
		finish, statutory = max(finish, g.items[i].bar.Finish), max(statutory, g.items[i].bar.StatutoryFinish)
	}
	return finish, statutory
}

// backward finds how late each item may be for the plan to finish when it does.
func (g *graph) backward(finish int) {
	for i := range g.items {
		g.items[i].bar.LatestFinish = finish
	}
	for _, i := range slices.Backward(g.order) {
		n := &g.items[i]
		b := &n.bar
		b.LatestStart = b.Start
		if n.Finished {
			b.LatestFinish = b.Finish
			continue
		}
		b.Slack = b.LatestFinish - b.Finish
		for _, j := range n.needs {
			beside := &g.items[j].bar
			beside.LatestFinish = min(beside.LatestFinish, b.LatestFinish)
		}
		if n.Started {
			continue
		}
		b.LatestStart = b.LatestFinish - n.Promised - n.Paused
		for _, j := range n.after {
			before := &g.items[j].bar
			before.LatestFinish = min(before.LatestFinish, b.LatestStart)
		}
	}
}

// explain marks the critical items.
func (g *graph) explain(finish int) {
	for _, i := range slices.Backward(g.order) {
		n := &g.items[i]
		n.bar.Critical = n.bar.Critical || n.bar.Finish == finish
		if !n.bar.Critical {
			continue
		}
		needed := false
		for _, j := range n.needs {
			if beside := &g.items[j]; beside.bar.Finish == n.bar.Finish && (beside.Finished || !n.Finished) {
				beside.bar.Critical, needed = true, true
			}
		}
		if !needed || n.bar.Finish <= n.ownDue() {
			g.explainStart(n)
		}
	}
}

// explainStart marks those that an item had to wait for last before it could start.
func (g *graph) explainStart(n *item) {
	begun := n.Started || n.Finished
	var last []int
	for _, j := range n.after {
		before := &g.items[j]
		switch {
		case begun && !(before.Finished && before.Finish <= n.bar.Start): // it did not wait for this one
		case len(last) == 0 || before.bar.Finish > g.items[last[0]].bar.Finish:
			last = append(last[:0], j)
		case before.bar.Finish == g.items[last[0]].bar.Finish:
			last = append(last, j)
		}
	}
	for _, j := range last {
		g.items[j].bar.Critical = true
	}
}
