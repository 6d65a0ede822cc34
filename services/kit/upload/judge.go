package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/media"
)

// Open opens the place of a service's files, and the judge of what arrives there. The judge works in the folder spool, by default in that of the files,
// which has the room, and in the system's own when they lie in a bucket.
func Open(c blob.Config, spool string) (blob.Store, *Judge, error) {
	blobs, err := blob.Open(c)
	if err != nil {
		return nil, nil, err
	}
	if spool == "" {
		spool = c.Folder
	}
	return blobs, NewJudge(blobs, spool), nil
}

// ErrHash refuses a file that is not the one that was announced.
var ErrHash = errors.New("its hash is not the one announced")

// Arrived is a file whose pieces are all there, and what was said of it before they came.
type Arrived struct {
	Blob   blob.ID
	Kind   media.Kind
	Size   int64
	SHA256 [sha256.Size]byte
}

// Judged is what was found.
type Judged struct {
	Format *media.Format
	Clean  blob.ID // of the rendition; the file itself when there was nothing to take out
	Size   int64   // of the rendition
	SHA256 [sha256.Size]byte
}

// Judge judges files, a few at a time: a document can take much memory while it is opened.
type Judge struct {
	blobs blob.Store
	spool string
	slots chan struct{}
}

// NewJudge makes a judge over a store. It works in files of the folder spool that have no name; the system's own folder when empty.
func NewJudge(blobs blob.Store, spool string) *Judge {
	return &Judge{blobs: blobs, spool: spool, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Judge seals a file whose pieces are all there and judges it. The rendition is durable when it returns. A fault says why the file will never be taken; any
// other error is a failure, after which it may be judged again.
func (j *Judge) Judge(ctx context.Context, a Arrived) (Judged, error) {
	found, err := j.judge(ctx, a)
	for _, r := range refusals {
		if errors.Is(err, r.is) {
			err = r.fault.Wrap(err)
		}
	}
	return found, err
}

func (j *Judge) judge(ctx context.Context, a Arrived) (Judged, error) {
	select {
	case j.slots <- struct{}{}:
		defer func() { <-j.slots }()
	case <-ctx.Done():
		return Judged{}, ctx.Err()
	}
	if err := j.blobs.Seal(ctx, a.Blob, a.Size); err != nil {
		return Judged{}, err
	}
	original, err := j.scratch()
	if err != nil {
		return Judged{}, err
	}
	defer original.close()
	content, err := j.blobs.Open(ctx, a.Blob, 0, -1)
	if err != nil {
		return Judged{}, err
	}
	_, err = io.Copy(original, content)
	if err = errors.Join(err, content.Close()); err != nil {
		return Judged{}, err
	}
	if original.sum() != a.SHA256 || original.size != a.Size {
		return Judged{}, ErrHash
	}
	return j.clean(ctx, a, original)
}

func (j *Judge) clean(ctx context.Context, a Arrived, original *scratch) (Judged, error) {
	rendition, err := j.scratch()
	if err != nil {
		return Judged{}, err
	}
	defer rendition.close()
	format, err := media.Clean(a.Kind, original.file, a.Size, rendition)
	if rendition.failed != nil { // then whatever the content is said to be, is not why
		return Judged{}, rendition.failed
	}
	if err != nil {
		return Judged{}, err
	}
	out := Judged{Format: format, Clean: a.Blob, Size: rendition.size, SHA256: rendition.sum()}
	if out.SHA256 == a.SHA256 {
		return out, nil
	}
	if _, err := rendition.file.Seek(0, io.SeekStart); err != nil {
		return Judged{}, err
	}
	out.Clean = blob.NewID() // of this judgement alone: two that are made at once do not write over each other
	return out, j.blobs.Put(ctx, out.Clean, rendition.file, rendition.size)
}

// scratch is a file without a name that knows its hash.
type scratch struct {
	file   *os.File
	hash   hash.Hash
	size   int64
	failed error // the disk, not the content
}

func (j *Judge) scratch() (*scratch, error) {
	file, err := os.CreateTemp(j.spool, "judge-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil { // nobody else opens it, and no crash leaves it
		return nil, errors.Join(err, file.Close())
	}
	return &scratch{file: file, hash: sha256.New()}, nil
}

func (s *scratch) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.size += int64(n)
	s.hash.Write(p[:n])
	if err != nil {
		s.failed = fmt.Errorf("judge a file: %w", err)
	}
	return n, err
}

func (s *scratch) sum() (sum [sha256.Size]byte) {
	s.hash.Sum(sum[:0])
	return sum
}

func (s *scratch) close() { _ = s.file.Close() }
