package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// folder keeps a blob in one file, below a folder for the first two characters of its id. Unsealed, the file's name ends in partSuffix.
type folder struct{ root string }

const (
	partSuffix  = ".part"
	folderMode  = 0o700
	fileMode    = 0o600
	shardLength = 2
)

// OpenFolder makes the store of a folder, which is made when it is not there.
func OpenFolder(root string) (Store, error) {
	if err := os.MkdirAll(root, folderMode); err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	return &folder{root: root}, nil
}

func (f *folder) path(id ID) (string, error) {
	if err := id.check(); err != nil {
		return "", err
	}
	return filepath.Join(f.root, string(id[:shardLength]), string(id)), nil
}

// shard makes the folder of a blob durable before anything is put into it.
func (f *folder) shard(path string) error {
	switch err := os.Mkdir(filepath.Dir(path), folderMode); {
	case err == nil:
		return syncFolder(f.root)
	case errors.Is(err, fs.ErrExist):
		return nil
	default:
		return err
	}
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) Write(_ context.Context, id ID, offset int64, piece []byte) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return ErrSealed
	}
	if err := f.shard(path); err != nil {
		return err
	}
	_, statErr := os.Stat(path + partSuffix)
	file, err := os.OpenFile(path+partSuffix, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(piece, offset)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil && errors.Is(statErr, fs.ErrNotExist) {
		err = syncFolder(filepath.Dir(path))
	}
	return err
}

func (f *folder) Seal(_ context.Context, id ID, size int64) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		return sealedAs(info.Size(), size)
	}
	info, err := os.Stat(path + partSuffix)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() < size:
		return ErrIncomplete
	case err != nil:
		return err
	case info.Size() > size: // a piece that was written and whose row never was
		if err := truncate(path+partSuffix, size); err != nil {
			return err
		}
	}
	if err := os.Rename(path+partSuffix, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// sealedAs is what sealing a sealed blob again means.
func sealedAs(is, wanted int64) error {
	if is != wanted {
		return ErrSealed
	}
	return nil
}

func truncate(path string, size int64) error {
	file, err := os.OpenFile(path, os.O_WRONLY, fileMode)
	if err != nil {
		return err
	}
	err = file.Truncate(size)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *folder) Put(_ context.Context, id ID, content io.Reader, size int64) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	if err := f.shard(path); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), string(id)+"-*"+partSuffix)
	if err != nil {
		return err
	}
	written, err := io.Copy(file, content)
	if err == nil && written != size {
		err = fmt.Errorf("%d bytes of %d: %w", written, size, ErrIncomplete)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// part is an open file of which only some is to be read.
type part struct {
	io.Reader
	io.Closer
}

func (f *folder) Open(_ context.Context, id ID, offset, length int64) (io.ReadCloser, error) {
	path, err := f.path(id)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, absent(err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if length < 0 {
		return file, nil
	}
	return part{io.LimitReader(file, length), file}, nil
}

func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	return err
}

func (f *folder) Size(_ context.Context, id ID) (int64, error) {
	path, err := f.path(id)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, absent(err)
	}
	return info.Size(), nil
}

func (f *folder) Delete(_ context.Context, id ID) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	left, err := filepath.Glob(path + "*" + partSuffix) // an id has no characters that mean something here
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range append(left, path) {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (f *folder) Walk(ctx context.Context, each func(ID, time.Time) error) error {
	return filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir():
			return nil
		}
		info, err := entry.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // deleted meanwhile
		case err != nil:
			return err
		}
		name, unsealed := strings.CutSuffix(entry.Name(), partSuffix)
		id := ID(name)
		if unsealed && len(name) > 2*idBytes { // what a Put left behind
			id = ID(name[:2*idBytes])
		}
		if !id.ours() {
			return nil
		}
		return each(id, info.ModTime())
	})
}
