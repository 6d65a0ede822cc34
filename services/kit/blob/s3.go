package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps a sealed blob as one object and every piece of an unsealed one as another. Pieces are small (a megabyte) and S3's own
// multipart uploads take none under five, so a blob is put together when it is sealed: read and written once more, as one object that is
// there whole or not at all. A piece's key says its offset and length, so two that begin alike do not replace each other.
type bucket struct {
	client *minio.Client
	name   string
	prefix string
}

const (
	wholePart  = "whole/"
	piecesPart = "pieces/"
)

// OpenS3 makes the store of a bucket. Nothing is asked of the bucket before it is needed: a service starts without it.
func OpenS3(c S3Config) (Store, error) {
	region := c.Region
	if region == "" {
		region = "us-east-1"
	}
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(c.AccessKey.Reveal(), c.SecretKey.Reveal(), ""), Secure: !c.Plain, Region: region,
		BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	return &bucket{client: client, name: c.Bucket, prefix: c.Prefix}, nil
}

func (b *bucket) whole(id ID) string  { return b.prefix + wholePart + string(id) }
func (b *bucket) pieces(id ID) string { return b.prefix + piecesPart + string(id) + "/" }

// put writes an object in one request.
func (b *bucket) put(ctx context.Context, key string, content io.Reader, size int64) error {
	_, err := b.client.PutObject(ctx, b.name, key, content, size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	return err
}

func (b *bucket) Write(ctx context.Context, id ID, offset int64, piece []byte) error {
	if err := id.check(); err != nil {
		return err
	}
	switch _, err := b.Size(ctx, id); {
	case err == nil:
		return ErrSealed
	case !errors.Is(err, ErrNotFound):
		return err
	}
	key := fmt.Sprintf("%s%015d-%d", b.pieces(id), offset, len(piece))
	return b.put(ctx, key, strings.NewReader(string(piece)), int64(len(piece)))
}

// span is a piece at its place.
type span struct {
	key        string
	begin, end int64
}

func (b *bucket) list(ctx context.Context, prefix string, each func(minio.ObjectInfo) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when each fails
	defer cancel()
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return object.Err
		}
		if err := each(object); err != nil {
			return err
		}
	}
	return nil
}

func (b *bucket) spans(ctx context.Context, id ID) ([]span, error) {
	var all []span
	err := b.list(ctx, b.pieces(id), func(o minio.ObjectInfo) error {
		begins, length, _ := strings.Cut(strings.TrimPrefix(o.Key, b.pieces(id)), "-")
		begin, err := strconv.ParseInt(begins, 10, 64)
		n, err2 := strconv.ParseInt(length, 10, 64)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		all = append(all, span{o.Key, begin, begin + n})
		return nil
	})
	return all, err
}

// cover chooses pieces that hold every byte up to size, from which only what is new is to be read.
func cover(all []span, size int64) ([]span, error) {
	var chosen []span
	for at := int64(0); at < size; {
		best := span{end: at}
		for _, s := range all {
			if s.begin <= at && s.end > best.end {
				best = s
			}
		}
		if best.end == at {
			return nil, ErrIncomplete
		}
		chosen = append(chosen, best)
		at = best.end
	}
	return chosen, nil
}

func (b *bucket) Seal(ctx context.Context, id ID, size int64) error {
	if err := id.check(); err != nil {
		return err
	}
	is, err := b.Size(ctx, id)
	switch {
	case err == nil:
		if err := sealedAs(is, size); err != nil {
			return err
		}
		return b.drop(ctx, b.pieces(id)) // what a crash left
	case !errors.Is(err, ErrNotFound):
		return err
	}
	all, err := b.spans(ctx, id)
	if err != nil {
		return err
	}
	chosen, err := cover(all, size)
	if err != nil {
		return err
	}
	reader := &chain{ctx: ctx, bucket: b, left: chosen}
	err = b.put(ctx, b.whole(id), io.LimitReader(reader, size), size)
	if err = errors.Join(err, reader.close()); err != nil {
		return err
	}
	return b.drop(ctx, b.pieces(id))
}

// chain reads pieces one after another, each from where the one before ended.
type chain struct {
	ctx    context.Context
	bucket *bucket
	left   []span
	at     int64
	open   io.ReadCloser
}

func (c *chain) Read(p []byte) (int, error) {
	for {
		if c.open != nil {
			n, err := c.open.Read(p)
			c.at += int64(n)
			switch {
			case err == nil:
				return n, nil
			case !errors.Is(err, io.EOF):
				return n, err
			}
			if err := c.close(); err != nil || n > 0 {
				return n, err
			}
		}
		if len(c.left) == 0 {
			return 0, io.EOF
		}
		next := c.left[0]
		c.left = c.left[1:]
		var err error
		if c.open, err = c.bucket.get(c.ctx, next.key, c.at-next.begin, -1); err != nil {
			return 0, err
		}
	}
}

func (c *chain) close() error {
	if c.open == nil {
		return nil
	}
	err := c.open.Close()
	c.open = nil
	return err
}

func (b *bucket) drop(ctx context.Context, prefix string) error {
	return b.list(ctx, prefix, func(o minio.ObjectInfo) error {
		return b.client.RemoveObject(ctx, b.name, o.Key, minio.RemoveObjectOptions{})
	})
}

func (b *bucket) Put(ctx context.Context, id ID, content io.Reader, size int64) error {
	if err := id.check(); err != nil {
		return err
	}
	return b.put(ctx, b.whole(id), content, size)
}

// get reads an object at once, so that one that is not there is told before the first byte.
func (b *bucket) get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	var options minio.GetObjectOptions
	if offset > 0 || length > 0 {
		end := int64(0) // stands for the end
		if length > 0 {
			end = offset + length - 1
		}
		if err := options.SetRange(offset, end); err != nil {
			return nil, err
		}
	}
	core := minio.Core{Client: b.client}
	reader, _, _, err := core.GetObject(ctx, b.name, key, options)
	return reader, missing(err)
}

// missing puts the service's answer for what is not there into our words.
func missing(err error) error {
	if err == nil {
		return nil
	}
	if answer := minio.ToErrorResponse(err); answer.StatusCode == http.StatusNotFound && answer.Code == "NoSuchKey" {
		return ErrNotFound
	}
	return err
}

func (b *bucket) Open(ctx context.Context, id ID, offset, length int64) (io.ReadCloser, error) {
	size, err := b.Size(ctx, id)
	if err != nil {
		return nil, err
	}
	if offset >= size || length == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return b.get(ctx, b.whole(id), offset, length)
}

func (b *bucket) Size(ctx context.Context, id ID) (int64, error) {
	if err := id.check(); err != nil {
		return 0, err
	}
	info, err := b.client.StatObject(ctx, b.name, b.whole(id), minio.StatObjectOptions{})
	return info.Size, missing(err)
}

func (b *bucket) Delete(ctx context.Context, id ID) error {
	if err := id.check(); err != nil {
		return err
	}
	err := missing(b.client.RemoveObject(ctx, b.name, b.whole(id), minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return errors.Join(err, b.drop(ctx, b.pieces(id)))
}

func (b *bucket) Walk(ctx context.Context, each func(ID, time.Time) error) error {
	for _, part := range []string{wholePart, piecesPart} {
		err := b.list(ctx, b.prefix+part, func(o minio.ObjectInfo) error {
			id, _, _ := strings.Cut(strings.TrimPrefix(o.Key, b.prefix+part), "/")
			if !ID(id).ours() {
				return nil
			}
			return each(ID(id), o.LastModified)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
