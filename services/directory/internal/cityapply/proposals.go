package cityapply

import (
	"context"
	"errors"
	"strings"

	"go.uber.org/zap"
	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/citypb"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What is refused about a proposal.
var (
	ErrProposal = fault.New(fault.NotFound, "CITY_PROPOSAL_NOT_FOUND",
		"未找到该待复核的改动。", "There is no such proposal.")
	ErrSecondPerson = fault.New(fault.Denied, "SECOND_PERSON_REQUIRED",
		"本市规定由另一位管理员复核后生效：提出改动的人不能自己复核。", "This city wants a second person: another administrator applies what you have proposed.")
	ErrProposalDecided = fault.New(fault.Precondition, "CITY_PROPOSAL_DECIDED",
		"该改动已有处理结果，请刷新后查看。", "This proposal was decided already. Read it again.")
	ErrProposalOutdated = fault.New(fault.Precondition, "CITY_PROPOSAL_OUTDATED",
		"提出之后已有新版本生效，请以新版本为底稿重新提出。", "Another version came into force meanwhile. Propose the change anew on that one.")
)

// needsSecond tells whether what a caller applies waits for somebody else. A process that starts and an operator at its machine are no officials.
func (s *Service) needsSecond(caller authn.Caller, inForce *directoryv1.CityConfig) bool {
	return caller.Kind == authn.Person && inForce.GetSecondPerson()
}

// proposal is what a decision becomes that waits for a second person.
func (s *Service) proposal(d decision, code, reason string, files []*directoryv1.CityFile) (*change.Change, string, error) {
	p := store.CityProposal{City: code, ID: s.ids.New(), State: directoryv1.CityProposal_WAITING, Base: d.next.Version - 1, Created: d.next.Time, Actor: d.actor,
		Reason: reason, Summary: d.summary}
	c := &change.Change{}
	return c, citypb.ProposalName(code, p.ID), store.AddCityProposal(c, p, files)
}

// Proposals returns the newest proposals below an id, newest first.
func (s *Service) Proposals(ctx context.Context, caller authn.Caller, code, below string, limit int) ([]*directoryv1.CityProposal, error) {
	if err := s.ofCity(caller, code); err != nil {
		return nil, err
	}
	rows, err := s.Store.CityProposals(ctx, code, below, limit)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	out := make([]*directoryv1.CityProposal, len(rows))
	for i, p := range rows {
		if out[i], err = s.shown(ctx, p, names); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ProposalFiles returns the files that a proposal would put in force.
func (s *Service) ProposalFiles(ctx context.Context, caller authn.Caller, code, id string) (*directoryv1.CityProposalFiles, error) {
	p, err := s.proposed(ctx, caller, code, id)
	if err != nil {
		return nil, err
	}
	files, err := s.Store.CityProposalFiles(ctx, code, id)
	return &directoryv1.CityProposalFiles{Name: citypb.ProposalName(code, id), BaseVersion: p.Base, Files: files}, err
}

// ApplyProposal puts in force what somebody else has proposed.
func (s *Service) ApplyProposal(ctx context.Context, caller authn.Caller, code, id string, r store.Request) (*directoryv1.ApplyCityResponse, error) {
	p, err := s.proposed(ctx, caller, code, id)
	if err != nil {
		return nil, err
	}
	if p.Actor == actor(caller) {
		return nil, ErrSecondPerson
	}
	files, err := s.Store.CityProposalFiles(ctx, code, id)
	if err != nil {
		return nil, err
	}
	c, err := s.load(caller, code, files)
	if err != nil {
		return nil, err
	}
	resource, err := s.Store.Once(ctx, r, func(ctx context.Context) (*change.Change, string, error) {
		p, err := s.Store.CityProposal(ctx, code, id)
		switch {
		case err != nil:
			return nil, "", err
		case p.State == directoryv1.CityProposal_APPLIED && p.Decider == actor(caller):
			return nil, citypb.ConfigName(code, p.Base+1), nil
		case p.State != directoryv1.CityProposal_WAITING:
			return nil, "", ErrProposalDecided
		}
		d, err := s.decide(ctx, caller, c, files, p.Reason, p.Actor)
		switch {
		case err != nil:
			return nil, "", err
		case d.change == nil || d.next.Version != p.Base+1:
			return nil, "", ErrProposalOutdated
		}
		p.State, p.Decided, p.Decider = directoryv1.CityProposal_APPLIED, d.next.Time, d.actor
		store.DecideCityProposal(d.change, p)
		return d.change, citypb.ConfigName(code, d.next.Version), nil
	})
	if err != nil {
		return nil, err
	}
	return s.applied(ctx, code, resource)
}

// DropProposal gives a proposal up.
func (s *Service) DropProposal(ctx context.Context, caller authn.Caller, code, id, reason string, r store.Request) (*directoryv1.CityProposal, error) {
	if _, err := s.proposed(ctx, caller, code, id); err != nil {
		return nil, err
	}
	_, err := s.Store.Once(ctx, r, func(ctx context.Context) (*change.Change, string, error) {
		p, err := s.Store.CityProposal(ctx, code, id)
		switch {
		case err != nil:
			return nil, "", err
		case p.State == directoryv1.CityProposal_DROPPED && p.Decider == actor(caller):
			return nil, citypb.ProposalName(code, id), nil
		case p.State != directoryv1.CityProposal_WAITING:
			return nil, "", ErrProposalDecided
		}
		p.State, p.Decided, p.Decider, p.DropReason = directoryv1.CityProposal_DROPPED, s.City.Now(), actor(caller), reason
		c := &change.Change{}
		store.DecideCityProposal(c, p)
		return c, citypb.ProposalName(code, id), nil
	})
	if err != nil {
		return nil, err
	}
	s.Log.Info("a proposed configuration is dropped", zap.String("city", code), zap.String("proposal", id))
	p, err := s.Store.CityProposal(ctx, code, id)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, p, map[string]string{})
}

// proposed finds a proposal for somebody of its city.
func (s *Service) proposed(ctx context.Context, caller authn.Caller, code, id string) (store.CityProposal, error) {
	if err := s.ofCity(caller, code); err != nil {
		return store.CityProposal{}, err
	}
	p, err := s.Store.CityProposal(ctx, code, id)
	if errors.Is(err, store.ErrNotFound) {
		err = ErrProposal
	}
	return p, err
}

// shown is a proposal as the contract has it.
func (s *Service) shown(ctx context.Context, p store.CityProposal, names map[string]string) (out *directoryv1.CityProposal, err error) {
	out = &directoryv1.CityProposal{Name: citypb.ProposalName(p.City, p.ID), State: p.State, BaseVersion: p.Base, CreateTime: timestamppb.New(p.Created),
		Reason: p.Reason, Summary: p.Summary, DropReason: p.DropReason}
	if out.Actor, out.ActorDisplayName, err = s.official(ctx, p.City, p.Actor, names); err != nil || p.Decided.IsZero() {
		return out, err
	}
	out.DecideTime = timestamppb.New(p.Decided)
	out.Decider, out.DeciderDisplayName, err = s.official(ctx, p.City, p.Decider, names)
	return out, err
}

// official is who the journal names, as the contract names them, and what they are called where that is known.
func (s *Service) official(ctx context.Context, code, actor string, known map[string]string) (name, displayName string, err error) {
	person, is := strings.CutPrefix(actor, "persons/")
	if !is {
		return actor, "", nil
	}
	displayName, err = s.officialName(ctx, code, person, known)
	return citypb.CityName(code) + "/" + actor, displayName, err
}
