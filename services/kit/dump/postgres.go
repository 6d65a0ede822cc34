package dump

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver

	"github.com/throughtrain/throughtrain/services/kit/pgcluster"
)

// server is a database as the host's tools name it.
type server struct {
	url      string // without the password, which everybody could read in the list of processes
	password string
	full     string // with it, for the driver
}

// readURL takes what belongs to pools out of a DSN: neither the tools nor a single connection know it.
func readURL(dsn string) (server, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return server{}, errors.New("the address of the database cannot be read") // what url says would repeat the password
	}
	query := u.Query()
	for name := range query {
		if strings.HasPrefix(name, "pool_") {
			query.Del(name)
		}
	}
	u.RawQuery = query.Encode()
	s := server{full: u.String()}
	if password, has := u.User.Password(); has {
		s.password, u.User = password, url.User(u.User.Username())
	}
	s.url = u.String()
	return s, nil
}

func (h *Held) holdPostgres(ctx context.Context, dsn string) error {
	h.place = dsn
	s, err := readURL(dsn)
	if err != nil {
		return err
	}
	return h.begin(ctx, "pgx", s.full, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT pg_export_snapshot()")
}

func (h *Held) copyPostgres(ctx context.Context, path string) error {
	return tool(ctx, h.place, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot="+h.snapshot, "--file="+path)
}

// ErrNotEmpty is returned instead of loading into a database that has something.
var ErrNotEmpty = errors.New("the database is not empty")

// Load loads a file of pg_dump into an empty PostgreSQL database, all of it or nothing. A file of SQLite is a database as it is.
func Load(ctx context.Context, path, dsn string) (err error) {
	s, err := readURL(dsn)
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", s.full)
	if err != nil {
		return err
	}
	var tables int
	err = db.QueryRowContext(ctx, "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'").Scan(&tables)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if tables > 0 {
		return ErrNotEmpty
	}
	return tool(ctx, dsn, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", path)
}

// tool runs one of PostgreSQL's own tools against a database.
func tool(ctx context.Context, dsn, name string, args ...string) error {
	s, err := readURL(dsn)
	if err != nil {
		return err
	}
	path, err := find(name)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, path, append([]string{"--dbname=" + s.url}, args...)...)
	cmd.Env, cmd.Stderr = append(os.Environ(), "PGPASSWORD="+s.password), &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}

// find prefers the newest that is installed: an older one refuses a newer server.
func find(name string) (string, error) {
	if bin, err := pgcluster.Binaries(); err == nil {
		if path := filepath.Join(bin, name); exists(path) {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is needed; on Debian: apt-get install postgresql-client: %w", name, err)
	}
	return path, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// private makes a file that is not there, for its owner only.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
