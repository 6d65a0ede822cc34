package backup

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/dump"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

const (
	kept    = "aa00000000000000000000000000000000000000000000aa"
	lost    = "bb00000000000000000000000000000000000000000000bb"
	arrived = "cc00000000000000000000000000000000000000000000cc"
)

// trial is a data folder with the least that a backup looks at.
func trial(t *testing.T) (folder string, place datafolder.Place) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "data")
	put(t, filepath.Join(folder, "keys", "master.key"), "geheim")
	for _, service := range datafolder.Services() {
		run(t, folder, service, "PRAGMA journal_mode=WAL", "CREATE TABLE feed (position INTEGER PRIMARY KEY)",
			"CREATE TABLE feed_cursor (consumer TEXT PRIMARY KEY, position INTEGER NOT NULL)",
			"CREATE TABLE attachments (blob TEXT, clean TEXT, state TEXT)", "CREATE TABLE documents (blob TEXT, clean TEXT, state TEXT)",
			"INSERT INTO feed VALUES (1), (2)", "INSERT INTO feed_cursor VALUES ('directory', 2), ('board', 2)")
	}
	place, err := datafolder.Find(folder)
	if err != nil {
		t.Fatal(err)
	}
	return folder, place
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, folder, service string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, service+".db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyIsAheadInACopy(t *testing.T) {
	folder, place := trial(t)
	ahead := func() (string, error) {
		h, err := holdOnce(t.Context(), place.Databases)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = h.release() }()
		return h.ahead(t.Context())
	}
	if who, err := ahead(); who != "" || err != nil {
		t.Errorf("%s, %v: nobody has read more than there is", who, err)
	}
	run(t, folder, "attendant", "INSERT INTO feed_cursor VALUES ('ledger', 3)")
	if who, err := ahead(); who != "attendant" || err != nil {
		t.Errorf("%s, %v: the attendant has read what the directory's copy does not have", who, err)
	}
	run(t, folder, "directory", "INSERT INTO feed VALUES (3)")
	run(t, folder, "hotline", "INSERT INTO feed_cursor VALUES ('stranger', 1)")
	if _, err := ahead(); err == nil || !strings.Contains(err.Error(), "stranger") {
		t.Errorf("a consumer whose feed nobody knows: %v", err)
	}
}

// TestWhatIsHeldStaysAsItWas writes between the holding and the copying.
func TestWhatIsHeldStaysAsItWas(t *testing.T) {
	folder, place := trial(t)
	h, err := hold(t.Context(), place.Databases, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	run(t, folder, "hotline", "INSERT INTO feed VALUES (3)")
	root := t.TempDir()
	if err := errors.Join(h.copy(t.Context(), newCopied(root)), h.release()); err != nil {
		t.Fatal(err)
	}
	again, err := dump.Hold(t.Context(), "sqlite:"+filepath.Join(root, "databases", "hotline.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Release() }()
	var last int
	if err := again.Each(t.Context(), "SELECT max(position) FROM feed", func(scan func(...any) error) error { return scan(&last) }); err != nil || last != 2 {
		t.Errorf("the copy goes to %d: %v", last, err)
	}
}

func TestABackupComesBackAsItWas(t *testing.T) {
	folder, place := trial(t)
	put(t, filepath.Join(folder, "hotline.files", "aa", kept), "content")
	put(t, filepath.Join(folder, "hotline.files", "cc", arrived), "whole")
	put(t, filepath.Join(folder, "hotline.files", "cc", arrived+".part"), "who")
	put(t, filepath.Join(folder, "agency.files", "dd", "unfinished.part"), "a piece")
	run(t, folder, "hotline", "INSERT INTO attachments VALUES ('"+kept+"', '', 'READY'), ('"+lost+"', '', 'READY'), ('gone', '', 'EXPIRED')")
	to := filepath.Join(t.TempDir(), "backup")
	made, err := Make(t.Context(), place, to, clock.System())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"files/hotline/bb/" + lost}; !slices.Equal(made.Missing, want) {
		t.Errorf("missing: %v, want %v", made.Missing, want)
	}
	modes(t, to)
	if _, err := Make(t.Context(), place, to, clock.System()); err == nil {
		t.Error("a backup is written over another")
	}
	m, err := Check(to)
	if err != nil {
		t.Fatal(err)
	}
	back := filepath.Join(t.TempDir(), "back")
	if err := Restore(t.Context(), to, m, datafolder.Layout(back, false)); err != nil {
		t.Fatal(err)
	}
	modes(t, back)
	for path, want := range map[string]string{"keys/master.key": "geheim", "hotline.files/aa/" + kept: "content", "hotline.files/cc/" + arrived: "whole",
		"agency.files/dd/unfinished.part": "a piece", "hotline.files/cc/" + arrived + ".part": ""} {
		got, err := os.ReadFile(filepath.Join(back, path))
		if string(got) != want || want == "" != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := datafolder.Find(back); err != nil {
		t.Error(err)
	}
	if err := Restore(t.Context(), to, m, datafolder.Layout(back, false)); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("over what is there: %v", err)
	}
}

// modes fails for whatever others than the owner can read.
func modes(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestADamagedBackupIsRefused(t *testing.T) {
	_, place := trial(t)
	for name, damage := range map[string]func(folder string) error{
		"a byte": func(folder string) error {
			return os.WriteFile(filepath.Join(folder, "keys/master.key"), []byte("gehein"), 0o600)
		},
		"a file":   func(folder string) error { return os.Remove(filepath.Join(folder, "databases/agency.db")) },
		"manifest": func(folder string) error { return os.Truncate(filepath.Join(folder, manifestName), 100) },
		"a path": func(folder string) error {
			m, err := read(folder)
			m.Files = append(m.Files, File{Path: "../outside"})
			return errors.Join(err, m.write(folder))
		},
	} {
		to := filepath.Join(t.TempDir(), "backup")
		if _, err := Make(t.Context(), place, to, clock.System()); err != nil {
			t.Fatal(err)
		}
		if err := damage(to); err != nil {
			t.Fatal(err)
		}
		if _, err := Check(to); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	to := filepath.Join(t.TempDir(), "backup")
	if _, err := Make(t.Context(), place, to, clock.System()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, manifestName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(to); !errors.Is(err, ErrNoBackup) {
		t.Errorf("without a manifest: %v", err)
	}
}
