package redisdb

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Config is which Redis there is and how long it is waited for.
type Config struct {
	// URL names one server, some sentinels with the name of what they watch, or some nodes of a cluster:
	//
	//	redis://host:6379/0
	//	redis-sentinel://host:26379,host:26379/primary/0
	//	redis-cluster://host:6379,host:6379
	//
	// With rediss in the place of redis everything goes over TLS. A user and a password may stand before the hosts, though Password is the
	// better place: a URL ends up in logs.
	URL string
	// Password is the servers', SentinelPassword that of the sentinels; neither for those that ask for none.
	Password, SentinelPassword string
	// CA is a file of certificates that the servers' is signed by; the system's when empty.
	CA string
	// Prefix begins every key, so that several suites can share a Redis; "throughtrain" when empty.
	Prefix string
	// Timeout bounds one call, connecting included, beside what it asks the server to wait; 500 ms when zero.
	Timeout time.Duration
	// Pool bounds the connections to one server; 64 when zero. Each stream that is waited at takes one.
	Pool int
}

const (
	defaultPrefix  = "throughtrain"
	defaultTimeout = 500 * time.Millisecond
	defaultPool    = 64
)

func (c Config) withDefaults() Config {
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Pool <= 0 {
		c.Pool = defaultPool
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	_, err := c.options()
	return err
}

var errURL = errors.New("redis: the URL is to be redis://HOST:PORT/DB, redis-sentinel://HOST:PORT,…/NAME/DB or redis-cluster://HOST:PORT,…, " +
	"or rediss for TLS")

// options are the client's. A password never appears in an error: the URL is not repeated in it.
func (c Config) options() (*redis.UniversalOptions, error) {
	scheme, rest, found := strings.Cut(c.URL, "://")
	secure := strings.HasPrefix(scheme, "rediss")
	kind := strings.TrimPrefix(strings.TrimPrefix(scheme, "rediss"), "redis")
	if !found {
		return nil, errURL
	}
	hosts, path, _ := strings.Cut(rest, "/")
	o := &redis.UniversalOptions{
		Password: c.Password, SentinelPassword: c.SentinelPassword,
		DialTimeout: c.Timeout, ReadTimeout: c.Timeout, WriteTimeout: c.Timeout, PoolTimeout: c.Timeout, ContextTimeoutEnabled: true,
		PoolSize: c.Pool, PipelinePoolSize: -1,
		// Whoever calls has another way, and tries again in its own time.
		MaxRetries: -1, DialerRetries: 1,
		DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if at := strings.LastIndex(hosts, "@"); at >= 0 {
		if err := credentials(o, hosts[:at]); err != nil {
			return nil, err
		}
		hosts = hosts[at+1:]
	}
	for host := range strings.SplitSeq(hosts, ",") {
		if host == "" || strings.ContainsAny(host, "?#@ ") {
			return nil, errURL
		}
		o.Addrs = append(o.Addrs, host)
	}
	if err := place(o, kind, path); err != nil {
		return nil, err
	}
	if secure {
		var err error
		if o.TLSConfig, err = secured(c.CA); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func credentials(o *redis.UniversalOptions, text string) error {
	name, password, has := strings.Cut(text, ":")
	var err error
	if o.Username, err = url.PathUnescape(name); err != nil {
		return errURL
	}
	if has && o.Password == "" {
		if o.Password, err = url.PathUnescape(password); err != nil {
			return errURL
		}
	}
	return nil
}

// place reads what stands behind the hosts, which differs by kind.
func place(o *redis.UniversalOptions, kind, path string) error {
	switch kind {
	case "":
		if len(o.Addrs) != 1 {
			return errURL
		}
	case "-sentinel":
		o.MasterName, path, _ = strings.Cut(path, "/")
		if o.MasterName == "" {
			return errURL
		}
	case "-cluster":
		o.IsClusterMode = true
		if path != "" {
			return errURL
		}
	default:
		return errURL
	}
	if path == "" {
		return nil
	}
	number, err := strconv.Atoi(path)
	if err != nil || number < 0 {
		return errURL
	}
	o.DB = number
	return nil
}

func secured(file string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file == "" {
		return config, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("redis: %s holds no certificate", file)
	}
	return config, nil
}
