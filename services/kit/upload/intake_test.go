package upload_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/upload"
	"github.com/throughtrain/throughtrain/services/kit/upload/uploadtest"
)

// schema is the smallest service that takes files: things that count them.
func schema() sqldb.MigrationSet {
	const text = `
CREATE TABLE thing (id TEXT PRIMARY KEY, files BIGINT NOT NULL);
INSERT INTO thing (id, files) VALUES ('one', 0);
CREATE TABLE papers (city TEXT NOT NULL, month INTEGER NOT NULL, thing TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
	kind TEXT NOT NULL, name TEXT NOT NULL, author TEXT NOT NULL, person TEXT NOT NULL, size BIGINT NOT NULL, sha256 %[1]s NOT NULL, received BIGINT NOT NULL,
	blob TEXT NOT NULL, clean TEXT NOT NULL, clean_size BIGINT NOT NULL, clean_sha256 %[1]s NOT NULL, media_type TEXT NOT NULL, create_time BIGINT NOT NULL,
	ready_time BIGINT, touch_time BIGINT NOT NULL, expire_time BIGINT NOT NULL, colour TEXT NOT NULL, weight TEXT NOT NULL,
	PRIMARY KEY (city, month, thing, id));
`
	files := fstest.MapFS{}
	for engine, blob := range map[string]string{"sqlite": "BLOB", "postgres": "BYTEA"} {
		files[engine+"/0001_papers.sql"] = &fstest.MapFile{Data: fmt.Appendf(nil, text, blob)}
	}
	return sqldb.MigrationSet{Name: "papers", FS: files}
}

var (
	owner    = upload.Owner{City: "410900", Month: 202603, ID: "one"}
	errFull  = fault.New(fault.Exhausted, "FULL", "满了，请先整理。", "It is full. Make room.")
	errAway  = errors.New("what decides is away")
	errRace  = errors.New("somebody is faster")
	anywhere = context.Background()
)

// world is an intake with a thing that takes files.
type world struct {
	*upload.Intake
	store *change.Store
	wall  *movable.Clock
	ids   *ids.Source

	mu      sync.Mutex
	answers []error // of the next arrivals
}

func newWorld(t *testing.T, dsn string) *world {
	t.Helper()
	w := &world{wall: movable.New(time.Now())} // blobs in memory know no other clock
	w.store = kittest.OpenStore(t, dsn, change.Options{Wall: w.wall}, schema())
	w.ids = ids.New(w.wall)
	blobs := blob.NewMemory()
	w.Intake = upload.NewIntake(upload.Config{Store: w.store, Rows: upload.NewRows(w.store.DB(), "papers", "thing", "colour", "weight"), Blobs: blobs,
		Judge: upload.NewJudge(blobs, t.TempDir()), Wall: w.wall, Arrive: w.arrive, Refusals: []*fault.Error{errFull}})
	return w
}

// arrive counts the file, from how many the thing has now.
func (w *world) arrive(ctx context.Context, f *upload.File) (*change.Change, time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.answers) > 0 {
		err := w.answers[0]
		switch w.answers = w.answers[1:]; {
		case errors.Is(err, errRace):
			return &change.Change{Statements: []change.Statement{change.Guard(`UPDATE thing SET files = 0 WHERE id = $1`, "none")}}, w.wall.Now(), nil
		case err != nil:
			return nil, time.Time{}, err
		}
	}
	var n int
	if err := w.store.DB().QueryRow(ctx, `SELECT files FROM thing WHERE id = $1`, f.Owner.ID).Scan(&n); err != nil {
		return nil, time.Time{}, err
	}
	return &change.Change{Statements: []change.Statement{
		change.Guard(`UPDATE thing SET files = $1 WHERE id = $2 AND files = $3`, n+1, f.Owner.ID, n)}}, w.wall.Now(), nil
}

func (w *world) counted(t *testing.T) (n int) {
	t.Helper()
	if err := w.store.DB().QueryRow(t.Context(), `SELECT files FROM thing WHERE id = $1`, owner.ID).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) announce(t *testing.T, content []byte) *upload.File {
	t.Helper()
	sum := sha256.Sum256(content)
	f, err := w.Announced(upload.Announcement{Name: " 图.jpeg ", Kind: media.Photo, Size: int64(len(content)), SHA256: sum[:]})
	if err != nil {
		t.Fatal(err)
	}
	f.Owner, f.ID, f.Author, f.Person, f.CreateTime, f.Words = owner, w.ids.New(), "MAKER", "somebody", w.wall.Now(), []string{"red", "light"}
	if err := w.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{w.Rows.Add(f)}}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *world) take(ctx context.Context, f *upload.File, offset int, piece []byte) (*upload.File, error) {
	return w.Take(ctx, func() (*upload.File, error) { return w.Rows.File(ctx, f.Owner, f.ID) }, int64(offset), piece)
}

// at fails unless the file's row is in a state.
func (w *world) at(t *testing.T, f *upload.File, state, reason string) {
	t.Helper()
	if now, err := w.Rows.File(t.Context(), f.Owner, f.ID); err != nil || now.State != state || now.Reason != reason {
		t.Errorf("the file is %+v, want %s %s: %v", now, state, reason, err)
	}
}

func (w *world) blobs(t *testing.T) (n int) {
	t.Helper()
	if err := w.Blobs.Walk(t.Context(), func(blob.ID, time.Time) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// signed is a picture with its author's name behind its end.
func signed(t *testing.T) []byte { return append(picture(t), "behind the end: Zhang San"...) }

func TestRows(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		uploadtest.Rows(t, w.store, w.Rows, owner, "red", "heavy")
	})
}

// TestPieces: whatever comes twice, overlaps or leaves a gap, what arrived stays and the file becomes what was announced, once.
func TestPieces(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		content := signed(t)
		f := w.announce(t, content)
		if _, err := w.take(t.Context(), f, 1, content[1:]); !fault.Has(err, "UPLOAD_OFFSET_MISMATCH") || fault.From(err).Metadata["offset"] != "0" {
			t.Errorf("a gap: %v", err)
		}
		if _, err := w.take(t.Context(), f, 0, append(bytes.Clone(content), 'x')); !fault.Has(err, "UPLOAD_BEYOND_END") {
			t.Errorf("beyond the end: %v", err)
		}
		for _, piece := range []struct{ from, to, there int }{{0, 30, 30}, {10, 40, 40}, {0, 20, 40}, {40, 40, 40}} {
			got, err := w.take(t.Context(), f, piece.from, content[piece.from:piece.to])
			if err != nil || got.State != upload.Uploading || got.Received != int64(piece.there) {
				t.Fatalf("%v: %+v, %v", piece, got, err)
			}
		}
		got, err := w.take(t.Context(), f, 40, content[40:])
		if err != nil || got.State != upload.Ready || got.MediaType != "image/png" || got.Author != "MAKER" || got.Words[0] != "red" || got.Words[1] != "light" {
			t.Fatalf("%+v, %v", got, err)
		}
		if again, err := w.take(t.Context(), f, 40, content[40:]); err != nil || again.State != upload.Ready {
			t.Errorf("the last piece again: %+v, %v", again, err)
		}
		if w.counted(t) != 1 {
			t.Errorf("%d files are counted", w.counted(t))
		}
		for own, want := range map[bool][]byte{true: content, false: picture(t)} {
			r, err := w.Open(t.Context(), got, own, 3, 0)
			if err != nil {
				t.Fatal(err)
			}
			if part, err := io.ReadAll(r); err != nil || !bytes.Equal(part, want[3:]) {
				t.Errorf("own %t: %d bytes, %v", own, len(part), err)
			}
			if _, err := w.Open(t.Context(), got, own, int64(len(want))+1, 0); !fault.Has(err, "RANGE_INVALID") {
				t.Errorf("own %t, behind the end: %v", own, err)
			}
		}
		if name := got.DownloadName(got.Name); name != "图.png" {
			t.Errorf("offered as %q", name)
		}
	})
}

// TestAllAtOnce: the same bytes sent many times at once become one file of its owner, and many files each the next.
func TestAllAtOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		content := signed(t)
		var senders sync.WaitGroup
		const files, times = 6, 3
		for range files {
			f := w.announce(t, content)
			for range times {
				senders.Go(func() {
					if got, err := w.take(anywhere, f, 0, content); err != nil || got.State != upload.Ready {
						t.Errorf("%+v, %v", got, err)
					}
				})
			}
		}
		senders.Wait()
		if w.counted(t) != files {
			t.Errorf("%d of %d files are counted", w.counted(t), files)
		}
	})
}

// TestWhatIsRefused for good leaves its row and its reason, and no bytes.
func TestWhatIsRefused(t *testing.T) {
	content := signed(t)
	for name, c := range map[string]struct {
		sent   []byte
		owner  error
		reason string
	}{
		"another file": {append(bytes.Clone(content[:len(content)-1]), '!'), nil, "ATTACHMENT_HASH_MISMATCH"},
		"its owner":    {content, errFull.With("most", "3"), "FULL"},
	} {
		t.Run(name, func(t *testing.T) {
			kittest.EachDatabase(t, func(t *testing.T, dsn string) {
				w := newWorld(t, dsn)
				w.answers = []error{c.owner}
				f := w.announce(t, content)
				for range 2 { // and said again to who sends it again
					if _, err := w.take(t.Context(), f, 0, c.sent); !fault.Has(err, c.reason) {
						t.Errorf("%v", err)
					}
				}
				w.at(t, f, upload.Refused, c.reason)
				if n := w.blobs(t); n != 0 || w.counted(t) != 0 {
					t.Errorf("%d blobs are left, %d files counted", n, w.counted(t))
				}
				if w.Refusal(c.reason).Reason != c.reason || w.Refusal("nothing").Reason != "UPLOAD_OVER" {
					t.Error("the reason is not known again")
				}
			})
		})
	}
	w := newWorld(t, "sqlite::memory:")
	page := w.announce(t, []byte("<html><script>"))
	if _, err := w.take(t.Context(), page, 0, []byte("<html><script>")); !fault.Has(err, "MEDIA_NOT_ALLOWED") {
		t.Errorf("a page: %v", err)
	}
}

// TestAnOwnerWhoIsBusy is asked more often than somebody who acts upon it would; a failure loses nothing.
func TestAnOwnerWhoIsBusy(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	content := signed(t)
	f := w.announce(t, content)
	for range 3 * change.Attempts {
		w.answers = append(w.answers, errRace)
	}
	w.answers = append(w.answers, errAway)
	if _, err := w.take(t.Context(), f, 0, content); !errors.Is(err, errAway) || len(w.answers) > 0 {
		t.Errorf("%v, with %d races left", err, len(w.answers))
	}
	w.at(t, f, upload.Uploading, "")
	w.answers = []error{errAway}
	w.wall.Advance(2 * time.Minute)
	if err := w.Tidy(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("tidied while what decides is away: %v", err)
	}
	w.at(t, f, upload.Uploading, "")
	if err := w.Tidy(t.Context()); err != nil {
		t.Error(err)
	}
	w.at(t, f, upload.Ready, "")
}

// TestCrashes: between a blob and its row nothing that was acknowledged is lost, and what is left over is found.
func TestCrashes(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		content := signed(t)
		// The bytes are there and their row does not count them: they come again.
		uncounted := w.announce(t, content)
		if err := w.Blobs.Write(t.Context(), uncounted.Blob, 0, content[:50]); err != nil {
			t.Fatal(err)
		}
		if got, err := w.take(t.Context(), uncounted, 0, content); err != nil || got.State != upload.Ready {
			t.Errorf("%+v, %v", got, err)
		}
		// All bytes are there and counted, the blob sealed and its rendition made, and nothing committed: it is judged again.
		unjudged := w.announce(t, content)
		if err := w.Blobs.Write(t.Context(), unjudged.Blob, 0, content); err != nil {
			t.Fatal(err)
		}
		arrived := upload.Arrived{Blob: unjudged.Blob, Kind: unjudged.Kind, Size: unjudged.Size, SHA256: [32]byte(unjudged.SHA256)}
		lost, err := w.Judge.Judge(t.Context(), arrived)
		if err != nil {
			t.Fatal(err)
		}
		count := w.Rows.Receive(unjudged, unjudged.Size, w.wall.Now())
		if err := w.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{count}}); err != nil {
			t.Fatal(err)
		}
		half := w.announce(t, content)
		if _, err := w.take(t.Context(), half, 0, content[:10]); err != nil {
			t.Fatal(err)
		}
		if err := w.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.at(t, unjudged, upload.Uploading, "") // the call that brought it may still see to it
		w.wall.Advance(2 * time.Minute)
		if err := w.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.at(t, unjudged, upload.Ready, "")
		w.at(t, half, upload.Uploading, "")
		w.wall.Advance(7 * 24 * time.Hour)
		if _, err := w.take(t.Context(), half, 10, content[10:]); !fault.Has(err, "UPLOAD_OVER") {
			t.Errorf("too late: %v", err)
		}
		if err := w.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.at(t, half, upload.Expired, "")
		if n := w.blobs(t); n != 5 { // two files with their renditions, and the lost one
			t.Errorf("%d blobs", n)
		}
		if err := w.Sweep(t.Context()); err != nil || w.blobs(t) != 5 {
			t.Errorf("something young was swept: %v", err)
		}
		w.wall.Advance(24 * time.Hour)
		if err := w.Sweep(t.Context()); err != nil || w.blobs(t) != 4 {
			t.Errorf("%d blobs are left: %v", w.blobs(t), err)
		}
		if _, err := w.Blobs.Size(t.Context(), lost.Clean); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("the lost rendition: %v", err)
		}
		if w.counted(t) != 2 {
			t.Errorf("%d files are counted", w.counted(t))
		}
	})
}

// TestRun: whoever runs it has nothing to tidy by hand.
func TestRun(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	f := w.announce(t, signed(t))
	orphan := blob.NewID()
	if err := w.Blobs.Write(t.Context(), orphan, 0, []byte("x")); err != nil {
		t.Fatal(err)
	}
	rested := func() {
		t.Helper()
		if err := w.wall.AwaitWaiters(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	running, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(running, zaptest.NewLogger(t)) }()
	rested()
	w.wall.Advance(9 * 24 * time.Hour)
	rested()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	w.at(t, f, upload.Expired, "")
	if n := w.blobs(t); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
}

func TestRoom(t *testing.T) {
	file := func(person, state string) *upload.File { return &upload.File{Person: person, State: state} }
	for name, c := range map[string]struct {
		all  []*upload.File
		want bool
	}{
		"none":                          {nil, true},
		"as many as there may be":       {[]*upload.File{file("b", upload.Ready), file("a", upload.Uploading)}, false},
		"what others announced":         {[]*upload.File{file("b", upload.Announced), file("b", upload.Uploading)}, true},
		"what came to nothing":          {[]*upload.File{file("a", upload.Expired), file("a", upload.Refused)}, true},
		"too much that came to nothing": {[]*upload.File{file("a", upload.Expired), file("a", upload.Refused), file("a", upload.Expired)}, false},
	} {
		if got := upload.Room(c.all, "a", 2, 3); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestName(t *testing.T) {
	for _, name := range []string{" ", "", ".", "..", "a/b", `a\b`, "a\x00", "a\u202egnp.exe", "a\nb", "a\ufffd", "a\u2028b"} {
		if got, err := upload.Name(name); !fault.Has(err, "FILE_NAME_INVALID") {
			t.Errorf("%q is %q, %v", name, got, err)
		}
	}
	if got, err := upload.Name(" 营业执照 (2).pdf "); err != nil || got != "营业执照 (2).pdf" {
		t.Errorf("%q, %v", got, err)
	}
}
