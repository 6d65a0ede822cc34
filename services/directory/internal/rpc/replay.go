package rpc

import (
	"context"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
)

// Replayer answers a call that was made before although the request would no longer pass validation: rules may have become
// stricter since.
type Replayer struct {
	Enterprises *Enterprises
	Persons     *Persons
	Settings    *Settings
	Desk        *desk.Desk
}

// Replay implements rpcserver.Replay.
func (r *Replayer) Replay(ctx context.Context, method string, m proto.Message) (proto.Message, bool, error) {
	with, ok := m.(withID)
	if !ok {
		return nil, false, nil
	}
	render := r.render(m)
	if render == nil {
		return nil, false, nil
	}
	resource, seen, err := r.Desk.Seen(ctx, caller(ctx), requestOf(method, with))
	if err != nil || !seen {
		return nil, seen, err
	}
	answer, err := render(ctx, resource)
	return answer, err == nil, err
}

func (r *Replayer) render(m proto.Message) func(context.Context, string) (proto.Message, error) {
	switch m.(type) {
	case *directoryv1.CreateEnterpriseRequest:
		return answer(r.Enterprises.enterprise)
	case *directoryv1.ClaimMembershipRequest, *directoryv1.ConfirmMemberRequest, *directoryv1.RemoveMemberRequest:
		return answer(r.Enterprises.member)
	case *directoryv1.CreateProjectRequest:
		return answer(r.Enterprises.project)
	case *directoryv1.UpdatePersonRequest, *directoryv1.DismissOfficialRequest:
		return answer(r.Persons.person)
	case *directoryv1.UpdateSettingsRequest:
		return answer(r.Settings.settings)
	}
	return nil
}

func answer[M proto.Message](get func(context.Context, string) (M, error)) func(context.Context, string) (proto.Message, error) {
	return func(ctx context.Context, name string) (proto.Message, error) {
		m, err := get(ctx, name)
		if err != nil {
			return nil, err
		}
		return m, nil
	}
}
