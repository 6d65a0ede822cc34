package rpc

import (
	"context"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// GetApprovalCatalogue returns the catalogue in force.
func (s *Server) GetApprovalCatalogue(_ context.Context, in *agencyv1.GetApprovalCatalogueRequest) (*agencyv1.ApprovalCatalogue, error) {
	city, err := s.desk.Catalogue(cityOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	return &agencyv1.ApprovalCatalogue{Version: city.Version(), Catalogue: city.Catalogue()}, nil
}

// PreviewPlan returns what a project would need.
func (s *Server) PreviewPlan(ctx context.Context, in *agencyv1.PreviewPlanRequest) (*agencyv1.PlanPreview, error) {
	view, err := s.desk.Preview(cityOf(in.GetParent()), in.GetCounty(), casefile.AnswersOf(in.GetAnswers()))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.PlanPreview{Version: view.City.Version(), Plan: show(ctx, &view).plan()}
	for n := range view.Case.Items {
		out.Items = append(out.Items, view.Case.Items[n].Def.Proto())
	}
	return out, nil
}

// GetCasePlan returns the plan as it stands now.
func (s *Server) GetCasePlan(ctx context.Context, in *agencyv1.GetCasePlanRequest) (*agencyv1.Plan, error) {
	view, err := s.desk.Get(ctx, callerOf(ctx), refOf(in.GetName()))
	if err != nil {
		return nil, err
	}
	return show(ctx, &view).plan(), nil
}

// CheckCertificate tells whether a certificate is in force.
func (s *Server) CheckCertificate(ctx context.Context, in *agencyv1.CheckCertificateRequest) (*agencyv1.CertificateCheck, error) {
	k, err := s.desk.CheckCertificate(ctx, cityOf(in.GetParent()), in.GetNumber(), in.GetCode())
	if err != nil {
		return nil, err
	}
	said := language.Of(ctx)
	unit := findUnit(k.City, k.Unit, k.Issued)
	return &agencyv1.CertificateCheck{Number: k.Number, State: k.State, DisplayName: said.Pick(k.Item.Certificate, k.Item.CertificateEn),
		ItemDisplayName: said.Pick(k.Item.DisplayName, k.Item.DisplayNameEn), UnitDisplayName: said.Pick(unit.DisplayName, unit.DisplayNameEn),
		ProjectTitle: k.Title, ValidFrom: k.From, ValidUntil: k.Until, Sha256: hexOf(k.SHA256)}, nil
}

// plan renders the schedule with its instants: what has happened at its own, what is to come at the close of its day.
func (s *shown) plan() *agencyv1.Plan {
	p := &s.Plan
	at := func(day int) time.Time { return p.At(s.City, day) }
	out := &agencyv1.Plan{Time: stamp(s.Now), OriginTime: stamp(p.Origin), CriticalPath: p.Critical, FinishTime: stamp(at(p.Finish)),
		StatutoryFinishTime: stamp(at(p.Statutory)), SavedWorkdays: int32(p.Saved), Workdays: int32(p.Finish), StatutoryWorkdays: int32(p.Statutory),
		Provisional: s.projected(max(p.Finish, p.Statutory))}
	for _, b := range p.Items {
		i := s.Case.Item(b.Code)
		bar := &agencyv1.PlanBar{Item: b.Code, DisplayName: s.itemName(i), Stage: i.Def.Stage, After: i.Def.After, Needs: i.Def.Needs,
			Start: int32(b.Start), Finish: int32(b.Finish), LatestStart: int32(b.LatestStart), LatestFinish: int32(b.LatestFinish), Slack: int32(b.Slack),
			Critical: b.Critical, StatutoryStart: int32(b.StatutoryStart), StatutoryFinish: int32(b.StatutoryFinish),
			StartTime: stamp(at(b.Start)), FinishTime: stamp(at(b.Finish)), Started: i.Accepted() || i.Good() && !i.AcceptTime.IsZero(), Finished: i.Good()}
		if bar.GetStarted() {
			bar.StartTime = stamp(i.AcceptTime)
		}
		if bar.GetFinished() {
			bar.FinishTime = stamp(i.Since)
			if !i.DecideTime.IsZero() {
				bar.FinishTime = stamp(i.DecideTime)
			}
		}
		if s.showsItem(b.Code) {
			bar.Pauses = s.pauses(i)
		}
		out.Bars = append(out.Bars, bar)
	}
	return out
}

// projected tells whether a day of the plan rests on a year that no notice has made official.
func (s *shown) projected(day int) bool {
	return day > 0 && s.City.Calendar().Add(s.Plan.Origin, worktime.Limit{Amount: day, Unit: worktime.Workdays}).Provisional
}

// pauses are when an item's limit stood still, up to now, as pairs.
func (s *shown) pauses(i *casefile.Item) (out []*timestamp) {
	k := s.Case.Clock(i, casefile.KindPromised)
	if k == nil {
		return nil
	}
	for _, p := range k.Pauses {
		out = append(out, stamp(p.From), stamp(p.To))
	}
	if k.State == casefile.Paused && k.Owed() {
		out = append(out, stamp(k.Paused), stamp(s.Now))
	}
	return out
}
