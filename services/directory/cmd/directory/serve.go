package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/process"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

type serveCommand struct {
	process.Settings `embed:""`
	data             `embed:""`

	Demo string `type:"path" placeholder:"FILE" help:"Open a demonstration: anybody signs in as any of the cast in the file. On loopback only."`

	MessageGateway       string        `placeholder:"URL" help:"Message gateway that takes one-time codes by POST. Without one they are written into the log."`
	MessageGatewaySecret config.Secret `placeholder:"REF" help:"What requests to the message gateway are signed with: file:PATH or env:NAME."`
}

// Validate is called when the settings are read.
func (s *serveCommand) Validate() error {
	if s.MessageGateway != "" && !s.MessageGatewaySecret.Set() {
		return errors.New("--message-gateway needs --message-gateway-secret")
	}
	if s.Demo == "" {
		return nil
	}
	if s.MessageGateway != "" {
		return errors.New("a demonstration sends no messages to phones: its people are invented, their numbers may be somebody's")
	}
	if address, err := net.ResolveTCPAddr("tcp", s.Listen); err != nil || !address.IP.IsLoopback() {
		return fmt.Errorf("--demo is served on a loopback address only, not on %s", s.Listen)
	}
	return nil
}

// Run serves until the context ends.
func (s *serveCommand) Run(ctx context.Context, t *process.Terminal) (err error) {
	p, err := process.Open(ctx, name, &s.Settings, t.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.WatchDisk(s.Keys); err != nil {
		return err
	}
	if err := p.Await(ctx, process.Wait{For: "database", Until: sqldb.Reachable(s.Database.Reveal())}); err != nil {
		return err
	}
	revoked := authn.NewRevocations(p.Wall)
	service, err := directory.New(ctx, directory.Config{
		DSN: s.DSN(), Keys: s.Keys, Demo: s.Demo != "", Cast: s.Demo,
		Gateway: directory.Gateway{URL: s.MessageGateway, Secret: []byte(s.MessageGatewaySecret.Reveal())},
	}, directory.Deps{City: p.Wall, Wall: p.Wall, Log: p.Log, Metrics: p.Metrics, Redis: p.Redis, Revocations: revoked})
	if err != nil {
		return err
	}
	verifier, err := p.Verifier(service.Keys(), revoked)
	if err != nil {
		return errors.Join(err, service.Close())
	}
	return p.Serve(ctx, service, rpcserver.Deps{Verifier: verifier, Replay: service.Replay()}, nil)
}
