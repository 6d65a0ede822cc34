package suite

import (
	"context"
	"slices"
	"time"
)

// roll starts every service and gateway again, in the order in which they build on each other and one at a time: the next is touched when the last one works.
// What has been replaced on disk meanwhile is what starts, so that this is an upgrade too. One that does not come up ends it: the others go on as they are.
func (s *Suite) roll(ctx context.Context, front *front) {
	began := s.wall.Now()
	s.config.Say("  逐个重启，期间照常服务 / starting each process again in turn, serving all the while")
	for _, c := range s.children {
		if c.ready != nil { // a server of somebody else's, which has no second to stand in for it
			continue
		}
		if err := s.rollOne(ctx, front, c); err != nil {
			if ctx.Err() == nil {
				s.config.Say("  %s 未能就绪，其余进程保持原样 / %s does not come up; the others are left as they are", c.name, c.name)
			}
			return
		}
	}
	took := s.wall.Now().Sub(began).Round(time.Millisecond)
	s.config.Say("  全部重启完毕，用时 %v / all started again within %v", took, took)
}

// Limits of a rolling restart.
const (
	resting = 10 * time.Second // for a gateway to begin to answer what it was handed
	rising  = time.Minute      // for a process to end and to work again
)

func (s *Suite) rollOne(ctx context.Context, front *front, c *child) error {
	limited, cancel := context.WithTimeout(ctx, resting+rising)
	defer cancel()
	if slices.Contains(s.gateways, c.address) {
		rest, cancel := context.WithTimeout(limited, resting)
		front.rest(rest, c.address)
		cancel()
		defer front.rise(c.address)
	}
	return c.roll(limited)
}
