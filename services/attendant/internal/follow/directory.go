package follow

import (
	"context"
	"fmt"

	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Configs is what this service asks the directory for.
type Configs interface {
	GetCityConfig(ctx context.Context, city string, version int64) (*directoryv1.CityConfig, error)
}

// Directory keeps this service's copy of what the directory decides.
type Directory struct {
	Desk    *desk.Desk
	Configs Configs
	Wall    clock.Clock
	Log     *zap.Logger
}

// Handle takes a stretch of the directory's feed.
func (d *Directory) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	parsed := make([]*directoryv1.DirectoryEvent, len(events))
	configs := map[int64]store.City{} // by position
	for i, e := range events {
		parsed[i] = &directoryv1.DirectoryEvent{}
		if err := proto.Unmarshal(e.Payload, parsed[i]); err != nil {
			return nil, fmt.Errorf("position %d: %w", e.Position, err)
		}
		if applied := parsed[i].GetCityApplied(); applied != nil {
			city, err := d.fetch(ctx, e, applied.GetVersion())
			if err != nil {
				return nil, fmt.Errorf("position %d: %w", e.Position, err)
			}
			configs[e.Position] = city
		}
	}
	// All that takes long is done: from here on it is a decision.
	c := &change.Change{Decided: change.Begin()}
	dismissed := map[[2]string]bool{}
	for i, e := range events {
		switch body := parsed[i].GetEvent().(type) {
		case *directoryv1.DirectoryEvent_CityApplied:
			c.Statements = append(c.Statements, store.SaveCity(configs[e.Position])...)
		case *directoryv1.DirectoryEvent_ProjectCreated:
			c.Statements = append(c.Statements, store.AddProject(e.City, body.ProjectCreated.GetProject(), body.ProjectCreated.GetEnterprise(),
				body.ProjectCreated.GetCounty()))
		case *directoryv1.DirectoryEvent_OfficialDismissed:
			who := [2]string{e.City, body.OfficialDismissed.GetPerson()}
			if dismissed[who] {
				continue // their bindings end in this same change
			}
			dismissed[who] = true
			if err := d.Desk.Dismiss(ctx, c, who[0], who[1], e.Position); err != nil {
				return nil, fmt.Errorf("position %d: %w", e.Position, err)
			}
		}
		if r, ok := revocation(e, parsed[i], d.Wall.Now()); ok {
			c.Statements = append(c.Statements, store.AddRevocation(r, d.Wall.Now())...)
		}
	}
	return c, nil
}

// fetch asks for the version of a configuration that an event tells of.
func (d *Directory) fetch(ctx context.Context, e change.FeedEvent, version int64) (store.City, error) {
	config, err := d.Configs.GetCityConfig(ctx, e.City, version)
	if err != nil {
		return store.City{}, fmt.Errorf("configuration of city %s, version %d: %w", e.City, version, err)
	}
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(config)
	if err != nil {
		return store.City{}, err
	}
	d.Log.Info("a city's configuration arrived", zap.String("city", e.City), zap.Int64("version", version))
	return store.City{City: e.City, Version: version, Revision: e.Position, Config: bytes}, nil
}

// Remote asks the directory over its contract.
func Remote(client directoryv1.CityServiceClient) Configs { return remote{client} }

type remote struct{ client directoryv1.CityServiceClient }

func (r remote) GetCityConfig(ctx context.Context, city string, version int64) (*directoryv1.CityConfig, error) {
	return r.client.GetCityConfig(ctx, &directoryv1.GetCityConfigRequest{Name: "cities/" + city, Version: version})
}
