package files

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

// file is what a service says of a file; the contracts describe theirs alike.
type file interface {
	proto.Message
	GetFileName() string
	GetSize() int64
	GetOffset() int64
	GetMediaType() string
	GetContentSize() int64
	GetContentSha256() string
	GetReadyTime() *timestamppb.Timestamp // nil until it is there
}

// source is where the files of one route lie.
type source struct {
	path  string                                 // of a file, as the contract's annotation says it
	name  func(value func(string) string) string // resource name from the path's values
	get   func(ctx context.Context, name string) (file, error)
	write func(ctx context.Context, name string, offset int64, piece []byte) (file, error)
	// read opens what follows an offset; each call of what it returns delivers the next bytes.
	read func(ctx context.Context, name string, offset int64) (func() ([]byte, error), error)
}

// attachments are the files of tickets.
func attachments(conn grpc.ClientConnInterface) source {
	client := hotlinev1.NewAttachmentServiceClient(conn)
	return source{
		path: "/v1/cities/{city}/tickets/{ticket}/attachments/{attachment}",
		name: func(v func(string) string) string {
			return "cities/" + v("city") + "/tickets/" + v("ticket") + "/attachments/" + v("attachment")
		},
		get: func(ctx context.Context, name string) (file, error) {
			return client.GetAttachment(ctx, &hotlinev1.GetAttachmentRequest{Name: name})
		},
		write: func(ctx context.Context, name string, offset int64, piece []byte) (file, error) {
			return client.WriteAttachment(ctx, &hotlinev1.WriteAttachmentRequest{Name: name, Offset: offset, Data: piece})
		},
		read: func(ctx context.Context, name string, offset int64) (func() ([]byte, error), error) {
			return received(client.ReadAttachment(ctx, &hotlinev1.ReadAttachmentRequest{Name: name, Offset: offset}))
		},
	}
}

// documents are the files of cases.
func documents(conn grpc.ClientConnInterface) source {
	client := agencyv1.NewMaterialServiceClient(conn)
	return source{
		path: "/v1/cities/{city}/cases/{case}/documents/{document}",
		name: func(v func(string) string) string {
			return "cities/" + v("city") + "/cases/" + v("case") + "/documents/" + v("document")
		},
		get: func(ctx context.Context, name string) (file, error) {
			return client.GetDocument(ctx, &agencyv1.GetDocumentRequest{Name: name})
		},
		write: func(ctx context.Context, name string, offset int64, piece []byte) (file, error) {
			return client.WriteDocument(ctx, &agencyv1.WriteDocumentRequest{Name: name, Offset: offset, Data: piece})
		},
		read: func(ctx context.Context, name string, offset int64) (func() ([]byte, error), error) {
			return received(client.ReadDocument(ctx, &agencyv1.ReadDocumentRequest{Name: name, Offset: offset}))
		},
	}
}

// received are the bytes of a stream's messages.
func received[M any, P interface {
	*M
	GetData() []byte
}](stream grpc.ServerStreamingClient[M], err error) (func() ([]byte, error), error) {
	if err != nil {
		return nil, err
	}
	return func() ([]byte, error) {
		message, err := stream.Recv()
		return P(message).GetData(), err
	}, nil
}
