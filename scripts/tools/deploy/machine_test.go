package deploy

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// nobody is whom the images run as.
const nobody = 65532

// patience is how long anything may take that is waited for; it is there within seconds.
const patience = 60 * time.Second

// machine stands in for what runs containers or units: it gives programs the files and folders that the deployment mounts, an address of this machine for
// each of the deployment's, and the account.
type machine struct {
	t         *testing.T
	at        string
	addresses map[string]string
	running   []*running
	messages  *httptest.Server
	codes     chan string // by the message gateway
	secret    []byte      // what it was agreed with
	gate      sync.Mutex
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	runtime.LockOSThread() // whose end ends what it started, should this test be killed
	at, err := os.MkdirTemp("", "throughtrain-deploy-")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, at: at, addresses: map[string]string{}, codes: make(chan string, 1), secret: []byte(rand.Text())}
	m.must(os.Chmod(at, 0o711)) //nolint:gosec // G302: the programs run as somebody else
	t.Cleanup(func() { m.must(os.RemoveAll(at)) })
	m.messages = httptest.NewServer(http.HandlerFunc(m.message))
	t.Cleanup(m.messages.Close)
	return m
}

func (m *machine) must(errs ...error) {
	m.t.Helper()
	if err := errors.Join(errs...); err != nil {
		m.t.Fatal(err)
	}
}

// message is the city's message gateway, which takes only what was signed with its secret.
func (m *machine) message(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	seconds, signature, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Throughtrain-Signature"), "t="), ",v1=")
	m.gate.Lock()
	mac := hmac.New(sha256.New, m.secret)
	m.gate.Unlock()
	mac.Write([]byte(seconds + "." + string(content)))
	var said struct{ Code string }
	if err != nil || hex.EncodeToString(mac.Sum(nil)) != signature || json.Unmarshal(content, &said) != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	m.codes <- said.Code
}

// agree has the message gateway use the secret in a file.
func (m *machine) agree(file string) {
	m.t.Helper()
	secret, err := os.ReadFile(file)
	m.must(err)
	m.gate.Lock()
	defer m.gate.Unlock()
	m.secret = secret
}

// address is where HOST:PORT of the deployment is on this machine.
func (m *machine) address(where string) string {
	m.t.Helper()
	if m.addresses[where] == "" {
		l, err := (&net.ListenConfig{}).Listen(m.t.Context(), "tcp", "127.0.0.1:0")
		m.must(err)
		m.addresses[where] = l.Addr().String()
		m.must(l.Close())
	}
	return m.addresses[where]
}

// hostPort is an address as it is deployed; without a host, or with all, it is the process's own.
var hostPort = regexp.MustCompile(`(0\.0\.0\.0|127\.0\.0\.1|[a-z][a-z.-]*)?:[0-9]{4}\b`)

// here is a value of the deployment's with its paths where they are mounted and its addresses where they are on this machine. A path that nothing is mounted
// at is an error, as it would be there.
func (m *machine) here(self, value string, mounts map[string]string) string {
	m.t.Helper()
	value = hostPort.ReplaceAllStringFunc(value, func(where string) string {
		if port, own := strings.CutPrefix(strings.TrimPrefix(where, "0.0.0.0"), ":"); own {
			where = self + ":" + port
		}
		return m.address(where)
	})
	return place.ReplaceAllStringFunc(value, func(path string) string {
		best := ""
		for inside := range mounts {
			if (path == inside || strings.HasPrefix(path, inside+"/")) && len(inside) > len(best) {
				best = inside
			}
		}
		if best == "" {
			m.t.Fatalf("%s: nothing is at %s", self, path)
		}
		return mounts[best] + strings.TrimPrefix(path, best)
	})
}

// account is somebody, where root may give programs to others.
func account(id int) *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: uint32(id), Gid: uint32(id)} //nolint:gosec // G115: it is small
}

// give gives a folder and what is in it to somebody, who can get there.
func (m *machine) give(id int, folder string) string {
	m.t.Helper()
	m.must(os.MkdirAll(folder, 0o700), os.Chmod(filepath.Dir(folder), 0o711)) //nolint:gosec // G302: on the way to a folder of somebody else's
	if os.Getuid() != 0 {
		return folder
	}
	m.must(filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error { return errors.Join(err, os.Lchown(path, id, id)) }))
	return folder
}

// hand makes a folder of secrets as systemd hands over credentials and Kubernetes Secrets: root's, and its group may read them.
func (m *machine) hand(folder string) string {
	m.t.Helper()
	if m.give(nobody, folder); os.Getuid() != 0 {
		return folder
	}
	m.must(filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return errors.Join(os.Chown(path, 0, nobody), os.Chmod(path, 0o440)) //nolint:gosec // G302: as it is there
	}))
	return folder
}

// prepare is a program of ours with what it is given, on this machine.
func (m *machine) prepare(self string, c command, mounts map[string]string) *exec.Cmd {
	m.t.Helper()
	cmd := exec.Command(filepath.Join(bin, c.program))
	for _, arg := range c.args {
		cmd.Args = append(cmd.Args, m.here(self, arg, mounts))
	}
	cmd.Env = []string{}
	for _, name := range slices.Sorted(maps.Keys(c.env)) {
		value := c.env[name]
		if name == "THROUGHTRAIN_MESSAGE_GATEWAY" {
			value = m.messages.URL
		}
		cmd.Env = append(cmd.Env, name+"="+m.here(self, value, mounts))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: account(nobody)}
	return cmd
}

// once runs a command to its end.
func (m *machine) once(cmd *exec.Cmd) string {
	m.t.Helper()
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// running is a process that was started.
type running struct {
	m     *machine
	cmd   *exec.Cmd
	said  *bytes.Buffer // to be read once it ended
	ended chan struct{}
	err   error // what it ended with
}

func (m *machine) start(cmd *exec.Cmd) *running {
	m.t.Helper()
	r := &running{m: m, cmd: cmd, said: &bytes.Buffer{}, ended: make(chan struct{})}
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", r.said, r.said
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	m.must(cmd.Start())
	go func() { r.err = cmd.Wait(); close(r.ended) }()
	m.running = append(m.running, r)
	m.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, if all is well
		<-r.ended
		if m.t.Failed() {
			m.t.Logf("%s: %v\n%s", filepath.Base(cmd.Path), r.err, r.said)
		}
	})
	return r
}

// stop ends a process as its supervisor does: it must end by itself, and well.
func (r *running) stop(signal os.Signal) {
	r.m.t.Helper()
	r.m.running = slices.DeleteFunc(r.m.running, func(other *running) bool { return other == r })
	r.m.must(r.cmd.Process.Signal(signal))
	select {
	case <-r.ended:
		if r.err != nil {
			r.m.t.Errorf("%s: %v", filepath.Base(r.cmd.Path), r.err)
		}
	case <-time.After(patience):
		r.m.t.Errorf("%s does not end", filepath.Base(r.cmd.Path))
	}
}

// eventually asks until the answer is good.
func (m *machine) eventually(what string, ask func() error) {
	m.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for limit := time.Now().Add(patience); ; <-again.C {
		err := ask()
		if err == nil {
			return
		}
		for _, r := range m.running {
			select {
			case <-r.ended:
				m.t.Fatalf("%s: %s ended: %v", what, filepath.Base(r.cmd.Path), r.err)
			default:
			}
		}
		if time.Now().After(limit) {
			m.t.Fatalf("%s: %v", what, err)
		}
	}
}

// ready waits until a process says at an admin address that it works, as an orchestrator asks; it must be alive, and show its metrics.
func (m *machine) ready(admin string) {
	m.t.Helper()
	get := func(path string) error {
		code, body := m.call(http.MethodGet, "http://"+admin+path, "", nil)
		if code != http.StatusOK {
			return fmt.Errorf("%s: %d %v", path, code, body)
		}
		return nil
	}
	m.eventually("ready", func() error { return get("/readyz") })
	m.must(get("/healthz"), get("/metrics"))
}

// call calls an address; zero is the code when nobody answers.
func (m *machine) call(method, url, token string, body any) (int, map[string]any) {
	m.t.Helper()
	content, err := json.Marshal(body)
	m.must(err)
	request, err := http.NewRequestWithContext(m.t.Context(), method, url, bytes.NewReader(content))
	m.must(err)
	request.Header.Set("Authorization", "Bearer "+token)
	if token == "" {
		request.Header.Del("Authorization")
	}
	if method == http.MethodPost {
		request.Header.Set("Idempotency-Key", rand.Text())
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}).Do(request)
	if err != nil {
		return 0, map[string]any{"error": err.Error()}
	}
	defer func() { _ = response.Body.Close() }()
	answer := map[string]any{}
	_ = json.NewDecoder(response.Body).Decode(&answer) // metrics are none
	return response.StatusCode, answer
}

// file does what all of it is for: somebody signs in with a code that came to their phone, files a ticket, and it reaches an official.
func (m *machine) file(gateway string) {
	m.t.Helper()
	base := "http://" + gateway + "/v1/"
	want := func(method, path, token string, body any) map[string]any {
		m.t.Helper()
		code, answer := m.call(method, base+path, token, body)
		if code != http.StatusOK {
			m.t.Fatalf("%s: %d %v", path, code, answer)
		}
		return answer
	}
	asked := want(http.MethodPost, "cities/410900/sessions:requestCode", "", map[string]any{"phone": "13800138000"})
	var code string
	select {
	case code = <-m.codes:
	case <-time.After(patience):
		m.t.Fatal("no code came")
	}
	session := want(http.MethodPost, "cities/410900/sessions:signInWithCode", "", map[string]any{"challenge": asked["challenge"], "code": code})
	token := fmt.Sprint(session["accessToken"])
	ticket := want(http.MethodPost, "cities/410900/tickets", token,
		map[string]any{"title": "车间停电", "body": "主线路故障，已停电两天，订单交不出去。", "category": "0302"})
	m.eventually("dispatched", func() error {
		if now := want(http.MethodGet, fmt.Sprint(ticket["name"]), token, nil); now["state"] != "DISPATCHED" || now["holder"] == "" {
			return fmt.Errorf("%v", now)
		}
		return nil
	})
}

// listening waits until somebody listens.
func (m *machine) listening(address string) {
	m.t.Helper()
	m.eventually(address, func() error {
		conn, err := (&net.Dialer{}).DialContext(m.t.Context(), "tcp", address)
		if err == nil {
			err = conn.Close()
		}
		return err
	})
}

// servers starts a PostgreSQL and a Redis, as suite.yaml does, with what secrets.sh made; the addresses of both in the secrets become those on this machine.
func (m *machine) servers(folder string) (stop func()) {
	m.t.Helper()
	project := compose(m.t, "suite.yaml", m.messages.URL)
	secrets := map[string]string{"/run/secrets": filepath.Join(folder, "secrets")}
	for _, name := range []string{"directory.dsn", "hotline.dsn", "attendant.dsn", "agency.dsn", "redis"} {
		path := filepath.Join(folder, "secrets", name)
		text, err := os.ReadFile(path)
		m.must(err)
		m.must(os.WriteFile(path, []byte(strings.NewReplacer("postgres:5432", m.address("postgres:5432"), "redis:6379", m.address("redis:6379")).Replace(string(text))), 0o600))
	}
	_, port, err := net.SplitHostPort(m.address("redis:6379"))
	m.must(err)
	command := project.Services["redis"].Command
	if _, err := exec.LookPath(command[0]); err != nil {
		missing(m.t, "Redis", "REDIS", "redis-server")
	}
	redis := exec.Command(command[0], m.here("redis", command[1], secrets), "--bind", "127.0.0.1", "--port", port)
	id, err := strconv.Atoi(project.Services["redis"].User)
	m.must(err)
	redis.SysProcAttr = &syscall.SysProcAttr{Credential: account(id)}
	r := m.start(redis)
	p := m.postgres(folder, project.Services["postgres"].Command[1:])
	m.listening(m.address("redis:6379"))
	return func() {
		p.stop(syscall.SIGINT) // ends sessions instead of waiting for them
		r.stop(syscall.SIGTERM)
	}
}

func (m *machine) postgres(folder string, args []string) *running {
	m.t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	m.must(err)
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	if len(found) == 0 {
		missing(m.t, "PostgreSQL", "POSTGRES", "postgresql")
	}
	programs, as := found[len(found)-1], (*syscall.Credential)(nil)
	data := filepath.Join(m.at, "postgres")
	password, err := os.ReadFile(filepath.Join(folder, "secrets/postgres"))
	m.must(err)
	m.must(os.MkdirAll(data, 0o700), os.WriteFile(data+".password", password, 0o600))
	if os.Getuid() == 0 { // whom it does not run as
		who, err := user.Lookup("postgres")
		m.must(err)
		uid, err := strconv.Atoi(who.Uid)
		m.must(err)
		gid, err := strconv.Atoi(who.Gid)
		m.must(err)
		as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)} //nolint:gosec // G115: they are small
		m.must(os.Chown(data, uid, gid), os.Chown(data+".password", uid, gid))
	}
	initdb := exec.Command(filepath.Join(programs, "initdb"), "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", "--no-sync",
		"--pwfile="+data+".password")
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	m.once(initdb)
	host, port, err := net.SplitHostPort(m.address("postgres:5432"))
	m.must(err)
	server := exec.Command(filepath.Join(programs, "postgres"), append(slices.Clone(args), "-D", data, "-h", host, "-p", port, "-c", "unix_socket_directories=", "-c", "fsync=off")...)
	server.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	r := m.start(server)
	script := place.ReplaceAllStringFunc(read(m.t, "deploy/compose/databases.sql"), func(path string) string {
		return filepath.Join(folder, strings.TrimPrefix(path, "/run/"))
	})
	m.eventually("PostgreSQL", func() error {
		out, err := m.psql(folder, "SELECT 1;")
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	if out, err := m.psql(folder, script); err != nil {
		m.t.Fatalf("databases.sql: %v %s", err, out)
	}
	return r
}

// psql has PostgreSQL's administrator run a script.
func (m *machine) psql(folder, script string) ([]byte, error) {
	m.t.Helper()
	host, port, err := net.SplitHostPort(m.address("postgres:5432"))
	m.must(err)
	password, err := os.ReadFile(filepath.Join(folder, "secrets/postgres"))
	m.must(err)
	cmd := exec.CommandContext(m.t.Context(), "psql", "-h", host, "-p", port, "-U", "postgres", "-X", "-q", "-v", "ON_ERROR_STOP=1")
	cmd.Env, cmd.Stdin = append(os.Environ(), "PGPASSWORD="+string(password)), strings.NewReader(script)
	return cmd.CombinedOutput()
}

// metrics are what a process shows at an admin address.
func (m *machine) metrics(admin string) string {
	m.t.Helper()
	request, err := http.NewRequestWithContext(m.t.Context(), http.MethodGet, "http://"+admin+"/metrics", nil)
	m.must(err)
	response, err := http.DefaultClient.Do(request)
	m.must(err)
	text, err := io.ReadAll(response.Body)
	m.must(err, response.Body.Close())
	return string(text)
}

// missing skips a test for want of something, unless it is required.
func missing(t *testing.T, what, variable, of string) {
	t.Helper()
	if os.Getenv("THROUGHTRAIN_REQUIRE_"+variable) != "" {
		t.Fatalf("%s is missing (Debian: %s)", what, of)
	}
	t.Skipf("%s is missing (Debian: %s)", what, of)
}
