package kittest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const requireRedisVariable = "THROUGHTRAIN_REQUIRE_REDIS" // 1: a missing redis-server fails tests instead of skipping them

// RedisServer is a private Redis of one test.
type RedisServer struct {
	t       testing.TB
	program string
	port    int
	args    []string

	mu    sync.Mutex
	cmd   *exec.Cmd
	alive io.Closer // held open for as long as the server is to live
}

// Redis starts a Redis on a port of its own that keeps nothing on disk and is gone with the test, or with the test process however that ends. Without
// an installed redis-server the test is skipped, or fails if THROUGHTRAIN_REQUIRE_REDIS is 1. Further arguments are the server's.
func Redis(t testing.TB, args ...string) *RedisServer {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		const hint = "redis-server is needed: install it (Debian: redis-server)"
		if os.Getenv(requireRedisVariable) == "1" {
			t.Fatalf("%s: %v", hint, err)
		}
		t.Skipf("%s: %v", hint, err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := &RedisServer{t: t, program: program, port: port, args: args}
	t.Cleanup(s.Stop)
	s.Start()
	return s
}

// killer runs a server that has nothing to lose and kills it when the input ends, which happens when the test process is gone.
const killer = `"$@" >/dev/null 2>&1 & pid=$!; trap '' INT TERM HUP; cat >/dev/null; kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null`

// Start starts it again, empty, on the same port, and returns when it answers.
func (s *RedisServer) Start() {
	s.t.Helper()
	dir := s.t.TempDir()
	args := append([]string{"-c", killer, "keeper", s.program}, s.config(dir)...)
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	alive, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	s.mu.Lock()
	s.cmd, s.alive = cmd, alive
	s.mu.Unlock()
	// Nothing tells from outside when a server has begun to listen, so it is asked until it answers.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		said, err := s.Say("PING")
		if err == nil && (said == "+PONG" || strings.HasPrefix(said, "-NOAUTH")) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("redis-server does not answer: %q, %v", said, err)
		}
	}
}

func (s *RedisServer) config(dir string) []string {
	if len(s.args) > 0 && strings.HasSuffix(s.args[0], ".conf") { // a sentinel keeps its state in a file of its own
		return append([]string{s.args[0], "--port", strconv.Itoa(s.port)}, s.args[1:]...)
	}
	return append([]string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir,
		"--unixsocket", filepath.Join(dir, "socket")}, s.args...)
}

// Stop ends it at once, as a crash would.
func (s *RedisServer) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.alive.Close()
	_ = s.cmd.Wait() // it was killed
	s.cmd = nil
}

// Addr is where it listens.
func (s *RedisServer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is what redisdb takes.
func (s *RedisServer) URL() string { return "redis://" + s.Addr() + "/0" }

// Say says a command in words without spaces and returns the first line of the answer.
func (s *RedisServer) Say(words ...string) (_ string, err error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), time.Second)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " ")); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

// Must says a command that must not fail.
func (s *RedisServer) Must(words ...string) string {
	s.t.Helper()
	said, err := s.Say(words...)
	if err != nil || strings.HasPrefix(said, "-") {
		s.t.Fatalf("redis says %q to %v: %v", said, words, err)
	}
	return said
}
