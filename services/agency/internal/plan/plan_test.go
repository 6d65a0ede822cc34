package plan_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/agency/internal/plan"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// line says a bar in a line: start–finish, the latest of both, and what is to be said of it.
func line(b plan.Bar) string {
	out := fmt.Sprintf("%s %d–%d, at the latest %d–%d", b.Code, b.Start, b.Finish, b.LatestStart, b.LatestFinish)
	if b.Late {
		out += fmt.Sprintf(", late since %d", b.Due)
	}
	if b.Critical {
		out += ", critical"
	}
	return out
}

func lines(p plan.Plan) []string {
	var out []string
	for _, b := range p.Items {
		out = append(out, line(b))
	}
	return out
}

func codes(of ...string) []string { return of }

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		name              string
		now               int
		nodes             []plan.Node
		want              []string
		finish, statutory int
	}{
		{name: "nothing", now: 7},
		{"one after the other", 0, []plan.Node{
			{Code: "b", After: codes("a"), Promised: 3, Statutory: 10},
			{Code: "a", Promised: 5, Statutory: 20},
		}, []string{"a 0–5, at the latest 0–5, critical", "b 5–8, at the latest 5–8, critical"}, 8, 30},
		{"beside each other", 0, []plan.Node{
			{Code: "a", Promised: 5, Statutory: 20}, {Code: "b", Promised: 3, Statutory: 30},
		}, []string{"a 0–5, at the latest 0–5, critical", "b 0–3, at the latest 2–5"}, 5, 30},
		{"a fork that joins", 0, []plan.Node{
			{Code: "a", Promised: 2}, {Code: "b", After: codes("a"), Promised: 7}, {Code: "c", After: codes("a"), Promised: 4},
			{Code: "d", After: codes("b", "c"), Promised: 1},
		}, []string{"a 0–2, at the latest 0–2, critical", "b 2–9, at the latest 2–9, critical", "c 2–6, at the latest 5–9",
			"d 9–10, at the latest 9–10, critical"}, 10, 0},
		{"reviewed while it waits for a decision: its start may move, its finish not", 0, []plan.Node{
			{Code: "a", Promised: 10}, {Code: "b", Needs: codes("a"), Promised: 4}, {Code: "c", After: codes("b"), Promised: 2},
		}, []string{"a 0–10, at the latest 0–10, critical", "b 0–10, at the latest 6–10, critical", "c 10–12, at the latest 10–12, critical"}, 12, 0},
		{"what is needed comes in time", 0, []plan.Node{
			{Code: "a", Promised: 4}, {Code: "b", Needs: codes("a"), Promised: 10},
		}, []string{"a 0–4, at the latest 6–10", "b 0–10, at the latest 0–10, critical"}, 10, 0},
		{"decided on the spot", 3, []plan.Node{
			{Code: "a", Promised: 0, Statutory: 5}, {Code: "b", After: codes("a"), Promised: 0},
		}, []string{"a 3–3, at the latest 3–3, critical", "b 3–3, at the latest 3–3, critical"}, 3, 5},
		{"a prerequisite this project does not need", 0, []plan.Node{
			{Code: "b", After: codes("a"), Needs: codes("c", "b0"), Promised: 3},
		}, []string{"b 0–3, at the latest 0–3, critical"}, 3, 0},
		{"smallest code first among those that can come next", 0, []plan.Node{
			{Code: "a", After: codes("z"), Promised: 1}, {Code: "b", Promised: 1}, {Code: "z", Promised: 1}, {Code: "y", Needs: codes("b"), Promised: 2},
		}, []string{"b 0–1, at the latest 1–2", "y 0–2, at the latest 0–2, critical", "z 0–1, at the latest 0–1, critical",
			"a 1–2, at the latest 1–2, critical"}, 2, 0},
		{"nothing begun for a while: slower than the law", 30, []plan.Node{
			{Code: "a", Promised: 5, Statutory: 20},
		}, []string{"a 30–35, at the latest 30–35, critical"}, 35, 20},
		{"running in time, its clock stopped for two days", 4, []plan.Node{
			{Code: "a", Promised: 5, Started: true, Start: 1, Paused: 2},
		}, []string{"a 1–8, at the latest 1–8, critical"}, 8, 0},
		{"overdue: it can be decided today at the earliest", 9, []plan.Node{
			{Code: "a", Promised: 5, Started: true, Start: 1, Paused: 2}, {Code: "b", After: codes("a"), Promised: 3},
		}, []string{"a 1–9, at the latest 1–9, late since 8, critical", "b 9–12, at the latest 9–12, critical"}, 12, 0},
		{"who waits for another's decision is not late", 9, []plan.Node{
			{Code: "a", Promised: 12, Started: true, Start: 1}, {Code: "b", Needs: codes("a"), Promised: 3, Started: true, Start: 1},
		}, []string{"a 1–13, at the latest 1–13, critical", "b 1–13, at the latest 1–13, critical"}, 13, 0},
		{"it came, and two days later it is still undecided", 9, []plan.Node{
			{Code: "a", Promised: 6, Started: true, Start: 1, Finished: true, Finish: 7}, {Code: "b", Needs: codes("a"), Promised: 3, Started: true, Start: 1},
		}, []string{"a 1–7, at the latest 1–7", "b 1–9, at the latest 1–9, late since 7, critical"}, 9, 0},
		{"decided early, and the next accepted three days later", 6, []plan.Node{
			{Code: "a", Promised: 5, Statutory: 9, Started: true, Finished: true, Finish: 2},
			{Code: "b", After: codes("a"), Promised: 4, Statutory: 9, Started: true, Start: 5}, {Code: "c", Promised: 1, Statutory: 1},
		}, []string{"a 0–2, at the latest 0–2, critical", "b 5–9, at the latest 5–9, critical", "c 6–7, at the latest 8–9"}, 9, 18},
		{"decided late", 12, []plan.Node{
			{Code: "a", Promised: 5, Paused: 1, Started: true, Start: 1, Finished: true, Finish: 9},
		}, []string{"a 1–9, at the latest 1–9, late since 7, critical"}, 9, 0},
		{"not accepted since what it waited for was decided", 10, []plan.Node{
			{Code: "a", Promised: 5, Started: true, Finished: true, Finish: 4}, {Code: "b", Promised: 5, Started: true, Finished: true, Finish: 3},
			{Code: "c", After: codes("a", "b"), Promised: 2},
		}, []string{"a 0–4, at the latest 0–4, critical", "b 0–3, at the latest 0–3", "c 10–12, at the latest 10–12, critical"}, 12, 0},
		{"accepted ahead of what it should wait for", 5, []plan.Node{
			{Code: "a", Promised: 6, Started: true, Start: 2}, {Code: "b", After: codes("a"), Promised: 9, Started: true, Start: 3},
		}, []string{"a 2–8, at the latest 2–12", "b 3–12, at the latest 3–12, critical"}, 12, 0},
		{"accepted today, when what it should have waited for may be decided at last", 5, []plan.Node{
			{Code: "a", Promised: 5, Started: true}, {Code: "b", After: codes("a"), Promised: 3, Started: true, Start: 5},
		}, []string{"a 0–5, at the latest 0–8", "b 5–8, at the latest 5–8, critical"}, 8, 0},
		{"decided today, when what it needed may be decided at last", 5, []plan.Node{
			{Code: "a", Promised: 5, Started: true}, {Code: "b", Needs: codes("a"), Promised: 5, Started: true, Finished: true, Finish: 5},
			{Code: "c", After: codes("b"), Promised: 3},
		}, []string{"a 0–5, at the latest 0–8", "b 0–5, at the latest 0–5, critical", "c 5–8, at the latest 5–8, critical"}, 8, 0},
		{"only what was needed held it up", 12, []plan.Node{
			{Code: "a", Promised: 1, Started: true, Finished: true, Finish: 1}, {Code: "n", Promised: 9, Started: true, Finished: true, Finish: 9},
			{Code: "b", After: codes("a"), Needs: codes("n"), Promised: 3, Started: true, Start: 1, Finished: true, Finish: 9},
		}, []string{"a 0–1, at the latest 0–1", "n 0–9, at the latest 0–9, critical", "b 1–9, at the latest 1–9, critical"}, 9, 0},
		{"both held it up", 12, []plan.Node{
			{Code: "a", Promised: 1, Started: true, Finished: true, Finish: 1}, {Code: "n", Promised: 9, Started: true, Finished: true, Finish: 9},
			{Code: "b", After: codes("a"), Needs: codes("n"), Promised: 8, Started: true, Start: 1, Finished: true, Finish: 9},
		}, []string{"a 0–1, at the latest 0–1, critical", "n 0–9, at the latest 0–9, critical", "b 1–9, at the latest 1–9, critical"}, 9, 0},
		{"brought along from before the origin", 0, []plan.Node{
			{Code: "a", Promised: 5, Finished: true, Finish: -30}, {Code: "b", After: codes("a"), Promised: 3},
		}, []string{"a -30–-30, at the latest -30–-30, critical", "b 0–3, at the latest 0–3, critical"}, 3, 0},
		{"through before the plan began", 0, []plan.Node{
			{Code: "a", Promised: 5, Statutory: 5, Started: true, Start: -9, Finished: true, Finish: -4},
		}, []string{"a -9–-4, at the latest -9–-4, critical"}, -4, 5},
	} {
		p, err := plan.Schedule(c.nodes, c.now)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, lines(p)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if p.Finish != c.finish || p.Statutory != c.statutory || p.Saved != c.statutory-c.finish {
			t.Errorf("%s: finish %d, statutory %d, saved %d; want %d and %d", c.name, p.Finish, p.Statutory, p.Saved, c.finish, c.statutory)
		}
	}
}

func TestCycleIsNamed(t *testing.T) {
	nodes := []plan.Node{
		{Code: "a", After: codes("d")}, {Code: "b", Needs: codes("c")}, {Code: "c", After: codes("d"), Needs: codes("e")},
		{Code: "d", Needs: codes("b", "x")}, {Code: "e"},
	}
	_, err := plan.Schedule(nodes, 0)
	f := fault.From(err)
	if !errors.Is(err, plan.ErrCycle) || f.Metadata["cycle"] != "b,c,d" || len(f.Violations) != 1 {
		t.Fatalf("got %v with %v", err, f.Metadata)
	}
	for _, text := range []string{f.Violations[0].Text.Zh, f.Violations[0].Text.En} {
		if !strings.HasSuffix(text, "b → c → d → b") {
			t.Errorf("the text %q does not name the circle", text)
		}
	}
	if got := plan.Cycle(nodes[:3]); got != nil {
		t.Errorf("a circle without its link is %v", got)
	}
}

func TestRingOfEveryLength(t *testing.T) {
	for length := 1; length <= 200; length++ {
		nodes := make([]plan.Node, length)
		want := make([]string, length)
		for i := range nodes {
			want[i] = fmt.Sprintf("%03d", i)
			nodes[i].Code = want[i]
			if next := codes(fmt.Sprintf("%03d", (i+1)%length)); i%3 == 0 {
				nodes[i].Needs = next
			} else {
				nodes[i].After = next
			}
		}
		if got := plan.Cycle(nodes); !slices.Equal(got, want) {
			t.Errorf("a ring of %d is %v", length, got)
		}
	}
}

func TestOneCodeTwiceIsADefect(t *testing.T) {
	_, err := plan.Schedule([]plan.Node{{Code: "a"}, {Code: "b"}, {Code: "a"}}, 0)
	if err == nil || fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("got %v", err)
	}
}

// BenchmarkSchedule200 is what planning a large project again costs: 200 items, half of them begun, each waiting for up to six others.
func BenchmarkSchedule200(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	nodes := make([]plan.Node, 200)
	for i := range nodes {
		n := &nodes[i]
		n.Code, n.Promised, n.Statutory = fmt.Sprintf("%03d", (i*73)%200), r.IntN(15), r.IntN(45)
		for range min(i, r.IntN(4)) {
			n.After, n.Needs = append(n.After, nodes[r.IntN(i)].Code), append(n.Needs, nodes[r.IntN(i)].Code)
		}
		n.Started, n.Finished = i < 100, i < 50
		n.Start, n.Finish = i, i+5
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan.Schedule(nodes, 60); err != nil {
			b.Fatal(err)
		}
	}
}
