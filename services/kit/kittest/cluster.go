package kittest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// keeper starts the server, waits until it answers, says so on its output, and then waits for its input to end, which
// happens when the test process is gone, however it went. Then it stops the server and removes the folder.
const keeper = `
bin=$1 dir=$2 data=$3 port=$4
"$bin/pg_ctl" -D "$data" -w -t 60 -l "$dir/log" -o "-p $port -k $dir -h 127.0.0.1 -F -c max_connections=200 \
  -c shared_buffers=64MB -c full_page_writes=off -c autovacuum_naptime=5s" start >/dev/null || { cat "$dir/log"; rm -rf "$dir"; exit 1; }
echo ready
trap '' INT TERM HUP
cat >/dev/null
"$bin/pg_ctl" -D "$data" -m immediate stop >/dev/null 2>&1
rm -rf "$dir"
`

func startServer(bin, dir, data string, port int, as *syscall.Credential) error {
	cmd := exec.Command("/bin/sh", "-c", keeper, "keeper", bin, dir, data, strconv.Itoa(port))
	cmd.Dir = filepath.Dir(dir)
	// A group of its own keeps an interrupt at the terminal from reaching the keeper before the tests have ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	// The write end stays open for as long as this process lives, and is never used.
	var err error
	if keeperInput, err = cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if said == "ready\n" {
		return nil
	}
	rest, _ := io.ReadAll(out) // whatever can be read helps
	return errors.Join(fmt.Errorf("the server did not start: %s%s", said, rest), err, cmd.Wait())
}

// keeperInput must not be collected, or its finalizer would stop the server.
var keeperInput io.Closer //nolint:unused // holding it is its use
