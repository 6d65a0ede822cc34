package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// unit is what of a unit is given to programs: more than one where they run one after the other.
func unit(t *testing.T, text string) (all []command) {
	t.Helper()
	starts := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindAllStringSubmatch(strings.ReplaceAll(text, "\\\n", " "), -1)
	if len(starts) == 0 {
		t.Fatal("no ExecStart")
	}
	own, env := map[string]string{}, map[string]string{}
	for _, file := range regexp.MustCompile(`(?m)^EnvironmentFile=/etc/throughtrain/(.*)$`).FindAllStringSubmatch(text, -1) {
		own = variables(t, "deploy/config/examples/"+file[1])
	}
	for name, value := range own {
		if strings.HasPrefix(name, "THROUGHTRAIN_") {
			env[name] = value
		}
	}
	used := map[string]bool{}
	for _, start := range starts {
		expanded := regexp.MustCompile(`\$\{([A-Z_]+)\}`).ReplaceAllStringFunc(start[1], func(variable string) string {
			name := strings.Trim(variable, "${}")
			used[name] = true
			if own[name] == "" {
				t.Errorf("the example has no %s", name)
			}
			return own[name]
		})
		for _, name := range regexp.MustCompile(`%d/([a-z-]+)`).FindAllStringSubmatch(expanded, -1) {
			if !strings.Contains(text, "\nLoadCredential="+name[1]+":/etc/throughtrain/") {
				t.Errorf("the credential %s is not loaded", name[1])
			}
		}
		words := strings.Fields(strings.ReplaceAll(expanded, "%d/", "/run/credentials/"))
		all = append(all, command{filepath.Base(words[0]), words[1:], env})
	}
	for name := range own {
		if !strings.HasPrefix(name, "THROUGHTRAIN_") && !used[name] {
			t.Errorf("the unit does not pass %s on", name)
		}
	}
	return all
}

// variables reads an example as systemd and Compose do.
func variables(t *testing.T, path string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(read(t, path)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Errorf("%s: %q", path, line)
		}
		all[name] = value
	}
	return all
}

// TestUnitsHideNothingNeeded: without /proc/stat a process cannot say when it started, and nobody is told that it restarts again and again.
func TestUnitsHideNothingNeeded(t *testing.T) {
	units, err := filepath.Glob(filepath.Join(root, "deploy/systemd/*.service"))
	if err != nil || len(units) < len(processes)+1 {
		t.Fatalf("%d units: %v", len(units), err)
	}
	for _, path := range units {
		text := read(t, "deploy/systemd/"+filepath.Base(path))
		if strings.Contains(text, "\nProcSubset=pid\n") {
			t.Errorf("%s hides /proc/stat", path)
		}
		if strings.Contains(text, "\nRestart=always\n") != strings.Contains(text, "\nStartLimitIntervalSec=0\n") {
			t.Errorf("%s is given up after a few starts", path)
		}
	}
}

// TestUnitsAndExamplesAreTaken by the programs that they are for.
func TestUnitsAndExamplesAreTaken(t *testing.T) {
	for _, name := range append([]string{"", "city"}, processes...) {
		file := strings.TrimSuffix("throughtrain-"+name, "-") + ".service"
		t.Run(file, func(t *testing.T) {
			for _, c := range unit(t, read(t, "deploy/systemd/"+file)) {
				if slices.Contains(processes, name) && c.program != name {
					t.Errorf("it runs %s", c.program)
				}
				c.accept(t)
			}
		})
	}
}

// TestUnitsAreSound asks systemd itself.
func TestUnitsAreSound(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed (Debian: systemd)")
	}
	units, err := filepath.Glob(filepath.Join(root, "deploy/systemd/*.*"))
	if err != nil || len(units) < len(processes)+1 {
		t.Fatalf("%d units: %v", len(units), err)
	}
	folder := t.TempDir()
	for _, path := range units {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.ReplaceAll(string(text), "/usr/local/bin/", bin+"/")) // it looks whether they are there
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(path)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range units {
		name := filepath.Base(path)
		if out, err := exec.CommandContext(t.Context(), tool, "verify", "--man=no", filepath.Join(folder, name)).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", name, err, out)
		}
		if filepath.Ext(name) != ".service" {
			continue
		}
		// 2.0 of 10: what is left is that it speaks with the network, and runs at all.
		out, err := exec.CommandContext(t.Context(), tool, "security", "--offline=yes", "--threshold=20", filepath.Join(folder, name)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
