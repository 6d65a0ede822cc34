package journal_test

import (
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/journal"
)

func history(aggregate string, n int) []journal.Sealed {
	var all []journal.Sealed
	var previous journal.Hash
	for i := range n {
		s := journal.Seal(previous, journal.Envelope{City: "410900", Aggregate: aggregate, Version: int64(i) + 1, Type: "Filed",
			Time: time.Date(2026, 1, 1, 9, i, 0, 0, time.UTC), Actor: "persons/1", Payload: []byte{byte(i), 1, 2, 3}})
		all, previous = append(all, s), s.Hash
	}
	return all
}

func head(all []journal.Sealed) journal.Head {
	last := all[len(all)-1]
	return journal.Head{Version: last.Version, Hash: last.Hash}
}

func seq(all []journal.Sealed) iter.Seq2[journal.Sealed, error] {
	return func(yield func(journal.Sealed, error) bool) {
		for _, s := range all {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func reseal(s *journal.Sealed, previous journal.Hash, change func(e *journal.Envelope)) {
	e := s.Envelope
	change(&e)
	*s = journal.Seal(previous, e)
}

// Every way to tamper with stored history, short of rewriting all of it together with the head kept elsewhere.
func TestVerifyFindsEveryMutation(t *testing.T) {
	mutations := map[string]func(h []journal.Sealed) []journal.Sealed{
		"a byte of the payload":    func(h []journal.Sealed) []journal.Sealed { h[2].Bytes[len(h[2].Bytes)-1] ^= 1; return h },
		"a byte of the tag":        func(h []journal.Sealed) []journal.Sealed { h[2].Bytes[0] ^= 1; return h },
		"a field beside its bytes": func(h []journal.Sealed) []journal.Sealed { h[2].Actor = "persons/2"; return h },
		"a time beside its bytes":  func(h []journal.Sealed) []journal.Sealed { h[2].Time = h[2].Time.Add(-time.Hour); return h },
		"a hash":                   func(h []journal.Sealed) []journal.Sealed { h[2].Hash[0] ^= 1; return h },
		"a previous hash":          func(h []journal.Sealed) []journal.Sealed { h[2].Previous[0] ^= 1; return h },
		"an event dropped":         func(h []journal.Sealed) []journal.Sealed { return slices.Delete(h, 2, 3) },
		"the first event dropped":  func(h []journal.Sealed) []journal.Sealed { return h[1:] },
		"the tail cut off":         func(h []journal.Sealed) []journal.Sealed { return h[:4] },
		"everything cut off":       func(h []journal.Sealed) []journal.Sealed { return nil },
		"two events swapped":       func(h []journal.Sealed) []journal.Sealed { h[2], h[3] = h[3], h[2]; return h },
		"an event twice":           func(h []journal.Sealed) []journal.Sealed { return slices.Insert(h, 3, h[2]) },
		"an event of another":      func(h []journal.Sealed) []journal.Sealed { h[2] = history("other", 3)[2]; return h },
		"the whole of another":     func(h []journal.Sealed) []journal.Sealed { return history("other", 5) },
		"an event sealed anew": func(h []journal.Sealed) []journal.Sealed {
			reseal(&h[2], h[1].Hash, func(e *journal.Envelope) { e.Actor = "x" })
			return h
		},
		"the last sealed anew": func(h []journal.Sealed) []journal.Sealed {
			reseal(&h[4], h[3].Hash, func(e *journal.Envelope) { e.Type = "x" })
			return h
		},
		"a time before its ancestor": func(h []journal.Sealed) []journal.Sealed {
			reseal(&h[4], h[3].Hash, func(e *journal.Envelope) { e.Time = time.Unix(0, 0) })
			return h
		},
		"moved to another city": func(h []journal.Sealed) []journal.Sealed {
			reseal(&h[4], h[3].Hash, func(e *journal.Envelope) { e.City = "410100" })
			return h
		},
		"one event more": func(h []journal.Sealed) []journal.Sealed {
			return append(h, journal.Seal(h[4].Hash, journal.Envelope{City: "410900", Aggregate: "a", Version: 6, Time: h[4].Time}))
		},
	}
	whole := history("a", 5)
	if err := journal.Verify(seq(whole), head(whole)); err != nil {
		t.Fatalf("an untouched history: %v", err)
	}
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			var broken *journal.BrokenError
			if err := journal.Verify(seq(mutate(history("a", 5))), head(whole)); !errors.As(err, &broken) {
				t.Errorf("not found: %v", err)
			}
		})
	}
}

func TestVerifyPassesReadErrorsOn(t *testing.T) {
	own := errors.New("own")
	err := journal.Verify(func(yield func(journal.Sealed, error) bool) { yield(journal.Sealed{}, own) }, journal.Head{})
	if !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
}

func drawEnvelope(t *rapid.T) journal.Envelope {
	return journal.Envelope{
		City:      rapid.String().Draw(t, "city"),
		Aggregate: rapid.String().Draw(t, "aggregate"),
		Version:   rapid.Int64().Draw(t, "version"),
		Type:      rapid.String().Draw(t, "type"),
		Time:      time.UnixMicro(rapid.Int64Range(-1<<50, 1<<52).Draw(t, "time")),
		Actor:     rapid.String().Draw(t, "actor"),
		Payload:   rapid.SliceOf(rapid.Byte()).Draw(t, "payload"),
	}
}

func TestOpenGivesBackWhatWasSealed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sealed := journal.Seal(journal.Hash{1}, drawEnvelope(t))
		opened, err := journal.Open(sealed.Bytes, sealed.Hash, sealed.Previous)
		if err != nil {
			t.Fatal(err)
		}
		if len(opened.Payload) == 0 {
			opened.Payload = sealed.Payload // nothing and an empty payload are one form
		}
		if diff := cmp.Diff(sealed, opened); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Text moved from one field to its neighbour, or any other difference, must show in the bytes.
func TestDifferentEnvelopesHaveDifferentBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawEnvelope(t)
		b := a
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			b.City, b.Aggregate = a.City+a.Aggregate, ""
		case 1:
			b.Aggregate, b.Type = a.Type, a.Aggregate
		case 2:
			b.Actor, b.Payload = a.Actor+string(a.Payload), nil
		case 3:
			b = drawEnvelope(t)
		}
		same := a.City == b.City && a.Aggregate == b.Aggregate && a.Version == b.Version && a.Type == b.Type &&
			a.Time.Equal(b.Time) && a.Actor == b.Actor && string(a.Payload) == string(b.Payload)
		if equal := string(journal.Seal(journal.Hash{}, a).Bytes) == string(journal.Seal(journal.Hash{}, b).Bytes); equal != same {
			t.Fatalf("%+v and %+v: same bytes %v", a, b, equal)
		}
	})
}

func TestSealCutsTimesToMicroseconds(t *testing.T) {
	s := journal.Seal(journal.Hash{}, journal.Envelope{Time: time.Date(2026, 1, 1, 8, 0, 0, 1999, time.FixedZone("", 8*3600))})
	if want := time.Date(2026, 1, 1, 0, 0, 0, 1000, time.UTC); s.Time != want {
		t.Errorf("%v, want %v", s.Time, want)
	}
}

// The form and the links are for ever: whoever changes them breaks every stored history.
func TestFormIsStable(t *testing.T) {
	s := journal.Seal(journal.Hash{}, journal.Envelope{City: "410900", Aggregate: "a", Version: 1, Type: "T",
		Time: time.UnixMicro(1700000000000000), Actor: "p", Payload: []byte("{}")})
	const form = "tt.event.v1\x06410900\x01a\x00\x00\x00\x00\x00\x00\x00\x01\x01T\x00\x06\x0a\x24\x18\x1e\x40\x00\x01p\x02{}"
	if string(s.Bytes) != form {
		t.Errorf("bytes %q", s.Bytes)
	}
	const hash = "aea230440a205d583d79c87759d22ba4b1a0f47d7b80cc69e8a723343bc4a458"
	if s.Hash.String() != hash {
		t.Errorf("hash %s", s.Hash)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(history("a", 1)[0].Bytes)
	f.Add([]byte("tt.event.v1"))
	f.Add([]byte("tt.event.v1\x80\x00"))
	f.Add([]byte("tt.event.v1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := journal.Open(b, journal.Hash{}, journal.Hash{})
		if err != nil {
			if !errors.Is(err, journal.ErrMalformed) {
				t.Errorf("unexpected error %v", err)
			}
			return
		}
		if again := journal.Seal(journal.Hash{}, s.Envelope); string(again.Bytes) != string(b) {
			t.Errorf("%q was accepted and is written as %q", b, again.Bytes)
		}
	})
}
