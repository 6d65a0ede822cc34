package store

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// ConfigAggregate is the name under which a city's journal keeps its versions.
const ConfigAggregate = "config"

// CityConfig is one version of a city's configuration as it was applied. It never changes, and is kept for ever: what was
// decided under it can be explained as long as what was decided is there. Its number is that of the journal of "config".
type CityConfig struct {
	City    string
	Digest  []byte // of what the files said; equal digests are the same configuration
	Config  *directoryv1.CityConfig
	History // the time is that of the application
}

const configColumns = `SELECT city, digest, config, version, head, applied FROM city_configs c `

// CityConfig returns a version of a city's configuration; ErrNotFound if there is none.
func (s *Store) CityConfig(ctx context.Context, city string, version int64) (CityConfig, error) {
	v, err := scanConfig(s.DB().QueryRow(ctx, configColumns+`WHERE city = $1 AND version = $2`, city, version))
	return v, found(err)
}

// NewestCityConfig returns the version in force; ErrNotFound for a city that is not known.
func (s *Store) NewestCityConfig(ctx context.Context, city string) (CityConfig, error) {
	v, err := scanConfig(s.DB().QueryRow(ctx, configColumns+`WHERE city = $1 ORDER BY version DESC LIMIT 1`, city))
	return v, found(err)
}

// CityConfigOf returns the newest version with the digest; ErrNotFound if such files were never applied.
func (s *Store) CityConfigOf(ctx context.Context, city string, digest []byte) (CityConfig, error) {
	v, err := scanConfig(s.DB().QueryRow(ctx, configColumns+`WHERE city = $1 AND digest = $2 ORDER BY version DESC LIMIT 1`, city, digest))
	return v, found(err)
}

// NewestCityConfigs returns the version in force of every city.
func (s *Store) NewestCityConfigs(ctx context.Context) ([]CityConfig, error) {
	return sqldb.Collect(scanConfig)(s.DB().Query(ctx, configColumns+
		`WHERE version = (SELECT max(n.version) FROM city_configs n WHERE n.city = c.city) ORDER BY city`))
}

func scanConfig(row sqldb.Row) (CityConfig, error) {
	var v CityConfig
	var config, head []byte
	var version, applied int64
	if err := row.Scan(&v.City, &v.Digest, &config, &version, &head, &applied); err != nil {
		return v, err
	}
	v.Digest = bytes.Clone(v.Digest)
	v.Config = &directoryv1.CityConfig{}
	if err := proto.Unmarshal(config, v.Config); err != nil {
		return v, fmt.Errorf("store: version %d of city %s: %w", version, v.City, err)
	}
	var err error
	v.History, err = history(version, head, applied)
	return v, err
}

// AddCityConfig adds the version that follows before, the version in force or the zero value. Two that follow the same one
// cannot both be committed. build makes the configuration of the version and time that it gets: the time is now, or that
// of the version before where a clock went back, so that no version is applied before its predecessor.
func AddCityConfig(c *change.Change, before CityConfig, city string, digest []byte, now time.Time, actor string,
	build func(History) *directoryv1.CityConfig) (CityConfig, error) {
	next := CityConfig{City: city, Digest: digest}
	var err error
	next.History, err = Append(c, At{City: city, Aggregate: ConfigAggregate}, before.History, now, actor,
		&directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_CityApplied{CityApplied: &directoryv1.CityApplied{Version: before.Version + 1}}})
	if err != nil {
		return next, err
	}
	next.Config = build(next.History)
	config, err := proto.MarshalOptions{Deterministic: true}.Marshal(next.Config)
	if err != nil {
		return next, fmt.Errorf("store: %w", err)
	}
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO city_configs (city, version, head, applied, digest, config)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, city, next.Version, next.Hash[:], micros(next.Time), digest, config))
	return next, nil
}
