// Package similar finds, among the open tickets of one enterprise, those that say much the same as a text. It knows no language and no
// dictionary: it compares runs of two and three characters, each weighing the more the fewer of the texts at hand have it, so what every text of
// an enterprise says (its name, a greeting) weighs little.
//
// The measure is the weight of what both texts have over a mean of their own weights that leans to the lesser, so a shortened version is found
// and a short text is not found in everything long. Width, case, accents, punctuation, blanks and the values of numbers do not count, nor does the order of
// sentences. Threshold and lean were chosen by measuring on real messages; the test says how well they do.
//
// It depends on golang.org/x/text only, touches no database, and takes some milliseconds for the most there is to compare.
package similar

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// Text is what somebody filed, or is about to.
type Text struct{ Title, Body string }

// Match is a text that says much the same.
type Match struct {
	At    int     // among those given
	Score float64 // from 0 to 1
	Words []string
}

// Limits of what is compared: who writes more says what it is about in the beginning.
const (
	MaxTexts = 200
	MaxRunes = 1000 // of a title and a body each
	maxWords = 8
)

const (
	// Threshold is the least score that is offered.
	Threshold = 0.2
	// lean is how much the heavier of two texts counts against the lighter.
	lean = 0.1
	// leastGrams is how much a text must have before anything is said about it: "断电了" is no ground for an offer.
	leastGrams = 8
)

// Find returns the texts that are most like the query, at most limit of them, the most alike first. Only the first MaxTexts are compared.
func Find(query Text, among []Text, limit int) []Match {
	return find(query, among, limit, Threshold, lean)
}

func find(query Text, among []Text, limit int, threshold, lean float64) []Match {
	if len(among) > MaxTexts {
		among = among[:MaxTexts]
	}
	t := tables.Get().(*table)
	defer tables.Put(t)
	asked := t.grams(fold(query))
	if len(asked) < leastGrams || limit <= 0 {
		return nil
	}
	texts := make([]folded, len(among))
	grams := make([][]uint32, len(among))
	clear(t.has[:])
	for i, text := range among {
		texts[i] = fold(text)
		grams[i] = t.grams(texts[i])
		for _, g := range grams[i] {
			t.has[g]++
		}
	}
	w := newWeights(len(among))
	t.mark++
	for _, g := range asked {
		t.seen[g] = t.mark
	}
	asking := w.sum(t, asked)
	var found []Match
	for i := range among {
		if len(grams[i]) < leastGrams {
			continue
		}
		var own, shared float64
		for _, g := range grams[i] {
			weight := w[t.has[g]]
			own += weight
			if t.seen[g] == t.mark {
				shared += weight
			}
		}
		if score := shared / ((1-lean)*min(own, asking) + lean*max(own, asking)); score >= threshold {
			found = append(found, Match{At: i, Score: min(score, 1)})
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) })
	found = found[:min(len(found), limit)]
	for i := range found {
		found[i].Words = t.words(w, texts[found[i].At], among[found[i].At])
	}
	return found
}

// weights are what a gram weighs by how many of the texts have it. What only the query has weighs as much as what one has.
type weights []float64

func newWeights(texts int) weights {
	w := make(weights, texts+1)
	for n := range w {
		w[n] = math.Log1p(float64(texts) / float64(max(n, 1)))
	}
	return w
}

func (w weights) sum(t *table, grams []uint32) (sum float64) {
	for _, g := range grams {
		sum += w[t.has[g]]
	}
	return sum
}

// buckets is among how many numbers grams are spread. That two share one now and then moves a score by a hundredth.
const buckets = 1 << 17

// table is the working memory of one search, kept for the next.
type table struct {
	has  [buckets]uint16 // how many texts have a gram
	seen [buckets]uint32 // the mark under which it was last met
	mark uint32
}

var tables = sync.Pool{New: func() any { return &table{} }}

// grams are the different grams of a text.
func (t *table) grams(f folded) []uint32 {
	if t.mark > math.MaxUint32-2 {
		clear(t.seen[:])
		t.mark = 0
	}
	t.mark++
	out := make([]uint32, 0, 2*len(f.units))
	add := func(g uint32) {
		if t.seen[g] != t.mark {
			t.seen[g] = t.mark
			out = append(out, g)
		}
	}
	for i := 1; i < len(f.units); i++ {
		a, b := f.units[i-1].r, f.units[i].r
		if a == boundary || b == boundary {
			continue
		}
		add(pair(a, b))
		if i > 1 && f.units[i-2].r != boundary {
			add(triple(f.units[i-2].r, a, b))
		}
	}
	return out
}

func pair(a, b rune) uint32 { return spread(uint64(a)<<21 | uint64(b)) }

func triple(a, b, c rune) uint32 { return spread(uint64(a)<<42 | uint64(b)<<21 | uint64(c) | 1<<63) }

// spread is a number's bucket.
func spread(key uint64) uint32 {
	key *= 0x9e3779b97f4a7c15
	key ^= key >> 29
	key *= 0xbf58476d1ce4e5b9
	return uint32(key >> (64 - 17))
}
