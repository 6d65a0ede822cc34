package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Explain tells how every deadline of a case came about, or those of one item.
func (d *Desk) Explain(ctx context.Context, caller authn.Caller, ref Ref, item string) (View, casefile.Explanation, error) {
	view, _, err := d.open(ctx, caller, ref)
	if err != nil {
		return View{}, casefile.Explanation{}, err
	}
	explained, err := view.Case.Explain(view.context, item)
	return view, explained, err
}
