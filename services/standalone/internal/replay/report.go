package replay

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Report is what a replay came to.
type Report struct {
	From     string `json:"from"`
	Messages int    `json:"messages"` // read, those refused as lines included
	Filed    int    `json:"filed"`
	Answered int    `json:"answered"`
	People   int    `json:"people"` // each with an enterprise of their own
	// Refused are lines that are no message, messages that were not filed and replies that were not taken.
	Refused []Refusal `json:"refused"`
	// Clocks counts by kind of clock.
	Clocks map[string]Count `json:"clocks"`
	// Rungs counts the tickets that reached a rung before their answer, by its number.
	Rungs          map[string]int `json:"rungs"`
	Provisional    int            `json:"provisional"`
	DeadlinesFired uint64         `json:"deadlinesFired"`
	// GreatestLateness is how long after a deadline the sweeper had acted on it, at most, on the city clock; it never acts
	// before a second has passed.
	GreatestLateness float64 `json:"greatestLatenessSeconds"`
	// Ends is the city's time at the end: when the last deadline or reply had come.
	Ends          string  `json:"ends"`
	SettleSeconds float64 `json:"settleSeconds"` // of which signing everybody in
	Seconds       float64 `json:"seconds"`
	// Detours is what there was beside the straight way.
	Detours *Detours `json:"detours,omitempty"`
}

// Detours counts what was done beside the straight way.
type Detours struct {
	Seed    int64 `json:"seed"`
	Tickets int   `json:"tickets"` // those of the messages, and those filed beside them
	Events  int   `json:"events"`
	// Clocks is how many were recomputed, each with the same outcome.
	Clocks int `json:"clocksRecomputed"`
	Merged int `json:"merged"`
	// Verbs counts what was taken; Refusals what the rules refused, by verb and reason.
	Verbs    map[string]int            `json:"verbs"`
	Refusals map[string]map[string]int `json:"refusals"`
	// Decisions counts how requests to hand back and for more time ended; Outcomes the clocks, by kind and state.
	Decisions map[string]int `json:"decisions"`
	Outcomes  map[string]int `json:"outcomes"`
	Edges     []EdgeCount    `json:"edges"`
	// Missing are the edges that can be driven and were not.
	Missing []string `json:"missing"`
}

// EdgeCount is how often a step of the process was taken.
type EdgeCount struct {
	Verb  string `json:"verb"`
	From  string `json:"from"` // empty for a filing
	To    string `json:"to"`
	Count int    `json:"count"`
}

// Count is how many obligations of a kind were met and breached.
type Count struct {
	Met      int `json:"met"`
	Breached int `json:"breached"`
}

func (r *Report) count(rows []row) {
	r.Clocks, r.Rungs = map[string]Count{}, map[string]int{}
	r.Filed = len(rows)
	for _, row := range rows {
		for kind, state := range row.clocks {
			c := r.Clocks[kind]
			switch state {
			case "MET":
				c.Met++
			case "BREACHED", "DISPUTED":
				c.Breached++
			}
			r.Clocks[kind] = c
		}
		for rung := 1; rung <= row.rungs; rung++ {
			r.Rungs[strconv.Itoa(rung)]++
		}
		if !row.answered.IsZero() {
			r.Answered++
		}
		if row.provisional {
			r.Provisional++
		}
	}
}

// lateness adds what the product itself measured: it must not know of a later one than the replay saw.
func (r *Report) lateness(seen time.Duration, registry prometheus.Gatherer) error {
	r.GreatestLateness = seen.Seconds()
	families, err := registry.Gather()
	if err != nil {
		return fmt.Errorf("read the metrics: %w", err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			switch family.GetName() {
			case "throughtrain_sweep_lateness_seconds":
				h := m.GetHistogram()
				r.DeadlinesFired += h.GetSampleCount()
				for _, b := range h.GetBucket() { // cumulative: what is not in a bucket was later than its bound
					if b.GetCumulativeCount() < h.GetSampleCount() {
						r.GreatestLateness = max(r.GreatestLateness, b.GetUpperBound())
					}
				}
			case "throughtrain_sweep_set_aside":
				if n := m.GetGauge().GetValue(); n > 0 {
					return fmt.Errorf("%v deadlines failed and were set aside", n)
				}
			}
		}
	}
	return nil
}
