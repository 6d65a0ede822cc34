//go:build scenario

package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestBench measures for a second, with the product's program as scripts/bench builds it.
func TestBench(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "throughtrain")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../throughtrain").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	profile := filepath.Join(t.TempDir(), "profile")
	var out, failures bytes.Buffer
	status := command(t.Context(), []string{"--binary", binary, "--city", "../../../../deploy/config/cities/410900", "--connections", "1,4", "--seconds", "1",
		"--profile", profile, "--flag=--log-level=warn"}, &out, &failures)
	if status != 0 {
		t.Fatalf("ended with %d: %s%s", status, &out, &failures)
	}
	if rows := regexp.MustCompile(`(?m)^ +[14] +[1-9][0-9]* .* 0 +[0-9]+ +[0-9]+ +[0-9.]+s +[0-9]+$`).FindAllString(out.String(), -1); len(rows) != 2 {
		t.Errorf("two rounds without an error were to be shown:\n%s", &out)
	}
	for _, args := range [][]string{{"--binary", binary}, {"--binary", binary, "--city", ".", "--connections", "0"}, {"--binary", binary, "--city", ".", "--seconds", "0"}} {
		if status := command(t.Context(), args, &out, &failures); status != exitUsage {
			t.Errorf("%v ended with %d", args[2:], status)
		}
	}
}
