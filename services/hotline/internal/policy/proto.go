package policy

import (
	"fmt"
	"slices"
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// FromProto makes a city of the directory's configuration and the version before it, which is nil for the first.
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
		DeskUnit:      in.GetDeskUnit(),
		Rates: Rates{
			ResponseWeight:     int(in.GetRates().GetResponseWeight()),
			ResolutionWeight:   int(in.GetRates().GetResolutionWeight()),
			SatisfactionWeight: int(in.GetRates().GetSatisfactionWeight()),
			BasicallyPercent:   int(in.GetRates().GetBasicallyPercent()),
		},
	}
	addLists(&out, in)
	var err error
	if out.Calendar, err = worktime.Read(in.GetCalendarYears(), in.GetSeasons()); err != nil {
		return Config{}, err
	}
	if out.Policies, err = mapped(in.GetPolicies(), policyOf); err != nil {
		return Config{}, err
	}
	if out.Ladder, err = mapped(in.GetLadder(), stepOf); err != nil {
		return Config{}, err
	}
	slices.SortStableFunc(out.Ladder, func(a, b Step) int { return a.Rung - b.Rung })
	out.Rules, err = rulesOf(in.GetRules())
	return out, err
}

func addLists(out *Config, in *directoryv1.CityConfig) {
	for _, u := range in.GetUnits() {
		out.Units = append(out.Units, Unit{
			Code: u.GetCode(), DisplayName: u.GetDisplayName(), DisplayNameEn: u.GetDisplayNameEn(), Parent: u.GetParent(),
			Kind: u.GetKind(), County: u.GetCounty(), Leader: personID(u.GetLeader()),
		})
	}
	for _, c := range in.GetCategories() {
		out.Categories = append(out.Categories, Category{
			Code: c.GetCode(), DisplayName: c.GetDisplayName(), DisplayNameEn: c.GetDisplayNameEn(), Parent: c.GetParent(), Unit: c.GetUnit(),
		})
	}
	for _, t := range in.GetAppealTypes() {
		out.AppealTypes = append(out.AppealTypes, AppealType{
			Code: t.GetCode(), DisplayName: t.GetDisplayName(), DisplayNameEn: t.GetDisplayNameEn(), Default: t.GetDefault(),
		})
	}
	for _, c := range in.GetCounties() {
		out.Counties = append(out.Counties, County{Code: c.GetCode(), DisplayName: c.GetDisplayName(), DisplayNameEn: c.GetDisplayNameEn()})
	}
	for _, o := range in.GetOfficials() {
		official := Official{
			Person: personID(o.GetPerson()), Login: o.GetLogin(), DisplayName: o.GetDisplayName(), Title: o.GetTitle(),
			Unit: o.GetUnit(), Phone: o.GetPhone(), LoadCap: int(o.GetLoadCap()), Deputy: o.GetDeputy(),
		}
		for _, r := range o.GetRoles() {
			official.Roles = append(official.Roles, RoleOf(r))
		}
		out.Officials = append(out.Officials, official)
	}
}

// personID takes the id out of cities/{city}/persons/{person}.
func personID(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// RoleOf returns the role of the contract's number.
func RoleOf(r optionsv1.Role) Role {
	return Role(strings.ToLower(strings.TrimPrefix(r.String(), "ROLE_")))
}

func mapped[In, Out any](in []In, f func(In) (Out, error)) ([]Out, error) {
	out := make([]Out, 0, len(in))
	for _, item := range in {
		o, err := f(item)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func policyOf(p *directoryv1.Policy) (Policy, error) {
	out := Policy{
		Code: p.GetCode(), Source: p.GetSource(), Channels: p.GetChannels(), AppealTypes: p.GetAppealTypes(),
		Categories: p.GetCategories(), Urgencies: p.GetUrgencies(),
	}
	var err error
	out.Rules, err = mapped(p.GetLimits(), func(l *directoryv1.PolicyLimit) (ClockRule, error) {
		limit, err := worktime.ParseLimit(l.GetLimit())
		if err != nil {
			return ClockRule{}, fmt.Errorf("policy %s, clock %s: %w", p.GetCode(), l.GetClock(), err)
		}
		return ClockRule{
			Clock: l.GetClock(), Limit: limit, FromSign: l.GetFrom() == ClockSign, WarnPercent: int(l.GetWarnPercent()), Ladder: l.GetLadder(),
		}, nil
	})
	return out, err
}

func stepOf(r *directoryv1.Rung) (Step, error) {
	after, err := limitOf(r.GetAfter())
	if err != nil {
		return Step{}, fmt.Errorf("rung %d: %w", r.GetRung(), err)
	}
	return Step{Rung: int(r.GetRung()), After: after, Accountable: Accountable(r.GetAccountable())}, nil
}

// limitOf takes an empty text for no limit.
func limitOf(text string) (worktime.Limit, error) {
	if text == "" {
		return worktime.Limit{}, nil
	}
	return worktime.ParseLimit(text)
}

func rulesOf(r *directoryv1.Rules) (Rules, error) {
	out := Rules{
		MaxQuestions:          int(r.GetMaxQuestions()),
		MaxWaitWorkdays:       int(r.GetMaxWaitWorkdays()),
		NoQuestionLastPercent: int(r.GetNoQuestionLastPercent()),
		MaxReopens:            int(r.GetMaxReopens()),
		ThinAnswerChars:       int(r.GetThinAnswerChars()),
		MaxReturns:            int(r.GetMaxReturns()),
		MaxExtensions:         int(r.GetMaxExtensions()),
		MaxExtensionWorkdays:  int(r.GetMaxExtensionWorkdays()),
		CallbackPercent:       int(r.GetCallbackPercent()),
	}
	var err error
	if out.WaitLimit, err = limitOf(r.GetWaitLimit()); err != nil {
		return Rules{}, fmt.Errorf("wait limit: %w", err)
	}
	if out.ReopenWindow, err = limitOf(r.GetReopenWindow()); err != nil {
		return Rules{}, fmt.Errorf("window to reopen: %w", err)
	}
	if out.ReturnWindow, err = limitOf(r.GetReturnWindow()); err != nil {
		return Rules{}, fmt.Errorf("window to return: %w", err)
	}
	if out.CallbackRetry, err = limitOf(r.GetCallbackRetry()); err != nil {
		return Rules{}, fmt.Errorf("retry of a call-back: %w", err)
	}
	out.VerifyReminders, err = mapped(r.GetVerifyReminders(), worktime.ParseLimit)
	return out, err
}
