package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// product is the process that is measured.
type product struct {
	command *exec.Cmd
	folder  string
	output  *bytes.Buffer // what it said, for when it fails
	address string        // of the API
	admin   string        // of its metrics
	ended   chan error
}

const (
	startLimit = 30 * time.Second
	stopLimit  = 30 * time.Second
	idleLimit  = 5 * time.Minute
	look       = 20 * time.Millisecond // between two looks at another process, which cannot tell by itself
)

// start starts the product on an empty folder and waits until it serves.
func start(ctx context.Context, o Options) (_ *product, err error) {
	p := &product{output: &bytes.Buffer{}, ended: make(chan error, 1)}
	if p.folder, err = os.MkdirTemp("", "throughtrain-bench-"); err != nil {
		return nil, err
	}
	if p.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if p.admin, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	args := append([]string{"serve", "--demo", "--addr", p.address, "--admin-addr", p.admin, "--data", p.folder, "--city", o.City}, o.Flags...)
	p.command = exec.CommandContext(ctx, o.Binary, args...) //nolint:gosec // the program that the caller wants measured
	p.command.Stdout, p.command.Stderr = io.Discard, p.output
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	if err := p.command.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.folder))
	}
	go func() { p.ended <- p.command.Wait() }()
	err = p.until(ctx, startLimit, func() (bool, error) {
		text, err := get(ctx, "http://"+p.address+"/healthz")
		return err == nil && text != nil, nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the product did not start: %w", err), p.stop())
	}
	return p, nil
}

// freeAddress is a loopback address on which nobody listens. Somebody else may take it before the product does, which then says so.
func freeAddress(ctx context.Context) (string, error) {
	var with net.ListenConfig
	l, err := with.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// until looks again and again until what is looked for is there.
func (p *product) until(ctx context.Context, limit time.Duration, there func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	next := time.NewTicker(look)
	defer next.Stop()
	for {
		if ok, err := there(); ok || err != nil {
			return err
		}
		select {
		case <-next.C:
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("it ended: %w: %s", err, p.output)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop ends the product as an operator would, and removes what it stored.
func (p *product) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	var err error
	select {
	case err = <-p.ended:
	case <-time.After(stopLimit):
		err = errors.Join(errors.New("the product did not stop"), p.command.Process.Kill())
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, p.output)
	}
	return errors.Join(err, os.RemoveAll(p.folder))
}

// filers are personas of the demonstration that file: each has an enterprise of their own, and each enterprise an official.
var filers = []string{"entrepreneur", "entrepreneur2", "entrepreneur3", "entrepreneur4", "entrepreneur5", "entrepreneur6", "entrepreneur7",
	"entrepreneur8"}

// signIn signs the filers in and returns their tokens.
func (p *product) signIn(ctx context.Context) ([]string, error) {
	var tokens []string
	for _, persona := range filers {
		body := strings.NewReader(`{"persona":"` + persona + `"}`)
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.address+"/v1/demo:signIn", body)
		if err != nil {
			return nil, err
		}
		request.Header.Set("Content-Type", "application/json")
		text, err := do(request)
		if err != nil {
			return nil, fmt.Errorf("sign %s in: %w", persona, err)
		}
		var session struct{ AccessToken string }
		if err := json.Unmarshal(text, &session); err != nil {
			return nil, fmt.Errorf("sign %s in: %w", persona, err)
		}
		tokens = append(tokens, session.AccessToken)
	}
	return tokens, nil
}

// follow names, by process and consumer, whose feed each consumer follows that has to do with filing.
var follow = map[[2]string]string{
	{"hotline", "board"}:     "hotline",
	{"attendant", "hotline"}: "hotline",
	{"hotline", "attendant"}: "attendant",
}

// idle waits until everybody has read all there is of the feeds they follow, and doing so has given nobody anything to read.
func (p *product) idle(ctx context.Context) error {
	return p.until(ctx, idleLimit, func() (bool, error) {
		heads, positions, err := p.feeds(ctx)
		if err != nil {
			return false, err
		}
		for consumer, feed := range follow {
			head, known := heads[feed]
			position, follows := positions[consumer]
			if !known || !follows {
				return false, fmt.Errorf("the product's metrics do not name %v or the feed of %s", consumer, feed)
			}
			if position < head {
				return false, nil
			}
		}
		return true, nil
	})
}

// metric is a line of the metrics about a feed: name, consumer if there is one, process, value.
var metric = regexp.MustCompile(`(?m)^(throughtrain_feed_follower_position|throughtrain_change_feed_head)\{(?:consumer="(\w+)",)?process="(\w+)"\} (\S+)$`)

// feeds are the newest position of every feed by process, and the positions of those who follow one by process and consumer. Heads
// and positions are read at one moment, positions last: what is behind by them is behind.
func (p *product) feeds(ctx context.Context) (heads map[string]float64, positions map[[2]string]float64, err error) {
	text, err := get(ctx, "http://"+p.admin+"/metrics")
	if err != nil {
		return nil, nil, err
	}
	heads, positions = map[string]float64{}, map[[2]string]float64{}
	for _, m := range metric.FindAllStringSubmatch(string(text), -1) {
		value, err := strconv.ParseFloat(m[4], 64)
		if err != nil {
			return nil, nil, fmt.Errorf("metric %s: %w", m[1], err)
		}
		if m[1] == "throughtrain_change_feed_head" {
			heads[m[3]] = value
		} else {
			positions[[2]string{m[3], m[2]}] = value
		}
	}
	return heads, positions, nil
}

// profile takes a processor profile of the product for so long and writes it to a file.
func (p *product) profile(ctx context.Context, path string, seconds int) <-chan error {
	done := make(chan error, 1)
	go func() {
		text, err := get(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.admin, seconds))
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		done <- err
	}()
	return done
}

// cpuTimes are the processor times of the product and of this program.
func (p *product) cpuTimes() (of, own time.Duration, err error) {
	of, err = cpuTime(p.command.Process.Pid)
	own, ownErr := cpuTime(os.Getpid())
	return of, own, errors.Join(err, ownErr)
}

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return do(request)
}

func do(request *http.Request) ([]byte, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	return text, err
}
