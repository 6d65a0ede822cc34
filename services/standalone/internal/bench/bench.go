// Package bench measures what filing a ticket costs: it starts the product as a process of its own on an empty data folder, signs
// people in, and lets them file through REST over connections that stay open, each as fast as its last answer allows. It reads
// the product's processor time and memory from the outside, and counts in what the product still does for a filing after it has
// answered: routing it to an official and putting it on the board.
//
// It depends on nothing of the product but its program, its API and its metrics.
package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Options say what to measure.
type Options struct {
	Binary      string   // the product's program
	City        string   // folder of the city to serve
	Connections []int    // a round for each
	Seconds     int      // of measuring in a round, after a second that does not count
	Flags       []string // more flags for the product
	Profile     string   // file for a processor profile of the product in the last round; none when empty
}

// Round is what one number of connections led to.
type Round struct {
	Connections int
	Seconds     float64         // measured
	Filed       int             // in them
	Failed      int             // answers that were not 200, and broken connections
	FirstError  string          // one of them
	Latencies   []time.Duration // sorted
	PerFiling   time.Duration   // processor time of the product for one filing, with everything that it leads to
	Answering   time.Duration   // the part of it spent until the last answer
	Client      time.Duration   // processor time of this program for one filing
	CaughtUp    time.Duration   // from the last answer until every filing was routed and counted
	Resident    int64           // bytes of memory of the product at the end of the round
}

// Rate is the filings a second.
func (r *Round) Rate() float64 { return float64(r.Filed) / r.Seconds }

// Quantile is the latency that a share of the filings did not exceed.
func (r *Round) Quantile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(len(r.Latencies)-1, int(q*float64(len(r.Latencies))))]
}

// MaxSeconds of one round: tokens live ten minutes, and a round signs in once.
const MaxSeconds = 300

// warmUp is what a round lets pass before it measures.
const warmUp = time.Second

// Run measures round after round on one process and hands each to each.
func Run(ctx context.Context, o Options, each func(*Round)) (err error) {
	p, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	for i, n := range o.Connections {
		if i == len(o.Connections)-1 && o.Profile != "" {
			profiled := p.profile(ctx, o.Profile, o.Seconds)
			defer func() { err = errors.Join(err, <-profiled) }()
		}
		r, err := round(ctx, p, n, time.Duration(o.Seconds)*time.Second)
		if err != nil {
			return fmt.Errorf("%d connections: %w", n, err)
		}
		each(r)
	}
	return nil
}

// round files over n connections. What is left of the round before is done with first.
func round(ctx context.Context, p *product, n int, measured time.Duration) (*Round, error) {
	tokens, err := p.signIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.idle(ctx); err != nil {
		return nil, err
	}
	before, own, err := p.cpuTimes()
	if err != nil {
		return nil, err
	}
	r, all, err := load(ctx, p.address, tokens, n, warmUp, measured)
	if err != nil {
		return nil, err
	}
	answered, ownAfter, err := p.cpuTimes()
	if err != nil {
		return nil, err
	}
	last := time.Now()
	if err := p.idle(ctx); err != nil {
		return nil, err
	}
	r.CaughtUp = time.Since(last)
	after, _, err := p.cpuTimes()
	if err != nil {
		return nil, err
	}
	if all == 0 {
		return nil, fmt.Errorf("nothing was filed: %s", r.FirstError)
	}
	r.PerFiling, r.Answering = (after-before)/time.Duration(all), (answered-before)/time.Duration(all)
	r.Client = (ownAfter - own) / time.Duration(all)
	r.Resident, err = resident(p.command.Process.Pid)
	return r, err
}
