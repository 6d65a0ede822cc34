package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/dump"
)

// manifestName is the file that makes a folder a backup. It is written last.
const manifestName = "manifest.json"

// format is what a program must understand to restore a backup.
const format = 1

// Manifest says what a backup holds.
type Manifest struct {
	Format int         `json:"format"`
	Engine dump.Engine `json:"engine"`
	// Time is the moment as of which the data are; what was acknowledged before Begun is in them.
	Begun time.Time `json:"begun"`
	Time  time.Time `json:"time"`
	// Positions are how far each service's feed went.
	Positions map[string]int64 `json:"positions"`
	Files     []File           `json:"files"`
}

// File is a file of a backup.
type File struct {
	Path   string `json:"path"` // below the backup, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Why a backup is not restored.
var (
	ErrNoBackup = errors.New("不是完整的备份 / not a whole backup")
	ErrDamaged  = errors.New("备份已损坏 / the backup is damaged")
)

// read reads and checks the manifest itself.
func read(folder string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w: %s is missing", folder, ErrNoBackup, manifestName)
	} else if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, manifestName, err)
	}
	if m.Format != format {
		return nil, fmt.Errorf("format %d; this program restores format %d", m.Format, format)
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, fmt.Errorf("%w: it names %q", ErrDamaged, f.Path)
		}
	}
	return m, nil
}

// Check compares every file of a backup with its manifest.
func Check(folder string) (*Manifest, error) {
	m, err := read(folder)
	if err != nil {
		return nil, err
	}
	for _, want := range m.Files {
		is, err := sum(folder, want.Path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if is != want {
			return nil, fmt.Errorf("%w: %s is not as it was written", ErrDamaged, want.Path)
		}
	}
	return m, nil
}

// sum reads a file to its end.
func sum(folder, path string) (_ File, err error) {
	f, err := os.Open(filepath.Join(folder, filepath.FromSlash(path)))
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	return File{Path: path, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

// write writes the manifest, and with it the backup is one.
func (m *Manifest) write(folder string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, manifestName), append(text, '\n'))
}
