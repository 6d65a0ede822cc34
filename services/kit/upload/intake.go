package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/media"
)

const (
	// keepUnfinished is how long a file may take to arrive. It is a matter of storage, not an obligation, so it runs on the wall clock.
	keepUnfinished = 7 * 24 * time.Hour
	// judging bounds a judgement, which goes on when the caller does not wait for it.
	judging = 5 * time.Minute
	// patience is how often a file tries to become its owner's next event, each time as often as a Change does.
	patience = 6
)

// Config is what an intake works with.
type Config struct {
	Store *change.Store
	Rows  *Rows
	Blobs blob.Store
	Judge *Judge
	Wall  clock.Clock
	// Arrive decides, anew each time it is called, what the arrival of a judged file does to its owner, and when it happens. The row's becoming READY is added to
	// the Change.
	Arrive func(ctx context.Context, f *File) (*change.Change, time.Time, error)
	// Refusals are the faults of Arrive after which the file will never be taken; after any other error it is tried again.
	Refusals []*fault.Error
}

// Intake takes the files of a service in. It is safe for concurrent use.
type Intake struct {
	Config
	final      []*fault.Error // why a file is not taken for good: the judge's reasons and the owner's
	judgements singleflight.Group
}

// NewIntake makes an intake.
func NewIntake(c Config) *Intake {
	i := &Intake{Config: c}
	for _, r := range refusals {
		i.final = append(i.final, r.fault)
	}
	i.final = append(i.final, c.Refusals...)
	return i
}

// Announcement is what is said of a file before it comes.
type Announcement struct {
	Name   string
	Kind   media.Kind
	Size   int64
	SHA256 []byte
}

// Announced is the row of a file that may come: its owner, id, author and the time on the city's clock are the caller's to add.
func (i *Intake) Announced(in Announcement) (*File, error) {
	name, err := Name(in.Name)
	if err != nil {
		return nil, err
	}
	if most := in.Kind.MaxSize(); in.Size > most {
		return nil, ErrTooLarge.With("maxBytes", strconv.FormatInt(most, 10))
	}
	now := i.Wall.Now()
	return &File{State: Announced, Kind: in.Kind, Name: name, Size: in.Size, SHA256: in.SHA256, Blob: blob.NewID(), TouchTime: now,
		ExpireTime: now.Add(keepUnfinished)}, nil
}

// Take takes a piece of a file that read returns when the caller may send it; it is read again when somebody was faster. The last piece waits until the
// file is judged.
func (i *Intake) Take(ctx context.Context, read func() (*File, error), offset int64, piece []byte) (*File, error) {
	for range change.Attempts {
		f, err := read()
		if err != nil {
			return nil, err
		}
		end := offset + int64(len(piece))
		switch {
		case end > f.Size || end < 0:
			return nil, ErrBeyondEnd.With("size", strconv.FormatInt(f.Size, 10))
		case !f.Open():
			return f, i.over(f)
		case !i.Wall.Now().Before(f.ExpireTime):
			return nil, ErrOver
		case offset > f.Received:
			return nil, ErrOffsetMismatch.With("offset", strconv.FormatInt(f.Received, 10))
		}
		if end > f.Received {
			switch err := i.receive(ctx, f, piece[f.Received-offset:]); {
			case errors.Is(err, change.ErrConflict) || errors.Is(err, change.ErrStale) || errors.Is(err, blob.ErrSealed):
				continue
			case err != nil:
				return nil, err
			}
		}
		if f.Received < f.Size {
			return f, nil
		}
		return i.finish(ctx, f)
	}
	return nil, ErrTooBusy
}

// over is the answer to a piece of a file that is decided: the last piece of one that was taken may come again.
func (i *Intake) over(f *File) error {
	switch f.State {
	case Ready:
		return nil
	case Refused:
		return i.Refusal(f.Reason)
	default:
		return ErrOver
	}
}

// Refusal is the fault of a reason for which a file was refused.
func (i *Intake) Refusal(reason string) *fault.Error {
	for _, f := range i.final {
		if f.Reason == reason {
			return f
		}
	}
	return ErrOver
}

// refusalOf is why a file is not taken for good, nil when that is not why it failed.
func (i *Intake) refusalOf(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) && slices.ContainsFunc(i.final, func(known *fault.Error) bool { return f.Is(known) }) {
		return f
	}
	return nil
}

// receive keeps what is new. The bytes are durable before the row counts them.
func (i *Intake) receive(ctx context.Context, f *File, fresh []byte) error {
	if err := i.Blobs.Write(ctx, f.Blob, f.Received, fresh); err != nil {
		return err
	}
	received := f.Received + int64(len(fresh))
	c := &change.Change{Statements: []change.Statement{i.Rows.Receive(f, received, i.Wall.Now())}}
	if err := i.Store.Commit(ctx, c); err != nil {
		return err
	}
	f.State, f.Received = Uploading, received
	return nil
}

// finish judges a file that has arrived whole, once at a time, and commits what was found. A judgement begun goes on when the caller is gone:
// somebody will ask for it.
func (i *Intake) finish(ctx context.Context, f *File) (*File, error) {
	done := i.judgements.DoChan(string(f.Blob), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), judging)
		defer cancel()
		return i.judge(ctx, *f)
	})
	select {
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*File), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (i *Intake) judge(ctx context.Context, f File) (*File, error) {
	found, err := i.Judge.Judge(ctx, Arrived{Blob: f.Blob, Kind: f.Kind, Size: f.Size, SHA256: [32]byte(f.SHA256)})
	if err == nil {
		f.MediaType, f.Clean, f.CleanSize, f.CleanSHA256 = found.Format.Type, found.Clean, found.Size, found.SHA256[:]
		err = i.arrive(ctx, &f)
	}
	refusal := i.refusalOf(err)
	switch {
	case err == nil:
		return i.Rows.File(ctx, f.Owner, f.ID)
	case refusal == nil:
		return nil, fmt.Errorf("file %s: %w", f.ID, err)
	}
	if err := i.end(ctx, &f, Refused, refusal.Reason); err != nil {
		return nil, err
	}
	now, err := i.Rows.File(ctx, f.Owner, f.ID) // somebody may have been faster
	if err != nil || now.State == Ready {
		return now, err
	}
	return nil, refusal
}

// arrive commits the row and its owner's event together. The file's blobs are durable by now. A dozen photos come at once, and all want to be their
// owner's next event: it tries longer than somebody who acts upon it.
func (i *Intake) arrive(ctx context.Context, f *File) (err error) {
	for range patience {
		err = i.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
			now, err := i.Rows.File(ctx, f.Owner, f.ID)
			if err != nil || !now.Open() { // decided elsewhere
				return nil, err
			}
			c, at, err := i.Arrive(ctx, f)
			if err != nil {
				return nil, err
			}
			f.ReadyTime = at
			c.Statements = append(c.Statements, i.Rows.MakeReady(f))
			return c, nil
		})
		if !fault.Has(err, "CONTENTION") {
			break
		}
	}
	return err
}

// end ends an open file that came to nothing: first its row, then its bytes. A file that is decided stays as it is.
func (i *Intake) end(ctx context.Context, f *File, state, reason string) error {
	err := i.Store.Commit(ctx, &change.Change{Statements: []change.Statement{i.Rows.End(f, state, reason)}})
	switch {
	case errors.Is(err, change.ErrConflict):
		return nil
	case err != nil:
		return err
	}
	for _, id := range []blob.ID{f.Blob, f.Clean} {
		if id == "" {
			continue
		}
		if err := i.Blobs.Delete(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// Open opens a part of a READY file's content, as its sender or as others see it; all to the end for a length of 0.
func (i *Intake) Open(ctx context.Context, f *File, own bool, offset, length int64) (io.ReadCloser, error) {
	content, size, _ := f.Content(own)
	switch {
	case offset > size:
		return nil, ErrRangeInvalid
	case length == 0:
		length = -1
	}
	return i.Blobs.Open(ctx, content, offset, length)
}
