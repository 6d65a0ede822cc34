package rpc

import (
	"context"
	"strconv"
	"strings"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// Staff is StaffService.
type Staff struct {
	directoryv1.UnimplementedStaffServiceServer
	Desk *desk.Desk
}

// ListOfficials implements the contract.
func (s *Staff) ListOfficials(ctx context.Context, r *directoryv1.ListOfficialsRequest) (*directoryv1.ListOfficialsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	city := cityOf(r.GetParent())
	unit, inCity := strings.CutPrefix(r.GetUnit(), "cities/"+city+"/units/")
	if r.GetUnit() != "" && !inCity {
		return nil, desk.ErrUnit
	}
	query := page.Query{Parent: r.GetParent() + "/officials", Order: "unit", Filter: strconv.Itoa(int(r.GetRole())) + "/" + unit + "/" + r.GetNamePart(),
		View: caller(ctx).Person}
	q := desk.OfficialQuery{City: city, Unit: unit, NamePart: r.GetNamePart(), Role: r.GetRole(), Size: size}
	if r.GetPageToken() != "" {
		keys, err := page.Keys(r.GetPageToken(), query, "", "", "")
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			q.After = append(q.After, k.(string))
		}
	}
	found, err := s.Desk.Officials(ctx, caller(ctx), q)
	if err != nil {
		return nil, err
	}
	out := &directoryv1.ListOfficialsResponse{Officials: found.Officials}
	if n := found.Next; n != nil {
		out.NextPageToken = page.Token(query, n[0], n[1], n[2])
	}
	return out, nil
}
