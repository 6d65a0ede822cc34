package kittest

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/pgcluster"
)

const requirePoolerVariable = "THROUGHTRAIN_REQUIRE_PGBOUNCER" // 1: a missing pgbouncer fails tests instead of skipping them

// pooled is a PgBouncer that gives each transaction whichever of its few connections is free, and refuses every setting that it does not know.
const pooled = `[databases]
* = host=%s port=%s user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
logfile = %s
`

// Pooler returns the DSN of the database behind a PgBouncer of its own in transaction mode, as services are given it. Without an installed pgbouncer the test is
// skipped, or fails if THROUGHTRAIN_REQUIRE_PGBOUNCER is 1.
func Pooler(t testing.TB, dsn string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // which is not in everybody's path
		_, err = os.Stat(program)
	}
	if err != nil {
		const hint = "pgbouncer is needed: install it (Debian: pgbouncer)"
		if os.Getenv(requirePoolerVariable) == "1" {
			t.Fatalf("%s: %v", hint, err)
		}
		t.Skipf("%s: %v", hint, err)
	}
	server, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "throughtrain-pgbouncer-") // an account that is not the test's must come to it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	config, log := filepath.Join(dir, "config"), filepath.Join(dir, "log")
	if err := os.WriteFile(config, fmt.Appendf(nil, pooled, server.Hostname(), server.Port(), port, log), 0o600); err != nil {
		t.Fatal(err)
	}
	as, err := pgcluster.Account("postgres", dir, config)
	if err != nil {
		t.Fatal(err)
	}
	startPooler(t, program, config, log, dir, port, as)
	through := *server
	through.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	query := through.Query()
	query.Set("pool_mode", "transaction")
	through.RawQuery = query.Encode()
	return through.String()
}

func startPooler(t testing.TB, program, config, log, dir string, port int, as *syscall.Credential) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", killer, "keeper", program, config)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as, Setpgid: true}
	alive, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("start pgbouncer: %v", err)
	}
	t.Cleanup(func() { stopPooler(alive, cmd) })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) { // nothing tells when it listens
		conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(log)
			t.Fatalf("pgbouncer does not answer: %v\n%s", err, strings.TrimSpace(string(said)))
		}
	}
}

func stopPooler(alive io.Closer, cmd *exec.Cmd) {
	_ = alive.Close()
	_ = cmd.Wait() // it was killed
}
