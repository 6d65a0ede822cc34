package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/standalone"
)

type feedAside struct {
	dataFolder
}

// Run lists, and fails when there is anything.
func (c *feedAside) Run(ctx context.Context, t *terminal) error {
	return c.existing(ctx, t, func(s *standalone.Standalone) error {
		found := 0
		err := s.Aside(ctx, func(service string, a feed.Aside) {
			found++
			wanted := ""
			if a.Wanted {
				wanted = "（已要求重试 / to be tried again）"
			}
			t.say("%s %s %d  %s  %s%s\n  %s", service, a.Consumer, a.Position, a.Since.Format(time.RFC3339), a.Aggregate, wanted, a.Reason)
		})
		switch {
		case err != nil:
			return err
		case found > 0:
			t.say("搁置事件 %d 个；排除原因后重试：throughtrain feed retry 服务 / set aside: %d; when the cause is gone: throughtrain feed retry SERVICE", found, found)
			return errFound
		}
		t.say("没有被搁置的事件 / nothing is set aside")
		return nil
	})
}

type feedRetry struct {
	dataFolder
	Service  string `arg:"" enum:"hotline,attendant,agency" help:"Service that has set events aside: hotline, attendant or agency."`
	Consumer string `arg:"" optional:"" help:"Consumer, as the list names it; all when left out."`
	Position int64  `arg:"" optional:"" help:"Position of one event; all when left out. What waits for it, and what it waits for, is tried with it."`
}

// Run asks for another try.
func (c *feedRetry) Run(ctx context.Context, t *terminal) error {
	return c.existing(ctx, t, func(s *standalone.Standalone) error {
		err := s.RetryAside(ctx, c.Service, c.Consumer, c.Position)
		if errors.Is(err, feed.ErrNotAside) {
			return fmt.Errorf("没有这样被搁置的事件 / nothing of the kind is set aside: %s %s %d", c.Service, c.Consumer, c.Position)
		} else if err != nil {
			return err
		}
		t.say("下次运行时重试 / it is tried again when the process serves")
		return nil
	})
}
