package ticket

import "github.com/throughtrain/throughtrain/services/kit/fault"

// MaxNotes is how many internal notes a ticket may have.
const MaxNotes = 500

// ErrNotesTooMany refuses another internal note.
var ErrNotesTooMany = fault.New(fault.Exhausted, "NOTES_TOO_MANY",
	"每件诉求最多写 500 条内部记录。", "A ticket has at most 500 internal notes.")

// MayNote refuses an actor who may not write an internal note. A note is no event of the ticket: whoever filed it would see a gap in its history.
func (t *Ticket) MayNote(c Context) error {
	d, err := t.enter(VerbNote, c)
	if err != nil {
		return err
	}
	return d.mayNote()
}

// mayNote: who filed the ticket is its filer first of all, whatever else they are.
func (d *decision) mayNote() error {
	if d.t.PartyOf(d.actor)&Filer != 0 {
		return ErrNotInside
	}
	return nil
}

// InsideAuthorOf is as what an official writes who works on the ticket or oversees it.
func (t *Ticket) InsideAuthorOf(a Actor) Author {
	switch p := t.PartyOf(a); {
	case p&Holder != 0:
		return AuthorHolder
	case p&Desk != 0:
		return AuthorDesk
	case p&Unit != 0:
		return AuthorUnit
	default:
		return AuthorOffice
	}
}
