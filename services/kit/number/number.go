// Package number makes and checks the numbers that people say on the phone: YYMMDD, six digits, one check digit.
//
// The six digits are not a shared counter: that would make everything new in a city wait for one row. Each process walks, from
// its own first step, a permutation of the million places of a day that only it knows, so its own numbers never repeat,
// neighbours look unrelated, and nobody can tell from two numbers how many lie between. Against other replicas, and
// against the same process before a restart, the store's unique key decides: a number that is taken is simply followed by the
// next, which fails as often as the day is full.
//
// When a day is so full that a dozen in a row are taken, or a process has used up its million, the process goes on with
// eight digits instead of six for the rest of that day: such numbers are two digits longer, and there are a hundred million
// of them. Nothing is refused for want of a number.
//
// It depends on kit's fault only.
package number

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"
)

// crowded is after how many taken numbers in a row a day counts as full: at nine tenths it happens once in four times,
// below one half never.
const crowded = 12

// Source makes numbers. It is safe for concurrent use.
type Source struct {
	key  [32]byte
	mu   sync.Mutex
	days map[place]*day
}

// place is what has a sequence of its own.
type place struct {
	city string
	date string // YYMMDD
}

type day struct {
	next  uint64
	taken int // in a row
	wide  bool
}

// New makes a source with a permutation of its own, drawn from the system's randomness.
func New() *Source { return NewFrom(rand.Reader) }

// NewFrom makes a source from the given randomness, for tests. It panics when there is none.
func NewFrom(random io.Reader) *Source {
	s := &Source{days: map[place]*day{}}
	if _, err := io.ReadFull(random, s.key[:]); err != nil {
		panic("number: no randomness: " + err.Error())
	}
	return s
}

// Next is a number of the day that t is in the city's own zone.
func (s *Source) Next(city string, t time.Time) string {
	p := place{city, t.Format("060102")}
	n, wide := s.step(p)
	half, digits := uint64(1_000), placeDigits
	if wide {
		half, digits = 10_000, crowdDigits
	}
	text := fmt.Sprintf("%s%0*d", p.date, digits, s.permute(p, n, half))
	return text + string(checkDigit(text))
}

// Taken tells the source that the number it made last was somebody else's; a day that hears it often has become full.
func (s *Source) Taken(city string, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.day(place{city, t.Format("060102")})
	if d.taken++; d.taken >= crowded && !d.wide {
		*d = day{wide: true}
	}
}

// Kept tells the source that a number was good.
func (s *Source) Kept(city string, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day(place{city, t.Format("060102")}).taken = 0
}

func (s *Source) step(p place) (n uint64, wide bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.day(p)
	if !d.wide && d.next == 1_000_000 {
		*d = day{wide: true}
	}
	n = d.next
	d.next++
	return n, d.wide
}

// day finds the sequence of a day and forgets those of long ago: a process lives for months.
func (s *Source) day(p place) *day {
	if d := s.days[p]; d != nil {
		return d
	}
	const many = 256
	if len(s.days) >= many {
		// A forgotten day begins anew when a clock comes back to it, and meets its own numbers as it would another's.
		clear(s.days)
	}
	d := &day{}
	s.days[p] = d
	return d
}

// permute maps n to another place below half², each to a different one: a Feistel network over two digits of base half, keyed by
// this process and the day.
func (s *Source) permute(p place, n, half uint64) uint64 {
	const rounds = 6 // four make a permutation that cannot be told from a random one; two more cost nothing
	left, right := n/half%half, n%half
	for round := range rounds {
		left, right = right, (left+s.mix(p, byte(round), right))%half
	}
	return left*half + right
}

func (s *Source) mix(p place, round byte, right uint64) uint64 {
	b := make([]byte, 0, 64)
	b = append(b, s.key[:]...)
	b = append(b, round, byte(right>>8), byte(right))
	b = append(b, p.date...)
	b = append(b, p.city...)
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint64(sum[:8])
}
