package catalogue

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// FromProto makes a city of the directory's configuration and the version before it, which is nil for the first. A configuration without a
// catalogue is a city without an agency.
func FromProto(in *directoryv1.CityConfig, earlier *City) (*City, error) {
	config, err := configOf(in)
	if err != nil {
		return nil, fmt.Errorf("%s version %d: %w", in.GetName(), in.GetVersion(), err)
	}
	return New(config, earlier)
}

func configOf(in *directoryv1.CityConfig) (Config, error) {
	out := Config{
		Code:          strings.TrimPrefix(in.GetName(), "cities/"),
		Version:       in.GetVersion(),
		Applied:       in.GetApplyTime().AsTime(),
		DisplayName:   in.GetDisplayName(),
		DisplayNameEn: in.GetDisplayNameEn(),
		Units: each(in.GetUnits(), func(u *directoryv1.Unit) Unit {
			return Unit{Code: u.GetCode(), DisplayName: u.GetDisplayName(), DisplayNameEn: u.GetDisplayNameEn(), Parent: u.GetParent(),
				Kind: u.GetKind(), County: u.GetCounty(), Leader: personID(u.GetLeader())}
		}),
		Counties: each(in.GetCounties(), func(c *directoryv1.County) County {
			return County{Code: c.GetCode(), DisplayName: c.GetDisplayName(), DisplayNameEn: c.GetDisplayNameEn()}
		}),
		Officials: each(in.GetOfficials(), func(o *directoryv1.Official) Official {
			return Official{Person: personID(o.GetPerson()), DisplayName: o.GetDisplayName(), Title: o.GetTitle(), Unit: o.GetUnit(), Phone: o.GetPhone(),
				Agent: slices.Contains(o.GetRoles(), optionsv1.Role_ROLE_AGENT), Clerk: slices.Contains(o.GetRoles(), optionsv1.Role_ROLE_CLERK)}
		}),
		Stages:    each(in.GetCatalogue().GetStages(), StageOf),
		Items:     each(in.GetCatalogue().GetItems(), ItemOf),
		Materials: each(in.GetCatalogue().GetMaterials(), MaterialOf),
		Choices: each(in.GetCatalogue().GetChoices(), func(c *directoryv1.Choice) Choice {
			return Choice{Question: c.GetQuestion(), Code: c.GetCode(), DisplayName: c.GetDisplayName(), DisplayNameEn: c.GetDisplayNameEn()}
		}),
	}
	var err error
	if out.Calendar, err = worktime.Read(in.GetCalendarYears(), in.GetSeasons()); err != nil {
		return Config{}, err
	}
	if out.LineSystems, err = mapped(in.GetCatalogue().GetLineSystems(), lineSystemOf); err != nil {
		return Config{}, err
	}
	out.Rules, err = rulesOf(in.GetCatalogue().GetRules())
	return out, err
}

// personID takes the id out of cities/{city}/persons/{person}.
func personID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func lineSystemOf(s *directoryv1.LineSystem) (LineSystem, error) {
	if len(s.GetPublicKey()) != ed25519.PublicKeySize {
		return LineSystem{}, fmt.Errorf("system %s: its key has %d bytes", s.GetCode(), len(s.GetPublicKey()))
	}
	return LineSystem{Code: s.GetCode(), DisplayName: s.GetDisplayName(), DisplayNameEn: s.GetDisplayNameEn(), Unit: s.GetUnit(), PublicKey: s.GetPublicKey()}, nil
}

func rulesOf(r *directoryv1.AgencyRules) (Rules, error) {
	out := Rules{
		Centres: r.GetCentres(), WarnPercent: int(r.GetWarnPercent()), EntrustmentMonths: int(r.GetEntrustmentMonths()),
		TicketCategory:    r.GetTicketCategory(),
		ProcedureWorkdays: make(map[string]int, len(r.GetProcedures())),
	}
	for _, p := range r.GetProcedures() {
		out.ProcedureWorkdays[p.GetProcedure()] = int(p.GetMaxWorkdays())
	}
	for _, limit := range []struct {
		name, text string
		to         *worktime.Limit
	}{
		{"admitting", r.GetAdmitLimit(), &out.AdmitLimit},
		{"assigning", r.GetAssignLimit(), &out.AssignLimit},
		{"accepting", r.GetAcceptLimit(), &out.AcceptLimit},
		{"correcting", r.GetCorrectLimit(), &out.CorrectLimit},
		{"an opinion", r.GetOpinionLimit(), &out.OpinionLimit},
		{"delivering", r.GetDeliverLimit(), &out.DeliverLimit},
		{"a withdrawal", r.GetWithdrawalLimit(), &out.WithdrawalLimit},
		{"an extension", r.GetExtensionLimit(), &out.ExtensionLimit},
		{"being stuck", r.GetStuckAfter(), &out.StuckAfter},
	} {
		if limit.text == "" {
			continue
		}
		var err error
		if *limit.to, err = worktime.ParseLimit(limit.text); err != nil {
			return Rules{}, fmt.Errorf("limit for %s: %w", limit.name, err)
		}
	}
	var err error
	out.CommitmentReminders, err = mapped(r.GetCommitmentReminders(), worktime.ParseLimit)
	return out, err
}

// each leaves an empty list nil: what is kept of it as JSON is then the same as what was read.
func each[In, Out any](in []In, f func(In) Out) []Out {
	var out []Out
	for _, item := range in {
		out = append(out, f(item))
	}
	return out
}

func mapped[In, Out any](in []In, f func(In) (Out, error)) ([]Out, error) {
	var out []Out
	for _, item := range in {
		o, err := f(item)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}
