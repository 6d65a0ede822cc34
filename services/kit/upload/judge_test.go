package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// arrived puts a file where its pieces go, and says what was announced of it.
func arrived(t *testing.T, s blob.Store, content []byte) upload.Arrived {
	t.Helper()
	a := upload.Arrived{Blob: blob.NewID(), Kind: media.Photo, Size: int64(len(content)), SHA256: sha256.Sum256(content)}
	if err := s.Write(t.Context(), a.Blob, 0, content); err != nil {
		t.Fatal(err)
	}
	return a
}

// refused tells a file that will never be taken from a failure.
func refused(err error) bool {
	var f *fault.Error
	return errors.As(err, &f)
}

func TestJudge(t *testing.T) {
	store, spool := blob.NewMemory(), t.TempDir()
	judge := upload.NewJudge(store, spool)
	plain := picture(t)
	clean, err := judge.Judge(t.Context(), arrived(t, store, plain))
	if err != nil || clean.Format != media.PNG || clean.SHA256 != sha256.Sum256(plain) {
		t.Fatalf("%+v, %v", clean, err)
	}
	dirty := append(bytes.Clone(plain), "Zhang San"...)
	a := arrived(t, store, dirty)
	found, err := judge.Judge(t.Context(), a)
	if err != nil || found.Clean == a.Blob || found.SHA256 != sha256.Sum256(plain) || found.Size != int64(len(plain)) {
		t.Fatalf("%+v, %v", found, err)
	}
	for id, want := range map[blob.ID][]byte{a.Blob: dirty, found.Clean: plain} {
		r, err := store.Open(t.Context(), id, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	again, err := judge.Judge(t.Context(), a)
	if err != nil || again.SHA256 != found.SHA256 || again.Clean == found.Clean {
		t.Errorf("again: %+v, %v", again, err)
	}
	if left, err := os.ReadDir(spool); err != nil || len(left) > 0 {
		t.Errorf("left in the spool: %v, %v", left, err)
	}
}

func TestRefusedAndFailed(t *testing.T) {
	store := blob.NewMemory()
	judge := upload.NewJudge(store, t.TempDir())
	other := arrived(t, store, picture(t))
	other.SHA256[0]++
	page := arrived(t, store, []byte("<html>"))
	for name, c := range map[string]struct {
		a    upload.Arrived
		want error
	}{"another file": {other, upload.ErrHash}, "a page": {page, media.ErrNotAllowed}} {
		if _, err := judge.Judge(t.Context(), c.a); !errors.Is(err, c.want) || !refused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := arrived(t, store, picture(t))
	short.Size++
	if _, err := judge.Judge(t.Context(), short); !errors.Is(err, blob.ErrIncomplete) || refused(err) {
		t.Errorf("a file that is not whole: %v", err)
	}
	// A disk that fails is no reason to refuse a file.
	if _, err := upload.NewJudge(store, "/nowhere").Judge(t.Context(), arrived(t, store, picture(t))); err == nil || refused(err) {
		t.Errorf("no room: %v", err)
	}
	ended, end := context.WithTimeout(t.Context(), time.Hour)
	end()
	if _, err := judge.Judge(ended, arrived(t, store, picture(t))); refused(err) {
		t.Errorf("given up: %v", err)
	}
}
