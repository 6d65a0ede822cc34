package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// CitySource is where a version of a city's configuration comes from.
type CitySource struct {
	City    string
	Version int64
	Actor   string // as the journal names them
	// Proposer is who proposed what Actor, as the second person, applied; empty where no second person was asked for.
	Proposer string
	Reason   string
	Summary  *directoryv1.CitySummary
}

// AddCitySource keeps where a version comes from, with its files, by path.
func AddCitySource(c *change.Change, s CitySource, files []*directoryv1.CityFile) error {
	summary, content, err := sourceContent(s.Summary, files)
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO city_sources (city, version, actor, proposer, reason, summary, files)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, s.City, s.Version, s.Actor, s.Proposer, s.Reason, summary, content))
	return nil
}

// sourceContent is how a summary and files, by path, are written.
func sourceContent(of *directoryv1.CitySummary, files []*directoryv1.CityFile) (summary, content []byte, err error) {
	marshal := proto.MarshalOptions{Deterministic: true}
	if summary, err = marshal.Marshal(of); err != nil {
		return nil, nil, fmt.Errorf("store: %w", err)
	}
	files = slices.SortedFunc(slices.Values(files), func(a, b *directoryv1.CityFile) int { return strings.Compare(a.GetPath(), b.GetPath()) })
	if content, err = marshal.Marshal(&directoryv1.CityFiles{Files: files}); err != nil {
		return nil, nil, fmt.Errorf("store: %w", err)
	}
	return summary, content, nil
}

// CityFiles returns the files of a version; none for a version from before files were kept.
func (s *Store) CityFiles(ctx context.Context, city string, version int64) ([]*directoryv1.CityFile, error) {
	var raw []byte
	err := found(s.DB().QueryRow(ctx, `SELECT files FROM city_sources WHERE city = $1 AND version = $2`, city, version).Scan(&raw))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var files directoryv1.CityFiles
	if err := proto.Unmarshal(raw, &files); err != nil {
		return nil, fmt.Errorf("store: files of version %d of city %s: %w", version, city, err)
	}
	return files.GetFiles(), nil
}

// CityVersion is a version with when it was applied, and where it comes from if that was kept.
type CityVersion struct {
	CitySource
	Applied int64 // microseconds
	Kept    bool
}

// CityVersions returns the newest versions below one, newest first.
func (s *Store) CityVersions(ctx context.Context, city string, below int64, limit int) ([]CityVersion, error) {
	const text = `SELECT c.version, c.applied, s.actor, s.proposer, s.reason, s.summary FROM city_configs c
		LEFT JOIN city_sources s ON s.city = c.city AND s.version = c.version WHERE c.city = $1 AND c.version < $2 ORDER BY c.version DESC LIMIT $3`
	return sqldb.Collect(func(row sqldb.Row) (CityVersion, error) {
		v := CityVersion{CitySource: CitySource{City: city}}
		var actor, proposer, reason sql.NullString
		var summary []byte
		if err := row.Scan(&v.Version, &v.Applied, &actor, &proposer, &reason, &summary); err != nil {
			return v, err
		}
		v.Actor, v.Proposer, v.Reason, v.Kept = actor.String, proposer.String, reason.String, actor.Valid
		if !v.Kept {
			return v, nil
		}
		v.Summary = &directoryv1.CitySummary{}
		return v, proto.Unmarshal(summary, v.Summary)
	})(s.DB().Query(ctx, text, city, below, limit))
}
