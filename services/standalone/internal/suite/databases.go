package suite

import (
	"context"
	"errors"
	"os"

	"github.com/throughtrain/throughtrain/services/kit/run"
)

// WithDatabases runs the suite's PostgreSQL alone, makes what it lacks, and lets something be done to the databases, whose addresses it is given by
// service. Then it stops.
func (s *Suite) WithDatabases(ctx context.Context, do func(ctx context.Context, databases map[string]string) error) (err error) {
	if s.run, err = os.MkdirTemp("", "throughtrain-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.run)) }()
	postgres, err := s.postgres()
	if err != nil {
		return err
	}
	return run.New(s.config.Logger, stopping).Add("postgres", postgres.supervise).Add("work", func(ctx context.Context) error {
		if err := s.await(ctx, postgres); err != nil {
			return err
		}
		if err := s.databases(ctx); err != nil {
			return err
		}
		named := map[string]string{}
		for _, name := range services {
			dsn, err := os.ReadFile(s.dsn(name))
			if err != nil {
				return err
			}
			named[name] = string(dsn)
		}
		return do(ctx, named)
	}).Run(ctx)
}
