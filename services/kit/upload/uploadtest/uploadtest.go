// Package uploadtest holds a service's table of files to what upload asks of it: run Rows over every engine that the service runs on.
//
// It depends on kit's change, ids, media and upload.
package uploadtest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// Rows: a row goes from its announcement to its end in one way, each step guarded by what was read before. The table is empty; the owner has no files.
func Rows(t *testing.T, store *change.Store, rows *upload.Rows, owner upload.Owner, words ...string) {
	t.Helper()
	now := time.Date(2026, 3, 2, 1, 0, 0, 123_000, time.UTC)
	source := ids.New(movable.New(now))
	commit := func(statements ...change.Statement) {
		t.Helper()
		if err := store.Commit(t.Context(), &change.Change{Statements: statements}); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(what string, s change.Statement) {
		t.Helper()
		if err := store.Commit(t.Context(), &change.Change{Statements: []change.Statement{s}}); !errors.Is(err, change.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	same := func(want, got any, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	announce := func(id blob.ID) *upload.File {
		f := &upload.File{Owner: owner, ID: source.New(), State: upload.Announced, Kind: media.Photo, Name: "车间.jpg", Author: "FILER", Person: "somebody",
			Size: 100, SHA256: []byte{1, 0, 2}, Blob: id, CreateTime: now, TouchTime: now, ExpireTime: now.Add(time.Hour), Words: append([]string{}, words...)}
		commit(rows.Add(f))
		return f
	}
	first, second, third := announce("blob 1"), announce("blob 2"), announce("blob 3")
	commit(rows.Receive(first, 40, now.Add(time.Second)))
	refused("received from where it was", rows.Receive(first, 60, now))
	got, err := rows.File(t.Context(), owner, first.ID)
	want := *first
	want.State, want.Received, want.TouchTime = upload.Uploading, 40, now.Add(time.Second)
	same(&want, got, err)
	commit(rows.Receive(got, 100, now.Add(2*time.Second)), rows.Receive(third, 100, now.Add(9*time.Second)))
	whole, err := rows.Unjudged(t.Context(), now.Add(5*time.Second), 10)
	if err != nil || len(whole) != 1 || whole[0].ID != first.ID {
		t.Fatalf("unjudged: %v, %v", whole, err)
	}
	late, err := rows.Expired(t.Context(), now.Add(time.Hour), 10)
	if err != nil || len(late) != 1 || late[0].ID != second.ID {
		t.Errorf("expired: %v, %v", late, err)
	}
	if early, err := rows.Expired(t.Context(), now.Add(time.Hour-1000), 10); err != nil || len(early) != 0 {
		t.Errorf("expired too early: %v, %v", early, err)
	}
	ready := whole[0]
	ready.Clean, ready.CleanSize, ready.CleanSHA256, ready.MediaType, ready.ReadyTime = "clean 1", 90, []byte{3}, "image/jpeg", now.Add(time.Minute)
	commit(rows.MakeReady(ready), rows.End(second, upload.Expired, ""), rows.End(third, upload.Refused, "MEDIA_DAMAGED"))
	refused("ready twice", rows.MakeReady(ready))
	refused("refused when it is ready", rows.End(ready, upload.Refused, "x"))
	ready.State, second.State, third.State = upload.Ready, upload.Expired, upload.Refused
	third.Reason, third.Received, third.TouchTime = "MEDIA_DAMAGED", 100, now.Add(9*time.Second)
	all, err := rows.Files(t.Context(), owner)
	same([]*upload.File{ready, second, third}, all, err)
	for id, want := range map[blob.ID]bool{"blob 1": true, "clean 1": true, "blob 2": false, "blob 3": false, "": false, "none": false} {
		if used, err := rows.InUse(t.Context(), id); err != nil || used != want {
			t.Errorf("blob %q in use: %t, %v", id, used, err)
		}
	}
	if _, err := rows.File(t.Context(), owner, source.New()); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}
