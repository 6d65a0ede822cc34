package suite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/pgcluster"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// postgres is the suite's own PostgreSQL: one cluster, a database and an account for each service.
func (s *Suite) postgres() (*child, error) {
	bin, err := pgcluster.Binaries()
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL is needed; on Debian: apt-get install postgresql: %w", err)
	}
	data := s.at("postgres")
	fresh := false
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		fresh = true
		// What is there was not finished: nothing can have been written by it.
		if err := errors.Join(os.RemoveAll(data), os.Mkdir(data, 0o700)); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	as, err := pgcluster.Account("postgres", data)
	if err != nil {
		return nil, err
	}
	if fresh {
		if err := s.initCluster(bin, data, as); err != nil {
			return nil, err
		}
	}
	password, err := os.ReadFile(s.at("secrets", "postgres"))
	if err != nil {
		return nil, err
	}
	port, err := s.freePort()
	if err != nil {
		return nil, err
	}
	s.server = &url.URL{Scheme: "postgres", User: url.UserPassword("postgres", string(password)),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable"}
	return s.child(&child{name: "postgres", address: s.server.Host, path: filepath.Join(bin, "postgres"), as: as,
		args: []string{"-D", data, "-p", strconv.Itoa(port), "-h", "127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=" + strconv.Itoa(maxConnections),
			"-c", "log_min_messages=fatal", "-c", "log_destination=stderr", "-c", "logging_collector=off"},
		stop: syscall.SIGINT, // ends sessions instead of waiting for them
		ready: func(ctx context.Context) error {
			return attempt(ctx, s.wall, func(ctx context.Context) error { return onServer(ctx, s.server) })
		}}), nil
}

// maxConnections is what PostgreSQL of a suite takes, of which a fifth stays free: for operators, backups, and processes that start and migrate.
const maxConnections = 400

// pool is a replica's share.
func pool(replicas int) int {
	return min(sqldb.DefaultPool, maxConnections*4/5/(len(services)*replicas))
}

func (s *Suite) initCluster(bin, data string, as *syscall.Credential) (err error) {
	password := rand.Text()
	file, err := os.CreateTemp("", "throughtrain-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	if _, err := file.WriteString(password + "\n"); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return err
	}
	if _, err := pgcluster.Account("postgres", file.Name()); err != nil {
		return err
	}
	if err := pgcluster.Init(bin, data, as, "-A", "scram-sha-256", "--pwfile="+file.Name()); err != nil {
		return fmt.Errorf("%w\n数据目录须可由 postgres 账户进入 / the account that PostgreSQL runs as must be able to enter %s", err, s.config.Data)
	}
	return os.WriteFile(s.at("secrets", "postgres"), []byte(password), 0o600)
}

// databases makes what is missing, and gives each service's account a new password.
func (s *Suite) databases(ctx context.Context) error {
	for _, name := range services {
		password := rand.Text()
		err := onServer(ctx, s.server,
			fmt.Sprintf(`DO $$ BEGIN CREATE ROLE %s LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`, name),
			fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, name, password))
		if err != nil {
			return err
		}
		var there bool
		conn, err := pgx.Connect(ctx, s.server.String())
		if err != nil {
			return err
		}
		err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			return err
		}
		if !there {
			if err := onServer(ctx, s.server, fmt.Sprintf(`CREATE DATABASE %s OWNER %s TEMPLATE template0 ENCODING 'UTF8'`, name, name)); err != nil {
				return err
			}
		}
		if err := onServer(ctx, s.server, fmt.Sprintf(`REVOKE CONNECT ON DATABASE %s FROM PUBLIC`, name)); err != nil {
			return err
		}
		own := *s.server
		own.User, own.Path = url.UserPassword(name, password), "/"+name
		if err := os.WriteFile(s.dsn(name), []byte(sqldb.Share(own.String(), pool(s.config.Replicas))), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *Suite) dsn(service string) string { return s.at("secrets", service+".dsn") }

// onServer connects, runs statements, and leaves.
func onServer(ctx context.Context, server *url.URL, statements ...string) error {
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return err
	}
	for _, sql := range statements {
		if _, failed := conn.Exec(ctx, sql); failed != nil {
			err = failed
			break
		}
	}
	return errors.Join(err, conn.Close(ctx))
}

// redis is the suite's own Redis. It keeps nothing on disk: nothing of which it has the only copy is worth keeping.
func (s *Suite) redis() (*child, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis is needed; on Debian: apt-get install redis-server: %w", err)
	}
	port, err := s.freePort()
	if err != nil {
		return nil, err
	}
	as, err := pgcluster.Account("nobody")
	if err != nil {
		return nil, err
	}
	password, address := rand.Text(), net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	where := &url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: address}
	if err := os.WriteFile(s.at("secrets", "redis"), []byte(where.String()), 0o600); err != nil {
		return nil, err
	}
	settings := []string{"bind 127.0.0.1", "port " + strconv.Itoa(port), "requirepass " + password, `save ""`, "appendonly no", "daemonize no", "loglevel warning"}
	return s.child(&child{name: "redis", address: address, path: path, args: []string{"-"}, input: strings.Join(settings, "\n") + "\n", as: as,
		ready: func(ctx context.Context) error {
			return attempt(ctx, s.wall, func(ctx context.Context) error {
				conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
				if err != nil {
					return err
				}
				return conn.Close()
			})
		}}), nil
}

// attempt tries until it succeeds: a server of somebody else's does not tell when it is there.
func attempt(ctx context.Context, wall clock.Clock, try func(context.Context) error) error {
	for {
		err := try(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if err := wall.WaitUntil(ctx, wall.Now().Add(50*time.Millisecond)); err != nil {
			return err
		}
	}
}

// Ports are taken below those from which Linux (from 32768) and others (from 49152) choose for connections that go out: while a process is away, such a
// connection could take its port and keep it, and the process could not come back.
const (
	firstPort = 20000
	lastPort  = 32767
)

// freePort is one that nobody listens on, another each time.
func (s *Suite) freePort() (int, error) {
	for range lastPort - firstPort {
		port := firstPort + mathrand.IntN(lastPort-firstPort+1) //nolint:gosec // which one is no secret
		if s.ports[port] {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		} else if err != nil {
			return 0, err
		}
		s.ports[port] = true
		return port, l.Close()
	}
	return 0, fmt.Errorf("no port from %d to %d is free", firstPort, lastPort)
}
