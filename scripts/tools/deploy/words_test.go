package deploy

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCommandsInWordsExist asks the programs for every command of theirs that the runbook and the other papers name.
func TestCommandsInWordsExist(t *testing.T) {
	named := regexp.MustCompile("`(throughtrain|directory) ([a-z]+)(?: ([a-z]+)\\b)?")
	seen := map[string]bool{}
	for _, paper := range []string{"deploy/RUNBOOK.md", "deploy/README.md", "README.md", "deploy/observe/README.md"} {
		for _, m := range named.FindAllStringSubmatch(read(t, paper), -1) {
			args := []string{m[2]}
			if m[3] != "" {
				args = append(args, m[3])
			}
			if line := strings.Join(append([]string{m[1]}, args...), " "); !seen[line] {
				seen[line] = true
				if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, m[1]), append(args, "--help")...).CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %v %s", paper, line, err, out)
				}
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %v", seen)
	}
}

// TestNoSecretIsWritten: whatever is deployed names files and Secrets, and has none of what is in them.
func TestNoSecretIsWritten(t *testing.T) {
	written := regexp.MustCompile(`://[^/\s@{}$%'"]*:[^/\s@{}$%'"]+@|-----BEGIN|(?i)(secret|password|token|access[-_]key)[a-z_-]*["']?\s*[=:]\s*["']?[A-Za-z0-9+][A-Za-z0-9+/]{11,}[A-Za-z0-9+/=-]*`)
	named := regexp.MustCompile(`(?i)[=:]\s*"?throughtrain[a-z0-9-]*$`) // a Secret's name
	for text, want := range map[string]bool{"postgres://a:b@host/": true, "redisSecret: throughtrain-redis": false, "password=hunter2hunter2": true, "secret: file:/run/secrets/x": false} {
		if found := written.FindString(text); (found != "" && !named.MatchString(found)) != want {
			t.Errorf("%s: %q", text, found)
		}
	}
	looked := 0
	err := filepath.WalkDir(filepath.Join(root, "deploy"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "secrets" || entry.Name() == "cities"): // what secrets.sh made here, and cities
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		looked++
		for line := range strings.Lines(string(text)) {
			if found := written.FindString(line); found != "" && !named.MatchString(found) {
				t.Errorf("%s: %s", path, strings.TrimSpace(line))
			}
		}
		return err
	})
	if err != nil || looked < 30 {
		t.Errorf("%d files: %v", looked, err)
	}
}

// TestPrometheusReadsItsSettings asks promtool, with the rules where Compose mounts them.
func TestPrometheusReadsItsSettings(t *testing.T) {
	tool, err := exec.LookPath("promtool")
	if err != nil {
		missing(t, "promtool", "PROMTOOL", "prometheus")
	}
	for _, file := range []string{"standalone.yaml", "suite.yaml"} {
		folder, settings := t.TempDir(), ""
		for _, v := range compose(t, file, "https://sms.example/send").Services["prometheus"].Volumes {
			if v.Type != "bind" {
				continue
			}
			text, err := os.ReadFile(v.Source)
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(folder, filepath.Base(v.Target))
			if err := os.WriteFile(to, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(v.Target, "prometheus.yaml") {
				settings = to
			}
		}
		if out, err := exec.CommandContext(t.Context(), tool, "check", "config", settings).CombinedOutput(); err != nil || !strings.Contains(string(out), "2 rule files found") {
			t.Errorf("%s: %v %s", file, err, out)
		}
	}
}
