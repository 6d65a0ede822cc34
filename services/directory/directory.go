// Package directory is the directory service: sign-in, persons and officials, enterprises with their members and projects,
// and the configuration of each city. It is a façade: New opens the data and puts the parts together, Register offers them to
// a server, Run does what goes on beside requests. All else is internal.
package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/directory/internal/password"
	"github.com/throughtrain/throughtrain/services/directory/internal/rpc"
	"github.com/throughtrain/throughtrain/services/directory/internal/sender"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/feedstream"
	"github.com/throughtrain/throughtrain/services/kit/limit"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/run"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// What every verifier of the suite's access tokens is told.
const (
	// Name is the service's name among its peers.
	Name = "directory"
	// TokenIssuer is the iss of access tokens.
	TokenIssuer = authn.SuiteIssuer
	// TokenAudience is their aud: the whole suite.
	TokenAudience = authn.SuiteAudience
)

// AccessLife is how long an access token is good.
const AccessLife = 10 * time.Minute

// Limits are how often codes may be asked for and passwords tried.
type Limits = desk.Limits

// Sender brings one-time codes to phones.
type Sender = sender.Sender

// SenderFunc is a Sender made of a function.
type SenderFunc = sender.Func

// Message is a code on its way to a phone.
type Message = sender.Message

// Gateway is a message gateway that takes codes over HTTP.
type Gateway = sender.HTTPConfig

// Persona is who a demonstration signs somebody in as.
type Persona = rpc.Persona

// Config is what an operator chooses.
type Config struct {
	// DSN of the service's own database, as in sqldb.Config.
	DSN string
	// Keys is the folder of the secrets, made at the first start.
	Keys string
	// Gateway delivers one-time codes; with an empty URL they go into the log.
	Gateway Gateway
	// Limits on codes and passwords.
	Limits Limits
	// HashAtOnce bounds the passwords hashed at once, 19 MiB each; 2 when zero.
	HashAtOnce int
	// Demo offers signing in as a persona without any proof.
	Demo bool
	// Cast is a file that says who the personas are, as WriteCast writes it; without one SetCast says it. Replicas share it.
	Cast string
}

// Deps is what the service works with.
type Deps struct {
	City    clock.Clock // of what happens in a city
	Wall    clock.Clock // of tokens, codes and limits
	Log     *zap.Logger
	Metrics prometheus.Registerer
	// Sender takes the place of Config.Gateway.
	Sender Sender
	// Redis carries the feed to other services and replicas, and counts for all replicas who knocks how often; nil for a process alone.
	Redis *redisdb.Client
	// Revocations is the set that the verifier of this service's server looks into. Run keeps it.
	Revocations *authn.Revocations
}

// Service is the directory.
type Service struct {
	config Config
	deps   Deps
	db     *sqldb.DB
	store  *store.Store
	keys   *authn.KeySet
	desk   *desk.Desk
	cities *cityapply.Service
	demo   *rpc.Demo

	sessions    *rpc.Sessions
	enterprises *rpc.Enterprises
	persons     *rpc.Persons
	settings    *rpc.Settings
	feed        *feedrpc.Server
	watch       *watch
	relay       *feedstream.Relay // nil without Redis
}

// New opens the data, brings its schema up to date and reads the configurations in force.
func New(ctx context.Context, config Config, deps Deps) (_ *Service, err error) {
	if deps.City == nil || deps.Wall == nil || deps.Log == nil || config.DSN == "" || config.Keys == "" {
		return nil, errors.New("directory: a database, a folder for keys, both clocks and a logger are required")
	}
	ring, err := keys.Open(config.Keys)
	if err != nil {
		return nil, err
	}
	if deps.Sender == nil {
		if deps.Sender, err = senderOf(config, deps); err != nil {
			return nil, err
		}
	}
	issuer, err := authn.NewIssuer(TokenIssuer, TokenAudience, ring.Signing(), AccessLife, deps.Wall)
	if err != nil {
		return nil, err
	}
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: config.DSN})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	if err := sqldb.Migrate(ctx, db, change.Schema(), store.Schema()); err != nil {
		return nil, err
	}
	changes, err := change.New(ctx, db, change.Options{Wall: deps.Wall, Logger: deps.Log, Metrics: deps.Metrics})
	if err != nil {
		return nil, err
	}
	s := &Service{config: config, deps: deps, db: db, store: store.New(changes, deps.Wall), keys: ring.Public()}
	s.cities = cityapply.New(cityapply.Deps{Store: s.store, City: deps.City, Wall: deps.Wall, Log: deps.Log})
	s.desk = desk.New(desk.Deps{Store: s.store, Keys: ring, Issuer: issuer, Cities: s.cities, Sender: deps.Sender,
		Hasher: password.NewHasher(config.HashAtOnce), City: deps.City, Wall: deps.Wall, Limits: config.Limits, Log: deps.Log,
		Door: limit.New(deps.Redis, Name, deps.Wall)})
	s.sessions = &rpc.Sessions{Desk: s.desk, Keys: s.keys}
	s.enterprises = &rpc.Enterprises{Desk: s.desk}
	s.persons = &rpc.Persons{Desk: s.desk}
	s.settings = &rpc.Settings{Desk: s.desk}
	s.feed = feedrpc.NewServer(changes)
	s.demo = &rpc.Demo{Desk: s.desk}
	if config.Cast != "" {
		s.demo.Cast = func() (map[string]Persona, error) { return readCast(config.Cast) }
	}
	if deps.Redis != nil {
		s.relay, err = feedstream.NewRelay(feedstream.RelayConfig{Service: Name, Store: changes, Redis: deps.Redis, Log: deps.Log, Metrics: deps.Metrics})
	}
	if err == nil {
		s.watch, err = newWatch(ctx, s)
	}
	if err != nil {
		changes.Close()
		return nil, err
	}
	return s, nil
}

func senderOf(config Config, deps Deps) (Sender, error) {
	if config.Gateway.URL == "" {
		return sender.Log(deps.Log), nil
	}
	config.Gateway.Wall = deps.Wall
	return sender.HTTP(config.Gateway)
}

// Register puts the service's contracts on a server. The server's Replay should be this service's.
func (s *Service) Register(b *rpcserver.Builder) {
	b.Add(&directoryv1.CityService_ServiceDesc, &rpc.Cities{Service: s.cities}).
		Add(&directoryv1.SessionService_ServiceDesc, s.sessions).
		Add(&directoryv1.EnterpriseService_ServiceDesc, s.enterprises).
		Add(&directoryv1.PersonService_ServiceDesc, s.persons).
		Add(&directoryv1.CityVersionService_ServiceDesc, &rpc.CityVersions{Service: s.cities}).
		Add(&directoryv1.StaffService_ServiceDesc, &rpc.Staff{Desk: s.desk}).
		Add(&directoryv1.SettingsService_ServiceDesc, s.settings).
		Add(&feedv1.FeedService_ServiceDesc, s.feed)
	if s.config.Demo {
		b.Add(&directoryv1.DemoService_ServiceDesc, s.demo)
	}
}

// Replay answers a repeated call although its request would no longer be valid; it is what rpcserver.Deps takes.
func (s *Service) Replay() rpcserver.Replay {
	return (&rpc.Replayer{Enterprises: s.enterprises, Persons: s.persons, Settings: s.settings, Desk: s.desk}).Replay
}

// Keys are the public keys of access tokens, for verifiers in the same process.
func (s *Service) Keys() *authn.KeySet { return s.keys }

// Run does what goes on beside requests until the context ends: numbering events, deleting what has expired, and taking up
// what the own feed says.
func (s *Service) Run(ctx context.Context) error {
	defer s.Drain()
	group := run.New(s.deps.Log, 0).
		Add("directory store", s.store.Run).
		Add("directory watch", s.watch.run).
		Add("directory sweep", s.desk.Sweep)
	if s.relay != nil {
		group.Add("directory relay", s.relay.Run)
	}
	return group.Run(ctx)
}

// Drain answers those who wait for events, so that they do not hold up a server that is to stop.
func (s *Service) Drain() { s.feed.Drain() }

// Close gives the data back, after Run and the server have ended.
func (s *Service) Close() error {
	s.Drain()
	s.store.Close()
	return s.db.Close()
}

// Idle returns when everything committed so far has been taken up by this process.
func (s *Service) Idle(ctx context.Context) error {
	head, err := s.store.Settled(ctx)
	if err != nil {
		return err
	}
	return s.watch.await(ctx, head)
}

// Position is the newest position of the service's own feed: it moves with everything that happens here.
func (s *Service) Position(ctx context.Context) (int64, error) { return s.store.FeedHead(ctx) }

// Config is the newest configuration of a city; false when there is no such city.
func (s *Service) Config(city string) (*directoryv1.CityConfig, bool) { return s.cities.Config(city) }

// ApplyCity applies the files of a city as the named process of this suite, and gives its administrators a way in if they
// have none yet.
func (s *Service) ApplyCity(ctx context.Context, process, city string, files []*directoryv1.CityFile) (*directoryv1.ApplyCityResponse, error) {
	response, err := s.cities.Apply(ctx, authn.SystemCaller(process, city), city, files, false, "", store.Request{})
	if err != nil {
		return nil, fmt.Errorf("apply the files of city %s: %w", city, err)
	}
	return response, nil
}

// Replaced tells whether the files of a city were in force once and others are now, and which version they were.
func (s *Service) Replaced(ctx context.Context, process, city string, files []*directoryv1.CityFile) (int64, bool, error) {
	return s.cities.Replaced(ctx, authn.SystemCaller(process, city), city, files)
}

// Bootstrap gives each administrator of a city who has no password of their own an initial one, good for one sign-in, and
// writes it into the log.
func (s *Service) Bootstrap(ctx context.Context, city string) error {
	return s.desk.Bootstrap(ctx, city)
}

// GiveInitialPassword gives an official a first password, good for one sign-in. It never takes the place of one they chose.
func (s *Service) GiveInitialPassword(ctx context.Context, city, login string) (string, error) {
	return s.desk.GiveInitialPassword(ctx, city, login)
}

// ResetPassword gives an official a first password in the place of any they have, and signs out whoever is signed in as them.
func (s *Service) ResetPassword(ctx context.Context, city, login string) (string, error) {
	return s.desk.ResetPassword(ctx, city, login)
}

// What giving a first password may fail with.
var (
	// ErrOwnPassword is returned instead of taking a password away from who chose it.
	ErrOwnPassword = desk.ErrOwnPassword
	// ErrPerson means that nobody in service has the login.
	ErrPerson = desk.ErrPerson
)

// Entered tells whether anybody ever came in: then there are real people, unless a demonstration made them.
func (s *Service) Entered(ctx context.Context) (bool, error) { return s.store.Entered(ctx) }

// EnsurePerson returns the id of the person with a phone, and adds them if there is none.
func (s *Service) EnsurePerson(ctx context.Context, city, phone, displayName string) (string, error) {
	return s.desk.EnsurePerson(ctx, city, phone, displayName)
}

// SetCast says who a demonstration's personas are.
func (s *Service) SetCast(cast map[string]Persona) { s.demo.SetCast(cast) }

// RotateKeys makes the next signing key the current one. Processes take it up when they start again.
func RotateKeys(folder string) error { return keys.Rotate(folder) }
