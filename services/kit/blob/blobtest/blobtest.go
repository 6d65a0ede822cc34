// Package blobtest is what every engine of blob has to hold: its contract as tests. It depends on blob and the standard library.
package blobtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/blob"
)

// Run holds an empty store to the contract.
func Run(t *testing.T, s blob.Store) {
	suite := &suite{s}
	t.Run("pieces make a blob", suite.pieces)
	t.Run("pieces again, overlapping and out of order", suite.overlapping)
	t.Run("a blob with a gap or too short is not sealed", suite.incomplete)
	t.Run("what was written too much is cut off", suite.tooMuch)
	t.Run("sealing again does nothing, writing on is refused", suite.sealed)
	t.Run("ranges", suite.ranges)
	t.Run("put whole", suite.put)
	t.Run("what is not there", suite.absent)
	t.Run("delete takes everything", suite.deleted)
	t.Run("walk finds sealed and unsealed", suite.walk)
	t.Run("ids lead nowhere else", suite.ids)
	t.Run("many at once", suite.atOnce)
}

type suite struct{ blob.Store }

// content is some bytes that are unlike each other.
func content(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(b)
	return b
}

func (s *suite) write(t *testing.T, id blob.ID, offset int64, piece []byte) {
	t.Helper()
	if err := s.Write(t.Context(), id, offset, piece); err != nil {
		t.Fatal(err)
	}
}

func (s *suite) read(t *testing.T, id blob.ID, offset, length int64) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), id, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *suite) is(t *testing.T, id blob.ID, want []byte) {
	t.Helper()
	if got := s.read(t, id, 0, -1); !bytes.Equal(got, want) {
		t.Errorf("%d bytes, other than the %d written", len(got), len(want))
	}
	if size, err := s.Size(t.Context(), id); err != nil || size != int64(len(want)) {
		t.Errorf("size %d, %v", size, err)
	}
}

func (s *suite) seal(t *testing.T, id blob.ID, size int) {
	t.Helper()
	if err := s.Seal(t.Context(), id, int64(size)); err != nil {
		t.Fatal(err)
	}
}

func (s *suite) pieces(t *testing.T) {
	id, want := blob.NewID(), content(3<<20+17)
	for at := 0; at < len(want); at += 1 << 20 {
		s.write(t, id, int64(at), want[at:min(at+1<<20, len(want))])
	}
	if _, err := s.Open(t.Context(), id, 0, -1); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("an unsealed blob opens: %v", err)
	}
	s.seal(t, id, len(want))
	s.is(t, id, want)
}

func (s *suite) overlapping(t *testing.T) {
	id, want := blob.NewID(), content(1000)
	for _, p := range [][2]int{{600, 1000}, {0, 300}, {0, 300}, {0, 450}, {250, 700}, {100, 101}} {
		s.write(t, id, int64(p[0]), want[p[0]:p[1]])
	}
	s.seal(t, id, len(want))
	s.is(t, id, want)
}

func (s *suite) incomplete(t *testing.T) {
	id, want := blob.NewID(), content(1000)
	if err := s.Seal(t.Context(), id, 1); !errors.Is(err, blob.ErrIncomplete) {
		t.Errorf("nothing was sealed: %v", err)
	}
	s.write(t, id, 0, want[:999])
	if err := s.Seal(t.Context(), id, 1000); !errors.Is(err, blob.ErrIncomplete) {
		t.Errorf("too little was sealed: %v", err)
	}
	s.write(t, id, 999, want[999:])
	s.seal(t, id, 1000)
	s.is(t, id, want)
}

func (s *suite) tooMuch(t *testing.T) {
	id, want := blob.NewID(), content(1000)
	s.write(t, id, 0, want)
	s.seal(t, id, 700)
	s.is(t, id, want[:700])
}

func (s *suite) sealed(t *testing.T) {
	id, want := blob.NewID(), content(10)
	s.write(t, id, 0, want)
	s.seal(t, id, 10)
	s.seal(t, id, 10)
	if err := s.Seal(t.Context(), id, 9); !errors.Is(err, blob.ErrSealed) {
		t.Errorf("sealed at another size: %v", err)
	}
	if err := s.Write(t.Context(), id, 10, []byte("more")); !errors.Is(err, blob.ErrSealed) {
		t.Errorf("written on: %v", err)
	}
	s.is(t, id, want)
}

func (s *suite) ranges(t *testing.T) {
	id, want := blob.NewID(), content(1000)
	s.write(t, id, 0, want)
	s.seal(t, id, 1000)
	for _, r := range []struct{ offset, length, from, to int64 }{
		{0, 1, 0, 1}, {0, 0, 0, 0}, {10, 20, 10, 30}, {990, 100, 990, 1000}, {999, -1, 999, 1000}, {1000, -1, 1000, 1000}, {2000, 5, 1000, 1000},
	} {
		if got := s.read(t, id, r.offset, r.length); !bytes.Equal(got, want[r.from:r.to]) {
			t.Errorf("%d+%d: %d bytes", r.offset, r.length, len(got))
		}
	}
}

func (s *suite) put(t *testing.T) {
	id, want := blob.NewID(), content(2<<20)
	if err := s.Put(t.Context(), id, bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	s.is(t, id, want)
	short := blob.NewID()
	if err := s.Put(t.Context(), short, bytes.NewReader(want[:10]), 11); err == nil {
		t.Error("a short content was put")
	}
	if _, err := s.Size(t.Context(), short); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("a short content is there: %v", err)
	}
}

func (s *suite) absent(t *testing.T) {
	id := blob.NewID()
	if _, err := s.Open(t.Context(), id, 0, -1); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Size(t.Context(), id); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("size: %v", err)
	}
	if err := s.Delete(t.Context(), id); err != nil {
		t.Errorf("delete: %v", err)
	}
}

func (s *suite) deleted(t *testing.T) {
	sealed, unsealed := blob.NewID(), blob.NewID()
	s.write(t, sealed, 0, content(10))
	s.seal(t, sealed, 10)
	s.write(t, unsealed, 0, content(10))
	for _, id := range []blob.ID{sealed, unsealed} {
		if err := s.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s.known(t)[id] {
			t.Error("something is left")
		}
		if err := s.Seal(t.Context(), id, 10); !errors.Is(err, blob.ErrIncomplete) {
			t.Errorf("seal after delete: %v", err)
		}
	}
}

func (s *suite) known(t *testing.T) map[blob.ID]bool {
	t.Helper()
	all := map[blob.ID]bool{}
	err := s.Walk(t.Context(), func(id blob.ID, modified time.Time) error {
		if since := time.Since(modified); since > time.Hour || since < -time.Hour {
			t.Errorf("%s was changed %s ago", id, since)
		}
		all[id] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *suite) walk(t *testing.T) {
	sealed, unsealed := blob.NewID(), blob.NewID()
	s.write(t, sealed, 0, content(10))
	s.seal(t, sealed, 10)
	s.write(t, unsealed, 0, content(10))
	if all := s.known(t); !all[sealed] || !all[unsealed] {
		t.Errorf("found %v", all)
	}
	stop := errors.New("enough")
	if err := s.Walk(t.Context(), func(blob.ID, time.Time) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("walk ended with %v", err)
	}
}

func (s *suite) ids(t *testing.T) {
	for _, id := range []blob.ID{"", "../../../../etc/passwd", "0123456789abcdef/0123", "0123456789ABCDEF0", "0123456789abcde.", blob.NewID() + blob.NewID()} {
		if s.Write(t.Context(), id, 0, []byte("x")) == nil || s.Put(t.Context(), id, bytes.NewReader(nil), 0) == nil {
			t.Errorf("%q is taken", id)
		}
		if _, err := s.Open(t.Context(), id, 0, -1); err == nil {
			t.Errorf("%q opens", id)
		}
	}
}

func (s *suite) atOnce(t *testing.T) {
	const writers = 8
	id, want := blob.NewID(), content(writers*1000)
	var group sync.WaitGroup
	for i := range writers {
		for range 2 { // a client that tries again while the first attempt is still on its way
			group.Go(func() {
				if err := s.Write(context.WithoutCancel(t.Context()), id, int64(i)*1000, want[i*1000:(i+1)*1000]); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	s.seal(t, id, len(want))
	s.is(t, id, want)
}
