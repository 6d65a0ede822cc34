package desk_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// drawing is a picture with its author's name in it.
func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), "behind the end: Zhang San"...)
}

func announcement(content []byte) upload.Announcement {
	sum := sha256.Sum256(content)
	return upload.Announcement{Name: "图.png", Kind: media.Photo, Size: int64(len(content)), SHA256: sum[:]}
}

func announced(t *testing.T, w *desktest.World, person string, ref desk.Ref, content []byte) desk.File {
	t.Helper()
	f, err := w.Announce(t.Context(), desktest.Caller(person), desk.Call{Method: "CreateAttachment"}, ref, announcement(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sent sends a file whole.
func sent(t *testing.T, w *desktest.World, person string, ref desk.Ref, content []byte) desk.File {
	t.Helper()
	f := announced(t, w, person, ref, content)
	f, err := w.Piece(t.Context(), desktest.Caller(person), ref, f.Row.ID, 0, content)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, w *desktest.World, person string, ref desk.Ref, id string) []byte {
	t.Helper()
	_, r, err := w.Read(t.Context(), desktest.Caller(person), ref, id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}

// blobs counts what is in the place of files.
func blobs(t *testing.T, w *desktest.World) (n int) {
	t.Helper()
	if err := w.Blobs.Walk(t.Context(), func(blob.ID, time.Time) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWhoSeesAFile: who reads the ticket's text sees what there is to see, the sender what they sent, nobody else that it exists.
func TestWhoSeesAFile(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref, content := w.File(t), drawing(t)
		f := sent(t, w, desktest.Filer, ref, content)
		if f.Row.State != upload.Ready || f.Row.MediaType != "image/png" || f.Row.Author != "FILER" {
			t.Fatalf("%+v", f.Row)
		}
		id := f.Row.ID
		if !bytes.Equal(read(t, w, desktest.Filer, ref, id), content) {
			t.Error("the sender gets something else")
		}
		if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{Method: "DispatchTicket"}, ref, policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		office := ""
		for _, o := range policytest.Config().GetOfficials() {
			for _, role := range o.GetRoles() {
				if role == optionsv1.Role_ROLE_MAYOR_OFFICE {
					office = o.GetPerson()[strings.LastIndexByte(o.GetPerson(), '/')+1:]
				}
			}
		}
		for _, person := range []string{desktest.Colleague, policytest.Attendant, policytest.Dispatcher, office} {
			if got := read(t, w, person, ref, id); bytes.Contains(got, []byte("Zhang")) || len(got) == 0 {
				t.Errorf("%s gets %d bytes with the author's name", person, len(got))
			}
		}
		for person, reason := range map[string]string{desktest.Stranger: "TICKET_NOT_FOUND", policytest.Attendant2: "TICKET_NOT_FOUND", policytest.Auditor: "TICKET_NOT_FOUND"} {
			caller := desktest.Caller(person)
			_, _, err := w.Read(t.Context(), caller, ref, id, 0, 0)
			_, err2 := w.Attachment(t.Context(), caller, ref, id)
			_, err3 := w.Announce(t.Context(), caller, desk.Call{}, ref, announcement(content))
			for _, err := range []error{err, err2, err3} {
				if !fault.Has(err, reason) {
					t.Errorf("%s: %v", person, err)
				}
			}
			if all, err := w.Files(t.Context(), caller, ref); len(all) > 0 {
				t.Errorf("%s lists %d, %v", person, len(all), err)
			}
		}
		if _, err := w.Piece(t.Context(), desktest.Caller(policytest.Attendant), ref, id, 0, content); !fault.Has(err, "ATTACHMENT_NOT_FOUND") {
			t.Errorf("a piece of somebody else's file: %v", err)
		}
		view, entries, verified, err := w.History(t.Context(), desktest.Caller(desktest.Filer), ref)
		if err != nil || !verified || view.Ticket.Attachments != 1 {
			t.Fatalf("verified %t, %d files, %v", verified, view.Ticket.Attachments, err)
		}
		added, ok := entries[1].Event.Body.(ticket.AttachmentAdded)
		if sum := sha256.Sum256(content); !ok || !bytes.Equal(added.SHA256, sum[:]) || bytes.Equal(added.ContentSHA256, added.SHA256) || added.Attachment != id {
			t.Errorf("the history says %+v", entries[1].Event)
		}
	})
}

func TestWhoMaySendWhen(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref, content := w.File(t), drawing(t)
	filer, desker := desktest.Caller(desktest.Filer), desktest.Caller(policytest.Dispatcher)
	late := announced(t, w, policytest.Dispatcher, ref, content)
	if _, err := w.Withdraw(t.Context(), filer, desk.Call{Method: "WithdrawTicket"}, ref, "不用了"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Announce(t.Context(), desker, desk.Call{}, ref, announcement(content)); !fault.Has(err, "STATE_FORBIDS") {
		t.Errorf("the desk, when it is closed: %v", err)
	}
	if f, err := w.Piece(t.Context(), desker, ref, late.Row.ID, 0, content); err != nil || f.Row.State != upload.Ready {
		t.Errorf("announced before it was closed: %v", err)
	}
	if f := sent(t, w, desktest.Filer, ref, content); f.Row.State != upload.Ready {
		t.Errorf("the filer, when it is closed: %s", f.Row.State)
	}
	for _, name := range []string{" ", "a/b.png", `a\b.png`, "..", "a\x00b", "a\u202egnp.exe", "a\nb"} {
		in := announcement(content)
		in.Name = name
		if _, err := w.Announce(t.Context(), filer, desk.Call{}, ref, in); !fault.Has(err, "FILE_NAME_INVALID") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAnnouncedOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref, content, filer := w.File(t), drawing(t), desktest.Caller(desktest.Filer)
		call := desktest.Call("CreateAttachment", "once")
		first, err := w.Announce(t.Context(), filer, call, ref, announcement(content))
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Announce(t.Context(), filer, call, ref, announcement(content))
		if err != nil || again.Row.ID != first.Row.ID {
			t.Errorf("again: %v, %v", again.Row, err)
		}
		call.BodyHash = []byte("another")
		if _, err := w.Announce(t.Context(), filer, call, ref, announcement(content)); !fault.Has(err, "REQUEST_ID_REUSED") {
			t.Errorf("another file under the same id: %v", err)
		}
		if all, err := w.Files(t.Context(), filer, ref); err != nil || len(all) != 1 {
			t.Errorf("%d files, %v", len(all), err)
		}
	})
}

func TestNoMoreThanThirty(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref, content, filer := w.File(t), drawing(t), desktest.Caller(desktest.Filer)
	for range ticket.MaxAttachments {
		sent(t, w, desktest.Filer, ref, content)
	}
	if _, err := w.Announce(t.Context(), filer, desk.Call{}, ref, announcement(content)); !fault.Has(err, "ATTACHMENTS_TOO_MANY") {
		t.Errorf("one more: %v", err)
	}
	view, err := w.Get(t.Context(), filer, ref)
	if err != nil || view.Ticket.Attachments != ticket.MaxAttachments {
		t.Errorf("%d files, %v", view.Ticket.Attachments, err)
	}
	for _, action := range view.Actions {
		if action == "attach" {
			t.Error("one more is offered")
		}
	}
}

// Whoever works on a ticket cannot keep the filer from showing something by announcing what they never send.
func TestWhatOthersAnnounceKeepsNobodyOut(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref, content := w.File(t), drawing(t)
	for range ticket.MaxAttachments {
		announced(t, w, policytest.Dispatcher, ref, content)
	}
	if _, err := w.Announce(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, ref, announcement(content)); !fault.Has(err, "ATTACHMENTS_TOO_MANY") {
		t.Errorf("one more of the same: %v", err)
	}
	if f := sent(t, w, desktest.Filer, ref, content); f.Row.State != upload.Ready {
		t.Errorf("the filer's is %s", f.Row.State)
	}
}

// TestUnfinishedFilesExpire: what did not come in time is gone with its pieces; what came whole and was not judged is judged; what nobody
// needs is swept.
func TestUnfinishedFilesExpire(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref, content, filer := w.File(t), drawing(t), desktest.Caller(desktest.Filer)
		half := announced(t, w, desktest.Filer, ref, content).Row
		if _, err := w.Piece(t.Context(), filer, ref, half.ID, 0, content[:50]); err != nil {
			t.Fatal(err)
		}
		whole := announced(t, w, desktest.Filer, ref, content).Row
		if _, err := w.Piece(t.Context(), filer, ref, whole.ID, 0, content[:50]); err != nil {
			t.Fatal(err)
		}
		given, end := context.WithCancel(t.Context())
		end() // the process dies after the last bytes are there and before anybody has looked at them
		if _, err := w.Piece(given, filer, ref, whole.ID, 50, content[50:]); err == nil {
			t.Fatal("a call that was given up succeeded")
		}
		if err := w.Blobs.Write(t.Context(), whole.Blob, 50, content[50:]); err != nil {
			t.Fatal(err)
		}
		w.Received(t, whole, int64(len(content)))
		orphan := blob.NewID()
		if err := w.Blobs.Write(t.Context(), orphan, 0, []byte("x")); err != nil {
			t.Fatal(err)
		}
		state := func(id, want string) {
			t.Helper()
			if f, err := w.Attachment(t.Context(), filer, ref, id); err != nil || f.Row.State != want {
				t.Errorf("is %s, want %s: %v", f.Row.State, want, err)
			}
		}
		w.Wall.Set(time.Now())
		w.Wall.Advance(6 * 24 * time.Hour)
		if err := w.Intake.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		state(half.ID, upload.Expired) // the wall clock of its announcement was long ago
		state(whole.ID, upload.Ready)
		if _, err := w.Piece(t.Context(), filer, ref, half.ID, 50, content[50:]); !fault.Has(err, "UPLOAD_OVER") {
			t.Errorf("a piece that comes too late: %v", err)
		}
		before := blobs(t, w)
		if err := w.Intake.Sweep(t.Context()); err != nil || blobs(t, w) != before {
			t.Errorf("something young was swept: %v", err)
		}
		w.Wall.Advance(10 * 24 * time.Hour)
		if err := w.Intake.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := blobs(t, w); left != 2 {
			t.Errorf("%d blobs are left, want the file and its rendition", left)
		}
		read(t, w, policytest.Dispatcher, ref, whole.ID)
	})
}

// TestARefusedFileLeavesNothing but its row.
func TestARefusedFileLeavesNothing(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref, filer := w.File(t), desktest.Caller(desktest.Filer)
	page := []byte("<html><script>alert(1)</script>")
	f := announced(t, w, desktest.Filer, ref, page)
	if _, err := w.Piece(t.Context(), filer, ref, f.Row.ID, 0, page); !fault.Has(err, "MEDIA_NOT_ALLOWED") {
		t.Errorf("a page: %v", err)
	}
	if n := blobs(t, w); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
	if all, err := w.Files(t.Context(), desktest.Caller(policytest.Dispatcher), ref); err != nil || len(all) != 0 {
		t.Errorf("the desk sees %d, %v", len(all), err)
	}
	view, err := w.Get(t.Context(), filer, ref)
	if err != nil || view.Ticket.Version != 1 {
		t.Errorf("the ticket is at version %d, %v", view.Ticket.Version, err)
	}
}

// TestKindsAreOne: three packages number the kinds of file alike.
func TestKindsAreOne(t *testing.T) {
	for domain, other := range map[ticket.AttachmentKind]media.Kind{ticket.Photo: media.Photo, ticket.Voice: media.Voice, ticket.Document: media.Document} {
		if int(domain) != int(other) || media.KindOf(domain.String()) != other {
			t.Errorf("%s is %d and %d", domain, domain, other)
		}
	}
}

// TestTheContractKnowsWhatIsRefused of a file.
func TestTheContractKnowsWhatIsRefused(t *testing.T) {
	for _, f := range upload.Faults() {
		if hotlinev1.ErrorReason_value[f.Reason] == 0 {
			t.Errorf("%s is in no contract", f.Reason)
		}
	}
}
