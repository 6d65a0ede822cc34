//go:build scenario

package standalone_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestTheSuiteLosesReplicas takes the tour of the README at the whole suite, each service as two processes, and kills a replica of everything on
// the way. Nobody who asks notices, and the replicas come back. Told to stop, it leaves nothing behind.
func TestTheSuiteLosesReplicas(t *testing.T) {
	s := startSuite(t)
	takeTour(t, s.base, func(block int) string {
		victims := map[int][]string{4: {"hotline-1"}, 6: {"gateway-1", "attendant-1"}, 9: {"directory-1"}, 13: {"agency-1"}}[block]
		if len(victims) == 0 {
			return ""
		}
		// No call of the tour is on its way, and none is sent into a connection that is just breaking: what is cut off without a key, nobody could repeat.
		// A process is gone from the table when its connections are closed and the suite has seen it end.
		line := "kill -9"
		gone := ""
		for _, name := range victims {
			pid := strconv.Itoa(s.pids[name])
			line += " " + pid
			gone += "\nwhile kill -0 " + pid + " 2>/dev/null; do sleep 0.01; done"
		}
		return line + gone
	})
	for _, name := range []string{"hotline-1", "gateway-1", "attendant-1", "directory-1", "agency-1"} {
		s.says(name + " works again")
	}
	s.stop()
}

// suite is the suite as a process, and what it said.
type suiteProcess struct {
	t        *testing.T
	cmd      *exec.Cmd
	base     string
	data     string
	today    string // folder of the programs that were built
	programs string // of those that it runs
	pids     map[string]int
	log      string // file of what all processes log

	mu   sync.Mutex
	text string
	more chan struct{} // closed when it said more
}

// startSuite starts a suite on an empty folder.
func startSuite(t *testing.T) *suiteProcess {
	t.Helper()
	return startSuiteOn(t, suiteFolder(t), "")
}

// suiteFolder is an empty folder for a suite.
func suiteFolder(t *testing.T) string {
	t.Helper()
	data, err := os.MkdirTemp("", "throughtrain-suite-") // not below t.TempDir, which the account of PostgreSQL may not enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(data, 0o711); err != nil {
		t.Fatal(err)
	}
	return data
}

// startSuiteOn starts a suite on a folder, with the programs of another folder in the place of today's if there is one. They can be replaced while it runs.
func startSuiteOn(t *testing.T, data, others string) *suiteProcess {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "redis-server"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	today := t.TempDir()
	buildSuite(t, "../..", today, "./services/standalone/cmd/suite")
	programs := t.TempDir()
	city, err := filepath.Abs(puyang)
	if err != nil {
		t.Fatal(err)
	}
	s := &suiteProcess{t: t, data: data, today: today, programs: programs, pids: map[string]int{}, more: make(chan struct{}), log: filepath.Join(t.TempDir(), "log")}
	s.install(cmp.Or(others, today))
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(filepath.Join(today, "suite"), "--programs", programs, "--data", data, "--addr", "127.0.0.1:0", "--city", city, "--demo")
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = log.Close(); s.failed() })
	go s.listen(out)
	s.says("Ctrl-C")
	s.base = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(s.text)
	s.pids = pidsOf(s.text)
	if len(s.pids) != 13 {
		t.Fatalf("the table names %d processes: %s", len(s.pids), s.text)
	}
	return s
}

// buildSuite builds the programs of a suite.
func buildSuite(t *testing.T, source, into string, more ...string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", into + "/", "./services/directory/cmd/directory",
		"./services/hotline/cmd/hotline", "./services/attendant/cmd/attendant", "./services/agency/cmd/agency", "./gateway/cmd/gateway"}, more...)...)
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
}

// install puts programs in the place of those that it runs, each at once, as an upgrade does.
func (s *suiteProcess) install(from string) {
	s.t.Helper()
	for _, name := range []string{"directory", "hotline", "attendant", "agency", "gateway"} {
		at := filepath.Join(s.programs, name)
		if err := errors.Join(os.Link(filepath.Join(from, name), at+".new"), os.Rename(at+".new", at)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// pidsOf are the processes that it has named: in its table at first, and each one that works again.
func pidsOf(text string) map[string]int {
	pids := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^ +([a-z]+(?:-\d)?) .* (\d+)$`).FindAllStringSubmatch(text, -1) {
		pids[row[1]], _ = strconv.Atoi(row[2])
	}
	return pids
}

// failed shows the end of the log of a test that failed.
func (s *suiteProcess) failed() {
	if !s.t.Failed() {
		return
	}
	if all, err := os.ReadFile(s.log); err == nil {
		s.t.Logf("log:\n%s", all[max(0, len(all)-8000):])
	}
}

func (s *suiteProcess) listen(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		s.mu.Lock()
		s.text += lines.Text() + "\n"
		close(s.more)
		s.more = make(chan struct{})
		s.mu.Unlock()
	}
}

// says waits until the suite has said something.
func (s *suiteProcess) says(what string) {
	s.t.Helper()
	limit := time.After(90 * time.Second)
	for {
		s.mu.Lock()
		said, more := strings.Contains(s.text, what), s.more
		s.mu.Unlock()
		if said {
			return
		}
		select {
		case <-more:
		case <-limit:
			s.t.Fatalf("it does not say %q: %s", what, s.text)
		}
	}
}

// want posts until it is answered well: nobody answers at all, or 502 or 503, only while something is away.
func (s *suiteProcess) want(token, path, key string, body any) document {
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Error(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.base+path, bytes.NewReader(text))
		if err != nil {
			s.t.Error(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		if key != "" {
			request.Header.Set("Idempotency-Key", key)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		out := document{}
		err = json.NewDecoder(response.Body).Decode(&out)
		_ = response.Body.Close()
		switch {
		case err == nil && response.StatusCode == http.StatusOK:
			return out
		case response.StatusCode != http.StatusBadGateway && response.StatusCode != http.StatusServiceUnavailable:
			s.t.Errorf("POST %s: %d %v %v", path, response.StatusCode, out, err)
			return out
		}
	}
	s.t.Errorf("POST %s is not answered", path)
	return document{}
}

// stop stops the suite and expects nothing of it to be left.
func (s *suiteProcess) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("it ended with %v", err)
	}
	group := regexp.MustCompile(`pid (\d+)`).FindAllStringSubmatch(s.text, -1)
	for _, again := range group {
		pid, _ := strconv.Atoi(again[1])
		s.pids["again "+again[1]] = pid
	}
	for name, pid := range s.pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			s.t.Errorf("%s is left: %v", name, err)
		}
	}
}
