// Package media looks at files that somebody sent and makes what others may see of them. It believes neither a name nor a claimed type: what a
// file is, its own bytes say, and what is not on the list is refused. A rendition holds what is seen or heard and nothing else: no position, no
// author, no device, no comment, nothing hidden behind the end.
//
// Clean keeps picture and sound as they are, bit for bit: it drops, blanks and rewrites only what surrounds them, so nothing is decoded
// and a picture costs no more than its bytes. What it cannot clean it refuses.
//
// It depends on the standard library and, for PDF, on pdfcpu.
package media

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Kind is what a file is for; it decides what it may be and how large.
type Kind int8

// The kinds.
const (
	Photo Kind = iota + 1
	Voice
	Document
)

var kindWords = [...]string{Photo: "PHOTO", Voice: "VOICE", Document: "DOCUMENT"}

// String returns the contracts' word.
func (k Kind) String() string {
	if k < Photo || k > Document {
		return ""
	}
	return kindWords[k]
}

// KindOf is the kind of a word; what is no kind for another.
func KindOf(word string) Kind {
	for k := Photo; k <= Document; k++ {
		if kindWords[k] == word {
			return k
		}
	}
	return 0
}

const mebibyte = 1 << 20

// MaxSize is how many bytes a file of a kind may have; nothing for what is no kind.
func (k Kind) MaxSize() int64 {
	switch k {
	case Photo, Voice:
		return 20 * mebibyte
	case Document:
		return 50 * mebibyte
	default:
		return 0
	}
}

// Format is what a file is, as its bytes say.
type Format struct {
	Type      string // media type
	Extension string // with its dot
	clean     func(src io.ReaderAt, size int64, dst io.Writer) error
}

// The formats that are taken.
var (
	JPEG = &Format{"image/jpeg", ".jpg", cleanJPEG}
	PNG  = &Format{"image/png", ".png", cleanPNG}
	WebP = &Format{"image/webp", ".webp", cleanWebP}
	GIF  = &Format{"image/gif", ".gif", cleanGIF}
	HEIC = &Format{"image/heic", ".heic", cleanHEIC}
	WebM = &Format{"audio/webm", ".webm", cleanWebM}
	MP4  = &Format{"audio/mp4", ".m4a", cleanMP4}
	Ogg  = &Format{"audio/ogg", ".ogg", cleanOgg}
	MP3  = &Format{"audio/mpeg", ".mp3", cleanMP3}
	AMR  = &Format{"audio/amr", ".amr", cleanAMR}
	WAV  = &Format{"audio/wav", ".wav", cleanWAV}
	PDF  = &Format{"application/pdf", ".pdf", cleanPDF}
	DOCX = &Format{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", nil}
	XLSX = &Format{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", nil}
	Text = &Format{"text/plain", ".txt", cleanText}
)

var (
	photos    = []*Format{JPEG, PNG, WebP, GIF, HEIC}
	voices    = []*Format{WebM, MP4, Ogg, MP3, AMR, WAV}
	documents = []*Format{PDF, DOCX, XLSX, Text, JPEG, PNG, WebP, GIF, HEIC} // people scan with a camera
)

// Formats is what a file of a kind may be.
func (k Kind) Formats() []*Format {
	switch k {
	case Photo:
		return photos
	case Voice:
		return voices
	case Document:
		return documents
	default:
		return nil
	}
}

func init() { // the table above cannot name what reads it
	DOCX.clean = cleanOffice
	XLSX.clean = cleanOffice
}

// FormatOf is the format with a media type, nil for none.
func FormatOf(mediaType string) *Format {
	for _, list := range [][]*Format{documents, voices} {
		for _, f := range list {
			if f.Type == mediaType {
				return f
			}
		}
	}
	return nil
}

// Why a file is refused. Wrapped errors say more, for the log.
var (
	ErrNotAllowed  = errors.New("its content is of no type that is taken")
	ErrDamaged     = errors.New("its content is damaged")
	ErrTooLarge    = errors.New("its content is too large when opened")
	ErrProtected   = errors.New("its content is protected")
	ErrUncleanable = errors.New("what it says of people cannot be taken out")
)

// MaxPixels is how large a picture may be: enough for any phone, and what a reader's memory can take.
const MaxPixels = 50_000_000

func pixels(width, height int64) error {
	switch {
	case width <= 0 || height <= 0:
		return damaged("a picture of %d by %d", width, height)
	case width > MaxPixels || height > MaxPixels || width*height > MaxPixels:
		return fmt.Errorf("%d by %d pixels: %w", width, height, ErrTooLarge)
	}
	return nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrDamaged)
}

// Clean finds out what a file is, and writes to dst what others may see of it. After an error what was written is of no use.
func Clean(kind Kind, src io.ReaderAt, size int64, dst io.Writer) (format *Format, err error) {
	defer func() {
		if cause := recover(); cause != nil { // a defect in a parser, ours or another's, must not end the process
			format, err = nil, fmt.Errorf("%v: %w", cause, ErrDamaged)
		}
	}()
	return clean(kind, src, size, dst)
}

func clean(kind Kind, src io.ReaderAt, size int64, dst io.Writer) (format *Format, err error) {
	if size > kind.MaxSize() {
		return nil, fmt.Errorf("%d bytes: %w", size, ErrTooLarge)
	}
	if format, err = Sniff(src, size); err != nil {
		return nil, err
	}
	if !slices.Contains(kind.Formats(), format) {
		return nil, fmt.Errorf("%s is not of the kind announced: %w", format.Type, ErrNotAllowed)
	}
	err = format.clean(src, size, dst)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = damaged("it ends too early")
	}
	return format, err
}

// sniffed is how much of a file tells what it is.
const sniffed = 512

// Sniff finds out what a file is, or returns ErrNotAllowed. Only Clean finds out whether it really is.
func Sniff(src io.ReaderAt, size int64) (*Format, error) {
	head := make([]byte, min(size, sniffed))
	if n, err := src.ReadAt(head, 0); n < len(head) {
		return nil, err
	}
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	at := func(offset int, word string) bool {
		return len(head) >= offset+len(word) && string(head[offset:offset+len(word)]) == word
	}
	switch {
	case has("\xff\xd8\xff"):
		return JPEG, nil
	case has("\x89PNG\r\n\x1a\n"):
		return PNG, nil
	case has("GIF87a"), has("GIF89a"):
		return GIF, nil
	case has("RIFF") && at(8, "WEBP"):
		return WebP, nil
	case has("RIFF") && at(8, "WAVE"):
		return WAV, nil
	case at(4, "ftyp"):
		return sniffBoxes(head)
	case has("\x1a\x45\xdf\xa3"):
		return WebM, nil
	case has("OggS"):
		return Ogg, nil
	case has("#!AMR\n"), has("#!AMR-WB\n"):
		return AMR, nil
	case has("ID3"), len(head) > 4 && frameLength(head) > 0:
		return MP3, nil
	case has("%PDF-"):
		return PDF, nil
	case has("PK\x03\x04"):
		return sniffOffice(src, size)
	case has("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return nil, fmt.Errorf("an Office document of the old kind, or a protected one: %w", ErrNotAllowed)
	case isText(head, int64(len(head)) == size):
		return Text, nil
	}
	return nil, ErrNotAllowed
}

// patch is a place in a file that the rendition has other bytes for; zeros when to is nil.
type patch struct {
	at, length int64
	to         []byte
}

// patched copies a file with some places changed. Patches are in any order; where two meet, the later one given counts.
func patched(src io.ReaderAt, size int64, patches []patch, dst io.Writer) error {
	const window = 256 << 10
	buffer := make([]byte, window)
	for at := int64(0); at < size; at += window {
		part := buffer[:min(window, size-at)]
		if n, err := src.ReadAt(part, at); n < len(part) {
			return err
		}
		for _, p := range patches {
			from, to := max(p.at, at), min(p.at+p.length, at+int64(len(part)))
			if from >= to {
				continue
			}
			if p.to == nil {
				clear(part[from-at : to-at])
			} else {
				copy(part[from-at:to-at], p.to[from-p.at:])
			}
		}
		if _, err := dst.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// copyRange copies a part of a file.
func copyRange(dst io.Writer, src io.ReaderAt, from, length int64) error {
	n, err := io.Copy(dst, io.NewSectionReader(src, from, length))
	if err == nil && n < length {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// readRange reads a part of a file that must be small enough to hold.
func readRange(src io.ReaderAt, from, length, most int64) ([]byte, error) {
	if from < 0 || length < 0 || length > most {
		return nil, damaged("a part of %d bytes", length)
	}
	b := make([]byte, length)
	if n, err := src.ReadAt(b, from); int64(n) < length {
		return nil, err
	}
	return b, nil
}
