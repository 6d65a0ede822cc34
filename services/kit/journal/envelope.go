// Package journal gives events their stored form and chains them, so that a history can only grow. An event is sealed once,
// when it is decided; what is stored, sent and verified afterwards are the sealed bytes, never a fresh encoding of fields.
//
// It depends on the standard library only, so that a verifier can take it alone.
package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// domainTag opens every envelope: bytes sealed here can never be mistaken for those of another protocol or version.
const domainTag = "tt.event.v1"

// Hash is a link of a chain: SHA-256 over the previous link and the envelope's bytes. The first event of an aggregate
// follows the zero hash.
type Hash [sha256.Size]byte

// String spells the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Envelope is one event with everything that its hash covers. The place (city, aggregate, version) is part of it: an event
// cannot be moved to another history.
type Envelope struct {
	City      string
	Aggregate string
	Version   int64 // 1 for the first event of an aggregate, without gaps
	Type      string
	Time      time.Time // microseconds, UTC
	Actor     string
	Payload   []byte
}

// Sealed is an envelope in its stored form.
type Sealed struct {
	Envelope
	Bytes    []byte // the envelope as hashed and stored
	Hash     Hash
	Previous Hash
}

// ErrMalformed is returned for bytes that are not an envelope in the one form that Seal writes.
var ErrMalformed = errors.New("malformed event envelope")

// Seal encodes an event and links it to its predecessor. The time is cut to whole microseconds in UTC.
func Seal(previous Hash, e Envelope) Sealed {
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	b := encode(e)
	return Sealed{Envelope: e, Bytes: b, Hash: link(previous, b), Previous: previous}
}

// Open reads a stored event. It parses the bytes and takes the links as they were stored: whether they hold is Chain's to
// say, because only a whole history can be judged.
func Open(b []byte, hash, previous Hash) (Sealed, error) {
	e, err := parse(b)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{Envelope: e, Bytes: b, Hash: hash, Previous: previous}, nil
}

func link(previous Hash, b []byte) Hash {
	h := sha256.New()
	h.Write(previous[:])
	h.Write(b)
	var out Hash
	h.Sum(out[:0])
	return out
}

// The form: the domain tag; then, each as a field, city, aggregate, version, type, time, actor, payload. A text or payload
// is its length as an unsigned varint and its bytes; a number is eight bytes, big-endian. No field is optional, so two
// different envelopes have different bytes, and parse accepts nothing that encode would not write.

func encode(e Envelope) []byte {
	size := len(domainTag) + len(e.City) + len(e.Aggregate) + len(e.Type) + len(e.Actor) + len(e.Payload) + 2*8 + 5*binary.MaxVarintLen32
	b := append(make([]byte, 0, size), domainTag...)
	b = appendText(b, e.City)
	b = appendText(b, e.Aggregate)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Version))
	b = appendText(b, e.Type)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time.UnixMicro()))
	b = appendText(b, e.Actor)
	b = binary.AppendUvarint(b, uint64(len(e.Payload)))
	return append(b, e.Payload...)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func parse(b []byte) (Envelope, error) {
	rest, ok := bytes.CutPrefix(b, []byte(domainTag))
	if !ok {
		return Envelope{}, fmt.Errorf("%w: no domain tag", ErrMalformed)
	}
	d := decoder{rest: rest}
	e := Envelope{
		City:      string(d.text()),
		Aggregate: string(d.text()),
		Version:   d.number(),
		Type:      string(d.text()),
		Time:      time.UnixMicro(d.number()).UTC(),
		Actor:     string(d.text()),
		Payload:   d.text(),
	}
	switch {
	case d.failed:
		return Envelope{}, fmt.Errorf("%w: cut short", ErrMalformed)
	case len(d.rest) != 0:
		return Envelope{}, fmt.Errorf("%w: %d bytes left over", ErrMalformed, len(d.rest))
	case !bytes.Equal(encode(e), b):
		return Envelope{}, fmt.Errorf("%w: not in the canonical form", ErrMalformed) // a length in more bytes than it needs
	}
	return e, nil
}

// decoder reads fields one after another and remembers whether one was missing.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) text() []byte {
	n, used := binary.Uvarint(d.rest)
	if used <= 0 || n > uint64(len(d.rest)-used) {
		d.failed, d.rest = true, nil
		return nil
	}
	field := d.rest[used : used+int(n)]
	d.rest = d.rest[used+int(n):]
	return field
}

func (d *decoder) number() int64 {
	if len(d.rest) < 8 {
		d.failed, d.rest = true, nil
		return 0
	}
	n := int64(binary.BigEndian.Uint64(d.rest))
	d.rest = d.rest[8:]
	return n
}
