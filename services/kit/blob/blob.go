// Package blob keeps files: written in pieces, sealed once, read in ranges. Whoever keeps a file's row keeps its id; the name a client gave it
// never comes here.
//
// The contract, which blobtest holds every engine to: what Write or Put has answered survives a crash; pieces may come again, overlap and come in
// any order; a blob can be read when it is sealed and not before; sealing again, and deleting what is not there, does nothing. A store
// knows nothing of what refers to a blob: seal the blob first, then commit the row that names it, and delete in the other order.
// What is left over by a crash in between is found by Walk.
//
// It depends on kit's clock and config and, for S3, on minio-go.
package blob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/config"
)

// Store keeps blobs. It is safe for concurrent use.
type Store interface {
	// Write puts a piece of an unsealed blob to its place and returns when it is durable.
	Write(ctx context.Context, id ID, offset int64, piece []byte) error
	// Seal makes a blob of exactly size bytes of its pieces, or returns ErrIncomplete when some are missing.
	Seal(ctx context.Context, id ID, size int64) error
	// Put writes and seals a blob at once.
	Put(ctx context.Context, id ID, content io.Reader, size int64) error
	// Open reads length bytes of a sealed blob from offset on; to its end when length is negative. What lies beyond the end is left out.
	Open(ctx context.Context, id ID, offset, length int64) (io.ReadCloser, error)
	// Size is that of a sealed blob.
	Size(ctx context.Context, id ID) (int64, error)
	// Delete removes a blob, sealed or not.
	Delete(ctx context.Context, id ID) error
	// Walk calls each for every blob, sealed or not, with the time of its last change, until each fails.
	Walk(ctx context.Context, each func(id ID, modified time.Time) error) error
}

// Why a store does not do what it is asked to: there is no sealed blob of that id; pieces are missing; the blob takes no more pieces.
var (
	ErrNotFound   = errors.New("no such blob")
	ErrIncomplete = errors.New("the blob is not complete")
	ErrSealed     = errors.New("the blob is sealed")
)

// ID names a blob: lower-case hexadecimal digits and dashes, so that it is safe as part of any path.
type ID string

// idBytes is how much chance is in an id: nobody guesses one.
const idBytes = 24

// NewID makes an id that nobody can guess.
func NewID() ID {
	var b [idBytes]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the process instead
	return ID(hex.EncodeToString(b[:]))
}

const (
	minID = 16
	maxID = 64
)

// ours tells an id from whatever else lies where blobs are kept.
func (id ID) ours() bool { return id.check() == nil }

// check refuses what could lead out of the store.
func (id ID) check() error {
	if len(id) < minID || len(id) > maxID {
		return fmt.Errorf("a blob id of %d characters", len(id))
	}
	for _, c := range id {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && c != '-' {
			return errors.New("a blob id with characters that none has")
		}
	}
	return nil
}

// Config says where blobs are kept: in a folder, or in a bucket. The zero value says nothing.
type Config struct {
	// Folder is a path on a local file system.
	Folder string
	// S3 is a bucket of a service that speaks Amazon's protocol.
	S3 S3Config
	// Memory keeps blobs only as long as the process, for tests and demonstrations.
	Memory bool
}

// S3Config leads to a bucket. Its tags make flags of it.
type S3Config struct {
	Endpoint  string        `placeholder:"HOST:PORT" help:"Keep files in a bucket of the service there, which speaks S3, instead of the data folder."`
	Bucket    string        `placeholder:"NAME" help:"The bucket."`
	Region    string        `default:"us-east-1" help:"The bucket's region."`
	Prefix    string        `help:"What every key begins with, such as city/."`
	AccessKey config.Secret `placeholder:"REF" help:"Access key: file:PATH or env:NAME."`
	SecretKey config.Secret `placeholder:"REF" help:"Secret key: file:PATH or env:NAME."`
	Plain     bool          `help:"Without TLS, for a service on this machine."`
}

// Validate says what is missing of a way to a bucket.
func (c S3Config) Validate() error {
	if c.Endpoint != "" && (c.Bucket == "" || !c.AccessKey.Set() || !c.SecretKey.Set()) {
		return errors.New("blobs: a bucket needs its name and two keys")
	}
	return nil
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	places := 0
	for _, chosen := range []bool{c.Folder != "", c.S3.Endpoint != "", c.Memory} {
		if chosen {
			places++
		}
	}
	switch {
	case places == 0:
		return errors.New("blobs: a folder or a bucket is required")
	case places > 1:
		return errors.New("blobs: either a folder or a bucket, not both")
	}
	return c.S3.Validate()
}

// Open opens the store that a configuration names.
func Open(c Config) (Store, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	switch {
	case c.Memory:
		return NewMemory(), nil
	case c.Folder != "":
		return OpenFolder(c.Folder)
	default:
		return OpenS3(c.S3)
	}
}
