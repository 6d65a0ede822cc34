package rpc

import (
	"context"
	"encoding/hex"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// CreateCase opens a case.
func (s *Server) CreateCase(ctx context.Context, in *agencyv1.CreateCaseRequest) (*agencyv1.Case, error) {
	call, err := calling(ctx, in)
	if err != nil {
		return nil, err
	}
	city := cityOf(in.GetParent())
	view, err := s.desk.Create(ctx, callerOf(ctx), call, desk.Opening{
		City: city, Title: in.GetTitle(), Enterprise: enterpriseOf(in.GetEnterprise()), Project: projectOf(in.GetProject()),
		ProjectOf: enterpriseOf(in.GetProject()), Counties: in.GetCounties(), Eligibility: in.GetEligibility(), Answers: casefile.AnswersOf(in.GetAnswers()),
		Name: in.GetContactName(), Phone: in.GetContactPhone(), Duty: in.GetContactDuty(), Unit: idIn(city, "units", in.GetUnit()), Arranged: in.GetArrangedText(),
	})
	return caseAnswer(ctx, view, err)
}

// GetCase returns a case.
func (s *Server) GetCase(ctx context.Context, in *agencyv1.GetCaseRequest) (*agencyv1.Case, error) {
	view, err := s.desk.Get(ctx, callerOf(ctx), refOf(in.GetName()))
	return caseAnswer(ctx, view, err)
}

// listing is what the lists ask alike.
type listing interface {
	GetParent() string
	GetPageSize() int32
	GetPageToken() string
	GetFilter() string
	GetOrderBy() string
}

func queryOf(in listing) desk.ListQuery {
	return desk.ListQuery{City: cityOf(in.GetParent()), PageSize: in.GetPageSize(), PageToken: in.GetPageToken(), Filter: in.GetFilter(), OrderBy: in.GetOrderBy()}
}

// row is a view as a row of a list shows it.
func row(ctx context.Context, view *desk.View) *shown {
	r := show(ctx, view)
	r.row = true
	return r
}

// ListCases pages through cases.
func (s *Server) ListCases(ctx context.Context, in *agencyv1.ListCasesRequest) (*agencyv1.ListCasesResponse, error) {
	list, err := s.desk.List(ctx, callerOf(ctx), queryOf(in))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListCasesResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for i := range list.Rows {
		out.Cases = append(out.Cases, row(ctx, &list.Rows[i]).whole())
	}
	return out, nil
}

// LookupCase finds a case by its number.
func (s *Server) LookupCase(ctx context.Context, in *agencyv1.LookupCaseRequest) (*agencyv1.Case, error) {
	view, err := s.desk.Lookup(ctx, callerOf(ctx), cityOf(in.GetParent()), in.GetNumber())
	return caseAnswer(ctx, view, err)
}

// AdmitCase lets the city do it.
func (s *Server) AdmitCase(ctx context.Context, in *agencyv1.AdmitCaseRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) { return s.desk.Admit(ctx, by) })
}

// DeclineCase says that the city does not do it.
func (s *Server) DeclineCase(ctx context.Context, in *agencyv1.DeclineCaseRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) { return s.desk.Decline(ctx, by, in.GetReason()) })
}

// UpdateAnswers plans anew after the project changed.
func (s *Server) UpdateAnswers(ctx context.Context, in *agencyv1.UpdateAnswersRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.UpdateAnswers(ctx, by, casefile.AnswersOf(in.GetAnswers()))
	})
}

// MoveCase moves the case to the newest catalogue version.
func (s *Server) MoveCase(ctx context.Context, in *agencyv1.MoveCaseRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) { return s.desk.Move(ctx, by, in.GetReason()) })
}

// CloseCase ends the case.
func (s *Server) CloseCase(ctx context.Context, in *agencyv1.CloseCaseRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) { return s.desk.Close(ctx, by, in.GetReason()) })
}

// OfferAgreement words an agreement.
func (s *Server) OfferAgreement(ctx context.Context, in *agencyv1.OfferAgreementRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.OfferAgreement(ctx, by, desk.Offer{Stages: in.GetStages(), Expire: in.GetExpireTime().AsTime(), Words: in.GetText(), Paper: in.GetPaper()})
	})
}

// SignAgreement signs for the enterprise.
func (s *Server) SignAgreement(ctx context.Context, in *agencyv1.SignAgreementRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.SignAgreement(ctx, by, signature(by.Ref, in.GetTextSha256(), in.GetSignerName(), in.GetDocument()))
	})
}

// signature is how somebody signs; the contract has seen that the hash is one.
func signature(ref desk.Ref, sha256, name, document string) desk.Signature {
	sum, _ := hex.DecodeString(sha256)
	return desk.Signature{SHA256: sum, Name: name, Document: documentIn(ref, document)}
}

// SealAgreement is a centre's seal.
func (s *Server) SealAgreement(ctx context.Context, in *agencyv1.SealAgreementRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.SealAgreement(ctx, by, documentIn(by.Ref, in.GetDocument()))
	})
}

// TerminateAgreement ends the entrustment.
func (s *Server) TerminateAgreement(ctx context.Context, in *agencyv1.TerminateAgreementRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) { return s.desk.TerminateAgreement(ctx, by, in.GetReason()) })
}

// AssignAgent is a centre's own choice.
func (s *Server) AssignAgent(ctx context.Context, in *agencyv1.AssignAgentRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.AssignAgent(ctx, by, idIn(by.Ref.City, "units", in.GetCentre()), idIn(by.Ref.City, "persons", in.GetOfficial()))
	})
}

// RecordMeeting records a meeting.
func (s *Server) RecordMeeting(ctx context.Context, in *agencyv1.RecordMeetingRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.RecordMeeting(ctx, by, in.GetItem(), in.GetMeetingTime().AsTime(), in.GetText())
	})
}
