package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const puyang = "../../../../deploy/config/cities/410900"

// runs runs a command line to its end.
func runs(t *testing.T, args ...string) (code int, out, log string) {
	t.Helper()
	var o, l bytes.Buffer
	code = command(t.Context(), args, &o, &l)
	return code, o.String(), l.String()
}

// served is a process that serves, until it is told to stop.
type served struct {
	url  string
	text string // of the banner
	stop context.CancelFunc
	code chan int
	log  *bytes.Buffer
}

// serve serves on a free port and returns when the banner is printed.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	s := &served{stop: stop, code: make(chan int, 1), log: &bytes.Buffer{}}
	go func() {
		s.code <- command(ctx, append([]string{"serve", "--addr=127.0.0.1:0", "--city=" + puyang}, args...), in, s.log)
		_ = in.Close()
	}()
	buffer := make([]byte, 4096)
	for !strings.Contains(s.text, "Ctrl-C") {
		n, err := out.Read(buffer)
		s.text += string(buffer[:n])
		if err != nil {
			t.Fatalf("ended with %d: %s%s", <-s.code, s.text, s.log)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	s.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(s.text)
	t.Cleanup(stop)
	return s
}

func (s *served) get(t *testing.T, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestServeAndOperate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, "--data", data, "--demo", "--admin-addr", "127.0.0.1:0")
	for _, says := range []string{"已就绪", "ready", "/docs/", "演示", "DEMONSTRATION", "entrepreneur", "supervisor", data} {
		if !strings.Contains(s.text, says) {
			t.Errorf("the banner does not say %q: %s", says, s.text)
		}
	}
	if code := s.get(t, "/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
	admin := regexp.MustCompile(`(http://\S+)/metrics`).FindStringSubmatch(s.text)
	if code := (&served{url: admin[1]}).get(t, "/readyz"); code != http.StatusOK {
		t.Errorf("readyz: %d", code)
	}
	if code, out, log := runs(t, "journal", "verify", "--data", data); code != 0 || !strings.Contains(out, "sound") {
		t.Errorf("verify beside it: %d %s%s", code, out, log)
	}
	if code, _, log := runs(t, "board", "check", "410900", "--data", data); code != exitFailed || !strings.Contains(log, "board:check") {
		t.Errorf("check beside it: %d %s", code, log)
	}
	s.stop()
	if code := <-s.code; code != 0 {
		t.Fatalf("stopped with %d: %s", code, s.log)
	}
	for _, c := range []struct{ line, says string }{
		{"board check 410900", "equals a recount"},
		{"board rebuild 410900", "rebuilt"},
		{"city apply " + puyang, "unchanged"},
		{"journal verify", "sound"},
	} {
		if code, out, log := runs(t, append(strings.Fields(c.line), "--data", data)...); code != 0 || !strings.Contains(out, c.says) {
			t.Errorf("%s: %d %s%s", c.line, code, out, log)
		}
	}
}

func TestMistakesAreSaid(t *testing.T) {
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(puyang)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "counties.yaml"), []byte("counties: [{code: x}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		line string
		code int
		says string
	}{
		{"city check " + puyang, 0, ""},
		{"city check " + broken, exitFailed, "counties.yaml:1"},
		{"city apply " + broken + " --data " + none, exitFailed, "counties.yaml:1"},
		{"city check /does/not/exist", exitUsage, "/does/not/exist"},
		{"journal verify --data " + none + "/x", exitFailed, "no data"},
		{"board check 410900 --data " + none + "/x", exitFailed, "--data"},
		{"serve --demo --addr 0.0.0.0:0 --data " + none, exitUsage, "loopback"},
		{"serve --demo --addr [::]:0 --data " + none, exitUsage, "loopback"},
		{"serve --addr nonsense --data " + none, exitUsage, "--addr"},
		{"serve --message-gateway https://sms.example", exitUsage, "secret"},
		{"serve --colour", exitUsage, "--colour"},
		{"--help", 0, ""},
	} {
		code, out, log := runs(t, strings.Fields(c.line)...)
		if code != c.code || !strings.Contains(out+log, c.says) {
			t.Errorf("%s: %d %s%s", c.line, code, out, log)
		}
	}
	if _, err := os.Stat(filepath.Join(none, "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made by mistake: %v", err)
	}
}

// TestTheFolderOfTestDataIsNoDataFolder: its variable has the name that a flag would have.
func TestTheFolderOfTestDataIsNoDataFolder(t *testing.T) {
	t.Setenv("THROUGHTRAIN_DATA", t.TempDir())
	t.Setenv("THROUGHTRAIN_DATA_FOLDER", filepath.Join(t.TempDir(), "none"))
	if code, _, log := runs(t, "journal", "verify"); code != exitFailed || !strings.Contains(log, "none") {
		t.Errorf("%d %s", code, log)
	}
}
