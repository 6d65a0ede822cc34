// Package backup copies everything that a city's data are into one folder, while they are written, and back into an empty place: databases, files
// and keys, of one process for everything or of a suite.
//
// Two things have to agree in a copy. A database names files: they are copied before the databases are held, for those that are deleted
// meanwhile, and once more after that, for those that came; so what a row names is there. A service remembers how far it has read another's feed: it must
// not have read more than the copy of the other has, or after a restore it would take what happens then for what it knows. So
// all databases are held first, at nearly one moment, and held again until none is ahead of another; only then they are copied.
//
// It depends on kit's dump; of the services it knows the names of their cursors and of their files' tables.
package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/dump"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

// feeds says by a cursor's name whose feed it is in. The fold of a board reads its own service's, which is held with it.
var feeds = map[string]string{"directory": "directory", "ledger": "directory", "hotline": "hotline", "attendant": "attendant", "agency": "agency", "board": ""}

// ready says for services with files what names them.
var ready = map[string]string{
	"hotline": "SELECT blob, clean FROM attachments WHERE state = 'READY'",
	"agency":  "SELECT blob, clean FROM documents WHERE state = 'READY'",
}

// Made is what became of a backup.
type Made struct {
	*Manifest
	// Missing are files that rows name and that were nowhere already before.
	Missing []string
}

// Make makes a backup in a folder that is not there yet. What was not finished is left beside it, under another name.
func Make(ctx context.Context, from datafolder.Place, to string, wall clock.Clock) (made *Made, err error) {
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("%s 已存在，请换一个 / %s is there already; name one that is not", to, to), err)
	}
	root := to + ".partial"
	if err := errors.Join(os.RemoveAll(root), os.MkdirAll(root, folderMode)); err != nil {
		return nil, err
	}
	m := &Manifest{Format: format, Begun: wall.Now()}
	done := newCopied(root)
	if err := files(ctx, done, from); err != nil {
		return nil, err
	}
	h, err := hold(ctx, from.Databases, wall)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.release()) }()
	m.Time, m.Engine, m.Positions = wall.Now(), h.engine, h.positions
	if err := errors.Join(files(ctx, done, from), done.drop()); err != nil {
		return nil, err
	}
	made = &Made{Manifest: m}
	if made.Missing, err = h.missing(ctx, done, from); err != nil {
		return nil, err
	}
	if err := h.copy(ctx, done); err != nil {
		return nil, err
	}
	m.Files = done.sorted()
	if err := errors.Join(m.write(root), syncFolders(root)); err != nil {
		return nil, err
	}
	return made, os.Rename(root, to)
}

// files copies what is no database.
func files(ctx context.Context, done *copied, from datafolder.Place) error {
	if err := done.tree(ctx, from.Keys, "keys"); err != nil {
		return err
	}
	for service, folder := range from.Files {
		if err := done.tree(ctx, folder, "files/"+service); err != nil {
			return err
		}
	}
	for _, path := range from.Beside {
		if err := done.one(path, "beside/"+filepath.Base(path)); err != nil {
			return err
		}
	}
	return nil
}

// held are all databases at one moment.
type held struct {
	engine    dump.Engine
	by        map[string]*dump.Held
	positions map[string]int64
}

// Holding takes a moment, in which somebody may read what another wrote after it was held. That is rare, and rarer twice.
const (
	attempts = 200
	between  = 20 * time.Millisecond
)

func hold(ctx context.Context, databases map[string]string, wall clock.Clock) (*held, error) {
	for range attempts {
		h, err := holdOnce(ctx, databases)
		if err != nil {
			return nil, errors.Join(err, h.release())
		}
		ahead, err := h.ahead(ctx)
		if err == nil && ahead == "" {
			return h, nil
		}
		if err := errors.Join(err, h.release()); err != nil {
			return nil, err
		}
		if err := wall.WaitUntil(ctx, wall.Now().Add(between)); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the databases are written so fast that no moment was found at which they agree; try again")
}

func holdOnce(ctx context.Context, databases map[string]string) (*held, error) {
	h := &held{by: map[string]*dump.Held{}, positions: map[string]int64{}}
	for _, service := range datafolder.Services() {
		dsn, named := databases[service]
		if !named {
			return h, fmt.Errorf("the database of %s is not named", service)
		}
		engine, err := dump.EngineOf(dsn)
		if err == nil && h.engine != "" && h.engine != engine {
			err = errors.New("all databases are in one engine")
		}
		if err == nil {
			h.engine = engine
			h.by[service], err = dump.Hold(ctx, dsn)
		}
		if err != nil {
			return h, fmt.Errorf("%s: %w", service, err)
		}
	}
	for service, db := range h.by {
		err := db.Each(ctx, "SELECT coalesce(max(position), 0) FROM feed", func(scan func(...any) error) error {
			var at int64
			err := scan(&at)
			h.positions[service] = at
			return err
		})
		if err != nil {
			return h, fmt.Errorf("%s: %w", service, err)
		}
	}
	return h, nil
}

// ahead names a service that has read more of another's feed than is there; empty when none has.
func (h *held) ahead(ctx context.Context) (found string, err error) {
	for service, db := range h.by {
		err := db.Each(ctx, "SELECT consumer, position FROM feed_cursor", func(scan func(...any) error) error {
			var consumer string
			var at int64
			if err := scan(&consumer, &at); err != nil {
				return err
			}
			of, known := feeds[consumer]
			if !known {
				return fmt.Errorf("nobody knows what the consumer %q reads", consumer)
			}
			if of != "" && at > h.positions[of] {
				found = service
			}
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("%s: %w", service, err)
		}
	}
	return found, nil
}

// missing are the files that rows name and that were not copied.
func (h *held) missing(ctx context.Context, done *copied, from datafolder.Place) (missing []string, err error) {
	for service := range from.Files {
		if _, err := os.Stat(from.Files[service]); errors.Is(err, os.ErrNotExist) {
			continue // they lie in a bucket, or there never was one
		}
		err := h.by[service].Each(ctx, ready[service], func(scan func(...any) error) error {
			var ids [2]string
			if err := scan(&ids[0], &ids[1]); err != nil {
				return err
			}
			for _, id := range ids {
				if id == "" {
					continue
				}
				path := "files/" + service + "/" + id[:2] + "/" + id
				if _, there := done.files[path]; !there {
					missing = append(missing, path)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", service, err)
		}
	}
	return missing, nil
}

// copy copies the databases.
func (h *held) copy(ctx context.Context, done *copied) error {
	folder := filepath.Join(done.root, "databases")
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return err
	}
	for _, service := range datafolder.Services() {
		name := service + h.engine.Ending()
		if err := h.by[service].Copy(ctx, filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		f, err := sum(done.root, "databases/"+name)
		if err != nil {
			return err
		}
		done.files[f.Path] = f
	}
	return nil
}

func (h *held) release() error {
	if h == nil {
		return nil
	}
	var errs []error
	for _, db := range h.by {
		errs = append(errs, db.Release())
	}
	return errors.Join(errs...)
}
