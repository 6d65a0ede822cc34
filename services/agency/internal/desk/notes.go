package desk

import (
	"context"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Note is a word in a case.
type Note struct {
	ID     string
	Item   string // code of the item it is about; may be empty
	Author string // as what it was written
	Person string // id of who wrote it
	Time   time.Time
	Text   string
}

// WriteNote writes a word into the case and returns the id of it.
func (d *Desk) WriteNote(ctx context.Context, by Act, item, body string) (string, error) {
	_, resource, err := d.do(ctx, by.Caller, by.Call, by.Ref, func(a *act) ([]casefile.Event, error) {
		id := a.write(KindNote, body)
		a.place = notesPart + id
		return a.from.Case.WriteNote(a.context, item, id)
	})
	return afterPart(resource, notesPart), err
}

const notesPart = "notes/"

// Notes returns what was written in a case, oldest first, as far as the caller may read it. What was erased is left out.
func (d *Desk) Notes(ctx context.Context, caller authn.Caller, ref Ref) (View, []Note, error) {
	view, entries, _, err := d.History(ctx, caller, ref)
	if err != nil {
		return View{}, nil, err
	}
	var notes []Note
	for _, e := range entries {
		b, ok := e.Event.Body.(*agencyv1.NoteWritten)
		if !ok || view.Text(b.GetText()) == "" || b.GetItem() != "" && !view.Sight.ShowsItem(view.Case.Item(b.GetItem())) {
			continue
		}
		notes = append(notes, Note{ID: b.GetText(), Item: b.GetItem(), Author: b.GetAuthor(), Person: e.Event.Actor, Time: e.Event.Time, Text: view.Text(b.GetText())})
	}
	return view, notes, nil
}
