package replay

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// share is how often each edge of the process is dealt to the messages of a file, and fewest how many edges a message gets at least.
const (
	share  = 2
	fewest = 3
)

// detours is the replay that leaves the straight way: each message walks after some edges of the process, dealt from all of them.
type detours struct {
	*play
	seed     int64
	walks    []*walk
	queue    queue
	verbs    map[string]int
	refusals map[string]map[string]int // by verb and reason
}

func newDetours(s *play, seed int64) *detours {
	d := &detours{play: s, seed: seed, verbs: map[string]int{}, refusals: map[string]map[string]int{}}
	deck := slices.DeleteFunc(driven(), func(e edge) bool { return e.Verb == verbFile || e.Verb == verbRoute }) // which come by themselves
	hand := fewest
	if n := len(s.messages); n > 0 {
		hand = max(fewest, (share*len(deck)+n-1)/n)
	}
	r := rand.New(rand.NewPCG(uint64(seed), 0)) //nolint:gosec // the same seed is to give the same way
	next := 0
	for i := range s.messages {
		var goals []goal
		for range hand {
			if next%len(deck) == 0 {
				r.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
			}
			goals = append(goals, goal{deck[next%len(deck)], next / len(deck)})
			next++
		}
		w := newWalk(d, i, goals)
		d.walks = append(d.walks, w)
		d.queue = append(d.queue, w)
	}
	heap.Init(&d.queue)
	return d
}

// run walks until every walk is over and no deadline is left.
func (d *detours) run(ctx context.Context) error {
	for {
		if err := d.standalone.Idle(ctx); err != nil {
			return err
		}
		due, waiting, err := d.standalone.NextDue(ctx)
		if err != nil {
			return err
		}
		fires := due.Add(grace)
		switch {
		case !waiting && len(d.queue) == 0:
			return nil
		case len(d.queue) == 0 || waiting && firesFirst(fires, d.queue[0].at):
			d.step(fires)
			d.lateness = max(d.lateness, d.clock.Now().Sub(due))
			continue
		}
		w := d.queue[0]
		d.step(w.at)
		before := d.clock.Now()
		if err := w.step(ctx); err != nil {
			return fmt.Errorf("line %d: %w", d.messages[w.message].line, err)
		}
		if w.over {
			heap.Pop(&d.queue)
			continue
		}
		if w.at.Before(before) {
			w.at = before
		}
		heap.Fix(&d.queue, 0)
	}
}

func (d *detours) count(verb string) { d.verbs[verb]++ }

func (d *detours) refuse(verb, reason string) {
	if d.refusals[verb] == nil {
		d.refusals[verb] = map[string]int{}
	}
	d.refusals[verb][reason]++
}

// viewer sees everything of every ticket.
func (d *detours) viewer() *person { return d.town.offices[0] }

// queue has the walk in front whose step is next; at one instant the order of the file counts.
type queue []*walk

// Len implements heap.Interface.
func (q queue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].message < q[j].message
	}
	return q[i].at.Before(q[j].at)
}

// Swap implements heap.Interface.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(*walk)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	old := *q
	w := old[len(old)-1]
	*q = old[:len(old)-1]
	return w
}
