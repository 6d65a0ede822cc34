//go:build scenario

package standalone_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheSuiteComesBackFromABackup backs up a suite that serves by the operator's command, while tickets are filed, and starts another suite from the
// backup: what was acknowledged before is there, every history verifies, the board equals a recount, a file is what was sent.
func TestTheSuiteComesBackFromABackup(t *testing.T) {
	s := startSuite(t)
	signIn := func(persona string) string {
		return s.want("", "/v1/demo:signIn", "", fields{"persona": persona}).text("accessToken")
	}
	token := signIn("entrepreneur")
	first := s.want(token, city+"/tickets", "first", fields{"body": "主线路故障，已停电两天。", "category": "0302"}).text("name")
	b := &booted{t: t, base: s.base} // for what the helpers of one process do over REST
	picture := photo(t, 64)
	file := b.announce(token, "/v1/"+first, "现场.jpg", "PHOTO", picture)
	if last := b.upload(token, file, picture, len(picture)); last.document(t).text("state") != "READY" {
		t.Fatalf("upload: %s", last.body)
	}
	opened := b.foreign(b.as("entrepreneur"))

	f := b.keepFiling(token)
	f.until(20)
	before := append(f.acknowledged(), first, opened.text("name"))
	throughtrain := filepath.Join(t.TempDir(), "throughtrain")
	tell := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), throughtrain, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("throughtrain %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", throughtrain, "./cmd/throughtrain").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	kept := filepath.Join(t.TempDir(), "backup")
	tell("backup", kept, "--data", s.data)
	f.stop()
	s.stop()

	back, err := os.MkdirTemp("", "throughtrain-back-") // not below t.TempDir, which the account of PostgreSQL may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(back) })
	if err := os.Chmod(back, 0o711); err != nil {
		t.Fatal(err)
	}
	if said := tell("restore", kept, "--data", back); !strings.Contains(said, "scripts/suite --data "+back+" --demo") {
		t.Errorf("restore says %s", said)
	}
	if out, err := exec.CommandContext(t.Context(), throughtrain, "restore", kept, "--data", back).CombinedOutput(); err == nil {
		t.Errorf("restored over what is there: %s", out)
	}
	s = startSuiteOn(t, back, "")
	b.base = s.base
	token = signIn("entrepreneur")
	for _, name := range before {
		if status, answer := b.call(token, http.MethodGet, "/v1/"+name, nil); status != http.StatusOK {
			t.Errorf("%s was acknowledged before the backup began: %d %v", name, status, answer)
		}
	}
	if got := b.bytes(token, http.MethodGet, file+"/content", nil); !bytes.Equal(got.body, picture) {
		t.Errorf("the file has %d bytes (%d), %d were sent", len(got.body), got.status, len(picture))
	}
	if check := b.want(signIn("admin"), http.MethodGet, city+"/board:check", nil); check["equal"] != true {
		t.Errorf("the board differs from a recount: %v", check)
	}
	if said := tell("journal", "verify", "--data", back); !strings.Contains(said, "sound") {
		t.Errorf("verify says %s", said)
	}
	s.stop()
}
