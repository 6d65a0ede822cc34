package rpc

import (
	"context"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// CreateNote writes a word into the case.
func (s *Server) CreateNote(ctx context.Context, in *agencyv1.CreateNoteRequest) (*agencyv1.Note, error) {
	by, err := actOn(ctx, in, in.GetParent())
	if err != nil {
		return nil, err
	}
	id, err := s.desk.WriteNote(ctx, by, in.GetItem(), in.GetText())
	if err != nil {
		return nil, err
	}
	return s.note(ctx, by.Ref, id)
}

// note is a word that was written, as its reader sees it.
func (s *Server) note(ctx context.Context, ref desk.Ref, id string) (*agencyv1.Note, error) {
	view, notes, err := s.desk.Notes(ctx, callerOf(ctx), ref)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		if n.ID == id {
			return show(ctx, &view).note(n), nil
		}
	}
	return nil, casefile.ErrNotFound // erased since
}

// ListNotes returns what was written in the case.
func (s *Server) ListNotes(ctx context.Context, in *agencyv1.ListNotesRequest) (*agencyv1.ListNotesResponse, error) {
	view, notes, err := s.desk.Notes(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListNotesResponse{}
	for _, n := range notes {
		out.Notes = append(out.Notes, show(ctx, &view).note(n))
	}
	return out, nil
}

func (s *shown) note(n desk.Note) *agencyv1.Note {
	out := &agencyv1.Note{Name: caseName(s.Case) + notesPart + n.ID, Text: n.Text, Item: n.Item, Author: n.Author, CreateTime: stamp(n.Time)}
	if o, ok := findOfficial(s.City, n.Person, n.Time); ok {
		out.Official, out.OfficialDisplayName = named(s.Case.City, "persons", n.Person), o.DisplayName
	}
	return out
}
