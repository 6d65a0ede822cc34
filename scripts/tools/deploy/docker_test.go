package deploy

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// dockerfile reads the Dockerfile as its builder does.
func dockerfile() (stages []instructions.Stage, warnings []parser.Warning, err error) {
	text, err := os.Open(filepath.Join(root, "deploy/Dockerfile"))
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, text.Close()) }()
	parsed, err := parser.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	stages, _, err = instructions.Parse(parsed.AST, nil)
	return stages, parsed.Warnings, err
}

func stages(t *testing.T) []instructions.Stage {
	t.Helper()
	all, warnings, err := dockerfile()
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	return all
}

// TestImages holds every target to what an image of ours is: one program that was built, nobody's root, and no shell but where PostgreSQL's tools are.
func TestImages(t *testing.T) {
	all := stages(t)
	targets := map[string]bool{}
	for _, s := range all {
		if s.Name == "build" || s.Name == "base" {
			continue
		}
		targets[s.Name] = true
		program, user, exposed := "", "", []string(nil)
		if s.BaseName == "base" {
			user = lastUser(all, "base")
		}
		for _, c := range s.Commands {
			switch c := c.(type) {
			case *instructions.UserCommand:
				user = c.User
			case *instructions.EntrypointCommand:
				program = strings.Join(c.CmdLine, " ")
			case *instructions.ExposeCommand:
				exposed = append(exposed, c.Ports...)
			case *instructions.RunCommand:
				if s.Name != "operate" {
					t.Errorf("%s runs something, and has nothing to run it with", s.Name)
				}
			}
		}
		want := s.Name
		if s.Name == "operate" {
			want = "throughtrain"
		}
		if program != "/usr/local/bin/"+want || user != "65532:65532" {
			t.Errorf("%s starts %q as %q", s.Name, program, user)
		}
		if ports := listened(t, s.Name); !slices.Equal(exposed, ports) {
			t.Errorf("%s exposes %v and listens at %v", s.Name, exposed, ports)
		}
	}
	for _, name := range append(slices.Clone(processes), "throughtrain", "operate") {
		if !targets[name] {
			t.Errorf("no target %s", name)
		}
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.work"))[1]
	if !strings.Contains(read(t, "deploy/Dockerfile"), "\nARG GO_VERSION="+version+"\n") {
		t.Errorf("the images are not built with Go %s", version)
	}
	for _, main := range mains {
		if !strings.Contains(read(t, "deploy/Dockerfile"), main) {
			t.Errorf("%s is not built", main)
		}
	}
}

// listened are the ports that Compose has an image listen at: where callers come in, then where operators do.
func listened(t *testing.T, target string) (ports []string) {
	t.Helper()
	for _, file := range []string{"suite.yaml", "standalone.yaml"} {
		s, there := compose(t, file, "https://sms.example/send").Services[target]
		if !there {
			continue
		}
		c := contained(t, s)
		all := append([]string{c.env["THROUGHTRAIN_LISTEN"], c.env["THROUGHTRAIN_ADMIN"]}, c.args...)
		for _, m := range regexp.MustCompile(`0\.0\.0\.0:(\d+)`).FindAllStringSubmatch(strings.Join(all, " "), -1) {
			ports = append(ports, m[1])
		}
	}
	return ports
}

func lastUser(all []instructions.Stage, name string) (user string) {
	for _, s := range all {
		for _, c := range s.Commands {
			if u, ok := c.(*instructions.UserCommand); ok && s.Name == name {
				user = u.User
			}
		}
	}
	return user
}

// TestTheContextIsEnough copies what .dockerignore leaves and asks the compiler for everything that the programs are built from. None of it may
// need a C library: there is none.
func TestTheContextIsEnough(t *testing.T) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(t, ".dockerignore")))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	context, size := t.TempDir(), 0
	for _, path := range strings.Fields(string(out)) {
		skip, err := ignored.MatchesOrParentMatches(path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(root, path))
		if skip || err != nil {
			continue // a link to a folder, or deleted and not committed
		}
		size += len(content)
		to := filepath.Join(context, path)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("the context has %d MB", size>>20)
	list := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-f", "{{if .CgoFiles}}{{.ImportPath}}{{end}}"}, mains...)...)
	list.Dir, list.Env = context, append(os.Environ(), "GOWORK=", "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if out, err := list.CombinedOutput(); err != nil || len(strings.TrimSpace(string(out))) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	for _, s := range stages(t) {
		for _, c := range s.Commands {
			copied, ok := c.(*instructions.CopyCommand)
			if !ok || copied.From != "" {
				continue
			}
			for _, source := range copied.SourcePaths {
				if _, err := os.Stat(filepath.Join(context, source)); err != nil {
					t.Errorf("%s copies %s: %v", s.Name, source, err)
				}
			}
		}
	}
}
