package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// copied is what was copied so far, and how each original looked then.
type copied struct {
	root  string // of the backup
	files map[string]File
	stamp map[string]stamp
}

type stamp struct {
	size     int64
	modified time.Time
}

func newCopied(root string) *copied {
	return &copied{root: root, files: map[string]File{}, stamp: map[string]stamp{}}
}

// tree copies the files below a folder that are new, or are not as they were when they were copied. What disappears meanwhile is left as
// it was copied, if it was.
func (c *copied) tree(ctx context.Context, from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() || !entry.Type().IsRegular():
			return nil
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return c.one(path, to+"/"+filepath.ToSlash(below))
	})
}

// one copies one file, unless it is gone or as it was copied.
func (c *copied) one(from, to string) error {
	info, err := os.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	now := stamp{info.Size(), info.ModTime()}
	if c.stamp[to] == now {
		return nil
	}
	f, err := copyFile(from, filepath.Join(c.root, filepath.FromSlash(to)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // renamed meanwhile: it comes under its new name
	} else if err != nil {
		return err
	}
	f.Path = to
	c.files[to], c.stamp[to] = f, now
	return nil
}

// drop forgets the pieces of files that have become whole.
func (c *copied) drop() error {
	for path := range c.files {
		whole, piece := strings.CutSuffix(path, ".part")
		if _, there := c.files[whole]; !piece || !there {
			continue
		}
		delete(c.files, path)
		if err := os.Remove(filepath.Join(c.root, filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	return nil
}

// sorted are the files in the order of their paths.
func (c *copied) sorted() []File {
	all := make([]File, 0, len(c.files))
	for _, f := range c.files {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return all
}

// copyFile copies a file to a place for its owner only, durably, and says what it copied.
func copyFile(from, to string) (_ File, err error) {
	in, err := os.Open(from)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	hash := sha256.New()
	size, err := pour(io.TeeReader(in, hash), to)
	return File{Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

func writeFile(path string, content []byte) error {
	_, err := pour(bytes.NewReader(content), path)
	return err
}

func pour(from io.Reader, to string) (size int64, err error) {
	if err := os.MkdirAll(filepath.Dir(to), folderMode); err != nil {
		return 0, err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fileMode)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if size, err = io.Copy(out, from); err != nil {
		return size, err
	}
	return size, out.Sync()
}

// syncFolders makes the names in a folder and in those below durable.
func syncFolders(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		d, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(d.Sync(), d.Close())
	})
}
