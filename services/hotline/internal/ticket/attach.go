package ticket

import "github.com/throughtrain/throughtrain/services/kit/fault"

// MaxAttachments is how many files a ticket may have.
const MaxAttachments = 30

// AttachmentKind is what a file is.
type AttachmentKind int8

// The kinds of file.
const (
	AttachmentKindNone AttachmentKind = iota
	Photo
	Voice
	Document
)

var attachmentWords = [...]string{"", "PHOTO", "VOICE", "DOCUMENT"}

// String returns the contract's word.
func (k AttachmentKind) String() string { return word(attachmentWords[:], int(k)) }

// Why a file cannot be attached.
var (
	ErrAttachmentsTooMany = fault.New(fault.Exhausted, "ATTACHMENTS_TOO_MANY",
		"每件诉求最多上传 30 个文件，如需补充请另行留言说明。", "A ticket has at most 30 files. Say what else there is in a message.")
	ErrErased = fault.New(fault.Precondition, "TICKET_ERASED",
		"这件诉求的内容已删除，不能再上传文件。", "The content of this ticket was erased. It takes no files any more.")
)

// MayAttach refuses an actor who may not announce a file now.
func (t *Ticket) MayAttach(c Context) error {
	d, err := t.enter(VerbAttach, c)
	if err != nil {
		return err
	}
	return d.mayAttach()
}

func (d *decision) mayAttach() error {
	switch {
	case d.t.Erased:
		return ErrErased
	case d.t.Attachments >= MaxAttachments:
		return ErrAttachmentsTooMany
	}
	return nil
}

// Attach adds a file that arrived whole. It was announced by somebody who might; that the ticket went on meanwhile does not lose it.
func (t *Ticket) Attach(c Context, a AttachmentAdded) ([]Event, error) {
	d := t.decide(c)
	if err := d.mayAttach(); err != nil {
		return nil, err
	}
	d.emit(a)
	return d.finish()
}

// AuthorOf is as what an actor adds to the ticket.
func (t *Ticket) AuthorOf(a Actor) Author { return (&decision{t: t, actor: a}).author() }

// applyAttachment reports whether an event is about files.
func (t *Ticket) applyAttachment(b Body) bool {
	_, added := b.(AttachmentAdded)
	if added {
		t.Attachments++
	}
	return added
}
