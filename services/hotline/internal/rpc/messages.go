package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// CreateMessage writes a word into the ticket.
func (s *Server) CreateMessage(ctx context.Context, in *hotlinev1.CreateMessageRequest) (*hotlinev1.Message, error) {
	call, err := callOf(createMessage, in)
	if err != nil {
		return nil, err
	}
	view, written, err := s.desk.Write(ctx, callerOf(ctx), call, refOf(in.GetParent()), in.GetText())
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
	return show.message(written), nil
}

// CreateInternalNote writes a note for officials.
func (s *Server) CreateInternalNote(ctx context.Context, in *hotlinev1.CreateInternalNoteRequest) (*hotlinev1.Message, error) {
	call, err := callOf(createNote, in)
	if err != nil {
		return nil, err
	}
	view, written, err := s.desk.Note(ctx, callerOf(ctx), call, refOf(in.GetParent()), in.GetText())
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
	return show.message(written), nil
}

const (
	createMessage = "CreateMessage"
	createNote    = "CreateInternalNote"
)

// ListMessages returns what was written in the ticket.
func (s *Server) ListMessages(ctx context.Context, in *hotlinev1.ListMessagesRequest) (*hotlinev1.ListMessagesResponse, error) {
	view, all, err := s.desk.Messages(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
	out := &hotlinev1.ListMessagesResponse{}
	for _, c := range all {
		out.Messages = append(out.Messages, show.message(c))
	}
	return out, nil
}

func (s *shown) message(c *store.Content) *hotlinev1.Message {
	return &hotlinev1.Message{
		Name: ticketName(s.Ticket) + "/messages/" + c.ID, Author: hotlinev1.Message_Author(hotlinev1.Message_Author_value[c.Author]),
		Kind: hotlinev1.Message_Kind(hotlinev1.Message_Kind_value[c.Kind]), Text: c.Body, CreateTime: stamp(c.CreateTime),
		AuthorDisplayName: s.person(c.Person, c.CreateTime),
	}
}
