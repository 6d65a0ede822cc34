package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/filter"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

func init() { api.DisableConfigDir() } // the library would write files of its own into the user's folder

// maxPDFStream bounds what one stream of a document may become when it is opened.
const maxPDFStream = 256 << 20

// pdfDropped are entries that no page needs: descriptions, private data of programs, what runs, and files in the file.
var pdfDropped = []string{"Metadata", "PieceInfo", "LastModified", "OpenAction", "AA", "JavaScript", "EmbeddedFiles", "AF", "Collection", "URI", "Perms", "Legal", "SpiderInfo"}

// pdfActive are actions that do more than lead to a page or a site.
var pdfActive = map[string]bool{"JavaScript": true, "Launch": true, "SubmitForm": true, "ImportData": true, "Rendition": true, "GoToE": true, "RichMediaExecute": true}

// cleanPDF writes the document anew from what its pages need, without the descriptions of the document and its parts, the names of who
// commented, and what would run. A signature in it does not survive: who needs to check one asks for the original.
func cleanPDF(src io.ReaderAt, size int64, dst io.Writer) error {
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	conf.Limits.MaxDecodeBytes, conf.Limits.MaxStreamBytes, conf.Limits.MaxImagePixels = maxPDFStream, size, MaxPixels
	ctx, err := api.ReadContext(io.NewSectionReader(src, 0, size), conf)
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword):
		return fmt.Errorf("a document with a password: %w", ErrProtected)
	case err != nil && strings.Contains(err.Error(), "password"):
		return fmt.Errorf("%w: %w", err, ErrProtected)
	case err != nil:
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	case ctx.Encrypt != nil:
		return fmt.Errorf("an encrypted document: %w", ErrProtected)
	}
	if err := api.ValidateContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", err, ErrUncleanable)
	}
	if err := bare(ctx); err != nil {
		return fmt.Errorf("%w: %w", err, ErrUncleanable)
	}
	if err := api.WriteContext(ctx, dst); err != nil {
		return fmt.Errorf("%w: %w", err, ErrUncleanable)
	}
	return nil
}

// bare takes what is not to be seen out of all objects of a document.
func bare(ctx *model.Context) error {
	ctx.Info, ctx.CatalogXMPMeta, ctx.ID = nil, nil, nil
	ctx.Title, ctx.Author, ctx.Subject, ctx.Creator, ctx.Keywords, ctx.Properties = "", "", "", "", "", nil
	for _, entry := range ctx.Table {
		if entry == nil || entry.Free {
			continue
		}
		entry.Object = bareObject(entry.Object)
		if picture, is := entry.Object.(types.StreamDict); is {
			if err := barePicture(&picture); err != nil {
				return err
			}
			entry.Object = picture
		}
	}
	return nil
}

// barePicture cleans a photo that was put into a document as it came from the camera.
func barePicture(s *types.StreamDict) error {
	if len(s.FilterPipeline) != 1 || s.FilterPipeline[0].Name != filter.DCT || len(s.Raw) == 0 {
		return nil
	}
	var clean bytes.Buffer
	if err := cleanJPEG(bytes.NewReader(s.Raw), int64(len(s.Raw)), &clean); err != nil {
		return err
	}
	length := int64(clean.Len())
	s.Raw, s.StreamLength = clean.Bytes(), &length
	s.Update("Length", types.Integer(length))
	return nil
}

func bareObject(o types.Object) types.Object {
	switch o := o.(type) {
	case types.Dict:
		bareDict(o)
	case types.StreamDict:
		bareDict(o.Dict)
	case types.ObjectStreamDict:
		bareDict(o.Dict)
	case types.Array:
		for i := range o {
			o[i] = bareObject(o[i])
		}
	}
	return o
}

func bareDict(d types.Dict) {
	for _, name := range pdfDropped {
		if name != "URI" || d.Type() != nil && *d.Type() == "Catalog" { // of the catalog; in an action it is where a link leads
			d.Delete(name)
		}
	}
	if action, ok := d["S"].(types.Name); ok && pdfActive[string(action)] {
		for key := range d {
			d.Delete(key)
		}
		return
	}
	if comment := d.Subtype(); comment != nil && *comment != "Widget" && d["Rect"] != nil {
		for _, name := range []string{"T", "M", "CreationDate", "NM"} {
			d.Delete(name)
		}
	}
	for key, value := range d {
		d[key] = bareObject(value)
	}
}
