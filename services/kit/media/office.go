package media

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// What the container of an Office document may be.
const (
	maxParts    = 5000
	maxUnpacked = 300 * mebibyte
	maxScrubbed = 64 * mebibyte // of a part that is changed, which is held in memory
	maxDepth    = 2             // documents in documents
	wordMain    = "word/document.xml"
	sheetMain   = "xl/workbook.xml"
)

// openOffice opens a container and looks at how large it would become.
func openOffice(src io.ReaderAt, size int64) (*zip.Reader, error) {
	z, err := zip.NewReader(src, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	if len(z.File) > maxParts {
		return nil, fmt.Errorf("%d parts: %w", len(z.File), ErrTooLarge)
	}
	var total uint64
	seen := map[string]bool{}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if seen[name] {
			return nil, damaged("a part is there twice")
		}
		seen[name] = true
		if total += f.UncompressedSize64; total > maxUnpacked || f.UncompressedSize64 > maxUnpacked {
			return nil, fmt.Errorf("more than %d bytes unpacked: %w", maxUnpacked, ErrTooLarge)
		}
	}
	return z, nil
}

// sniffOffice tells documents from tables, and both from other archives.
func sniffOffice(src io.ReaderAt, size int64) (*Format, error) {
	z, err := openOffice(src, size)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, f := range z.File {
		has[f.Name] = true
	}
	switch {
	case !has["[Content_Types].xml"]:
	case has[wordMain] && !has[sheetMain]:
		return DOCX, nil
	case has[sheetMain] && !has[wordMain]:
		return XLSX, nil
	}
	return nil, fmt.Errorf("an archive: %w", ErrNotAllowed)
}

func cleanOffice(src io.ReaderAt, size int64, dst io.Writer) error {
	return (&office{depth: maxDepth}).clean(src, size, dst)
}

// office is a container that is being written anew.
type office struct {
	depth    int
	unpacked int64 // as counted, not as said
}

func (o *office) clean(src io.ReaderAt, size int64, dst io.Writer) error {
	z, err := openOffice(src, size)
	if err != nil {
		return err
	}
	out := zip.NewWriter(dst)
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := o.part(f, out); err != nil {
			return fmt.Errorf("part %d: %w", len(f.Name), err)
		}
	}
	return out.Close()
}

// dangerous are parts that run, or may be anything.
func dangerous(name string) bool {
	for _, word := range []string{"vbaproject", "vbadata", "/activex/", "/customui/", "macrosheets/"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	switch path.Ext(name) {
	case ".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".com", ".hta", ".jar", ".lnk", ".msi", ".html", ".htm", ".svg", ".swf":
		return true
	}
	return false
}

// properties are the descriptions of a document, and what they become.
var properties = map[string]string{
	"docprops/core.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`,
	"docprops/app.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`,
	"docprops/custom.xml": `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" +
		`<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>`,
}

// part writes one part: as it is, blank, or without the names of people.
func (o *office) part(f *zip.File, out *zip.Writer) error {
	name := strings.ToLower(f.Name)
	if dangerous(name) {
		return fmt.Errorf("it holds what can run: %w", ErrNotAllowed)
	}
	w, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate}) // no times, no comments, no extra fields
	if err != nil {
		return err
	}
	if blank, is := properties[name]; is {
		_, err := io.WriteString(w, blank)
		return err
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	defer func() { _ = r.Close() }()
	counted := &counting{r: r, total: &o.unpacked}
	if strings.HasPrefix(path.Base(name), "printersettings") {
		return nil // whose printer; an empty part says nothing
	}
	switch path.Ext(name) {
	case ".xml", ".rels", ".vml":
		return scrub(name, counted, w)
	case ".emf", ".wmf", ".odttf", ".fntdata": // drawings and letters, which say nothing of people
		_, err := io.Copy(w, counted)
		return err
	default:
		return o.embedded(counted, w)
	}
}

// counting refuses more bytes than a container may have, whatever it says.
type counting struct {
	r     io.Reader
	total *int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if *c.total += int64(n); *c.total > maxUnpacked {
		return n, ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", err, ErrDamaged)
	}
	return n, err
}

// held reads a part whole.
func held(r io.Reader) ([]byte, error) {
	all, err := io.ReadAll(io.LimitReader(r, maxScrubbed+1))
	if err == nil && len(all) > maxScrubbed {
		err = ErrTooLarge
	}
	return all, err
}

// embedded writes a file in the file: a picture or a document cleaned like any other, and nothing else.
func (o *office) embedded(r io.Reader, w io.Writer) error {
	all, err := held(r)
	if err != nil || len(all) == 0 {
		return err
	}
	src, size := bytes.NewReader(all), int64(len(all))
	format, err := Sniff(src, size)
	if err != nil {
		return fmt.Errorf("a part: %w", err)
	}
	switch format {
	case JPEG, PNG, GIF, WebP, HEIC, PDF:
		return format.clean(src, size, w)
	case DOCX, XLSX:
		if o.depth == 1 {
			return fmt.Errorf("documents in documents in documents: %w", ErrTooLarge)
		}
		inner := &office{depth: o.depth - 1, unpacked: o.unpacked}
		err := inner.clean(src, size, w)
		o.unpacked = inner.unpacked
		return err
	}
	return fmt.Errorf("a part of %s: %w", format.Type, ErrNotAllowed)
}

// Who wrote, changed or commented: as Word, Excel and their relatives say it.
var (
	peopleAttributes = regexp.MustCompile(`(\s(?:\w+:)?(?:author|initials|userName|reservationUserName|userId|providerId|lastModifiedBy|originalAuthor)\s*=\s*)` +
		`(?:"[^"]*"|'[^']*')`)
	personAttributes = regexp.MustCompile(`(\s(?:\w+:)?displayName\s*=\s*)(?:"[^"]*"|'[^']*')`) // elsewhere it names tables
	peopleElements   = regexp.MustCompile(`(<(?:\w+:)?(?:author|creator|lastModifiedBy)(?:\s[^>]*)?>)[^<]*(</)`)
)

// scrub writes XML without the names of people.
func scrub(name string, r io.Reader, w io.Writer) error {
	all, err := held(r)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(all, []byte("\xff\xfe")) || bytes.HasPrefix(all, []byte("\xfe\xff")) {
		return fmt.Errorf("XML that is not UTF-8: %w", ErrUncleanable)
	}
	if bytes.Contains(all, []byte("<!DOCTYPE")) || bytes.Contains(all, []byte("<!ENTITY")) {
		return damaged("XML with definitions of its own")
	}
	all = peopleElements.ReplaceAll(all, []byte("${1}${2}"))
	all = peopleAttributes.ReplaceAll(all, []byte(`${1}""`))
	if strings.HasPrefix(name, "xl/persons/") {
		all = personAttributes.ReplaceAll(all, []byte(`${1}""`))
	}
	_, err = w.Write(all)
	return err
}
