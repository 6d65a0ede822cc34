package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/mutual/authority"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
)

type trustCommand struct {
	Dir  string `arg:"" type:"path" help:"Folder for them; it must not be there yet."`
	Days int    `default:"365" help:"How long the certificates hold."`
}

// Run makes what the processes of a suite know each other by: a folder for each process, and one of public keys for all. The
// authority's own key is kept nowhere: who needs new certificates makes all anew.
func (c *trustCommand) Run(t *terminal) error {
	if c.Days < 1 {
		return fmt.Errorf("%w: --days %d", errUsage, c.Days)
	}
	if err := os.Mkdir(c.Dir, 0o700); err != nil {
		return err
	}
	peers := filepath.Join(c.Dir, "peers")
	if err := os.Mkdir(peers, 0o700); err != nil {
		return err
	}
	made, err := authority.New(clock.System().Now(), time.Duration(c.Days)*24*time.Hour)
	if err != nil {
		return err
	}
	for _, name := range append(datafolder.Services(), "gateway") {
		own := filepath.Join(c.Dir, name)
		if err := os.Mkdir(own, 0o700); err != nil {
			return err
		}
		_, err := made.Write(own, name)
		if err := errors.Join(err, authn.WriteKeyPair(filepath.Join(own, "service.pem"), peers, name)); err != nil {
			return err
		}
	}
	t.say("已生成各进程的证书与密钥，有效 %d 天 / certificates and keys of every process, good for %d days: %s", c.Days, c.Days, c.Dir)
	t.say("每个进程只应读到自己的目录与 peers / each process is to read its own folder and peers, and no other")
	return nil
}
