package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

const (
	// judging bounds a judgement, which goes on when the caller does not wait for it.
	judging = 5 * time.Minute
	// unjudged is how long a file that arrived whole is left to the call that brought it.
	unjudged = time.Minute
	// orphaned is how old a blob is before it is missed: longer than any file may take from its first piece to its row.
	orphaned  = keepUnfinished + 24*time.Hour
	tidyBatch = 100
	// patience is how often a file tries to become a ticket's next event, each time as often as a Change does.
	patience = 6
)

// refusals are why a file is not taken for good, by their errors; each is kept in the row by its reason.
var refusals = []struct {
	is    error
	fault *fault.Error
}{
	{upload.ErrHash, fault.New(fault.Invalid, hotlinev1.ErrorReason_ATTACHMENT_HASH_MISMATCH.String(),
		"收到的文件与登记的不一致，请重新上传。", "What arrived is not the file that was announced. Send it anew.")},
	{media.ErrNotAllowed, fault.New(fault.Invalid, hotlinev1.ErrorReason_MEDIA_NOT_ALLOWED.String(),
		"不支持这种文件。照片请用 JPG、PNG、WebP、GIF 或 HEIC，语音请用常见录音格式，文档请用 PDF、DOCX、XLSX 或 TXT（旧版 DOC、XLS 请另存为新格式，带宏的请去掉宏）。",
		"This type of file is not taken. Photos as JPG, PNG, WebP, GIF or HEIC; voice in a usual format; documents as PDF, DOCX, XLSX or TXT (save old DOC and XLS in the new format, without macros).")},
	{media.ErrDamaged, fault.New(fault.Invalid, hotlinev1.ErrorReason_MEDIA_DAMAGED.String(),
		"文件已损坏或不完整，无法打开，请换一个文件。", "The file is damaged or cut off. Choose another one.")},
	{media.ErrTooLarge, fault.New(fault.Invalid, hotlinev1.ErrorReason_MEDIA_TOO_LARGE.String(),
		"图片尺寸或文档展开后的内容过大，请缩小后再传。", "The picture has too many pixels, or the document becomes too large when opened. Make it smaller.")},
	{media.ErrProtected, fault.New(fault.Invalid, hotlinev1.ErrorReason_MEDIA_PROTECTED.String(),
		"文件有密码或权限保护，请解除保护后再传。", "The file is protected by a password. Remove the protection.")},
	{media.ErrUncleanable, fault.New(fault.Invalid, hotlinev1.ErrorReason_MEDIA_UNCLEANABLE.String(),
		"无法去除文件中的个人信息，请另存（或打印）为 PDF，或改用图片上传。", "What the file says of people cannot be taken out. Print it to PDF anew, or send pictures of it.")},
	{ticket.ErrAttachmentsTooMany, ticket.ErrAttachmentsTooMany},
	{ticket.ErrErased, ticket.ErrErased},
}

// Refusal is the fault of a reason that was kept.
func Refusal(reason string) error {
	for _, r := range refusals {
		if r.fault.Reason == reason {
			return r.fault
		}
	}
	return ErrUploadOver
}

// refusalOf is why a file is refused for good, nil when it is not.
func refusalOf(err error) *fault.Error {
	for _, r := range refusals {
		if errors.Is(err, r.is) {
			return r.fault.Wrap(err)
		}
	}
	return nil
}

// finish judges a file that has arrived whole, once at a time, and commits what was found. A judgement begun goes on when the caller is gone:
// somebody will ask for it.
func (d *Desk) finish(ctx context.Context, row *store.Attachment) (*store.Attachment, error) {
	done := d.judgements.DoChan(row.Blob, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), judging)
		defer cancel()
		return d.judge(ctx, *row)
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return row, result.Err
		}
		return result.Val.(*store.Attachment), nil
	case <-ctx.Done():
		return row, ctx.Err()
	}
}

func (d *Desk) judge(ctx context.Context, row store.Attachment) (*store.Attachment, error) {
	found, err := d.Judge.Judge(ctx, upload.Announced{Blob: blob.ID(row.Blob), Kind: KindOf(row.Kind), Size: row.Size, SHA256: [32]byte(row.SHA256)})
	if err == nil {
		row.MediaType, row.Clean, row.CleanSize, row.CleanSHA256 = found.Format.Type, string(found.Clean), found.Size, found.SHA256[:]
		err = d.attach(ctx, &row)
	}
	refusal := refusalOf(err)
	switch {
	case err == nil:
		return d.Store.Attachment(ctx, row.Key, row.Attachment)
	case refusal == nil:
		return nil, fmt.Errorf("file %s: %w", row.Attachment, err)
	}
	if err := d.end(ctx, &row, store.Refused, refusal.Reason); err != nil {
		return nil, err
	}
	now, err := d.Store.Attachment(ctx, row.Key, row.Attachment) // somebody may have been faster
	if err != nil || now.State == store.Ready {
		return now, err
	}
	return nil, refusal
}

// attach commits the row and the ticket's event together. The file's blobs are durable by now. A dozen photos of one ticket come at once,
// and all want to be its next event: it tries longer than somebody who acts upon it.
func (d *Desk) attach(ctx context.Context, row *store.Attachment) (err error) {
	for range patience {
		if err = d.attachOnce(ctx, row); !fault.Has(err, "CONTENTION") {
			break
		}
	}
	return err
}

func (d *Desk) attachOnce(ctx context.Context, row *store.Attachment) error {
	return d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		city, err := d.Cities.City(row.City)
		if err != nil {
			return nil, err
		}
		now, err := d.Store.Attachment(ctx, row.Key, row.Attachment)
		if err != nil || !now.Open() { // decided elsewhere
			return nil, err
		}
		stored, err := d.read(ctx, Ref{City: row.City, ID: row.ID})
		if err != nil {
			return nil, err
		}
		sender := ticket.Actor{Kind: ticket.PersonActor, Person: row.Person, Filer: row.Person == stored.Identity.Person}
		events, err := stored.Ticket.Attach(ticket.Context{Now: d.City.Now(), Actor: sender, City: city}, ticket.AttachmentAdded{
			Attachment: row.Attachment, Kind: ticket.AttachmentKind(KindOf(row.Kind)), Size: row.Size, SHA256: row.SHA256, ContentSHA256: row.CleanSHA256,
			Author: authorNamed(row.Author)})
		if err != nil {
			return nil, err
		}
		c, _, err := write(stored, events)
		if err != nil {
			return nil, err
		}
		row.ReadyTime = events[len(events)-1].Time
		c.Statements = append(c.Statements, store.MakeReady(row))
		return c, nil
	})
}

// end ends an open file that came to nothing: first its row, then its bytes. A file that is decided stays as it is.
func (d *Desk) end(ctx context.Context, row *store.Attachment, state, reason string) error {
	err := d.Store.Commit(ctx, &change.Change{Statements: []change.Statement{store.End(row, state, reason)}})
	switch {
	case errors.Is(err, change.ErrConflict):
		return nil
	case err != nil:
		return err
	}
	for _, id := range []string{row.Blob, row.Clean} {
		if id == "" {
			continue
		}
		if err := d.Blobs.Delete(ctx, blob.ID(id)); err != nil {
			return err
		}
	}
	return nil
}

// KindOf is a kind of file by the contract's word.
func KindOf(word string) media.Kind {
	return media.Kind(hotlinev1.Attachment_Kind_value[word])
}

func authorNamed(word string) ticket.Author {
	return ticket.Author(hotlinev1.Message_Author_value[word])
}

// TidyFiles expires the files that did not come in time, and judges those that came whole when nobody was there to see to it, as after a crash.
func (d *Desk) TidyFiles(ctx context.Context) error {
	now := d.Wall.Now()
	overdue, err := d.Store.ExpiredAttachments(ctx, now, tidyBatch)
	if err != nil {
		return err
	}
	var errs []error
	for _, row := range overdue {
		if err := d.end(ctx, row, store.Expired, ""); err != nil {
			errs = append(errs, err)
		}
	}
	whole, err := d.Store.UnjudgedAttachments(ctx, now.Add(-unjudged), tidyBatch)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, row := range whole {
		if _, err := d.finish(ctx, row); err != nil && refusalOf(err) == nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// SweepBlobs deletes what no row needs: what a crash left between a blob and its row, and what was left over by deleting.
func (d *Desk) SweepBlobs(ctx context.Context) error {
	before := d.Wall.Now().Add(-orphaned)
	return d.Blobs.Walk(ctx, func(id blob.ID, modified time.Time) error {
		if modified.After(before) {
			return nil
		}
		used, err := d.Store.BlobInUse(ctx, string(id))
		if err != nil || used {
			return err
		}
		return d.Blobs.Delete(ctx, id)
	})
}
