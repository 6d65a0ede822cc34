package datafolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Services are those that have a database, in the order in which they build on each other.
func Services() []string { return []string{"directory", "hotline", "attendant", "agency"} }

// ErrNoData is returned for a folder in which neither one process for everything nor a suite ever ran.
var ErrNoData = errors.New("没有数据 / no data")

// Place is where data lie.
type Place struct {
	// Databases are DSNs by service.
	Databases map[string]string
	// Keys is the folder of the directory's keys.
	Keys string
	// Files are the folders of files by service; one whose files lie in a bucket has none.
	Files map[string]string
	// Beside are single files that belong to the data: the mark of a demonstration, its cast.
	Beside []string
	// Suite tells that several processes share the data over PostgreSQL.
	Suite bool
}

// Layout is the place that a folder is for one process, or for a suite, whether anything is there or not; a suite has no
// addresses of databases before it starts.
func Layout(folder string, suite bool) Place {
	p := Place{Databases: map[string]string{}, Keys: filepath.Join(folder, "keys"), Suite: suite, Beside: []string{filepath.Join(folder, "demo")},
		Files: map[string]string{"hotline": filepath.Join(folder, "hotline.files"), "agency": filepath.Join(folder, "agency.files")}}
	if suite {
		p.Keys = filepath.Join(folder, "directory.keys")
		p.Beside = append(p.Beside, filepath.Join(folder, "cast.json"))
		return p
	}
	for _, service := range Services() {
		p.Databases[service] = "sqlite:" + filepath.Join(folder, service+".db")
	}
	return p
}

// Find looks what a folder holds.
func Find(folder string) (Place, error) {
	if _, err := os.Stat(filepath.Join(folder, "secrets", Services()[0]+".dsn")); err == nil {
		p := Layout(folder, true)
		for _, service := range Services() {
			dsn, err := os.ReadFile(filepath.Join(folder, "secrets", service+".dsn"))
			if err != nil {
				return Place{}, err
			}
			p.Databases[service] = strings.TrimSpace(string(dsn))
		}
		return p, nil
	}
	p := Layout(folder, false)
	for _, service := range Services() {
		path := filepath.Join(folder, service+".db")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return Place{}, fmt.Errorf("%s: %w", path, ErrNoData)
		} else if err != nil {
			return Place{}, err
		}
	}
	return p, nil
}
