package suite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// child is a process of the suite, started again when it ends.
type child struct {
	name    string // as people read it: hotline-2
	address string
	admin   string
	path    string
	args    []string
	input   string // handed over at each start, for what may lie nowhere
	as      *syscall.Credential
	// stop is the signal that asks it to end, SIGTERM unless the program means something else by that.
	stop syscall.Signal
	// ready returns when the process works; nil for one that tells by itself, in the words of sd_notify(3).
	ready func(context.Context) error

	wall clock.Clock
	say  func(format string, args ...any)
	log  io.Writer
	run  string // folder for sockets

	rolls chan chan<- struct{} // asks for a new life in place of this one; what is sent is closed when that has begun to end

	mu    sync.Mutex
	pid   int
	state string
	again chan struct{} // closed when it works the next time
	first chan struct{} // closed when it worked for the first time
	once  sync.Once
}

const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	healthy    = time.Minute      // who lived that long is started again at once
	grace      = 25 * time.Second // for ending when asked to
)

// supervise starts the process, and again whenever it ends, until the context ends; then it ends the process.
func (c *child) supervise(ctx context.Context) error {
	// The process is told when the thread that started it ends, so that none outlives a supervisor that was killed.
	defer lockThread()()
	pause := firstPause
	for {
		began := c.wall.Now()
		err := c.live(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errRolled) {
			continue
		}
		if c.wall.Now().Sub(began) >= healthy {
			pause = firstPause
		}
		c.say("  %s 已退出，%v 后重启 / %s ended (%v) and is started again in %v", c.name, pause, c.name, err, pause)
		if err := c.wall.WaitUntil(ctx, c.wall.Now().Add(pause)); err != nil {
			return nil
		}
		pause = min(2*pause, lastPause)
	}
}

// live is one life of the process.
func (c *child) live(ctx context.Context) error {
	told, closeSocket, err := c.listen()
	if err != nil {
		return err
	}
	defer closeSocket()
	out, in := io.Pipe()
	copied := make(chan struct{})
	go func() { defer close(copied); c.prefix(out) }()
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", in, in
	if c.input != "" {
		cmd.Stdin = strings.NewReader(c.input)
	}
	cmd.Env = c.environment()
	cmd.SysProcAttr = attributes(c.as, c.asks())
	if err := cmd.Start(); err != nil {
		_ = in.Close()
		<-copied
		return err
	}
	c.set(cmd.Process.Pid, "starting")
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		_ = in.Close()
		<-copied
		ended <- err
	}()
	own, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.ready != nil {
		go func() {
			if c.ready(own) == nil {
				c.works()
			}
		}()
	} else {
		go c.hear(told)
	}
	select {
	case err := <-ended:
		c.set(0, "ended")
		if err == nil {
			err = errors.New("nobody asked it to")
		}
		return err
	case begun := <-c.rolls:
		c.set(cmd.Process.Pid, "stopping")
		close(begun)
		c.end(cmd, ended)
		c.set(0, "ended")
		return errRolled
	case <-ctx.Done():
	}
	c.end(cmd, ended)
	c.set(0, "ended")
	return nil
}

// errRolled is how a life ends that was asked to make room for the next.
var errRolled = errors.New("it is started again")

// roll ends the process and returns when its next life works.
func (c *child) roll(ctx context.Context) error {
	begun := make(chan struct{})
	select {
	case c.rolls <- begun:
		<-begun
	case <-ctx.Done():
		return ctx.Err()
	}
	return c.working(ctx)
}

// working waits until the process works.
func (c *child) working(ctx context.Context) error {
	for {
		c.mu.Lock()
		works, again := c.state == "ready", c.again
		c.mu.Unlock()
		if works {
			return nil
		}
		select {
		case <-again:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// end asks the process to end, and makes it when it does not.
func (c *child) end(cmd *exec.Cmd, ended <-chan error) {
	_ = cmd.Process.Signal(c.asks()) // it may have ended
	limit := time.NewTimer(grace)
	defer limit.Stop()
	select {
	case <-ended:
	case <-limit.C:
		c.say("  %s 未在时限内退出，强行结束 / %s did not end in time and is killed", c.name, c.name)
		_ = cmd.Process.Kill()
		<-ended
	}
}

// asks is the signal that asks the process to end.
func (c *child) asks() syscall.Signal {
	if c.stop != 0 {
		return c.stop
	}
	return syscall.SIGTERM
}

// environment is what the process sees of ours: nothing that was meant for the supervisor's own settings, but how logs look.
func (c *child) environment() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "THROUGHTRAIN_") || strings.HasPrefix(name, "THROUGHTRAIN_LOG_") || strings.HasPrefix(name, "THROUGHTRAIN_TRACE_") {
			env = append(env, entry)
		}
	}
	if c.ready == nil {
		env = append(env, "NOTIFY_SOCKET="+c.socket())
	}
	return env
}

func (c *child) socket() string { return filepath.Join(c.run, c.name) }

// listen opens the socket on which the process says how it stands.
func (c *child) listen() (*net.UnixConn, func(), error) {
	if c.ready != nil {
		return nil, func() {}, nil
	}
	if err := os.Remove(c.socket()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: c.socket(), Net: "unixgram"})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return conn, func() { _ = conn.Close() }, nil
}

// hear takes in what the process says until the socket is closed.
func (c *child) hear(told *net.UnixConn) {
	buffer := make([]byte, 4096)
	for {
		n, err := told.Read(buffer)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(buffer[:n])) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch key {
			case "READY":
				c.works()
			case "STATUS":
				c.mu.Lock()
				c.state = value
				c.mu.Unlock()
			case "STOPPING":
				c.mu.Lock()
				c.state = "stopping"
				c.mu.Unlock()
			}
		}
	}
}

func (c *child) works() {
	c.mu.Lock()
	again := c.state != "ready" && isClosed(c.first)
	c.state = "ready"
	close(c.again)
	c.again = make(chan struct{})
	pid := c.pid
	c.mu.Unlock()
	if again {
		c.say("  %s 恢复运行，进程号 %d / %s works again, pid %d", c.name, pid, c.name, pid)
	}
	c.once.Do(func() { close(c.first) })
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (c *child) set(pid int, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid, c.state = pid, state
}

// stands is the process's number and how it stands.
func (c *child) stands() (pid int, state string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid, c.state
}

// prefix copies what the process writes, each line under its name.
func (c *child) prefix(from io.Reader) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			_, _ = fmt.Fprintf(c.log, "%-12s | %s\n", c.name, strings.TrimRight(line, "\n"))
		}
		if err != nil {
			return
		}
	}
}
