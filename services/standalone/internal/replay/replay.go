package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// Options say what is replayed and where to.
type Options struct {
	// From is the instant before which nothing is filed.
	From time.Time
	// Calendars is the folder of the city's calendar years.
	Calendars string
	// Data is where the product keeps its data, empty or not there yet; a temporary folder when not named.
	Data string
	// CSV takes a row per filed message, Histories (if any) a line per ticket with its events.
	CSV       io.Writer
	Histories io.Writer
	Log       *zap.Logger
	// Database and Redis take the place of what the product keeps in Data, as in standalone.Config.
	Database func(service string) string
	Redis    *redisdb.Client
	// Detours is the seed of detours; the straight way when nil.
	Detours *int64
}

// Run replays the messages of a file.
func Run(ctx context.Context, file io.Reader, o Options) (_ Report, err error) {
	wall := clock.System()
	began := wall.Now()
	report := Report{From: local(o.From), Refused: []Refusal{}}
	messages, bad, err := read(file, o.From)
	if err != nil {
		return report, err
	}
	report.Messages = len(messages) + len(bad)
	if o.Data == "" {
		if o.Data, err = os.MkdirTemp("", "throughtrain-replay-*"); err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.Data)) }()
	} else if err := emptyFolder(o.Data); err != nil {
		return report, err
	}
	// The city is set up the day before, so that nothing is filed by rules that are not in force yet.
	p, err := open(ctx, o, o.From.AddDate(0, 0, -1), wall)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	t, err := settle(ctx, p, messages, o.Detours != nil)
	if err != nil {
		return report, err
	}
	report.SettleSeconds = seconds(wall.Now().Sub(began))
	s := newPlay(p, t, messages)
	run, finish := s.run, s.finish
	if o.Detours != nil {
		d := newDetours(s, *o.Detours)
		run, finish = d.run, d.finish
	}
	if err := run(ctx); err != nil {
		return report, fmt.Errorf("at %s: %w", local(p.clock.Now()), err)
	}
	if err := finish(ctx, &report, o); err != nil {
		return report, err
	}
	report.People, report.Ends = len(t.filers), local(p.clock.Now())
	report.Refused = append(append(report.Refused, bad...), s.refused...)
	report.Seconds = seconds(wall.Now().Sub(began))
	return report, nil
}

// finish reads everything back and writes it down.
func (s *play) finish(ctx context.Context, report *Report, o Options) error {
	rows, err := s.rows(ctx)
	if err != nil {
		return err
	}
	report.count(rows)
	if err := report.lateness(s.lateness, s.registry); err != nil {
		return err
	}
	if err := writeCSV(o.CSV, rows); err != nil || o.Histories == nil {
		return err
	}
	all, err := s.histories(ctx, rows)
	if err != nil {
		return err
	}
	return writeHistories(o.Histories, all)
}

func seconds(took time.Duration) float64 { return float64(took.Milliseconds()) / 1000 }
