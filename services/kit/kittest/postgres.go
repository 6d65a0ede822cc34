// Package kittest holds what tests of several packages need: throw-away databases and stores over them. Only tests import it.
//
// It depends on change and sqldb, and on the PostgreSQL binaries of the host.
package kittest

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/kit/pgcluster"
)

// Environment variables that decide where test databases come from.
const (
	dsnVariable     = "THROUGHTRAIN_POSTGRES_DSN"     // a server to use instead of a private one
	requireVariable = "THROUGHTRAIN_REQUIRE_POSTGRES" // 1: a missing server fails tests instead of skipping them
)

// Postgres returns the DSN of a fresh, empty PostgreSQL database that is dropped after the test. It uses the server of
// THROUGHTRAIN_POSTGRES_DSN, or else one private cluster per test process, started from the installed binaries and gone with
// the process. Without either the test is skipped, or fails if THROUGHTRAIN_REQUIRE_POSTGRES is 1.
func Postgres(t testing.TB) string {
	t.Helper()
	server, err := postgresServer()
	if err != nil {
		const hint = "PostgreSQL is needed: install it, or set " + dsnVariable + " to a server where databases may be created"
		if os.Getenv(requireVariable) == "1" {
			t.Fatalf("%s: %v", hint, err)
		}
		t.Skipf("%s: %v", hint, err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := onServer(server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := onServer(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	own := *server
	own.Path = "/" + name
	return own.String()
}

func onServer(server *url.URL, sql string) error {
	ctx := context.Background() // cleanups run after the test's own context has ended
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

var postgresServer = sync.OnceValues(func() (*url.URL, error) {
	if dsn := os.Getenv(dsnVariable); dsn != "" {
		return url.Parse(dsn)
	}
	return startCluster()
})

// startCluster makes a cluster in a temporary folder and starts its server as a child that dies with this process. The
// folder is removed by a watcher process, since a test binary has no exit hook that a panic or a kill would respect.
func startCluster() (_ *url.URL, err error) {
	bin, err := pgcluster.Binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "throughtrain-postgres-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	as, err := pgcluster.Account("postgres", dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := pgcluster.Init(bin, data, as, "-A", "trust", "--no-sync"); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := startServer(bin, dir, data, port, as); err != nil {
		return nil, err
	}
	return &url.URL{Scheme: "postgres", User: url.User("postgres"), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path: "/postgres", RawQuery: "sslmode=disable"}, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
