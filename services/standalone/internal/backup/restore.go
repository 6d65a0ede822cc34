package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/dump"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

// Empty fails unless there is nothing at any of the places: what is there would be mixed with what is restored.
func Empty(paths ...string) error {
	for _, path := range paths {
		entries, err := os.ReadDir(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		if len(entries) > 0 {
			return fmt.Errorf("%s 不是空目录，拒绝恢复 / %s is not empty: nothing is restored over what is there", path, path)
		}
	}
	return nil
}

// Restore puts what a backup holds to a place where there is nothing. The databases come last: what was not finished does not look like
// data. The manifest has been checked.
func Restore(ctx context.Context, folder string, m *Manifest, to datafolder.Place) error {
	empty := []string{to.Keys}
	for _, path := range to.Files {
		empty = append(empty, path)
	}
	if err := Empty(empty...); err != nil {
		return err
	}
	for _, f := range m.Files {
		path, err := target(f.Path, to)
		if err != nil {
			return err
		}
		if path == "" {
			continue
		}
		is, err := copyFile(filepath.Join(folder, filepath.FromSlash(f.Path)), path)
		if err != nil {
			return err
		}
		if is.SHA256 != f.SHA256 {
			return fmt.Errorf("%w: %s changed while it was read", ErrDamaged, f.Path)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for _, service := range datafolder.Services() {
		if err := database(ctx, filepath.Join(folder, "databases", service+m.Engine.Ending()), to.Databases[service], m.Engine); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
	}
	return nil
}

// target is where a file of a backup goes; empty for a database.
func target(path string, to datafolder.Place) (string, error) {
	kind, rest, _ := strings.Cut(path, "/")
	switch kind {
	case "databases":
		return "", nil
	case "keys":
		return filepath.Join(to.Keys, filepath.FromSlash(rest)), nil
	case "files":
		service, below, _ := strings.Cut(rest, "/")
		if to.Files[service] == "" {
			return "", fmt.Errorf("where the files of %s go is not named", service)
		}
		return filepath.Join(to.Files[service], filepath.FromSlash(below)), nil
	case "beside":
		for _, known := range to.Beside {
			if filepath.Base(known) == rest {
				return known, nil
			}
		}
	}
	return "", fmt.Errorf("nobody knows where %s goes", path)
}

func database(ctx context.Context, from, dsn string, engine dump.Engine) error {
	switch is, err := dump.EngineOf(dsn); {
	case err != nil:
		return err
	case is != engine:
		return fmt.Errorf("the backup is of %s, and %s is to be restored", engine, is)
	case engine == dump.Postgres:
		return dump.Load(ctx, from, dsn)
	}
	path := strings.TrimPrefix(dsn, "sqlite:")
	if _, err := copyFile(from, path+".partial"); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+".partial", path), syncFolders(filepath.Dir(path)))
}
