package deploy

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

const root = "../../.."

// processes are those that have settings of kit/process; throughtrain is everything in one.
var processes = []string{"directory", "hotline", "attendant", "agency", "gateway"}

// bin is the folder of the programs.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if bin, err = os.MkdirTemp("", "throughtrain-deploy-"); err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(bin) }()
		if err := errors.Join(os.Chmod(bin, 0o755), build()); err != nil { //nolint:gosec // G302: programs are run as somebody else
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// build builds the programs as the Dockerfile does, with its own command and environment, but for -trimpath: that changes only what files are called where
// a program tells of them, and would have everything compiled once more than the other tests have it.
func build() error {
	all, _, err := dockerfile()
	if err != nil {
		return err
	}
	env, line := append(os.Environ(), "GOWORK="), "" // the workspace, as in the image
	for _, c := range all[0].Commands {
		switch c := c.(type) {
		case *instructions.EnvCommand:
			for _, pair := range c.Env {
				if pair.Key != "GOFLAGS" {
					env = append(env, pair.Key+"="+pair.Value)
				}
			}
		case *instructions.RunCommand:
			if text := strings.Join(c.CmdLine, " "); strings.HasPrefix(text, "go build ") {
				line = text
			}
		}
	}
	if !strings.Contains(line, " -o /out/bin/ ") {
		return fmt.Errorf("the Dockerfile does not build into /out/bin: %q", line)
	}
	run := exec.Command("sh", "-c", strings.ReplaceAll(line, "/out/bin/", bin+"/"))
	run.Dir, run.Env = root, env
	if out, err := run.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", line, err, out)
	}
	return nil
}

// TestProgramsAreStatic: an image from nothing has no C library and no loader.
func TestProgramsAreStatic(t *testing.T) {
	for _, main := range mains {
		program, err := elf.Open(filepath.Join(bin, filepath.Base(main)))
		if err != nil {
			t.Fatal(err)
		}
		needed, err := program.ImportedLibraries()
		if err != nil || len(needed) > 0 {
			t.Errorf("%s needs %v: %v", main, needed, err)
		}
		for _, part := range program.Progs {
			if part.Type == elf.PT_INTERP {
				t.Errorf("%s needs a loader", main)
			}
		}
		if err := program.Close(); err != nil {
			t.Error(err)
		}
	}
}

var mains = []string{"./services/directory/cmd/directory", "./services/hotline/cmd/hotline", "./services/attendant/cmd/attendant",
	"./services/agency/cmd/agency", "./gateway/cmd/gateway", "./services/standalone/cmd/throughtrain"}

// command is a program as something deployed runs it.
type command struct {
	program string
	args    []string
	env     map[string]string
}

// place is where files lie when it is deployed.
var place = regexp.MustCompile(`(/etc/throughtrain|/run/|/data|/var/lib/|/tmp|/from|/backups)[A-Za-z0-9_./$()-]*`)

// folders are the settings that name one.
var folders = regexp.MustCompile(`(?i)(peer-keys|keys|blobs|spool|data|city|cities)(=|$|/)`)

// prepared is the command with everything that it names at a place of this test's.
func (c command) prepared(t *testing.T) (args, env []string) {
	t.Helper()
	at := t.TempDir()
	move := func(name, value string) string {
		return place.ReplaceAllStringFunc(value, func(path string) string {
			moved := filepath.Join(at, path)
			var err error
			if folders.MatchString(strings.ReplaceAll(name, "_", "-")) || folders.MatchString(strings.TrimSuffix(value, path)) || strings.Contains(path, "/cities/") {
				err = os.MkdirAll(moved, 0o700)
			} else {
				err = errors.Join(os.MkdirAll(filepath.Dir(moved), 0o700), os.WriteFile(moved, []byte("x"), 0o600))
			}
			if err != nil {
				t.Fatal(err)
			}
			return moved
		})
	}
	for _, arg := range c.args {
		name, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(arg, "/backups/") {
			args = append(args, filepath.Join(at, "backup")) // which must not be there, or must be a folder
			if slices.Contains(c.args, "restore") {
				if err := os.Mkdir(filepath.Join(at, "backup"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			continue
		}
		args = append(args, move(name, arg))
	}
	env = []string{"HOME=" + at, "TMPDIR=" + at}
	for name, value := range c.env {
		env = append(env, name+"="+move(name, value))
	}
	return args, env
}

// accept gives a program its settings: it must take them all, and then fail at the first of the things they name that is not what it should be.
func (c command) accept(t *testing.T) {
	t.Helper()
	args, env := c.prepared(t)
	want := "certificate"
	switch {
	case slices.Contains(args, "restore"):
		want = "manifest"
	case slices.Contains(args, "serve"):
		args, want = append(args, "--addr=127.0.0.1:99999"), "--addr"
	case slices.Contains(args, "backup") || slices.Contains(args, "apply") || slices.Contains(args, "bootstrap"):
		want = "database"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var said bytes.Buffer
	run := exec.CommandContext(ctx, filepath.Join(bin, c.program), args...)
	run.Env, run.Stdout, run.Stderr = env, &said, &said
	err := run.Run()
	if err == nil || strings.Contains(said.String(), "settings:") || !strings.Contains(said.String(), want) {
		t.Errorf("%s %s\n%v: %v: it should take its settings and then miss its %s\n%s", c.program, strings.Join(c.args, " "), c.env, err, want, said.String())
	}
	c.known(t)
}

// known fails for variables that the program does not know: it would not miss them.
func (c command) known(t *testing.T) {
	t.Helper()
	sub := []string{"--help"}
	switch {
	case len(c.args) > 1 && (c.args[0] == "city" || c.args[0] == "staff"):
		sub = []string{c.args[0], c.args[1], "--help"}
	case len(c.args) > 0 && !strings.HasPrefix(c.args[0], "-"):
		sub = []string{c.args[0], "--help"}
	case c.program == "directory": // which has other commands besides
		sub = []string{"serve", "--help"}
	}
	help, err := exec.CommandContext(t.Context(), filepath.Join(bin, c.program), sub...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v", c.program, err)
	}
	for name := range c.env {
		if strings.HasPrefix(name, "THROUGHTRAIN_") && !regexp.MustCompile(`\$`+name+`\b`).Match(help) {
			t.Errorf("%s knows no %s", c.program, name)
		}
	}
}

// TestAWrongSettingIsSeen holds the tests of this package to what they are for.
func TestAWrongSettingIsSeen(t *testing.T) {
	good := command{"hotline", []string{"--listen=:1", "--tls-ca=/etc/throughtrain/a", "--tls-cert=/etc/throughtrain/b", "--tls-key=/etc/throughtrain/c",
		"--service-key=/etc/throughtrain/d", "--peer-keys=/etc/throughtrain/peers", "--blobs=/data/files", "--database=file:/run/secrets/dsn"}, nil}
	good.accept(t)
	args, env := good.prepared(t)
	for _, wrong := range []string{"--listne=:1", "--stop-after=soon", "--database=postgres://as-it-is", "--tls-ca=/nowhere"} {
		// In the place of the right one, if there was one: a file is looked for only the first time a flag is given.
		name, _, _ := strings.Cut(wrong, "=")
		others := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, name+"=") })
		run := exec.CommandContext(t.Context(), filepath.Join(bin, "hotline"), append(others, wrong)...)
		run.Env = env
		if out, err := run.CombinedOutput(); err == nil || !strings.Contains(string(out), "settings:") {
			t.Errorf("%s: %v %s", wrong, err, out)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
