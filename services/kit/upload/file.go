package upload

import (
	"errors"
	"io"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/media"
)

// The states of a file, by the contracts' words.
const (
	Announced = "ANNOUNCED"
	Uploading = "UPLOADING"
	Ready     = "READY"
	Refused   = "REFUSED"
	Expired   = "EXPIRED"
)

// Owner is whose a file is: the place of what a service keeps.
type Owner struct {
	City  string
	Month int
	ID    string
}

// File is the row of a file.
type File struct {
	Owner       Owner
	ID          string
	State       string
	Reason      string // why it was refused
	Kind        media.Kind
	Name        string
	Author      string // as what it was sent, in the service's words
	Person      string // id of who announced it
	Size        int64
	SHA256      []byte
	Received    int64 // bytes that have arrived
	Blob        blob.ID
	Clean       blob.ID // of the rendition; empty until there is one
	CleanSize   int64
	CleanSHA256 []byte
	MediaType   string
	CreateTime  time.Time // city clock
	ReadyTime   time.Time // city clock
	TouchTime   time.Time // wall clock
	ExpireTime  time.Time // wall clock
	Words       []string  // the service's own, in the order of its table
}

// Open tells whether the file still takes pieces.
func (f *File) Open() bool { return f.State == Announced || f.State == Uploading }

// Content is what somebody gets: their own file as they sent it, anybody else's without what it says of people; nothing of one that is not READY.
func (f *File) Content(own bool) (id blob.ID, size int64, sha256 []byte) {
	switch {
	case f.State != Ready:
		return "", 0, nil
	case own:
		return f.Blob, f.Size, f.SHA256
	default:
		return f.Clean, f.CleanSize, f.CleanSHA256
	}
}

// ShownTo tells whether somebody who may know of the file is shown it: one that came to nothing is of use to its sender only.
func (f *File) ShownTo(person string) bool {
	return f.Person == person || f.State == Ready || f.Open()
}

// DownloadName is under which name a file is offered: the one given, with the ending of what it really is.
func (f *File) DownloadName(name string) string {
	format := media.FormatOf(f.MediaType)
	if format == nil || strings.EqualFold(path.Ext(name), format.Extension) {
		return name
	}
	return strings.TrimSuffix(name, path.Ext(name)) + format.Extension
}

// Name refuses what is no name of a file: it is shown to people and offered to their file systems.
func Name(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, `/\`) {
		return "", ErrNameInvalid
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar {
			return "", ErrNameInvalid
		}
	}
	return name, nil
}

// Room tells whether somebody may announce one more to an owner who has these files and may have so many. What others announced and did not send keeps
// nobody from sending; what somebody announces and does not send stays as a row, and there are at most announced of theirs.
func Room(all []*File, person string, most, announced int) bool {
	live, own := 0, 0
	for _, f := range all {
		if f.Person == person {
			own++
		}
		if f.State == Ready || f.Open() && f.Person == person {
			live++
		}
	}
	return live < most && own < announced
}

// chunkBytes is how much of a file one message carries.
const chunkBytes = 256 << 10

// Chunks sends content in the size of messages.
func Chunks(content io.Reader, send func(chunk []byte) error) error {
	for {
		chunk := make([]byte, chunkBytes) // a new one each time: a message may still be on its way when send returns
		n, err := io.ReadFull(content, chunk)
		if n > 0 {
			if err := send(chunk[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}
