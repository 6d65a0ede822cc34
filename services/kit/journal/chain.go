package journal

import (
	"fmt"
	"iter"
	"time"
)

// Head is the last link of an aggregate's history: what the next event follows, and what a history is compared with to see
// that nothing was cut off its end.
type Head struct {
	Version int64
	Hash    Hash
}

// Chain follows one aggregate's history from its beginning and accepts only what can follow. The zero value awaits the first
// event.
type Chain struct {
	Head
	city, aggregate string
	time            time.Time
}

// BrokenError says where a history stops being one.
type BrokenError struct {
	City, Aggregate string
	Version         int64 // of the event that does not fit
	Reason          string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("history of %s in city %s breaks at version %d: %s", e.Aggregate, e.City, e.Version, e.Reason)
}

// Extend accepts the next event or returns a *BrokenError and stays as it was.
func (c *Chain) Extend(s Sealed) error {
	broken := func(reason string) error {
		return &BrokenError{City: s.City, Aggregate: s.Aggregate, Version: s.Version, Reason: reason}
	}
	e, err := parse(s.Bytes)
	switch {
	case err != nil:
		return broken(err.Error())
	case !same(e, s.Envelope):
		return broken("its fields are not those of its bytes")
	case c.Version > 0 && (e.City != c.city || e.Aggregate != c.aggregate):
		return broken("it belongs to another history")
	case e.Version != c.Version+1:
		return broken(fmt.Sprintf("version %d was expected", c.Version+1))
	case s.Previous != c.Hash:
		return broken("it follows another event")
	case s.Hash != link(s.Previous, s.Bytes):
		return broken("its hash is not that of its bytes")
	case e.Time.Before(c.time):
		return broken("its time is earlier than that of its predecessor")
	}
	c.city, c.aggregate, c.time = e.City, e.Aggregate, e.Time
	c.Head = Head{Version: e.Version, Hash: s.Hash}
	return nil
}

// Verify checks one aggregate's whole history, first event first, and that it ends at head. A chain alone cannot show that
// its tail was cut off; a head kept elsewhere can.
func Verify(history iter.Seq2[Sealed, error], head Head) error {
	var c Chain
	var last Sealed
	for s, err := range history {
		if err != nil {
			return err
		}
		if err := c.Extend(s); err != nil {
			return err
		}
		last = s
	}
	if c.Head != head {
		return &BrokenError{City: last.City, Aggregate: last.Aggregate, Version: c.Version,
			Reason: fmt.Sprintf("it ends at version %d and should end at version %d with hash %s", c.Version, head.Version, head.Hash)}
	}
	return nil
}

func same(a, b Envelope) bool {
	return a.City == b.City && a.Aggregate == b.Aggregate && a.Version == b.Version && a.Type == b.Type &&
		a.Time.Equal(b.Time) && a.Actor == b.Actor && string(a.Payload) == string(b.Payload)
}
