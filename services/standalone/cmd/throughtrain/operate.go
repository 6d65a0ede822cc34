package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/throughtrain/throughtrain/services/directory/operate"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/standalone"
)

type cityCheck struct {
	Dir string `arg:"" type:"existingdir" help:"Folder of the city."`
}

// Run checks; nothing needs to run for it.
func (c *cityCheck) Run(t *terminal) error {
	return operate.Check(t.say, c.Dir)
}

type cityApply struct {
	dataFolder
	Dir string `arg:"" type:"existingdir" help:"Folder of the city."`
}

// Run applies.
func (c *cityApply) Run(ctx context.Context, t *terminal) error {
	return c.open(ctx, t, func(s *standalone.Standalone) error {
		applied, err := s.ApplyCity(ctx, c.Dir)
		if err != nil {
			return err
		}
		operate.Tell(t.say, applied)
		return nil
	})
}

type staffPassword struct {
	dataFolder
	City  string `arg:"" help:"Code of the city: 410900."`
	Login string `arg:"" help:"The official's login, as in the city's staff file."`
	Reset bool   `help:"Take the place of a password the official chose, for who has forgotten theirs, and sign them out everywhere."`
}

// Run prints a first password. It is shown here and nowhere else: neither the log nor the data has it.
func (c *staffPassword) Run(ctx context.Context, t *terminal) error {
	return c.existing(ctx, t, func(s *standalone.Standalone) error {
		return operate.Password(ctx, t.say, s, c.City, c.Login, c.Reset)
	})
}

type journalVerify struct {
	dataFolder
}

// Run verifies, and fails when anything does not hold.
func (c *journalVerify) Run(ctx context.Context, t *terminal) error {
	broken := false
	err := standalone.VerifyJournals(ctx, c.Data, func(service string, found change.Verified) {
		t.say("%-10s histories %d, events %d, faults %d", service, found.Histories, found.Events, len(found.Faults))
		for _, fault := range found.Faults {
			broken = true
			t.say("  %v", fault)
		}
	})
	switch {
	case err != nil:
		return err
	case broken:
		t.say("校验未通过：历史被改动过 / BROKEN: a history was changed")
		return errFound
	}
	t.say("校验通过 / sound: every history is whole and as it was written")
	return nil
}

type boardRebuild struct {
	dataFolder
	City string `arg:"" help:"Code of the city: 410900."`
}

// Run rebuilds.
func (c *boardRebuild) Run(ctx context.Context, t *terminal) error {
	return c.existing(ctx, t, func(s *standalone.Standalone) error {
		done, err := s.RebuildBoard(ctx, c.City)
		if err != nil {
			return err
		}
		t.say("已重建 / rebuilt: tickets %d, cells %d", done.GetTickets(), done.GetCells())
		approvals, err := s.RebuildApprovalBoard(ctx, c.City)
		if err != nil {
			return err
		}
		t.say("审批看板已重建 / approvals rebuilt: cases %d, cells %d", approvals.Things, approvals.Cells)
		return nil
	})
}

type boardCheck struct {
	dataFolder
	City string `arg:"" help:"Code of the city: 410900."`
}

// Run compares, and fails when there is a difference.
func (c *boardCheck) Run(ctx context.Context, t *terminal) error {
	return c.existing(ctx, t, func(s *standalone.Standalone) error {
		found, err := s.CheckBoard(ctx, c.City)
		if err != nil {
			return err
		}
		approvals, err := s.CheckApprovalBoard(ctx, c.City)
		if err != nil {
			return err
		}
		differences := slices.Concat(found.GetDifferences(), approvals.Differences)
		for _, difference := range differences {
			t.say("  %s", difference)
		}
		if len(differences) > 0 {
			t.say("看板与诉求或代办件不一致 / the board differs from tickets or cases; rebuild it with: throughtrain board rebuild %s", c.City)
			return errFound
		}
		t.say("看板与诉求一致 / the board equals a recount: cells %d", found.GetCells())
		t.say("审批看板与代办件一致 / the board of approvals equals a recount: cells %d", approvals.Cells)
		return nil
	})
}

// existing opens data that must be there: a mistyped folder must not look like a city without tickets.
func (d dataFolder) existing(ctx context.Context, t *terminal, do func(*standalone.Standalone) error) error {
	if _, err := os.Stat(d.Data); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	return d.open(ctx, t, do)
}

// open opens data that no process serves.
func (d dataFolder) open(ctx context.Context, t *terminal, do func(*standalone.Standalone) error) (err error) {
	log, err := observe.NewLogger(observe.LogConfig{Level: "warn", Format: "console"}, t.log)
	if err != nil {
		return err
	}
	s, err := standalone.New(ctx, standalone.Config{Data: d.Data, Log: log})
	if locked := (*standalone.LockedError)(nil); errors.As(err, &locked) {
		return fmt.Errorf("%w\n运行中请改用接口 / while it serves, a city administrator asks the API: POST /v1/cities/{city}:apply, POST …/board:rebuild, GET …/board:check", err)
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}
