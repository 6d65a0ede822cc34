package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/webp"
)

func cleaned(t testing.TB, kind Kind, content []byte) (*Format, []byte) {
	t.Helper()
	var out bytes.Buffer
	format, err := Clean(kind, bytes.NewReader(content), int64(len(content)), &out)
	if err != nil {
		t.Fatal(err)
	}
	return format, out.Bytes()
}

// unpacked is a file with everything that is packed in it, as far as our samples pack anything.
func unpacked(t testing.TB, content []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return content
	}
	all := bytes.Clone(content)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, unpacked(t, part)...)
	}
	return all
}

// TestNothingPlantedIsLeft: what a rendition holds is what is seen and heard.
func TestNothingPlantedIsLeft(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			if n := bytes.Count(s.content, []byte(planted)); n != s.plants && s.plants > 0 {
				t.Fatalf("the sample has %d plants", n)
			}
			format, out := cleaned(t, s.kind, s.content)
			if format != s.format {
				t.Errorf("taken for %s", format.Type)
			}
			if bytes.Contains(unpacked(t, out), []byte(planted)) {
				t.Error("something planted is left")
			}
			if s.format == PDF { // says when it was written
				return
			}
			if _, again := cleaned(t, s.kind, out); !bytes.Equal(again, out) {
				t.Error("a clean file changes when it is cleaned again")
			}
		})
	}
}

func TestPicturesStayAsTheyAre(t *testing.T) {
	decoders := map[*Format]func(io.Reader) (image.Image, error){JPEG: jpeg.Decode, PNG: png.Decode, GIF: gif.Decode, WebP: webp.Decode}
	for _, s := range samples(t) {
		decode := decoders[s.format]
		if decode == nil {
			continue
		}
		before, err := decode(bytes.NewReader(s.content))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		_, out := cleaned(t, s.kind, s.content)
		after, err := decode(bytes.NewReader(out))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		for y := range before.Bounds().Dy() {
			for x := range before.Bounds().Dx() {
				if before.At(x, y) != after.At(x, y) {
					t.Fatalf("%s: another picture", s.name)
				}
			}
		}
		if s.format != GIF && !bytes.Contains(out, exifOf(turned)) {
			t.Errorf("%s: which way up it is, is lost", s.name)
		}
	}
}

func TestSoundsStayAsTheyAre(t *testing.T) {
	for _, s := range samples(t) {
		if s.kind != Voice {
			continue
		}
		_, out := cleaned(t, s.kind, s.content)
		if s.format == MP3 {
			if !bytes.Equal(out, bytes.Repeat([]byte("\xff\xfb\x90\x00"+strings.Repeat("s", 413)), 3)) {
				t.Error("other frames")
			}
		} else if s.format != AMR && bytes.Count(out, []byte("sounds")) != bytes.Count(s.content, []byte("sounds")) {
			t.Errorf("%s: other sounds", s.name)
		}
	}
	_, out := cleaned(t, Voice, oggSample("OpusHead", "OpusTags"))
	for at := int64(0); at < int64(len(out)); {
		page, err := readOggPage(bytes.NewReader(out), at, int64(len(out)))
		if err != nil || page == nil {
			t.Fatalf("no page at %d: %v", at, err)
		}
		sum := binary.LittleEndian.Uint32(page.bytes[22:])
		if page.seal(); binary.LittleEndian.Uint32(page.bytes[22:]) != sum {
			t.Error("a page does not match its checksum")
		}
		at += int64(len(page.bytes))
	}
}

func TestDocumentsKeepTheirText(t *testing.T) {
	for _, s := range samples(t) {
		if s.format == DOCX || s.format == XLSX {
			_, out := cleaned(t, s.kind, s.content)
			if got, want := bytes.Count(unpacked(t, out), []byte("seen")), bytes.Count(unpacked(t, s.content), []byte("seen")); got != want {
				t.Errorf("%s: %d of %d texts", s.name, got, want)
			}
		}
	}
	_, out := cleaned(t, Document, pdfSample())
	for _, gone := range []string{"JavaScript", "app.alert", "Metadata", "/Title", "/Author"} {
		if bytes.Contains(out, []byte(gone)) {
			t.Errorf("a document still has %s", gone)
		}
	}
}

// inOffice is a document with one part more.
func inOffice(t *testing.T, name, content string) []byte {
	return zipped(t, "[Content_Types].xml", contentTypes, "word/document.xml", "<w:p/>", name, content)
}

func TestRefused(t *testing.T) {
	wide := bytes.Clone(pngSample(t))
	binary.BigEndian.PutUint32(wide[16:], 60_000)
	binary.BigEndian.PutUint32(wide[20:], 60_000)
	tall := jpegSample(t)
	frame := bytes.Index(tall, []byte{0xff, markSOF0})
	binary.BigEndian.PutUint16(tall[frame+5:], 0xffff)
	binary.BigEndian.PutUint16(tall[frame+7:], 0xffff)
	for _, c := range []struct {
		name    string
		kind    Kind
		content []byte
		want    error
	}{
		{"nothing", Document, nil, ErrNotAllowed},
		{"a page", Photo, []byte("<!DOCTYPE html><html>"), ErrNotAllowed},
		{"a page as a text", Document, []byte("\ufeff \n<HTML><body onload=x>"), ErrNotAllowed},
		{"a drawing", Photo, []byte(`<?xml version="1.0"?><svg/>`), ErrNotAllowed},
		{"a drawing as a text", Document, []byte(`<svg onload="alert(1)">`), ErrNotAllowed},
		{"a script", Document, []byte("#!/bin/sh\nrm -rf /\n"), ErrNotAllowed},
		{"a program of Windows", Document, append([]byte("MZ\x90\x00\x03"), make([]byte, 600)...), ErrNotAllowed},
		{"a program of Linux", Document, append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 600)...), ErrNotAllowed},
		{"Word as it used to be", Document, append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), ErrNotAllowed},
		{"an archive", Document, zipped(t, "a.exe", "MZ"), ErrNotAllowed},
		{"macros", Document, inOffice(t, "word/vbaProject.bin", "x"), ErrNotAllowed},
		{"a program in a document", Document, inOffice(t, "word/embeddings/oleObject1.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)), ErrNotAllowed},
		{"a page in a document", Document, inOffice(t, "word/afchunk.html", "<html>"), ErrNotAllowed},
		{"too much in a document", Document, inOffice(t, "word/media/a.xml", strings.Repeat("a", maxScrubbed+1)), ErrTooLarge},
		{"definitions in XML", Document, inOffice(t, "word/settings.xml", `<!DOCTYPE a [<!ENTITY b "c">]>`), ErrDamaged},
		{"a part twice", Document, inOffice(t, "Word/Document.xml", "x"), ErrDamaged},
		{"a voice that is a picture", Voice, jpegSample(t), ErrNotAllowed},
		{"a photo that is a document", Photo, pdfSample(), ErrNotAllowed},
		{"a film", Voice, mp4Sample("vide"), ErrNotAllowed},
		{"a track of places", Voice, mp4Sample("meta"), ErrNotAllowed},
		{"two streams", Voice, []byte(string(oggSample("OpusHead", "OpusTags")[:74]) + strings.Replace(oggPageOf(1, 2, "x", 1), "\x07\x00\x00\x00", "\x08\x00\x00\x00", 1)), nil},
		{"a film in Ogg", Voice, oggSample("\x80theora", "\x81theora"), ErrNotAllowed},
		{"Matroska", Voice, bytes.Replace(webmSample(), []byte("webm"), []byte("matr"), 1), ErrNotAllowed},
		{"a film in WebM", Voice, bytes.Replace(webmSample(), []byte("\x83\x40\x01\x02"), []byte("\x83\x40\x01\x01"), 1), ErrNotAllowed},
		{"a film in HEIC's clothes", Photo, []byte(boxOf("ftyp", "qt  \x00\x00\x00\x00")), ErrNotAllowed},
		{"too many pixels", Photo, wide, ErrTooLarge},
		{"too many pixels in JPEG", Photo, tall, ErrTooLarge},
		{"half a picture", Photo, pngSample(t)[:200], ErrDamaged},
		{"a wrong checksum", Photo, bytes.Replace(pngSample(t), []byte("IDAT"), []byte("IDAT\x00")[:4], 1), nil},
		{"an encrypted document", Document, bytes.Replace(pdfSample(), []byte("/Info 5 0 R"), []byte("/Encrypt 5 0 R"), 1), nil},
		{"a document that is none", Document, []byte("%PDF-1.7\nnothing\n"), ErrDamaged},
		{"a voice without sound", Voice, []byte("#!AMR\n"), ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := Clean(c.kind, bytes.NewReader(c.content), int64(len(c.content)), &out)
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for _, kind := range []Kind{Photo, Voice, Document} {
		if _, err := Clean(kind, bytes.NewReader(nil), kind.MaxSize()+1, io.Discard); !errors.Is(err, ErrTooLarge) {
			t.Errorf("kind %d: %v", kind, err)
		}
		for _, f := range kind.Formats() {
			if FormatOf(f.Type) != f || f.clean == nil || f.Extension == "" {
				t.Errorf("%s is not whole", f.Type)
			}
		}
	}
	if Kind(0).MaxSize() != 0 || FormatOf("text/html") != nil {
		t.Error("something is allowed that nobody listed")
	}
}

// TestCutOff: a file that ends anywhere is refused, or made a whole one.
func TestCutOff(t *testing.T) {
	for _, s := range samples(t) {
		for n := 0; n < len(s.content); n += 1 + len(s.content)/300 {
			var out bytes.Buffer
			if format, err := Clean(s.kind, bytes.NewReader(s.content), int64(n), &out); err == nil && format != PDF && format != Text {
				if _, again := cleaned(t, s.kind, out.Bytes()); !bytes.Equal(again, out.Bytes()) {
					t.Errorf("%s cut at %d makes a file that changes", s.name, n)
				}
			}
		}
	}
}

// FuzzClean: whatever comes, nothing panics, what is taken stays about as large, and is taken again.
func FuzzClean(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(int8(s.kind), s.content)
	}
	f.Fuzz(func(t *testing.T, kind int8, content []byte) {
		var out bytes.Buffer
		format, err := clean(Kind(kind), bytes.NewReader(content), int64(len(content)), &out)
		if err != nil || slices.Contains([]*Format{PDF, DOCX, XLSX}, format) {
			return
		}
		if const64 := len(content) + 64; out.Len() > const64 {
			t.Errorf("%d bytes became %d", len(content), out.Len())
		}
		var again bytes.Buffer
		if other, err := clean(Kind(kind), bytes.NewReader(out.Bytes()), int64(out.Len()), &again); err != nil || other != format {
			t.Errorf("%s is refused after it was cleaned: %v", format.Type, err)
		}
	})
}
