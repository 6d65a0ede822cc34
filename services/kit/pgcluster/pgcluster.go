// Package pgcluster makes private PostgreSQL clusters from the binaries that are installed on this machine, for tests and for a whole suite on
// one machine. It depends on the host's binaries and its account postgres.
package pgcluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Binaries finds the folder of the newest installed server.
func Binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	best, newest := "", -1
	for _, dir := range found {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		version, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // zero for a folder named otherwise
		if version > newest {
			best, newest = dir, version
		}
	}
	if best == "" {
		return "", errors.New("no server binaries found")
	}
	return best, nil
}

// Account is whom a server runs as: nobody else than who asks, but root may not run one, and gives the folders named to an account that
// may.
func Account(name string, folders ...string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, folder := range folders {
		errs = append(errs, os.Chown(folder, uid, gid))
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errs...)
}

// Init makes a cluster in a folder, with a superuser postgres. It runs as the account; more is passed on to initdb.
func Init(bin, data string, as *syscall.Credential, more ...string) error {
	initdb := exec.Command(filepath.Join(bin, "initdb"), append([]string{"-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"}, more...)...)
	initdb.Dir = "/" // which every account can read
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}
