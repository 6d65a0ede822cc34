package desk

import (
	"context"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
)

const (
	attachmentsPart = "/attachments/"
	// keepUnfinished is how long a file may take to arrive. It is a matter of storage, not an obligation, so it runs on the wall clock.
	keepUnfinished = 7 * 24 * time.Hour
	// maxAnnounced bounds the files that somebody announces to a ticket and that come to nothing, which stay as rows.
	maxAnnounced = 10 * ticket.MaxAttachments
)

// What a use case refuses of files. What is wrong with a file itself is said by refusals.
var (
	ErrAttachmentNotFound = fault.New(fault.NotFound, hotlinev1.ErrorReason_ATTACHMENT_NOT_FOUND.String(),
		"没有找到这个文件，请核对后重试。", "There is no such file. Check its name.")
	ErrAttachmentTooLarge = fault.New(fault.Invalid, hotlinev1.ErrorReason_ATTACHMENT_TOO_LARGE.String(),
		"文件过大：照片和语音最多 20 MB，文档最多 50 MB，请压缩后再传。",
		"The file is too large: photos and voice to 20 MB, documents to 50 MB. Make it smaller.")
	ErrFileNameInvalid = fault.New(fault.Invalid, hotlinev1.ErrorReason_FILE_NAME_INVALID.String(),
		"文件名不能为空，也不能含有斜杠或特殊控制字符。", "The name is empty, or has slashes or control characters in it.").
		Field("fileName", "file_name", "不是有效的文件名", "is no name of a file")
	ErrOffsetMismatch = fault.New(fault.Conflict, hotlinev1.ErrorReason_UPLOAD_OFFSET_MISMATCH.String(),
		"上传的起点与已收到的内容不一致，请从已收到的位置继续。", "The piece does not begin where the file has arrived to. Go on from there.")
	ErrBeyondEnd = fault.New(fault.Invalid, hotlinev1.ErrorReason_UPLOAD_BEYOND_END.String(),
		"上传的内容超过了所登记的文件大小。", "The piece goes beyond the size that was announced.")
	ErrUploadOver = fault.New(fault.Precondition, hotlinev1.ErrorReason_UPLOAD_OVER.String(),
		"这个文件的上传已结束，请重新登记后再传。", "This upload is over. Announce the file anew.")
	ErrAttachmentNotReady = fault.New(fault.Precondition, hotlinev1.ErrorReason_ATTACHMENT_NOT_READY.String(),
		"文件尚未传完，或未被接收。", "The file is not there yet, or was not taken.")
	ErrRangeInvalid = fault.New(fault.Invalid, hotlinev1.ErrorReason_RANGE_INVALID.String(),
		"所要的部分超出了文件范围。", "The part asked for is not in the file.")
)

// Announcement is what is said of a file before it comes.
type Announcement struct {
	Name   string
	Kind   ticket.AttachmentKind
	Size   int64
	SHA256 []byte
}

// File is a file of a ticket as one caller may see it.
type File struct {
	View
	Row *store.Attachment
	Own bool // the caller sent it
}

// Name is what the file is called. In a restricted ticket a name could tell who filed it.
func (f *File) Name() string {
	if f.Own || f.Sight.Contact || !f.Ticket.Restricted {
		return f.Row.Name
	}
	return "file"
}

// Content is what the caller gets: their own file as they sent it, anybody else's without what it says of people.
func (f *File) Content() (id blob.ID, size int64, sha256 []byte) {
	switch {
	case f.Row.State != store.Ready:
		return "", 0, nil
	case f.Own:
		return blob.ID(f.Row.Blob), f.Row.Size, f.Row.SHA256
	default:
		return blob.ID(f.Row.Clean), f.Row.CleanSize, f.Row.CleanSHA256
	}
}

// Announce announces a file. The pieces come afterwards; nothing is waited for.
func (d *Desk) Announce(ctx context.Context, caller authn.Caller, call Call, ref Ref, in Announcement) (File, error) {
	for range change.Attempts {
		start := change.Begin()
		view, stored, err := d.readable(ctx, caller, ref)
		if err != nil {
			return File{}, err
		}
		row, err := d.announcement(ctx, caller, stored, view, in)
		if err == nil {
			c := &change.Change{Decided: start, Statements: []change.Statement{store.AddAttachment(row)}}
			c.Request = call.request(caller, ref.City, ref.ID+attachmentsPart+row.Attachment, d.Wall.Now().Add(keepRequests))
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

func (d *Desk) announcement(ctx context.Context, caller authn.Caller, stored store.Stored, view View, in Announcement) (*store.Attachment, error) {
	actor := actorOf(caller, view.City, stored)
	if err := stored.Ticket.MayAttach(ticket.Context{Now: view.Now, Actor: actor, City: view.City}); err != nil {
		return nil, err
	}
	name, err := fileName(in.Name)
	if err != nil {
		return nil, err
	}
	if most := media.Kind(in.Kind).MaxSize(); in.Size > most {
		return nil, ErrAttachmentTooLarge.With("maxBytes", strconv.FormatInt(most, 10))
	}
	all, err := d.Store.Attachments(ctx, stored.Key)
	if err != nil {
		return nil, err
	}
	live, own := 0, 0 // what others announced and did not send keeps nobody from sending
	for _, a := range all {
		if a.Person == caller.Person {
			own++
		}
		if a.State == store.Ready || a.Open() && a.Person == caller.Person {
			live++
		}
	}
	if live >= ticket.MaxAttachments || own >= maxAnnounced {
		return nil, ticket.ErrAttachmentsTooMany
	}
	now := d.Wall.Now()
	return &store.Attachment{Key: stored.Key, Attachment: d.ids.New(), State: store.Announced, Kind: in.Kind.String(), Name: name,
		Author: stored.Ticket.AuthorOf(actor).String(), Person: caller.Person, Size: in.Size, SHA256: in.SHA256, Blob: string(blob.NewID()),
		CreateTime: view.Now, TouchTime: now, ExpireTime: now.Add(keepUnfinished)}, nil
}

// fileName refuses what is no name of a file: it is shown to people and offered to their file systems.
func fileName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return "", ErrFileNameInvalid
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar {
			return "", ErrFileNameInvalid
		}
	}
	return name, nil
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

// shown tells whether a caller is shown a file: those on their way and there, and one's own whatever became of it.
func (f *File) shown() bool { return f.Own || f.Row.Open() || f.Row.State == store.Ready }

// Attachment returns a file of a ticket.
func (d *Desk) Attachment(ctx context.Context, caller authn.Caller, ref Ref, id string) (File, error) {
	view, stored, err := d.readable(ctx, caller, ref)
	if err != nil {
		return File{}, err
	}
	row, err := d.Store.Attachment(ctx, stored.Key, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return File{}, ErrAttachmentNotFound
	case err != nil:
		return File{}, err
	}
	f := File{view, row, row.Person == caller.Person}
	if !f.shown() {
		return File{}, ErrAttachmentNotFound
	}
	return f, nil
}

// Files returns the files of a ticket, oldest first.
func (d *Desk) Files(ctx context.Context, caller authn.Caller, ref Ref) ([]File, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil || !view.Sight.Text {
		return nil, err
	}
	all, err := d.Store.Attachments(ctx, stored.Key)
	if err != nil {
		return nil, err
	}
	var out []File
	for _, row := range all {
		if f := (File{view, row, row.Person == caller.Person}); f.shown() {
			out = append(out, f)
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
	content, size, _ := f.Content()
	switch {
	case content == "":
		return File{}, nil, ErrAttachmentNotReady
	case offset > size:
		return File{}, nil, ErrRangeInvalid
	case length == 0:
		length = -1
	}
	reader, err := d.Blobs.Open(ctx, content, offset, length)
	return f, reader, err
}

// Piece takes a piece of a file from who announced it. The last one waits until the file is judged.
func (d *Desk) Piece(ctx context.Context, caller authn.Caller, ref Ref, id string, offset int64, piece []byte) (File, error) {
	for range change.Attempts {
		f, err := d.Attachment(ctx, caller, ref, id)
		switch {
		case err != nil:
			return File{}, err
		case !f.Own:
			return File{}, ErrAttachmentNotFound
		}
		row, end := f.Row, offset+int64(len(piece))
		switch {
		case end > row.Size || end < 0:
			return File{}, ErrBeyondEnd.With("size", strconv.FormatInt(row.Size, 10))
		case !row.Open():
			return f, over(row)
		case !d.Wall.Now().Before(row.ExpireTime):
			return File{}, ErrUploadOver
		case offset > row.Received:
			return File{}, ErrOffsetMismatch.With("offset", strconv.FormatInt(row.Received, 10))
		}
		if end > row.Received {
			switch err := d.receive(ctx, row, piece[row.Received-offset:]); {
			case raced(err) || errors.Is(err, blob.ErrSealed):
				continue
			case err != nil:
				return File{}, err
			}
		}
		if row.Received < row.Size {
			return f, nil
		}
		f.Row, err = d.finish(ctx, row)
		return f, err
	}
	return File{}, ErrTooBusy
}

// over is the answer to a piece of a file that is decided: the last piece of one that was taken may come again.
func over(row *store.Attachment) error {
	switch row.State {
	case store.Ready:
		return nil
	case store.Refused:
		return Refusal(row.Reason)
	default:
		return ErrUploadOver
	}
}

// receive keeps what is new. The bytes are durable before the row counts them.
func (d *Desk) receive(ctx context.Context, row *store.Attachment, fresh []byte) error {
	if err := d.Blobs.Write(ctx, blob.ID(row.Blob), row.Received, fresh); err != nil {
		return err
	}
	received := row.Received + int64(len(fresh))
	c := &change.Change{Statements: []change.Statement{store.Receive(row, received, d.Wall.Now())}}
	if err := d.Store.Commit(ctx, c); err != nil {
		return err
	}
	row.State, row.Received = store.Uploading, received
	return nil
}

// DownloadName is under which name a file is offered: its own, with the ending of what it really is.
func (f *File) DownloadName() string {
	name := f.Name()
	format := media.FormatOf(f.Row.MediaType)
	if format == nil || strings.EqualFold(path.Ext(name), format.Extension) {
		return name
	}
	return strings.TrimSuffix(name, path.Ext(name)) + format.Extension
}
