// Package datafolder gives a folder of data to one process at a time.
package datafolder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// LockedError says that another process has the data folder.
type LockedError struct {
	Folder string
	Owner  string // its process id, if it could be read
}

// Error implements error.
func (e *LockedError) Error() string {
	owner := "another process"
	if e.Owner != "" {
		owner += " (" + e.Owner + ")"
	}
	return fmt.Sprintf("%s 正由另一个进程使用 / the data folder %s is in use by %s; stop it first, or choose another folder with --data",
		e.Folder, e.Folder, owner)
}

// Lock takes a data folder for this process, and makes it if there is none. SQLite would let two processes share a file, but
// not two sequencers of one feed or two sweepers that each hold what they know in memory. The lock goes with the process, however
// it ends.
func Lock(folder string) (_ *os.File, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		owner, _ := io.ReadAll(io.LimitReader(f, 32)) // only for the message
		return nil, &LockedError{Folder: folder, Owner: strings.TrimSpace(string(owner))}
	} else if err != nil {
		return nil, fmt.Errorf("lock %s: %w", folder, err)
	}
	if err := f.Truncate(0); err != nil {
		return nil, err
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	return f, err
}
