package dump

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"modernc.org/sqlite"
)

func (h *Held) holdSQLite(ctx context.Context, dsn string) error {
	h.place = strings.TrimPrefix(dsn, "sqlite:")
	if _, err := os.Stat(h.place); err != nil {
		return err // opening would make the file
	}
	return h.begin(ctx, "sqlite", address(h.place)+"&_pragma=query_only(1)", "BEGIN", "SELECT count(*) FROM sqlite_master")
}

// address is that of a file which is there.
func address(path string) string {
	return "file:" + strings.ReplaceAll((&url.URL{Path: path}).EscapedPath(), "?", "%3F") + "?mode=rw&_pragma=busy_timeout(5000)"
}

// copySQLite copies page by page what the transaction that is open sees, and looks at the copy.
func (h *Held) copySQLite(ctx context.Context, path string) error {
	err := h.conn.Raw(func(c any) error {
		from, ok := c.(interface {
			NewBackup(string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the driver copies nothing")
		}
		b, err := from.NewBackup(address(path))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(pages)
			}
		}
		return errors.Join(err, b.Finish())
	})
	if err != nil {
		return err
	}
	return sound(ctx, path)
}

// pages are copied between two looks at whether somebody has given up.
const pages = 4096

// sound fails when a file is not a database in which everything is where it should be. It leaves nothing beside the file.
func sound(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", address(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return fmt.Errorf("%s is damaged: %s", path, found)
	}
	return nil
}
