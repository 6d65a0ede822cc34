package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/throughtrain/throughtrain/services/standalone/internal/doctor"
)

type doctorCommand struct {
	Admin []string      `default:"127.0.0.1:8081" help:"Admin address of a process. Repeat it, or separate with commas, for a product in several processes."`
	Over  time.Duration `default:"10s" help:"How long to look: failures are counted between two looks."`
}

// Validate is called when the settings are read.
func (c *doctorCommand) Validate() error {
	if c.Over <= 0 || c.Over > time.Hour {
		return errors.New("--over: want a time up to an hour, as in 10s")
	}
	for _, address := range c.Admin {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("--admin %s: want HOST:PORT", address)
		}
	}
	return nil
}

// errWrong is errFound for what cannot wait.
var errWrong = errors.New("something is wrong")

// Run looks twice and says what is wrong: it fails with one code when somebody should look, and with another when somebody must.
func (c *doctorCommand) Run(ctx context.Context, t *terminal) error {
	before := doctor.Read(ctx, c.Admin)
	if doctor.Answers(before) { // nothing happens where nobody answers
		select {
		case <-time.After(c.Over):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	now := doctor.Read(ctx, c.Admin)
	findings := doctor.Assess(before, now)
	doctor.Write(t.out, time.Now(), c.Over, doctor.Summarise(before, now), findings)
	switch worst, found := doctor.Worst(findings); {
	case !found:
		return nil
	case worst == doctor.Wrong:
		return errWrong
	default:
		return errFound
	}
}
