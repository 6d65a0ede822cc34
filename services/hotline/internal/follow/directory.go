// Package follow brings in what other services decided: cities, enterprises and revoked sessions from the directory's feed, proposed
// holders from the attendant's. Handlers are given to kit's feed followers, which write their effects and the cursor together.
//
// It depends on internal/{desk,policy,store,ticket}, on the contracts of the two services and on kit's authn, change, feed and recount.
package follow

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/recount"
)

// tokenLife is longer than any access token lives: so long a revocation is remembered.
const tokenLife = 70 * time.Minute

// ConfigSource is what this service asks the directory for.
type ConfigSource interface {
	GetCityConfig(ctx context.Context, city string, version int64) (*directoryv1.CityConfig, error)
}

// Directory keeps this service's copy of what the directory decides.
type Directory struct {
	Store       *store.Store
	Cities      *desk.Cities
	Configs     ConfigSource
	Names       NameSource         // nil where nobody is asked
	Revocations *authn.Revocations // nil where nobody looks at them
	Wall        clock.Clock
	Log         *zap.Logger
	// Applied is called when a configuration has come into force here.
	Applied func(recount.Version)
}

// Load brings back what was learnt before the start.
func (d *Directory) Load(ctx context.Context) error {
	configs, err := d.Store.Configs(ctx)
	if err != nil {
		return err
	}
	for _, c := range configs {
		in := &directoryv1.CityConfig{}
		if err := proto.Unmarshal(c.Bytes, in); err != nil {
			return fmt.Errorf("stored configuration of city %s, version %d: %w", c.City, c.Version, err)
		}
		if err := d.apply(in); err != nil {
			return err
		}
	}
	if err := d.Store.Enterprises(ctx, func(e store.Enterprise) { d.Cities.PutEnterprise(e.ID, e.County) }); err != nil {
		return err
	}
	revoked, err := d.Store.Revocations(ctx)
	for _, r := range revoked {
		d.revoke(r)
	}
	return err
}

// apply takes a configuration into use, after the one before it.
func (d *Directory) apply(in *directoryv1.CityConfig) error {
	code := in.GetName()[len("cities/"):]
	earlier := d.Cities.All()[code]
	if earlier != nil && earlier.Version() >= in.GetVersion() {
		return nil
	}
	city, err := policy.FromProto(in, earlier)
	if err != nil {
		return err
	}
	d.Cities.Put(city)
	return nil
}

// Handle takes a stretch of the directory's feed.
func (d *Directory) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	out := &change.Change{}
	for i := range events {
		e := &directoryv1.DirectoryEvent{}
		if err := proto.Unmarshal(events[i].Payload, e); err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
		rows, err := d.one(ctx, events[i].City, e)
		if err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
		out.Statements = append(out.Statements, rows...)
	}
	out.Decided = change.Begin() // nothing here rests on what was read before
	return out, nil
}

func (d *Directory) one(ctx context.Context, city string, e *directoryv1.DirectoryEvent) ([]change.Statement, error) {
	now := d.Wall.Now()
	switch body := e.GetEvent().(type) {
	case *directoryv1.DirectoryEvent_CityApplied:
		return nil, d.cityApplied(ctx, city, body.CityApplied.GetVersion())
	case *directoryv1.DirectoryEvent_EnterpriseCreated:
		in := store.Enterprise{City: city, ID: body.EnterpriseCreated.GetEnterprise(), County: body.EnterpriseCreated.GetCounty()}
		d.Cities.PutEnterprise(in.ID, in.County)
		names, err := d.names(ctx, city, in.ID)
		return append(names, store.AddEnterprise(in)), err
	case *directoryv1.DirectoryEvent_SessionsRevoked:
		in := body.SessionsRevoked
		return d.revoked(store.Revocation{City: city, Person: in.GetPerson(), Session: in.GetSession(),
			At: time.UnixMicro(in.GetIssuedUntilMicros()).UTC()}, now), nil
	case *directoryv1.DirectoryEvent_OfficialDismissed:
		return d.revoked(store.Revocation{City: city, Person: body.OfficialDismissed.GetPerson(), At: now}, now), nil
	}
	return nil, nil // memberships and projects travel in tokens and requests
}

// cityApplied fetches a version and keeps it before anything is decided by it. Open deadlines are counted anew by whoever is told.
func (d *Directory) cityApplied(ctx context.Context, city string, version int64) error {
	in, err := d.Configs.GetCityConfig(ctx, city, version)
	if err != nil {
		return fmt.Errorf("configuration of city %s, version %d: %w", city, version, err)
	}
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(in)
	if err != nil {
		return err
	}
	kept := change.Change{Statements: []change.Statement{store.AddConfig(store.Config{City: city, Version: version, Bytes: bytes})}}
	if err := d.Store.Commit(ctx, &kept); err != nil {
		return err
	}
	if err := d.apply(in); err != nil {
		return err
	}
	d.Log.Info("a city's configuration is in force", zap.String("city", city), zap.Int64("version", version))
	if d.Applied != nil {
		d.Applied(recount.Version{City: city, Number: version})
	}
	return nil
}

func (d *Directory) revoked(r store.Revocation, now time.Time) []change.Statement {
	r.Until = now.Add(tokenLife)
	d.revoke(r)
	return store.AddRevocation(r, now)
}

// revoke refuses tokens at once; it is done before the cursor moves, since doing it twice changes nothing.
func (d *Directory) revoke(r store.Revocation) {
	switch {
	case d.Revocations == nil:
	case r.Session != "":
		d.Revocations.RevokeSession(r.Session, r.Until)
	default:
		d.Revocations.RevokePerson(r.City, r.Person, r.At, r.Until)
	}
}

// Remote asks the directory over its contract.
func Remote(client directoryv1.CityServiceClient) ConfigSource { return remote{client} }

type remote struct{ client directoryv1.CityServiceClient }

func (r remote) GetCityConfig(ctx context.Context, city string, version int64) (*directoryv1.CityConfig, error) {
	return r.client.GetCityConfig(ctx, &directoryv1.GetCityConfigRequest{Name: "cities/" + city, Version: version})
}

// Compile asks the directory what files would bring; nil without one.
func Compile(directory grpc.ClientConnInterface) desk.Compile {
	if directory == nil {
		return nil
	}
	client := directoryv1.NewCityVersionServiceClient(directory)
	return func(ctx context.Context, city string, files []*directoryv1.CityFile) (*directoryv1.CityConfig, error) {
		return client.CompileCity(ctx, &directoryv1.CompileCityRequest{Name: "cities/" + city, Files: files})
	}
}
