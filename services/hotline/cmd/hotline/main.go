// Command hotline is the hotline service as a process of its own: it reads its settings, waits for its database and for the directory, and
// serves.
package main

import (
	"context"
	"errors"
	"os"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/kit/process/datasource"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const name = "hotline"

func main() {
	os.Exit(process.Main(name, "市长直通车 Through-Train: the hotline: tickets, their clocks and history, and the board.", &settings{}))
}

type settings struct {
	process.Settings `embed:""`
	blob.Place       `embed:""`

	datasource.Source `embed:""`
}

// Run serves until the context ends.
func (s *settings) Run(ctx context.Context, t *process.Terminal) (err error) {
	blobs, err := s.Place.Config(name)
	if err != nil {
		return err
	}
	p, err := process.Open(ctx, name, &s.Settings, t.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.WatchDisk(s.Blobs); err != nil {
		return err
	}
	directory, err := p.Connect("directory")
	if err != nil {
		return err
	}
	attendant, err := p.Connect("attendant")
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
	service, err := hotline.New(ctx, hotline.Config{DSN: s.DSN(), Blobs: blobs, Spool: s.Spool}, hotline.Deps{
		City: p.Wall, Wall: p.Wall, Verifier: verifier, Log: p.Log, Metrics: p.Metrics, Redis: p.Redis, Directory: directory, Attendant: attendant,
	})
	if err != nil {
		return err
	}
	return p.Serve(ctx, service, rpcserver.Deps{Verifier: verifier, Replay: service.Replay, NotFound: hotline.NotFound}, []process.Wait{
		{For: "keys of the directory", Until: keys.Refresh},
		{For: "cities of the directory", Until: func(ctx context.Context) error { return service.CaughtUp(ctx, "directory") }},
	}, process.Part{Name: "keys", Run: keys.Run})
}
