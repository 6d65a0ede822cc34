package store

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Settings returns what somebody has arranged for themselves, and which version that is: 0 and nothing for somebody who never set any.
func (s *Store) Settings(ctx context.Context, city, person string) (*directoryv1.Settings, int64, error) {
	var version int64
	var raw []byte
	out := &directoryv1.Settings{}
	err := found(s.DB().QueryRow(ctx, `SELECT version, settings FROM person_settings WHERE city = $1 AND person = $2`, city, person).Scan(&version, &raw))
	switch {
	case errors.Is(err, ErrNotFound):
		return out, 0, nil
	case err != nil:
		return nil, 0, err
	}
	if err := proto.Unmarshal(raw, out); err != nil {
		return nil, 0, fmt.Errorf("store: settings of person %s: %w", person, err)
	}
	return out, version, nil
}

// SaveSettings puts settings in the place of the version that was read.
func SaveSettings(c *change.Change, city, person string, before int64, settings *directoryv1.Settings) error {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(settings)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO person_settings (city, person, version, settings) VALUES ($1, $2, $3, $4)
		ON CONFLICT (city, person) DO UPDATE SET version = excluded.version, settings = excluded.settings WHERE person_settings.version = $5`,
		city, person, before+1, raw, before))
	return nil
}
