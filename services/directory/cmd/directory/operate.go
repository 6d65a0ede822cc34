package main

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/directory/operate"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/process"
)

type cityCheck struct {
	Dir string `arg:"" type:"existingdir" help:"Folder of the city."`
}

// Run checks; nothing needs to run for it.
func (c *cityCheck) Run(t *process.Terminal) error { return operate.Check(t.Say, c.Dir) }

type cityApply struct {
	data  `embed:""`
	Start bool   `help:"Leave a version that was replaced since alone, as a program that starts does."`
	Dir   string `arg:"" type:"existingdir" help:"Folder of the city."`
}

// Run applies.
func (c *cityApply) Run(ctx context.Context, t *process.Terminal) error {
	return c.open(ctx, t, func(s *directory.Service) error {
		apply := s.ApplyFolder
		if c.Start {
			apply = s.EnsureFolder
		}
		applied, err := apply(ctx, name, c.Dir)
		if err != nil {
			return err
		}
		operate.Tell(t.Say, applied)
		return nil
	})
}

type staffPassword struct {
	data  `embed:""`
	City  string `arg:"" help:"Code of the city: 410900."`
	Login string `arg:"" help:"The official's login, as in the city's staff file."`
	Reset bool   `help:"Take the place of a password the official chose, for who has forgotten theirs, and sign them out everywhere."`
}

// Run prints a first password.
func (c *staffPassword) Run(ctx context.Context, t *process.Terminal) error {
	return c.open(ctx, t, func(s *directory.Service) error { return operate.Password(ctx, t.Say, s, c.City, c.Login, c.Reset) })
}

type staffBootstrap struct {
	data `embed:""`
	City string `arg:"" help:"Code of the city: 410900."`
}

// Run bootstraps.
func (c *staffBootstrap) Run(ctx context.Context, t *process.Terminal) error {
	return c.open(ctx, t, func(s *directory.Service) error { return s.Bootstrap(ctx, c.City) })
}

// open opens the data beside whoever serves them.
func (d *data) open(ctx context.Context, t *process.Terminal, do func(*directory.Service) error) (err error) {
	log, err := observe.NewLogger(observe.LogConfig{Level: "warn", Format: "console"}, t.Log)
	if err != nil {
		return err
	}
	s, err := directory.New(ctx, directory.Config{DSN: d.DSN(), Keys: d.Keys},
		directory.Deps{City: clock.System(), Wall: clock.System(), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}
