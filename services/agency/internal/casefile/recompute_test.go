package casefile

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protojson"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/agency/recompute"
)

// TestLivesRecomputed: what the case decided, on its way and with or without a sweeper, is what its history comes to.
func TestLivesRecomputed(t *testing.T) {
	seen := map[string]int{}
	lives(t, nil, func(t *rapid.T, l *life) {
		history := exported(t, l.told[punctual].history)
		got, err := recompute.Recompute(history, recompute.Limits{Accept: 5, Correct: 10, Withdrawal: 2, Extension: 2, Deliver: 10}, l.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range got {
			seen[k.Kind+" "+k.State]++
		}
		if diff := gocmp.Diff(sorted(got), sorted(decidedBy(l.c())), gocmp.FilterPath(func(p gocmp.Path) bool {
			return slices.Contains([]string{".stopped", ".since", ".left"}, p.Last().String())
		}, gocmp.Ignore()), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("as of %s (- recomputed, + decided):\n%s\n%s", local(l.now), diff, l.story())
		}
	})
	t.Logf("%v", seen)
}

// exported writes a history as it is handed out.
func exported(t *rapid.T, history []Event) []byte {
	type entry struct {
		Time  time.Time       `json:"time"`
		Event json.RawMessage `json:"event"`
	}
	var list struct {
		Events []entry `json:"events"`
	}
	for _, e := range history {
		wrapped, ok := Wrap(e.Body)
		if !ok {
			t.Fatalf("%T is no event", e.Body)
		}
		b, err := protojson.Marshal(wrapped)
		if err != nil {
			t.Fatal(err)
		}
		list.Events = append(list.Events, entry{e.Time, b})
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decidedBy is what the case holds of its items and commitments, in the words of the package that recomputes.
func decidedBy(c *Case) (out []recompute.Clock) {
	kinds := []Kind{KindAccept, KindCorrect, KindStatutory, KindPromised, KindProcedure, KindWithdrawal, KindCommitment, KindFulfil, KindCheck, KindExtension, KindDeliver, KindRequest}
	for _, k := range c.Clocks {
		if slices.Contains(kinds, k.Kind) {
			out = append(out, recompute.Clock{Kind: k.Kind.String(), Item: k.Item, Attempt: k.Attempt, Number: k.Number, Start: k.Start, Due: k.Due, State: k.State.String()})
		}
	}
	return out
}

// sorted brings clocks into an order that does not depend on when they were numbered, and times into one zone.
func sorted(clocks []recompute.Clock) []recompute.Clock {
	for i := range clocks {
		clocks[i].Start, clocks[i].Due = clocks[i].Start.UTC(), clocks[i].Due.UTC()
	}
	slices.SortFunc(clocks, func(a, b recompute.Clock) int {
		return cmp.Or(cmp.Compare(a.Item, b.Item), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Kind, b.Kind), a.Start.Compare(b.Start), cmp.Compare(a.State, b.State))
	})
	return clocks
}
