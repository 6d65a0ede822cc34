package rpc

import (
	"context"
	"encoding/hex"

	"google.golang.org/grpc"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// documentOf is the id of the document in a name.
func documentOf(name string) string { return after(name, documentsPart) }

// document renders a file in the caller's language.
func (s *Server) document(ctx context.Context, f *desk.File) *agencyv1.Document {
	row := f.Row
	_, size, sum := row.Content(f.Own)
	out := &agencyv1.Document{
		Name: documentName(f.Case, row.ID), FileName: row.DownloadName(row.Name), Purpose: f.Purpose(), Material: f.Material(), ValidUntil: f.ValidUntil(),
		State: agencyv1.Document_State(agencyv1.Document_State_value[row.State]), Size: row.Size, Offset: row.Received, Sha256: hexOf(row.SHA256),
		MediaType: row.MediaType, ContentSize: size, ContentSha256: hexOf(sum), Supplier: row.Author, Reason: row.Reason,
		CreateTime: stamp(row.CreateTime), ReadyTime: stamp(row.ReadyTime),
	}
	if v := f.Supply(); v != nil {
		out.Version = int32(v.Version)
	}
	if row.Reason != "" {
		out.ReasonText = language.Of(ctx).Say(s.desk.Intake.Refusal(row.Reason).Text)
	}
	if row.Open() {
		out.ExpireTime = stamp(row.ExpireTime)
	}
	return out
}

func (s *Server) documentAnswer(ctx context.Context, f desk.File, err error) (*agencyv1.Document, error) {
	if err != nil {
		return nil, err
	}
	return s.document(ctx, &f), nil
}

// CreateDocument announces a file.
func (s *Server) CreateDocument(ctx context.Context, in *agencyv1.CreateDocumentRequest) (*agencyv1.Document, error) {
	by, err := actOn(ctx, in, in.GetParent())
	if err != nil {
		return nil, err
	}
	sum, err := hex.DecodeString(in.GetSha256())
	if err != nil {
		return nil, err // the contract's pattern allows no such thing
	}
	f, err := s.desk.CreateDocument(ctx, by, desk.Document{Name: in.GetFileName(), Purpose: in.GetPurpose(), Material: in.GetMaterial(),
		ValidUntil: in.GetValidUntil(), Size: in.GetSize(), SHA256: sum})
	return s.documentAnswer(ctx, f, err)
}

// GetDocument returns a file without its bytes.
func (s *Server) GetDocument(ctx context.Context, in *agencyv1.GetDocumentRequest) (*agencyv1.Document, error) {
	f, err := s.desk.Document(ctx, callerOf(ctx), refOf(in.GetName()), documentOf(in.GetName()))
	return s.documentAnswer(ctx, f, err)
}

// ListDocuments returns the files of a case.
func (s *Server) ListDocuments(ctx context.Context, in *agencyv1.ListDocumentsRequest) (*agencyv1.ListDocumentsResponse, error) {
	all, err := s.desk.Documents(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListDocumentsResponse{}
	for i := range all {
		out.Documents = append(out.Documents, s.document(ctx, &all[i]))
	}
	return out, nil
}

// WriteDocument takes a piece of a file.
func (s *Server) WriteDocument(ctx context.Context, in *agencyv1.WriteDocumentRequest) (*agencyv1.Document, error) {
	f, err := s.desk.WriteDocument(ctx, callerOf(ctx), refOf(in.GetName()), documentOf(in.GetName()), in.GetOffset(), in.GetData())
	return s.documentAnswer(ctx, f, err)
}

// ReadDocument streams a file's content.
func (s *Server) ReadDocument(in *agencyv1.ReadDocumentRequest, out grpc.ServerStreamingServer[agencyv1.ReadDocumentResponse]) error {
	ctx := out.Context()
	f, content, err := s.desk.ReadDocument(ctx, callerOf(ctx), refOf(in.GetName()), documentOf(in.GetName()), in.GetOffset(), in.GetLength())
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	if err := out.Send(&agencyv1.ReadDocumentResponse{Document: s.document(ctx, &f)}); err != nil {
		return err
	}
	return upload.Chunks(content, func(chunk []byte) error { return out.Send(&agencyv1.ReadDocumentResponse{Data: chunk}) })
}
