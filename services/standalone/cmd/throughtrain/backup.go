package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/config"
	"github.com/throughtrain/throughtrain/services/kit/dump"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
	"github.com/throughtrain/throughtrain/services/standalone/internal/backup"
	"github.com/throughtrain/throughtrain/services/standalone/internal/datafolder"
	"github.com/throughtrain/throughtrain/services/standalone/internal/suite"
)

// places are where the data of processes lie that share no folder.
type places struct {
	Database map[string]config.Secret `mapsep:"none" placeholder:"SERVICE=REF" help:"Where the processes share no data folder: DSN of a service's database, as file:PATH or env:NAME, with rights to all of it. Repeat for directory, hotline, attendant and agency."`
	Keys     string                   `type:"path" placeholder:"DIR" help:"With --database: folder of the directory's keys."`
	Blobs    map[string]string        `mapsep:"none" placeholder:"SERVICE=DIR" help:"With --database: folder of a service's files. Repeat for hotline and agency; files in a bucket are kept by the bucket."`
}

// Validate is called when the settings are read.
func (p *places) Validate() error {
	if len(p.Database) == 0 {
		if p.Keys != "" || len(p.Blobs) > 0 {
			return errors.New("--keys and --blobs go with --database")
		}
		return nil
	}
	if p.Keys == "" {
		return errors.New("--database needs --keys")
	}
	for _, service := range datafolder.Services() {
		if !p.Database[service].Set() {
			return fmt.Errorf("--database %s=REF is required beside the others", service)
		}
	}
	for service := range p.Blobs {
		if !slices.Contains([]string{"hotline", "agency"}, service) {
			return fmt.Errorf("--blobs %s: only hotline and agency have files", service)
		}
	}
	return nil
}

// place is what the flags name.
func (p *places) place() datafolder.Place {
	place := datafolder.Place{Databases: map[string]string{}, Keys: p.Keys, Files: p.Blobs}
	for service, dsn := range p.Database {
		place.Databases[service] = dsn.Reveal()
	}
	return place
}

// there makes sure that the folders named are folders: every service makes its own as it starts, and a backup without the keys is none.
func (p *places) there() error {
	named := map[string]string{"--keys": p.Keys}
	for service, folder := range p.Blobs {
		named["--blobs "+service] = folder
	}
	for flag, folder := range named {
		if info, err := os.Stat(folder); err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		} else if !info.IsDir() {
			return fmt.Errorf("%s: %s 不是文件夹 / is no folder", flag, folder)
		}
	}
	return nil
}

type backupCommand struct {
	dataFolder
	places
	Dest string `arg:"" type:"path" help:"Folder for the backup; it must not be there yet."`
}

// Run makes a backup, and fails when files are missing that the data name: the backup is whole, the data are not.
func (c *backupCommand) Run(ctx context.Context, t *terminal) error {
	from := c.place()
	if len(c.Database) == 0 {
		var err error
		if from, err = datafolder.Find(c.Data); err != nil {
			return fmt.Errorf("--data: %w", err)
		}
	} else if err := c.there(); err != nil {
		return err
	}
	made, err := backup.Make(ctx, from, c.Dest, clock.System())
	if err != nil {
		return err
	}
	var size int64
	for _, f := range made.Files {
		size += f.Size
	}
	t.say("已备份 / backed up: %s, %d 个文件 files, %d 字节 bytes, 截至 as of %s", c.Dest, len(made.Files), size, moment(made.Manifest))
	t.say("内含密钥与个人信息，请加密保存 / it holds keys and personal data: keep it encrypted")
	if len(made.Missing) == 0 {
		return nil
	}
	for _, path := range made.Missing {
		t.say("  %s", path)
	}
	t.say("数据中登记的上述文件已不存在 / the data name these files, which are not there: %d", len(made.Missing))
	return errFound
}

type restoreCommand struct {
	dataFolder
	places
	Src string `arg:"" type:"existingdir" help:"Folder of a backup."`
}

// Run checks a backup and restores it to where there is nothing.
func (c *restoreCommand) Run(ctx context.Context, t *terminal) error {
	m, err := backup.Check(c.Src)
	if err != nil {
		return err
	}
	switch {
	case len(c.Database) > 0:
		if err := backup.Restore(ctx, c.Src, m, c.place()); err != nil {
			return err
		}
		t.say("已恢复 / restored, as of %s", moment(m))
		t.say("请启动各进程 / start the processes")
		return nil
	case m.Engine == dump.Postgres:
		return c.suite(ctx, t, m)
	}
	return c.standalone(ctx, t, m)
}

// take makes a folder that is empty and belongs to nobody ours.
func (c *restoreCommand) take(mode os.FileMode) (*os.File, error) {
	if err := backup.Empty(c.Data); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Data, mode); err != nil {
		return nil, err
	}
	return datafolder.Lock(c.Data)
}

func (c *restoreCommand) standalone(ctx context.Context, t *terminal, m *backup.Manifest) (err error) {
	lock, err := c.take(0o700)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := backup.Restore(ctx, c.Src, m, datafolder.Layout(c.Data, false)); err != nil {
		return err
	}
	c.next(t, m, "scripts/run --data "+c.Data)
	return nil
}

func (c *restoreCommand) suite(ctx context.Context, t *terminal, m *backup.Manifest) (err error) {
	lock, err := c.take(0o711) // the account that PostgreSQL runs as passes through the folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	log, err := observe.NewLogger(observe.LogConfig{Level: "warn", Format: "console"}, t.log)
	if err != nil {
		return err
	}
	s, err := suite.New(suite.Config{Data: c.Data, Replicas: 1, Say: t.say, Log: t.log, Logger: log})
	if err != nil {
		return err
	}
	err = s.WithDatabases(ctx, func(ctx context.Context, databases map[string]string) error {
		to := datafolder.Layout(c.Data, true)
		to.Databases = databases
		return backup.Restore(ctx, c.Src, m, to)
	})
	if err != nil {
		return err
	}
	c.next(t, m, "scripts/suite --data "+c.Data)
	return nil
}

// next says what to do now.
func (c *restoreCommand) next(t *terminal, m *backup.Manifest, start string) {
	for _, f := range m.Files {
		if strings.HasPrefix(f.Path, "beside/demo") {
			start += " --demo"
		}
	}
	t.say("已恢复到 / restored to %s, as of %s", c.Data, moment(m))
	t.say("启动 / start:  %s", start)
	t.say("校验 / verify: throughtrain journal verify --data %s", c.Data)
}

// moment is when the data of a backup were as they are in it.
func moment(m *backup.Manifest) string { return m.Time.In(worktime.Zone).Format(time.RFC3339) }
