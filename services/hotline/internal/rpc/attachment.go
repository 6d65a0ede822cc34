package rpc

import (
	"context"
	"encoding/hex"
	"strings"

	"google.golang.org/grpc"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// Attachments serves AttachmentService.
type Attachments struct {
	hotlinev1.UnimplementedAttachmentServiceServer
	desk *desk.Desk
}

// NewAttachments makes the server of a desk's files.
func NewAttachments(d *desk.Desk) *Attachments { return &Attachments{desk: d} }

const createAttachment = "CreateAttachment"

// attachmentRef takes the name of a file apart.
func attachmentRef(name string) (ref desk.Ref, id string) {
	of, id, _ := strings.Cut(name, "/attachments/")
	return refOf(of), id
}

// attachment renders a file in the caller's language.
func attachment(ctx context.Context, d *desk.Desk, f *desk.File) *hotlinev1.Attachment {
	row := f.Row
	_, size, sum := row.Content(f.Own)
	out := &hotlinev1.Attachment{
		Name: ticketName(f.Ticket) + "/attachments/" + row.ID, FileName: f.DownloadName(),
		Kind: hotlinev1.Attachment_Kind(row.Kind), State: hotlinev1.Attachment_State(hotlinev1.Attachment_State_value[row.State]),
		Size: row.Size, Offset: row.Received, Sha256: hex.EncodeToString(row.SHA256), MediaType: row.MediaType, ContentSize: size,
		ContentSha256: hex.EncodeToString(sum), Author: hotlinev1.Message_Author(hotlinev1.Message_Author_value[row.Author]), Reason: row.Reason,
		CreateTime: stamp(row.CreateTime), ReadyTime: stamp(row.ReadyTime),
	}
	if f.Own || f.Sight.Contact {
		out.Uploader = named(f.Ticket.City, "persons", row.Person)
	}
	if row.Reason != "" {
		out.ReasonText = language.Of(ctx).Say(d.Intake.Refusal(row.Reason).Text)
	}
	if row.Open() {
		out.ExpireTime = stamp(row.ExpireTime)
	}
	return out
}

// CreateAttachment announces a file.
func (s *Attachments) CreateAttachment(ctx context.Context, in *hotlinev1.CreateAttachmentRequest) (*hotlinev1.Attachment, error) {
	call, err := callOf(createAttachment, in)
	if err != nil {
		return nil, err
	}
	sum, err := hex.DecodeString(in.GetSha256())
	if err != nil {
		return nil, err // the contract's pattern allows no such thing
	}
	f, err := s.desk.Announce(ctx, callerOf(ctx), call, refOf(in.GetParent()), upload.Announcement{
		Name: in.GetFileName(), Kind: media.Kind(in.GetKind()), Size: in.GetSize(), SHA256: sum})
	if err != nil {
		return nil, err
	}
	return attachment(ctx, s.desk, &f), nil
}

// GetAttachment returns a file without its bytes.
func (s *Attachments) GetAttachment(ctx context.Context, in *hotlinev1.GetAttachmentRequest) (*hotlinev1.Attachment, error) {
	ref, id := attachmentRef(in.GetName())
	f, err := s.desk.Attachment(ctx, callerOf(ctx), ref, id)
	if err != nil {
		return nil, err
	}
	return attachment(ctx, s.desk, &f), nil
}

// ListAttachments returns the files of a ticket.
func (s *Attachments) ListAttachments(ctx context.Context, in *hotlinev1.ListAttachmentsRequest) (*hotlinev1.ListAttachmentsResponse, error) {
	all, err := s.desk.Files(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListAttachmentsResponse{}
	for i := range all {
		out.Attachments = append(out.Attachments, attachment(ctx, s.desk, &all[i]))
	}
	return out, nil
}

// WriteAttachment takes a piece of a file.
func (s *Attachments) WriteAttachment(ctx context.Context, in *hotlinev1.WriteAttachmentRequest) (*hotlinev1.Attachment, error) {
	ref, id := attachmentRef(in.GetName())
	f, err := s.desk.Piece(ctx, callerOf(ctx), ref, id, in.GetOffset(), in.GetData())
	if err != nil {
		return nil, err
	}
	return attachment(ctx, s.desk, &f), nil
}

// ReadAttachment streams a file's content.
func (s *Attachments) ReadAttachment(in *hotlinev1.ReadAttachmentRequest, out grpc.ServerStreamingServer[hotlinev1.ReadAttachmentResponse]) error {
	ctx := out.Context()
	ref, id := attachmentRef(in.GetName())
	f, content, err := s.desk.Read(ctx, callerOf(ctx), ref, id, in.GetOffset(), in.GetLength())
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	if err := out.Send(&hotlinev1.ReadAttachmentResponse{Attachment: attachment(ctx, s.desk, &f)}); err != nil {
		return err
	}
	return upload.Chunks(content, func(chunk []byte) error { return out.Send(&hotlinev1.ReadAttachmentResponse{Data: chunk}) })
}
