package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

func (s *served) post(t *testing.T, token, path string, body any, header ...string) (int, map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

func TestServeAndOperate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, "--data", data, "--demo", "--admin-addr", "127.0.0.1:0")
	for _, says := range []string{"已就绪", "ready", "网页 open", "/docs/", "演示", "DEMONSTRATION", "entrepreneur", "supervisor", data} {
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
	address := strings.TrimPrefix(admin[1], "http://")
	if code, out, log := runs(t, "doctor", "--admin", address, "--over", "1ms"); code != exitFailed || !strings.Contains(out, "刚启动") ||
		strings.Contains(out, "✗") || !strings.Contains(out, "overdue 0") {
		t.Errorf("what is wrong with it, but that it has just started: %d %s%s", code, out, log)
	}
	if code, out, log := runs(t, "doctor", "--admin", address+",127.0.0.1:1", "--over", "1ms"); code != exitWrong || !strings.Contains(out, "✗ 127.0.0.1:1  不应答") {
		t.Errorf("what is wrong with it and with one that is not there: %d %s%s", code, out, log)
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

// TestWhoAsksIsReadFromAProxy: codes are limited by the address they are asked for from, which only a named proxy may tell.
func TestWhoAsksIsReadFromAProxy(t *testing.T) {
	for _, c := range []struct {
		flag   string
		shared bool
	}{{"--proxy=127.0.0.1", false}, {"--proxy=127.0.0.0/8", false}, {"--proxy=10.0.0.0/8", true}} {
		s := serve(t, "--data", filepath.Join(t.TempDir(), "data"), c.flag)
		refused := false
		for i := range 40 {
			code, answer := s.post(t, "", "/v1/cities/410900/sessions:requestCode", map[string]string{"phone": fmt.Sprintf("139000001%02d", i)},
				"X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i))
			if refused = code == http.StatusTooManyRequests; refused {
				break
			}
			if code != http.StatusOK {
				t.Fatalf("%s: %d %v", c.flag, code, answer)
			}
		}
		if refused != c.shared {
			t.Errorf("%s: forty people are refused as one: %t", c.flag, refused)
		}
		s.stop()
		<-s.code
	}
}

// TestStaffGetTheirFirstPasswords: what is printed lets the official in, once; a chosen password needs more than the asking.
func TestStaffGetTheirFirstPasswords(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	give := func(args ...string) (int, string, string) {
		code, out, log := runs(t, append([]string{"staff", "password", "--data", data}, args...)...)
		return code, regexp.MustCompile(`[0-9a-z]{5}(-[0-9a-z]{5}){4}`).FindString(out), log
	}
	if code, _, log := give("410900", "wuzhenhua"); code != exitFailed || !strings.Contains(log, "--data") {
		t.Errorf("without data: %d %s", code, log)
	}
	if code, _, log := runs(t, "city", "apply", puyang, "--data", data); code != 0 {
		t.Fatal(log)
	}
	for _, nobody := range [][]string{{"410900", "nobody"}, {"110000", "wuzhenhua"}, {"410900", "nobody", "--reset"}} {
		if code, password, log := give(nobody...); code != exitFailed || password != "" || !strings.Contains(log, "nobody in service") {
			t.Errorf("%v: %d %s", nobody, code, log)
		}
	}
	_, lost, _ := give("410900", "wuzhenhua")
	code, first, log := give("410900", "wuzhenhua")
	if code != 0 || first == "" || first == lost || strings.Contains(log, first) {
		t.Fatalf("%d %q %s", code, first, log)
	}

	s := serve(t, "--data", data)
	const sessions, own = "/v1/cities/410900/sessions:signInWithPassword", "lantern river cabbage"
	if code, _ := s.post(t, "", sessions, map[string]string{"login": "wuzhenhua", "password": lost}); code != http.StatusUnauthorized {
		t.Errorf("one that was replaced: %d", code)
	}
	code, session := s.post(t, "", sessions, map[string]string{"login": "wuzhenhua", "password": first})
	if code != http.StatusOK {
		t.Fatalf("sign in: %d %v", code, session)
	}
	if code, _ := s.post(t, "", sessions, map[string]string{"login": "wuzhenhua", "password": first}); code != http.StatusUnauthorized {
		t.Errorf("a second time: %d", code)
	}
	if code, answer := s.post(t, session["accessToken"].(string), "/v1/"+session["person"].(string)+":setPassword",
		map[string]string{"oldPassword": first, "newPassword": own}); code != http.StatusOK {
		t.Fatalf("set an own one: %d %v", code, answer)
	}
	if code, _, log := give("410900", "wuzhenhua"); code != exitFailed || !strings.Contains(log, "in use by") {
		t.Errorf("beside a process that serves: %d %s", code, log)
	}
	s.stop()
	if code := <-s.code; code != 0 {
		t.Fatalf("stopped with %d: %s", code, s.log)
	}

	if code, _, log := give("410900", "wuzhenhua"); code != exitFailed || !strings.Contains(log, "--reset") {
		t.Errorf("over an own one: %d %s", code, log)
	}
	if code, again, log := give("410900", "wuzhenhua", "--reset"); code != 0 || again == "" || again == first {
		t.Errorf("reset: %d %q %s", code, again, log)
	}
	if code, out, log := runs(t, "journal", "verify", "--data", data); code != 0 {
		t.Errorf("the journal after it: %d %s%s", code, out, log)
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
		{"serve --proxy 10.0.0.0/99", exitUsage, "--proxy"},
		{"serve --proxy nginx", exitUsage, "--proxy"},
		{"serve --colour", exitUsage, "--colour"},
		{"doctor --admin localhost", exitUsage, "HOST:PORT"},
		{"doctor --over 0s", exitUsage, "--over"},
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
