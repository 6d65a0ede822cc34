package live

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Note names something that there is to read.
type Note struct {
	Position int64 // of its last change
	Name     string
	Version  int64 // 0 when it is gone from the watcher's sight
}

// News is what there is to say at one moment. When it is said, in this order, everything up to Position is.
type News struct {
	Position int64
	Ready    bool // the stream begins, at Start
	Start    int64
	Reset    bool   // something is missing; there is nothing else
	Notes    []Note // by position
	Board    bool
}

// Empty tells that there is nothing to read.
func (n *News) Empty() bool { return !n.Ready && !n.Reset && !n.Board && len(n.Notes) == 0 }

// Watcher is somebody who looks. It is used by one goroutine.
type Watcher struct {
	hub    *Hub
	caller authn.Caller
	token  string
	city   string
	ways   []Way
	boards bool
	woken  chan struct{} // holds a token when there is news
	ended  chan struct{} // closed when the sign-in is over
	ending error         // set before

	// Under the hub's lock.
	after  int64 // nothing up to here is noted
	ready  bool
	start  int64
	reset  bool
	board  bool
	notes  map[string]Note // by name; nil when there are none
	told   int64           // up to where the watcher was told
	spoken time.Time       // when
}

// Asked is what somebody wants to watch, and may.
type Asked struct {
	City  string
	Ways  []Way
	Board bool
	After *int64 // go on behind this position; nil for from now on
}

// Watch begins to watch for the caller in the context. The watcher is to be closed.
func (h *Hub) Watch(ctx context.Context, asked Asked) (*Watcher, error) {
	token, _ := authn.Token(ctx)
	w := &Watcher{hub: h, caller: authn.FromContext(ctx), token: token, city: asked.City, ways: asked.Ways, boards: asked.Board,
		woken: make(chan struct{}, 1), ended: make(chan struct{})}
	select {
	case h.gate <- struct{}{}:
		defer func() { <-h.gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := h.rise(ctx); err != nil {
		return nil, err
	}
	known, err := h.recall(ctx, asked.After)
	if err != nil {
		return nil, err
	}
	return w, h.add(w, asked.After, known)
}

// rise takes up the feed where it is now, when nobody has been watching.
func (h *Hub) rise(ctx context.Context) error {
	if _, watched := h.standing(); watched {
		return nil
	}
	head, err := h.Feed.Head(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.position, h.ring = head, nil
	return nil
}

// recall makes sure that the steps behind a position are in memory, and tells whether they can be.
func (h *Hub) recall(ctx context.Context, after *int64) (known bool, err error) {
	if after == nil {
		return true, nil
	}
	h.mu.Lock()
	position, oldest := h.position, h.oldest()
	h.mu.Unlock()
	switch {
	case *after < 0 || *after < position-Window:
		return false, nil
	case *after > position: // another process may have been faster to tell
		head, err := h.Feed.Head(ctx)
		return *after <= head, err
	}
	var older []Step
	for from := *after; from < oldest; from = *after + int64(len(older)) {
		events, err := h.Feed.Read(ctx, from, int(min(oldest-from, readBatch)), 0)
		if err != nil || len(events) == 0 {
			return false, err
		}
		steps, err := h.steps(ctx, from, events)
		if err != nil {
			return false, err
		}
		older = append(older, steps...)
	}
	return h.prepend(oldest, older), nil
}

// oldest is the position behind which the ring begins.
func (h *Hub) oldest() int64 { return h.position - int64(len(h.ring)) }

// prepend puts older steps before the ring, unless it does not begin there any more.
func (h *Hub) prepend(oldest int64, older []Step) bool {
	if len(older) == 0 {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.oldest() != oldest {
		return false
	}
	h.ring = append(older, h.ring...)
	return true
}

// add lets a watcher take part, with what they missed noted already.
func (h *Hub) add(w *Watcher, after *int64, known bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	who := person{w.caller.City, w.caller.Person}
	switch {
	case len(h.watchers) >= MaxWatchers:
		return errOverloaded
	case h.persons[who] >= MaxByPerson:
		return errExhausted
	}
	switch {
	case !known:
		w.after, w.reset = h.position, true
		h.metrics.resets.Inc()
	case after == nil:
		w.after, w.start, w.ready = h.position, h.position, true
	default:
		w.after, w.start, w.ready, w.board = *after, *after, true, w.boards
		h.remind(w)
	}
	w.told, w.spoken = w.after, h.Wall.Now()
	h.watchers[w] = struct{}{}
	h.persons[who]++
	for _, way := range w.ways {
		enter(h.ways, place{w.city, way}, w)
	}
	if w.boards {
		enter(h.boards, w.city, w)
	}
	wake(w.woken)
	wake(h.wanted)
	return nil
}

// remind notes what of the ring a watcher has not been told.
func (h *Hub) remind(w *Watcher) {
	for i := range h.ring {
		s := &h.ring[i]
		if s.Position > w.after && s.Name != "" && s.City == w.city && slices.ContainsFunc(s.ways(), w.goes) {
			w.note(s)
		}
	}
}

// Close ends the watching.
func (w *Watcher) Close() {
	h := w.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.watchers[w]; !there {
		return
	}
	delete(h.watchers, w)
	who := person{w.caller.City, w.caller.Person}
	if h.persons[who]--; h.persons[who] == 0 {
		delete(h.persons, who)
	}
	for _, way := range w.ways {
		leave(h.ways, place{w.city, way}, w)
	}
	leave(h.boards, w.city, w)
}

func enter[K comparable](at map[K]map[*Watcher]struct{}, k K, w *Watcher) {
	if at[k] == nil {
		at[k] = map[*Watcher]struct{}{}
	}
	at[k][w] = struct{}{}
}

func leave[K comparable](at map[K]map[*Watcher]struct{}, k K, w *Watcher) {
	if delete(at[k], w); len(at[k]) == 0 {
		delete(at, k)
	}
}

func (w *Watcher) goes(way Way) bool { return slices.Contains(w.ways, way) }

// note leaves a note of a step. What the step brought into sight is not named when a later one has taken it out again. That something has left
// somebody's sight is said to them, as their next list would, but not when it is about them: they would learn at that moment that it is.
func (w *Watcher) note(s *Step) {
	if s.Position <= w.after || w.reset || w.notes[s.Name].Position >= s.Position {
		return
	}
	note := Note{Position: s.Position, Name: s.Name}
	switch {
	case s.After.Sees(w.caller) && s.Now.Sees(w.caller):
		note.Version = s.Version
	case s.Before == nil, !s.Before.Sees(w.caller), s.After.KeepsOut(w.caller), s.Now.KeepsOut(w.caller):
		if kept := w.notes[s.Name]; kept.Version > 0 && !s.Now.Sees(w.caller) {
			delete(w.notes, s.Name)
		}
		return
	}
	if w.notes == nil {
		w.notes = map[string]Note{}
	}
	w.notes[s.Name] = note
	if len(w.notes) > MaxNotes {
		w.reset, w.notes = true, nil
		w.hub.metrics.resets.Inc()
	}
	wake(w.woken)
}

// Woken delivers when there may be news.
func (w *Watcher) Woken() <-chan struct{} { return w.woken }

// Ended is closed when the sign-in is over; Ending says why.
func (w *Watcher) Ended() <-chan struct{} { return w.ended }

// Ending is the fault of a sign-in that is over.
func (w *Watcher) Ending() error { return w.ending }

// end is called by the hub alone, and ends a watcher once.
func (w *Watcher) end(because error) {
	if w.ending == nil {
		w.ending = because
		close(w.ended)
	}
}

// Told is up to where everything was told.
func (w *Watcher) Told() int64 {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	return w.told
}

// Take takes the news away. Its Position is also worth telling when there is nothing to read.
func (w *Watcher) Take() News {
	h := w.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	n := News{Position: max(h.position, w.after)}
	if n.Reset = w.reset; !n.Reset {
		n.Ready, n.Start, n.Board = w.ready, w.start, w.board
		n.Notes = slices.SortedFunc(maps.Values(w.notes), func(a, b Note) int { return cmp.Compare(a.Position, b.Position) })
	}
	w.ready, w.reset, w.board, w.notes = false, false, false, nil
	w.told, w.spoken = n.Position, h.Wall.Now()
	h.metrics.notes.Add(float64(len(n.Notes)))
	return n
}
