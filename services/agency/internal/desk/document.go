package desk

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

const (
	documentsPart = "documents/"
	// maxAnnounced bounds the files that somebody announces to a case, those included that come to nothing, which stay as rows.
	maxAnnounced = 2 * casefile.MaxDocuments
)

// refusalsOfFiles are why a case does not take a file that has arrived: it ended meanwhile, it is full, or the sender's entrustment is over.
var refusalsOfFiles = []*fault.Error{casefile.ErrDocumentsTooMany, casefile.ErrStateForbids, casefile.ErrNotPartyHere, casefile.ErrNotUnit,
	casefile.ErrMaterialUnknown, casefile.ErrValidityInvalid}

// Document is what is said of a file before it comes.
type Document struct {
	Name       string
	Purpose    string
	Material   string // code; only of a material
	ValidUntil string // YYYY-MM-DD; counted by the catalogue when empty
	Size       int64
	SHA256     []byte
}

// File is a file of a case as one caller may see it.
type File struct {
	View
	Row *upload.File
	Own bool // the caller sent it
}

// Purpose is what the file is for.
func (f *File) Purpose() string { return f.Row.Words[store.WordPurpose] }

// Material is the code of the material that it is a version of; empty for none.
func (f *File) Material() string { return f.Row.Words[store.WordMaterial] }

// Supply is the version of a material that it is; nil until it is READY, and for what is no material.
func (f *File) Supply() *casefile.Supply {
	all := f.Case.Supplies
	if n := slices.IndexFunc(all, func(s casefile.Supply) bool { return s.Document == f.Row.ID }); n >= 0 {
		return &all[n]
	}
	return nil
}

// ValidUntil is the last day of its validity, as far as it is known.
func (f *File) ValidUntil() string {
	if s := f.Supply(); s != nil {
		return s.Until
	}
	return f.Row.Words[store.WordValidUntil]
}

// fileOf is a file as the caller may see it; false when they may not know of it. Who sent it sees it as long as they see the case.
func fileOf(view View, caller authn.Caller, row *upload.File) (File, bool) {
	f := File{view, row, row.Person == caller.Person}
	return f, row.ShownTo(caller.Person) && (f.Own || view.Sight.Text && f.shown())
}

// shown tells who else may see a file, who may read what people wrote.
func (f *File) shown() bool {
	if f.Sight.All {
		return true
	}
	switch f.Purpose() {
	case casefile.PurposeMaterial:
		return f.Sight.ShowsMaterial(f.Case, f.Material())
	case casefile.PurposeCertificate:
		return slices.ContainsFunc(f.Case.Certificates, func(k casefile.Certificate) bool {
			return k.Document == f.Row.ID && f.Sight.ShowsItem(f.Case.Item(k.Item))
		})
	case casefile.PurposeEvidence: // who decides upon a wish for more time sees why
		return slices.ContainsFunc(f.Case.Commitments, func(k casefile.Commitment) bool {
			return k.Extension != nil && slices.Contains(k.Extension.Documents, f.Row.ID) && f.Sight.ShowsItem(f.Case.Item(k.Item))
		})
	default:
		return false
	}
}

// CreateDocument announces a file. The pieces come afterwards; nothing is waited for.
func (d *Desk) CreateDocument(ctx context.Context, by Act, in Document) (File, error) {
	_, resource, err := d.do(ctx, by.Caller, by.Call, by.Ref, func(a *act) ([]casefile.Event, error) {
		row, err := a.announced(in)
		if err != nil {
			return nil, err
		}
		a.place, a.rows = documentsPart+row.ID, []change.Statement{d.Store.Files.Add(row)}
		return nil, nil
	})
	if err != nil {
		return File{}, err
	}
	return d.Document(ctx, by.Caller, by.Ref, afterPart(resource, documentsPart))
}

// announced is the row of a file that the actor may send.
func (a *act) announced(in Document) (*upload.File, error) {
	d, of, owner := a.desk, a.from.Case, upload.Owner(a.from.Key)
	if err := of.MaySupply(a.context, in.Purpose, in.Material, in.ValidUntil); err != nil {
		return nil, err
	}
	if in.Purpose != casefile.PurposeMaterial {
		in.Material = ""
	}
	row, err := d.Intake.Announced(upload.Announcement{Name: in.Name, Kind: media.Document, Size: in.Size, SHA256: in.SHA256})
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Files.Files(a, owner)
	if err != nil {
		return nil, err
	}
	actor := a.context.Actor
	if !upload.Room(all, actor.Person, casefile.MaxDocuments, maxAnnounced) {
		return nil, casefile.ErrDocumentsTooMany
	}
	row.Owner, row.ID, row.CreateTime = owner, d.ids.New(), a.context.Now
	row.Author, row.Person, row.Words = of.SenderOf(actor, in.Purpose), actor.Person, []string{in.Purpose, in.Material, in.ValidUntil}
	return row, nil
}

// Document returns a file of a case.
func (d *Desk) Document(ctx context.Context, caller authn.Caller, ref Ref, id string) (File, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil {
		return File{}, err
	}
	row, err := d.Store.Files.File(ctx, upload.Owner(stored.Key), id)
	switch {
	case errors.Is(err, upload.ErrNotFound):
		return File{}, ErrDocumentNotFound
	case err != nil:
		return File{}, err
	}
	f, known := fileOf(view, caller, row)
	if !known {
		return File{}, ErrDocumentNotFound
	}
	return f, nil
}

// Documents returns the files of a case that the caller may see, oldest first.
func (d *Desk) Documents(ctx context.Context, caller authn.Caller, ref Ref) ([]File, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	all, err := d.Store.Files.Files(ctx, upload.Owner(stored.Key))
	if err != nil {
		return nil, err
	}
	var out []File
	for _, row := range all {
		if f, known := fileOf(view, caller, row); known {
			out = append(out, f)
		}
	}
	return out, nil
}

// ReadDocument opens a part of a file's content as the caller may see it; all to the end for a length of 0.
func (d *Desk) ReadDocument(ctx context.Context, caller authn.Caller, ref Ref, id string, offset, length int64) (File, io.ReadCloser, error) {
	f, err := d.Document(ctx, caller, ref, id)
	if err != nil {
		return File{}, nil, err
	}
	if f.Row.State != upload.Ready {
		return File{}, nil, ErrDocumentNotReady
	}
	reader, err := d.Intake.Open(ctx, f.Row, f.Own, offset, length)
	return f, reader, err
}

// WriteDocument takes a piece of a file from who announced it. The last one waits until the file is judged.
func (d *Desk) WriteDocument(ctx context.Context, caller authn.Caller, ref Ref, id string, offset int64, piece []byte) (File, error) {
	_, err := d.Intake.Take(ctx, func() (*upload.File, error) {
		f, err := d.Document(ctx, caller, ref, id)
		if err == nil && !f.Own {
			err = ErrDocumentNotFound
		}
		return f.Row, err
	}, offset, piece)
	if err != nil {
		return File{}, err
	}
	return d.Document(ctx, caller, ref, id) // the case has gone on with the last piece
}

// arrive makes a file that arrived whole the case's next event, as what its sender announced it.
func (d *Desk) arrive(ctx context.Context, row *upload.File) (*change.Change, time.Time, error) {
	city, err := d.Cities.City(row.Owner.City)
	if err != nil {
		return nil, time.Time{}, err
	}
	stored, err := d.read(ctx, Ref{City: row.Owner.City, ID: row.Owner.ID})
	if err != nil {
		return nil, time.Time{}, err
	}
	in := casefile.Context{Now: d.City.Now(), Actor: stored.Case.SentAs(row.Person, row.Author), City: city}
	events, err := stored.Case.Arrive(in, casefile.Arrival{Document: row.ID, Purpose: row.Words[store.WordPurpose], Material: row.Words[store.WordMaterial],
		Until: row.Words[store.WordValidUntil], Size: row.Size, SHA256: row.SHA256, ContentSHA256: row.CleanSHA256})
	if err != nil {
		return nil, time.Time{}, err
	}
	c, _, err := write(city, stored, events)
	return c, events[len(events)-1].Time, err
}
