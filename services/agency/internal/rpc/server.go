package rpc

import (
	"context"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// Server serves what is done with cases: CaseService, ItemService, JointReviewService, CommitmentService and MaterialService; and what is public:
// ApprovalCatalogueService and CertificateService.
type Server struct {
	agencyv1.UnimplementedCaseServiceServer
	agencyv1.UnimplementedItemServiceServer
	agencyv1.UnimplementedJointReviewServiceServer
	agencyv1.UnimplementedCommitmentServiceServer
	agencyv1.UnimplementedMaterialServiceServer
	agencyv1.UnimplementedApprovalCatalogueServiceServer
	agencyv1.UnimplementedCertificateServiceServer
	desk *desk.Desk
}

// NewServer makes the server of a desk.
func NewServer(d *desk.Desk) *Server { return &Server{desk: d} }

// show is a view as its caller reads it.
func show(ctx context.Context, view *desk.View) *shown {
	return &shown{View: view, Language: language.Of(ctx)}
}

// onCase answers a verb on a case: the case as it is afterwards.
func onCase(ctx context.Context, in acting, do func(by desk.Act) (desk.View, error)) (*agencyv1.Case, error) {
	by, err := actOf(ctx, in)
	if err != nil {
		return nil, err
	}
	view, err := do(by)
	return caseAnswer(ctx, view, err)
}

func caseAnswer(ctx context.Context, view desk.View, err error) (*agencyv1.Case, error) {
	if err != nil {
		return nil, err
	}
	return show(ctx, &view).whole(), nil
}

// onItem answers a verb on an item: the item as it is afterwards.
func onItem(ctx context.Context, in acting, do func(by desk.Act, item string) (desk.View, error)) (*agencyv1.Item, error) {
	by, err := actOf(ctx, in)
	if err != nil {
		return nil, err
	}
	item := itemOf(in.GetName())
	view, err := do(by, item)
	return itemAnswer(ctx, view, item, err)
}

func itemAnswer(ctx context.Context, view desk.View, item string, err error) (*agencyv1.Item, error) {
	if err != nil {
		return nil, err
	}
	return show(ctx, &view).item(view.Case.Item(item)), nil
}

// onCommitment answers a verb on a commitment: the commitment as it is afterwards.
func onCommitment(ctx context.Context, in acting, do func(by desk.Act, number int) (desk.View, error)) (*agencyv1.Commitment, error) {
	by, err := actOf(ctx, in)
	if err != nil {
		return nil, err
	}
	number := numberOf(in.GetName())
	view, err := do(by, number)
	return commitmentAnswer(ctx, view, number, err)
}

func commitmentAnswer(ctx context.Context, view desk.View, number int, err error) (*agencyv1.Commitment, error) {
	if err != nil {
		return nil, err
	}
	return show(ctx, &view).commitment(view.Case.Commitment(number)), nil
}
