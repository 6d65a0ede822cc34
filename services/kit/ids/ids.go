// Package ids makes and reads UUIDv7 identifiers (RFC 9562) from an injected clock. Ids of one source sort in the order they
// were made, and the month in an id places its row in a time-partitioned table. It depends on clock's contract only.
package ids

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// ErrInvalid is returned for anything that is not a UUIDv7 in canonical lower-case spelling. One id has one spelling, or
// two rows could carry the same id.
var ErrInvalid = errors.New("not a canonical UUIDv7")

const (
	size        = 36
	counterBits = 30               // 12 bits of rand_a and the first 18 of rand_b
	seedBits    = counterBits - 1  // a fresh seed leaves room for half a billion ids in its millisecond
	stepBack    = 10 * time.Second // a clock that goes back by less is waited out, by more is followed
)

// Source makes ids. It is safe for concurrent use.
type Source struct {
	clock   clock.Clock
	random  io.Reader
	mu      sync.Mutex
	last    int64  // millisecond of the last id
	counter uint32 // grows within a millisecond
}

// New makes a source with the system's randomness.
func New(c clock.Clock) *Source { return NewFrom(c, rand.Reader) }

// NewFrom makes a source with the given randomness, for programs whose ids must come out the same twice.
func NewFrom(c clock.Clock, random io.Reader) *Source { return &Source{clock: c, random: random} }

// New makes an id, greater than every earlier one of this source unless the clock was set back by more than ten seconds.
// It panics when the randomness fails: an id that might be a double must not be handed out.
func (s *Source) New() string {
	var raw [16]byte
	if _, err := io.ReadFull(s.random, raw[6:]); err != nil {
		panic("ids: no randomness: " + err.Error())
	}
	milli, counter := s.tick(binary.BigEndian.Uint32(raw[6:10]))

	binary.BigEndian.PutUint64(raw[:8], uint64(milli)<<16|0x7000|uint64(counter>>18))
	// The variant takes two bits, the counter the next 18; the 44 after them stay as random as they came.
	low := binary.BigEndian.Uint64(raw[8:])
	binary.BigEndian.PutUint64(raw[8:], 1<<63|uint64(counter&(1<<18-1))<<44|low&(1<<44-1))
	return spell(raw)
}

// tick finds the millisecond and the counter of the next id. Within a millisecond the counter grows, so that order holds
// even on a clock that stands still; in a new one it starts from the seed.
func (s *Source) tick(seed uint32) (milli int64, counter uint32) {
	now := s.clock.Now().UnixMilli()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case now > s.last || now < s.last-stepBack.Milliseconds():
		s.last, s.counter = now, seed&(1<<seedBits-1)
	case s.counter < 1<<counterBits-1:
		s.counter++
	default:
		s.last, s.counter = s.last+1, seed&(1<<seedBits-1)
	}
	return s.last, s.counter
}

func spell(raw [16]byte) string {
	var b [size]byte
	hex.Encode(b[0:8], raw[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], raw[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], raw[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], raw[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], raw[10:16])
	return string(b[:])
}

// Valid tells whether id is a UUIDv7 in canonical spelling.
func Valid(id string) bool {
	if len(id) != size || id[14] != '7' {
		return false
	}
	switch id[19] {
	case '8', '9', 'a', 'b':
	default:
		return false
	}
	for i := range size {
		c := id[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// Time is the instant in an id, to the millisecond.
func Time(id string) (time.Time, error) {
	if !Valid(id) {
		return time.Time{}, fmt.Errorf("%w: %.40q", ErrInvalid, id)
	}
	var raw [8]byte
	digits := id[0:8] + id[9:13]
	if _, err := hex.Decode(raw[2:], []byte(digits)); err != nil {
		return time.Time{}, fmt.Errorf("%w: %.40q", ErrInvalid, id)
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(raw[:]))).UTC(), nil
}

// Month is the UTC month of an id as YYYYMM.
func Month(id string) (int, error) {
	t, err := Time(id)
	if err != nil {
		return 0, err
	}
	return MonthOf(t), nil
}

// MonthOf is the UTC month of an instant as YYYYMM, so that a row and its id agree on their partition.
func MonthOf(t time.Time) int {
	t = t.UTC()
	return t.Year()*100 + int(t.Month())
}
