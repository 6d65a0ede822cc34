package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/agency/internal/plan"
)

// project is items drawn at random, and what they wait for as places among them.
type project struct {
	nodes        []plan.Node
	after, needs [][]int
	now          int
}

// drawProject draws up to 200 items whose codes say nothing of the order in which they can be planned. Some of the first have begun when
// actuals are asked for, and may contradict what they should have waited for: in a town they do.
func drawProject(t *rapid.T, actuals bool) project {
	most := rapid.SampledFrom([]int{4, 12, 60, 200}).Draw(t, "most items")
	n := most - rapid.IntRange(0, most).Draw(t, "fewer items")
	p := project{nodes: make([]plan.Node, n), after: make([][]int, n), needs: make([][]int, n), now: rapid.IntRange(0, 40).Draw(t, "now")}
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	numbers = rapid.Permutation(numbers).Draw(t, "codes")
	begun := 0
	if actuals {
		begun = rapid.IntRange(0, n).Draw(t, "begun")
	}
	days := rapid.IntRange(0, 15)
	for i := range p.nodes {
		before := rapid.SliceOfN(rapid.IntRange(max(0, i-12), max(0, i-1)), 0, 3)
		if i > 0 {
			p.after[i], p.needs[i] = before.Draw(t, "after"), before.Draw(t, "needs")
		}
		node := plan.Node{Code: fmt.Sprintf("%03d", numbers[i]), Promised: days.Draw(t, "promised"), Statutory: days.Draw(t, "statutory")}
		for _, j := range p.after[i] {
			node.After = append(node.After, p.nodes[j].Code)
		}
		for _, j := range p.needs[i] {
			node.Needs = append(node.Needs, p.nodes[j].Code)
		}
		if i < begun {
			node.Started, node.Finished = rapid.Bool().Draw(t, "started"), rapid.IntRange(0, 2).Draw(t, "decided") == 0
			node.Start = rapid.IntRange(-5, p.now).Draw(t, "start")
			node.Finish = rapid.IntRange(node.Start, p.now).Draw(t, "finish")
			node.Paused = max(0, rapid.IntRange(-4, 4).Draw(t, "paused"))
		}
		p.nodes[i] = node
	}
	return p
}

// schedule plans the project and returns the bars in the order of its items.
func (p project) schedule(t *rapid.T) (plan.Plan, []plan.Bar) {
	out, err := plan.Schedule(p.nodes, p.now)
	if err != nil || len(out.Items) != len(p.nodes) {
		t.Fatalf("%d items of %d, %v", len(out.Items), len(p.nodes), err)
	}
	bars := make([]plan.Bar, len(p.nodes))
	for i, n := range p.nodes {
		bars[i] = out.Items[slices.IndexFunc(out.Items, func(b plan.Bar) bool { return b.Code == n.Code })]
	}
	return out, bars
}

// live lives the project day by day: every morning whatever may start starts, and whatever can be decided is, as often as that lets
// others do so on the same day.
func (p project) live() (start, finish []int) {
	start, finish = make([]int, len(p.nodes)), make([]int, len(p.nodes))
	started, decided := make([]bool, len(p.nodes)), make([]bool, len(p.nodes))
	isDecided := func(i int) bool { return decided[i] }
	open := len(p.nodes)
	for day := -5; open > 0; day++ {
		for moved := true; moved; {
			moved = false
			for i, n := range p.nodes {
				if decided[i] {
					continue
				}
				begins := day >= p.now && every(p.after[i], isDecided)
				if n.Started {
					begins = day == n.Start
				} else if n.Finished {
					begins = day == n.Finish
				}
				if !started[i] && begins {
					start[i], started[i] = day, true
				}
				ends := started[i] && day >= p.now && day >= start[i]+n.Promised+n.Paused && every(p.needs[i], isDecided)
				if n.Finished {
					ends = day == n.Finish
				}
				if ends {
					finish[i], decided[i], moved = day, true, true
					open--
				}
			}
		}
	}
	return start, finish
}

func every(places []int, is func(int) bool) bool {
	return !slices.ContainsFunc(places, func(i int) bool { return !is(i) })
}

// held is an item whose start or finish somebody puts off by so many days; nobody's is item -1.
type held struct{ item, start, finish int }

// ends recounts when the project is through, from the last item back by recursion, with an item held up.
func (p project) ends(h held) int {
	known, finish := make([]bool, len(p.nodes)), make([]int, len(p.nodes))
	var of func(i int) int
	of = func(i int) int {
		if known[i] {
			return finish[i]
		}
		n := p.nodes[i]
		start := p.now
		for _, j := range p.after[i] {
			start = max(start, of(j))
		}
		if n.Started {
			start = n.Start
		}
		if h.item == i {
			start += h.start
		}
		end := start + n.Promised + n.Paused
		for _, j := range p.needs[i] {
			end = max(end, of(j))
		}
		if n.Started {
			end = max(end, p.now)
		}
		if n.Finished {
			end = n.Finish
		}
		if h.item == i {
			end += h.finish
		}
		known[i], finish[i] = true, end
		return end
	}
	last := 0
	for i := range p.nodes {
		if end := of(i); i == 0 || end > last {
			last = end
		}
	}
	return last
}

func TestPlanIsWhatComesOfLivingIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		law := project{nodes: make([]plan.Node, len(p.nodes)), after: p.after, needs: p.needs}
		for i, n := range p.nodes {
			law.nodes[i] = plan.Node{Promised: n.Statutory}
		}
		start, finish := p.live()
		lawStart, lawFinish := law.live()
		got, bars := p.schedule(t)
		for i, b := range bars {
			n := p.nodes[i]
			due := start[i] + n.Promised + n.Paused
			for _, j := range p.needs[i] {
				due = max(due, finish[j])
			}
			if b.Start != start[i] || b.Finish != finish[i] || b.Due != due || b.Late != (finish[i] > due) {
				t.Fatalf("item %d %+v is %+v; it came to %d–%d, due %d", i, n, b, start[i], finish[i], due)
			}
			if b.StatutoryStart != lawStart[i] || b.StatutoryFinish != lawFinish[i] {
				t.Fatalf("item %d %+v is %+v; the law lets it take %d–%d", i, n, b, lawStart[i], lawFinish[i])
			}
		}
		if len(p.nodes) == 0 {
			finish, lawFinish = []int{0}, []int{0}
		}
		if got.Finish != slices.Max(finish) || got.Statutory != slices.Max(lawFinish) || got.Saved != got.Statutory-got.Finish {
			t.Fatalf("%d, %d by law, saved %d; it came to %d and %d", got.Finish, got.Statutory, got.Saved, slices.Max(finish), slices.Max(lawFinish))
		}
	})
}

func TestSlackIsWhatMayBeLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		got, bars := p.schedule(t)
		if ends := p.ends(held{item: -1}); ends != got.Finish {
			t.Fatalf("through on %d, recounted %d", got.Finish, ends)
		}
		for i, b := range bars {
			n := p.nodes[i]
			if b.LatestFinish != b.Finish+b.Slack || b.Slack < 0 || b.LatestStart < b.Start {
				t.Fatalf("item %d: %+v", i, b)
			}
			if n.Finished {
				if b.Slack != 0 || b.LatestStart != b.Start {
					t.Fatalf("item %d %+v is decided and may still move: %+v", i, n, b)
				}
				continue
			}
			if in, over := p.ends(held{i, 0, b.Slack}), p.ends(held{i, 0, b.Slack + 1}); in != got.Finish || over <= got.Finish {
				t.Fatalf("item %d %+v: the end moves from %d to %d by its slack, and to %d by a day more", i, b, got.Finish, in, over)
			}
			if n.Started {
				if b.LatestStart != b.Start {
					t.Fatalf("item %d %+v is accepted and may still be: %+v", i, n, b)
				}
				continue
			}
			late := b.LatestStart - b.Start
			if in, over := p.ends(held{i, late, 0}), p.ends(held{i, late + 1, 0}); in != got.Finish || over <= got.Finish {
				t.Fatalf("item %d %+v: the end moves from %d to %d by its latest start, and to %d a day later", i, b, got.Finish, in, over)
			}
		}
	})
}

// decided tells whether item j is one of those that made item i end when it does: the rule of the package comment, asked of a pair.
func (p project) decided(bars []plan.Bar, j, i int) bool {
	n, b := p.nodes[i], bars[i]
	onTheDay := func(j int) bool { return bars[j].Finish == b.Finish && (!n.Finished || p.nodes[j].Finished) }
	if slices.Contains(p.needs[i], j) && onTheDay(j) {
		return true
	}
	if slices.ContainsFunc(p.needs[i], onTheDay) && b.Finish > b.Start+n.Promised+n.Paused {
		return false
	}
	waitedFor := func(j int) bool {
		return !n.Started && !n.Finished || p.nodes[j].Finished && bars[j].Finish <= b.Start
	}
	later := func(k int) bool { return waitedFor(k) && bars[k].Finish > bars[j].Finish }
	return slices.Contains(p.after[i], j) && waitedFor(j) && !slices.ContainsFunc(p.after[i], later)
}

func TestCriticalIsWhatDecidesTheFinish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, true)
		got, bars := p.schedule(t)
		var named []string
		for _, b := range got.Items {
			if b.Critical {
				named = append(named, b.Code)
			}
		}
		if !slices.Equal(named, got.Critical) {
			t.Fatalf("critical are %v, and named %v", named, got.Critical)
		}
		for j, b := range bars { // what is critical is so of itself or for the sake of another one
			want := b.Finish == got.Finish
			for i := range bars {
				want = want || bars[i].Critical && p.decided(bars, j, i)
			}
			if b.Critical != want {
				t.Fatalf("item %d %+v is critical: %t", j, b, b.Critical)
			}
			if !p.nodes[j].Finished && b.Critical != (b.Slack == 0) {
				t.Fatalf("item %d is critical: %t, with a slack of %d", j, b.Critical, b.Slack)
			}
		}
	})
}

// What goes as planned changes nothing: not the days, not the finish, not what decides it, although what is over has no slack any more.
func TestKeptPlanStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProject(t, false)
		before, bars := p.schedule(t)
		p.now = rapid.IntRange(p.now, max(p.now, before.Finish)).Draw(t, "until")
		for i, b := range bars {
			n := &p.nodes[i]
			n.Started, n.Start, n.Finished, n.Finish = b.Start <= p.now, b.Start, b.Finish <= p.now, b.Finish
		}
		after, now := p.schedule(t)
		if after.Finish != before.Finish || after.Saved != before.Saved || !slices.Equal(after.Critical, before.Critical) {
			t.Fatalf("through on %d by %v, then on %d by %v", before.Finish, before.Critical, after.Finish, after.Critical)
		}
		for i, b := range now {
			want := bars[i]
			if p.nodes[i].Started {
				want.LatestStart = want.Start
			}
			if p.nodes[i].Finished {
				want.LatestFinish, want.Slack = want.Finish, 0
			}
			if b != want {
				t.Fatalf("item %d is %+v, it was %+v", i, b, bars[i])
			}
		}
	})
}
