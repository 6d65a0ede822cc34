package redisdb_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, c redisdb.Config, d redisdb.Deps) *redisdb.Client {
	t.Helper()
	client, err := redisdb.Open(c, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// keeps writes and reads a key.
func keeps(t *testing.T, c *redisdb.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	key := c.Key("group", "name")
	var got string
	var err error
	for { // a cluster or a sentinel that has just begun may still be counting itself
		err = c.Do(ctx, func(ctx context.Context, r redis.Cmdable) error {
			if err := r.Set(ctx, key, "kept", time.Minute).Err(); err != nil {
				return err
			}
			var err error
			got, err = r.Get(ctx, key).Result()
			return err
		})
		if err == nil || ctx.Err() != nil || !errors.Is(err, redisdb.ErrAway) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil || got != "kept" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSingle(t *testing.T) {
	server := kittest.Redis(t, "--requirepass", "open-sesame")
	c := open(t, redisdb.Config{URL: server.URL(), Password: "open-sesame", Prefix: "here"}, redisdb.Deps{})
	keeps(t, c)
	if c.Key("a", "b") != "here:{a}:b" {
		t.Errorf("key %q", c.Key("a", "b"))
	}
	keeps(t, open(t, redisdb.Config{URL: "redis://:open-sesame@" + server.Addr()}, redisdb.Deps{}))
	wrong := open(t, redisdb.Config{URL: server.URL(), Password: "close-sesame"}, redisdb.Deps{})
	if err := wrong.Ping(t.Context()); err == nil || strings.Contains(err.Error(), "sesame") {
		t.Errorf("got %v", err)
	}
}

func TestCluster(t *testing.T) {
	server := kittest.Redis(t, "--cluster-enabled", "yes")
	server.Must("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	keeps(t, open(t, redisdb.Config{URL: "redis-cluster://" + server.Addr()}, redisdb.Deps{}))
}

func TestSentinel(t *testing.T) {
	server := kittest.Redis(t)
	host, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	if err := os.WriteFile(file, []byte("bind 127.0.0.1\nsentinel monitor city "+host+" "+port+" 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := kittest.Redis(t, file, "--sentinel")
	keeps(t, open(t, redisdb.Config{URL: "redis-sentinel://" + sentinel.Addr() + "/city"}, redisdb.Deps{}))
}

func TestURLs(t *testing.T) {
	for _, bad := range []string{"", "localhost:6379", "http://localhost", "redis://a:1,b:1", "redis-sentinel://a:1", "redis-cluster://a:1/3",
		"redis://a:1/x", "redis://", "redis-other://a:1", "redis://a:1?db=3"} {
		if err := (redisdb.Config{URL: bad}).Validate(); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	if err := (redisdb.Config{URL: "redis://user:hidden%zz@a:1"}).Validate(); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v", err)
	}
	for _, good := range []string{"redis://a:1", "rediss://a:1/3", "redis-sentinel://u:p@a:1,b:1/main/2", "rediss-cluster://a:1,b:1"} {
		if err := (redisdb.Config{URL: good}).Validate(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []string{empty, empty + ".not"} {
		if err := (redisdb.Config{URL: "rediss://a:1", CA: ca}).Validate(); err == nil {
			t.Errorf("authority %q is accepted", ca)
		}
	}
}

// hole is an address that takes connections and never says anything.
func hole(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

func TestAbsenceIsCheap(t *testing.T) {
	for name, address := range map[string]string{"refused": "127.0.0.1:1", "silent": hole(t)} {
		t.Run(name, func(t *testing.T) {
			c := open(t, redisdb.Config{URL: "redis://" + address, Timeout: 100 * time.Millisecond}, redisdb.Deps{Metrics: prometheus.NewRegistry()})
			start := time.Now()
			const calls = 1000
			for range calls {
				if err := c.Ping(t.Context()); !errors.Is(err, redisdb.ErrAway) {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%d calls took %v", calls, took)
			}
		})
	}
}

func TestComesBack(t *testing.T) {
	server := kittest.Redis(t)
	c := open(t, redisdb.Config{URL: server.URL()}, redisdb.Deps{})
	keeps(t, c)
	waiting := make(chan error, 1)
	go func() {
		waiting <- c.Wait(t.Context(), time.Minute, func(ctx context.Context, r redis.Cmdable) error {
			return r.BLPop(ctx, time.Minute, c.Key("group", "nothing")).Err()
		})
	}()
	for { // until it waits at the server
		blocked := false
		if err := c.Do(t.Context(), func(ctx context.Context, r redis.Cmdable) error {
			info, err := r.Info(ctx, "clients").Result()
			blocked = strings.Contains(info, "blocked_clients:1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if blocked {
			break
		}
	}
	server.Stop()
	if err := <-waiting; !errors.Is(err, redisdb.ErrAway) {
		t.Errorf("who waits is told %v", err)
	}
	if err := c.Ping(t.Context()); !errors.Is(err, redisdb.ErrAway) {
		t.Error(err)
	}
	server.Start()
	keeps(t, c)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ended, time.Minute, func(ctx context.Context, r redis.Cmdable) error { return r.Ping(ctx).Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// What the server says of a call is the caller's, and no reason to go without Redis.
func TestRefusalsAreNoAbsence(t *testing.T) {
	server := kittest.Redis(t)
	c := open(t, redisdb.Config{URL: server.URL()}, redisdb.Deps{})
	err := c.Do(t.Context(), func(ctx context.Context, r redis.Cmdable) error { return r.XGroupCreate(ctx, "none", "g", "0").Err() })
	if err == nil || errors.Is(err, redisdb.ErrAway) {
		t.Errorf("got %v", err)
	}
	if err := c.Do(t.Context(), func(ctx context.Context, r redis.Cmdable) error { return r.Get(ctx, "none").Err() }); !errors.Is(err, redis.Nil) {
		t.Errorf("got %v", err)
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
