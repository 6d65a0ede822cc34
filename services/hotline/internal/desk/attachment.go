package desk

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

const (
	attachmentsPart = "/attachments/"
	// maxAnnounced bounds the files that somebody announces to a ticket and that come to nothing, which stay as rows.
	maxAnnounced = 10 * ticket.MaxAttachments
)

// What a use case refuses of files beyond what upload does.
var (
	ErrAttachmentNotFound = fault.New(fault.NotFound, hotlinev1.ErrorReason_ATTACHMENT_NOT_FOUND.String(),
		"没有找到这个文件，请核对后重试。", "There is no such file. Check its name.")
	ErrAttachmentNotReady = fault.New(fault.Precondition, hotlinev1.ErrorReason_ATTACHMENT_NOT_READY.String(),
		"文件尚未传完，或未被接收。", "The file is not there yet, or was not taken.")
)

// File is a file of a ticket as one caller may see it.
type File struct {
	View
	Row *upload.File
	Own bool // the caller sent it
}

// Name is what the file is called. In a restricted ticket a name could tell who filed it.
func (f *File) Name() string {
	if f.Own || f.Sight.Contact || !f.Ticket.Restricted {
		return f.Row.Name
	}
	return "file"
}

// DownloadName is under which name the caller is offered the file.
func (f *File) DownloadName() string { return f.Row.DownloadName(f.Name()) }

// Announce announces a file. The pieces come afterwards; nothing is waited for.
func (d *Desk) Announce(ctx context.Context, caller authn.Caller, call Call, ref Ref, in upload.Announcement) (File, error) {
	for range change.Attempts {
		start := change.Begin()
		view, stored, err := d.readable(ctx, caller, ref)
		if err != nil {
			return File{}, err
		}
		row, err := d.announcement(ctx, caller, stored, view, in)
		if err == nil {
			c := &change.Change{Decided: start, Statements: []change.Statement{d.Store.Files.Add(row)}}
			c.Request = call.request(caller, ref.City, ref.ID+attachmentsPart+row.ID, d.Wall.Now().Add(keepRequests))
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			return File{view, row, true}, nil
		case !raced(err):
			return d.announcedBefore(ctx, caller, call, ref, err)
		}
	}
	return File{}, ErrTooBusy
}

// readable opens a ticket whose text the caller may read: who may not, knows of no files.
func (d *Desk) readable(ctx context.Context, caller authn.Caller, ref Ref) (View, store.Stored, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err == nil && !view.Sight.Text {
		err = ticket.ErrNotFound
	}
	return view, stored, err
}

func (d *Desk) announcement(ctx context.Context, caller authn.Caller, stored store.Stored, view View, in upload.Announcement) (*upload.File, error) {
	actor := actorOf(caller, view.City, stored)
	if err := stored.Ticket.MayAttach(ticket.Context{Now: view.Now, Actor: actor, City: view.City}); err != nil {
		return nil, err
	}
	row, err := d.Intake.Announced(in)
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Files.Files(ctx, upload.Owner(stored.Key))
	if err != nil {
		return nil, err
	}
	if !upload.Room(all, caller.Person, ticket.MaxAttachments, maxAnnounced) {
		return nil, ticket.ErrAttachmentsTooMany
	}
	row.Owner, row.ID, row.CreateTime = upload.Owner(stored.Key), d.ids.New(), view.Now
	row.Author, row.Person = stored.Ticket.AuthorOf(actor).String(), caller.Person
	return row, nil
}

// announcedBefore answers a repeated announcement with the file it led to; otherwise the refusal stands.
func (d *Desk) announcedBefore(ctx context.Context, caller authn.Caller, call Call, ref Ref, refusal error) (File, error) {
	if !refused(refusal) {
		return File{}, refusal
	}
	f, found, err := d.ReplayAnnounce(ctx, caller, call, ref.City)
	if err == nil && !found {
		err = refusal
	}
	return f, err
}

// ReplayAnnounce finds the file that an announcement led to when it was made before.
func (d *Desk) ReplayAnnounce(ctx context.Context, caller authn.Caller, call Call, city string) (File, bool, error) {
	resource, found, err := d.replayed(ctx, caller, city, call)
	if err != nil || !found {
		return File{}, false, err
	}
	id, attachment, _ := strings.Cut(resource, attachmentsPart)
	f, err := d.Attachment(ctx, caller, Ref{City: city, ID: id}, attachment)
	return f, err == nil, err
}

// Attachment returns a file of a ticket.
func (d *Desk) Attachment(ctx context.Context, caller authn.Caller, ref Ref, id string) (File, error) {
	view, stored, err := d.readable(ctx, caller, ref)
	if err != nil {
		return File{}, err
	}
	row, err := d.Store.Files.File(ctx, upload.Owner(stored.Key), id)
	switch {
	case errors.Is(err, upload.ErrNotFound) || err == nil && !row.ShownTo(caller.Person):
		return File{}, ErrAttachmentNotFound
	case err != nil:
		return File{}, err
	}
	return File{view, row, row.Person == caller.Person}, nil
}

// Files returns the files of a ticket, oldest first.
func (d *Desk) Files(ctx context.Context, caller authn.Caller, ref Ref) ([]File, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil || !view.Sight.Text {
		return nil, err
	}
	all, err := d.Store.Files.Files(ctx, upload.Owner(stored.Key))
	if err != nil {
		return nil, err
	}
	var out []File
	for _, row := range all {
		if row.ShownTo(caller.Person) {
			out = append(out, File{view, row, row.Person == caller.Person})
		}
	}
	return out, nil
}

// Read opens a part of a file's content as the caller may see it; all to the end for a length of 0.
func (d *Desk) Read(ctx context.Context, caller authn.Caller, ref Ref, id string, offset, length int64) (File, io.ReadCloser, error) {
	f, err := d.Attachment(ctx, caller, ref, id)
	if err != nil {
		return File{}, nil, err
	}
	if f.Row.State != upload.Ready {
		return File{}, nil, ErrAttachmentNotReady
	}
	reader, err := d.Intake.Open(ctx, f.Row, f.Own, offset, length)
	return f, reader, err
}

// Piece takes a piece of a file from who announced it. The last one waits until the file is judged.
func (d *Desk) Piece(ctx context.Context, caller authn.Caller, ref Ref, id string, offset int64, piece []byte) (f File, err error) {
	f.Row, err = d.Intake.Take(ctx, func() (*upload.File, error) {
		var err error
		if f, err = d.Attachment(ctx, caller, ref, id); err == nil && !f.Own {
			err = ErrAttachmentNotFound
		}
		return f.Row, err
	}, offset, piece)
	return f, err
}

// attach makes a file that arrived whole the ticket's next event.
func (d *Desk) attach(ctx context.Context, row *upload.File) (*change.Change, time.Time, error) {
	city, err := d.Cities.City(row.Owner.City)
	if err != nil {
		return nil, time.Time{}, err
	}
	stored, err := d.read(ctx, Ref{City: row.Owner.City, ID: row.Owner.ID})
	if err != nil {
		return nil, time.Time{}, err
	}
	sender := ticket.Actor{Kind: ticket.PersonActor, Person: row.Person, Filer: row.Person == stored.Identity.Person}
	events, err := stored.Ticket.Attach(ticket.Context{Now: d.City.Now(), Actor: sender, City: city}, ticket.AttachmentAdded{
		Attachment: row.ID, Kind: ticket.AttachmentKind(row.Kind), Size: row.Size, SHA256: row.SHA256, ContentSHA256: row.CleanSHA256,
		Author: ticket.Author(hotlinev1.Message_Author_value[row.Author])})
	if err != nil {
		return nil, time.Time{}, err
	}
	c, _, err := write(stored, events)
	return c, events[len(events)-1].Time, err
}
