// Command attendant is the attendant service as a process of its own: it reads its settings, waits for its database and for the directory, and
// serves.
package main

import (
	"context"
	"errors"
	"os"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/attendant"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/kit/process/datasource"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const name = attendant.Name

func main() {
	os.Exit(process.Main(name, "市长直通车 Through-Train: the attendant service: who answers for which enterprise, and who is proposed.", &settings{}))
}

type settings struct {
	process.Settings  `embed:""`
	datasource.Source `embed:""`
}

// Run serves until the context ends.
func (s *settings) Run(ctx context.Context, t *process.Terminal) (err error) {
	p, err := process.Open(ctx, name, &s.Settings, t.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	directory, err := p.Connect("directory")
	if err != nil {
		return err
	}
	hotline, err := p.Connect("hotline")
	if err != nil {
		return err
	}
	agency, err := p.Connect("agency")
	if err != nil {
		return err
	}
	keys := authn.FetchKeys(p.Wall, func(ctx context.Context) ([]byte, error) {
		reply, err := directoryv1.NewSessionServiceClient(directory).GetKeys(ctx, &directoryv1.GetKeysRequest{})
		return reply.GetJwks(), err
	})
	verifier, err := p.Verifier(keys, authn.NewRevocations(p.Wall))
	if err != nil {
		return err
	}
	if err := p.Await(ctx, process.Wait{For: "database", Until: sqldb.Reachable(s.Database.Reveal())}); err != nil {
		return err
	}
	service, err := attendant.New(ctx, attendant.Config{DSN: s.DSN()}, attendant.Deps{
		City: p.Wall, Wall: p.Wall, Verifier: verifier, Log: p.Log, Metrics: p.Metrics, Redis: p.Redis, Directory: directory, Hotline: hotline, Agency: agency,
	})
	if err != nil {
		return err
	}
	return p.Serve(ctx, service, rpcserver.Deps{Verifier: verifier, Replay: service.Replay, NotFound: attendant.NotFound}, []process.Wait{
		{For: "keys of the directory", Until: keys.Refresh},
		{For: "cities of the directory", Until: func(ctx context.Context) error { return service.CaughtUp(ctx, "directory") }},
	}, process.Part{Name: "keys", Run: keys.Run})
}
