package cityapply

import (
	"bytes"
	"context"
	"errors"
	"strconv"

	"go.uber.org/zap"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrFiles is files that are refused; a violation says what is wrong with each place.
var ErrFiles = fault.New(fault.Invalid, "CITY_FILES_INVALID",
	"城市配置有误，未作任何更改；请按所列文件和行号改正后重新提交。",
	"The city's files are wrong and nothing was changed. Correct the files at the lines listed and apply them again.")

// maxShown bounds the violations of one answer: they travel in a header.
const maxShown = 50

// Apply puts a city's files in force, or only says what that would do. The request id makes it safe to repeat: the same call
// again answers as then.
func (s *Service) Apply(ctx context.Context, caller authn.Caller, code string, files []*directoryv1.CityFile, validateOnly bool,
	reason string, r store.Request) (*directoryv1.ApplyCityResponse, error) {
	c, err := s.load(caller, code, files)
	if err != nil {
		return nil, err
	}
	if validateOnly {
		d, err := s.decide(ctx, caller, c, files, reason, "")
		if err != nil {
			return nil, err
		}
		return &directoryv1.ApplyCityResponse{Version: d.next.Version, Changed: d.change != nil, Summary: d.summary,
			SecondPerson: s.needsSecond(caller, d.before)}, nil
	}
	resource, err := s.Store.Once(ctx, r, func(ctx context.Context) (*change.Change, string, error) {
		d, err := s.decide(ctx, caller, c, files, reason, "")
		if err != nil || d.change == nil {
			return nil, citypb.CityName(code), err
		}
		if s.needsSecond(caller, d.before) {
			return s.proposal(d, code, reason, files)
		}
		return d.change, citypb.ConfigName(code, d.next.Version), nil
	})
	if err != nil {
		return nil, err
	}
	return s.applied(ctx, code, resource)
}

// applied says what a call led to: a version, a proposal, or the city when there was nothing to do.
func (s *Service) applied(ctx context.Context, code, resource string) (*directoryv1.ApplyCityResponse, error) {
	// What is in force is read back rather than remembered: of two that raced, only the database knows whose it was.
	inForce, err := s.Store.NewestCityConfig(ctx, code)
	if err != nil {
		return nil, err
	}
	s.publish(inForce)
	if id, proposed := citypb.ProposalID(resource); proposed {
		p, err := s.Store.CityProposal(ctx, code, id)
		return &directoryv1.ApplyCityResponse{Version: inForce.Version, Summary: p.Summary, Proposal: resource, SecondPerson: true}, err
	}
	version, changed := citypb.ConfigVersion(resource)
	if !changed {
		return &directoryv1.ApplyCityResponse{Version: inForce.Version}, nil
	}
	s.Log.Info("the city's configuration is applied", zap.String("city", code), zap.Int64("version", version))
	told, err := s.Store.CityVersions(ctx, code, version+1, 1)
	if err != nil {
		return nil, err
	}
	return &directoryv1.ApplyCityResponse{Version: version, Changed: true, Summary: told[0].Summary}, nil
}

// Replaced tells whether files were in force once and others are now, and which version they were. A process that finds such
// files at its start must not put them back: who replaced them knew what they did.
func (s *Service) Replaced(ctx context.Context, caller authn.Caller, code string, files []*directoryv1.CityFile) (int64, bool, error) {
	c, err := s.load(caller, code, files)
	if err != nil {
		return 0, false, err
	}
	digest := c.Digest()
	then, err := s.Store.CityConfigOf(ctx, code, digest[:])
	if errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	} else if err != nil {
		return 0, false, err
	}
	now, err := s.Store.NewestCityConfig(ctx, code)
	return then.Version, err == nil && then.Version != now.Version, err
}

// load checks who asks and reads the files.
func (s *Service) load(caller authn.Caller, code string, given []*directoryv1.CityFile) (*city.City, error) {
	if caller.Kind == authn.Person && caller.City != code {
		return nil, ErrCity
	}
	files := make([]city.File, len(given))
	for i, f := range given {
		files[i] = city.File{Path: f.GetPath(), Content: f.GetContent()}
	}
	c, err := city.Load(files)
	var faults city.Faults
	switch {
	case errors.As(err, &faults):
		return nil, refusal(faults)
	case err != nil:
		return nil, err
	case c.Code != code:
		return nil, refusal(city.Faults{{File: "city.yaml", Rule: city.RuleReference,
			Zh: "文件属于城市 " + c.Code + "，不是 " + code, En: "the files are of city " + c.Code + ", not of " + code}})
	}
	return c, nil
}

// decision is a version that the files would bring; without a change when they are in force already.
type decision struct {
	before  *directoryv1.CityConfig // in force; nil for the first version
	next    store.CityConfig
	actor   string // as the journal names them
	change  *change.Change
	summary *directoryv1.CitySummary
}

// decide reads what is in force and decides what the files change. The proposer is who first wanted what the caller applies; empty where that is the caller.
func (s *Service) decide(ctx context.Context, caller authn.Caller, c *city.City, files []*directoryv1.CityFile, reason, proposer string) (decision, error) {
	digest := c.Digest()
	before, err := s.Store.NewestCityConfig(ctx, c.Code)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return decision{}, err
	}
	if bytes.Equal(before.Digest, digest[:]) {
		return decision{before: before.Config, next: before}, nil
	}
	known, err := s.Store.Officials(ctx, c.Code)
	if err != nil {
		return decision{}, err
	}
	staff := &cast{Service: s, city: c, caller: caller, change: &change.Change{}, now: s.City.Now(), actor: actor(caller)}
	persons, err := staff.recast(known)
	if err != nil {
		return decision{}, err
	}
	d := decision{before: before.Config, actor: staff.actor, change: &change.Change{}}
	d.next, err = store.AddCityConfig(d.change, before, c.Code, digest[:], staff.now, staff.actor,
		func(v store.History) *directoryv1.CityConfig {
			return citypb.Config(c, citypb.Version{Number: v.Version, Applied: v.Time, Persons: persons})
		})
	// The version is written first: of two that race, the later one then waits at it and decides again, rather than running
	// into an official that the other has added. It is told last, when whom it names is known.
	d.change.Statements = append(d.change.Statements, staff.change.Statements...)
	d.change.Events = append(staff.change.Events, d.change.Events...)
	if err != nil {
		return d, err
	}
	old, err := s.Store.CityFiles(ctx, c.Code, before.Version)
	if err != nil {
		return d, err
	}
	if d.summary, err = summary(before.Config, d.next.Config, old, files); err != nil {
		return d, err
	}
	return d, store.AddCitySource(d.change, store.CitySource{City: c.Code, Version: d.next.Version, Actor: staff.actor, Proposer: proposer, Reason: reason, Summary: d.summary}, files)
}

// refusal is the fault of files that are wrong.
func refusal(faults city.Faults) error {
	refused := ErrFiles.With("faults", strconv.Itoa(len(faults)))
	for _, f := range faults[:min(len(faults), maxShown)] {
		refused = refused.Field(f.Place(), string(f.Rule), f.Zh, f.En)
	}
	return refused
}

// actor is how the journal names who did something.
func actor(c authn.Caller) string {
	switch c.Kind {
	case authn.Person:
		return "persons/" + c.Person
	case authn.Service:
		return "services/" + c.Name
	default:
		return "system/" + c.Name
	}
}
