package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// documents: a row goes from its announcement to its end in one way, each step guarded by what was read before.
func (f *fixture) documents(t *testing.T) {
	key := f.opened(t, nil).Key
	now := f.clock.Now()
	announce := func(blob string) *store.Document {
		d := &store.Document{Key: key, Document: f.ids.New(), State: store.Announced, Purpose: "material", Material: "survey",
			ValidUntil: "2027-03-01", Name: "测绘.pdf", Supplier: "enterprise", Person: member,
			Size: 100, SHA256: []byte{1, 0, 2}, Blob: blob, CreateTime: now, TouchTime: now, ExpireTime: now.Add(time.Hour)}
		f.write(t, store.AddDocument(d))
		return d
	}
	refused := func(what string, s change.Statement) {
		t.Helper()
		if err := f.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{s}}); !errors.Is(err, change.ErrConflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	first, second, third := announce("blob 1"), announce("blob 2"), announce("blob 3")
	f.write(t, store.Receive(first, 40, now.Add(time.Second)))
	refused("received from where it was", store.Receive(first, 60, now))
	got, err := f.store.Document(t.Context(), key, first.Document)
	want := *first
	want.State, want.Received, want.TouchTime = store.Uploading, 40, now.Add(time.Second)
	if diff := cmp.Diff(&want, got, cmp.Comparer(time.Time.Equal)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	f.write(t, store.Receive(got, 100, now.Add(2*time.Second)), store.Receive(third, 100, now.Add(9*time.Second)))
	whole, err := f.store.UnjudgedDocuments(t.Context(), now.Add(5*time.Second), 10)
	if err != nil || len(whole) != 1 || whole[0].Document != first.Document {
		t.Fatalf("unjudged: %v, %v", whole, err)
	}
	late, err := f.store.ExpiredDocuments(t.Context(), now.Add(time.Hour), 10)
	if err != nil || len(late) != 1 || late[0].Document != second.Document {
		t.Errorf("expired: %v, %v", late, err)
	}
	if early, err := f.store.ExpiredDocuments(t.Context(), now.Add(time.Hour-1000), 10); err != nil || len(early) != 0 {
		t.Errorf("expired too early: %v, %v", early, err)
	}
	ready := whole[0]
	ready.Clean, ready.CleanSize, ready.CleanSHA256, ready.MediaType, ready.ReadyTime = "clean 1", 90, []byte{3}, "application/pdf", now.Add(time.Minute)
	f.write(t, store.MakeReady(ready), store.End(second, store.Expired, ""), store.End(third, store.Refused, "MEDIA_DAMAGED"))
	refused("ready twice", store.MakeReady(ready))
	refused("refused when it is ready", store.End(ready, store.Refused, "x"))
	all, err := f.store.Documents(t.Context(), key)
	ready.State, second.State, third.State, third.Reason, third.Received, third.TouchTime = store.Ready, store.Expired, store.Refused, "MEDIA_DAMAGED", 100, now.Add(9*time.Second)
	if diff := cmp.Diff([]*store.Document{ready, second, third}, all, cmp.Comparer(time.Time.Equal)); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for blob, want := range map[string]bool{"blob 1": true, "clean 1": true, "blob 2": false, "blob 3": false, "": false, "none": false} {
		if used, err := f.store.BlobInUse(t.Context(), blob); err != nil || used != want {
			t.Errorf("blob %q in use: %t, %v", blob, used, err)
		}
	}
	if _, err := f.store.Document(t.Context(), key, f.ids.New()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
}
