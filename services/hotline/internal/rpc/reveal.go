package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

const revealContact = "RevealContact"

// RevealContact shows the filer's phone in full.
func (s *Server) RevealContact(ctx context.Context, in *hotlinev1.RevealContactRequest) (*hotlinev1.RevealContactResponse, error) {
	call, err := callOf(revealContact, in)
	if err != nil {
		return nil, err
	}
	view, err := s.desk.Reveal(ctx, callerOf(ctx), call, refOf(in.GetName()), in.GetReason(), in.GetNote())
	if err != nil {
		return nil, err
	}
	return revealed(ctx, &view), nil
}

func revealed(ctx context.Context, view *desk.View) *hotlinev1.RevealContactResponse {
	show, filing := shown{View: view, Language: language.Of(ctx)}, view.Filing()
	return &hotlinev1.RevealContactResponse{Contact: &hotlinev1.Contact{Name: filing.Name, Phone: filing.Phone}, Ticket: show.ticket()}
}

// revealTexts say what somebody looked at a phone for.
var revealTexts = map[string]fault.Text{
	"call":             {Zh: "电话联系", En: "to call"},
	"visit":            {Zh: "上门走访", En: "to make a visit"},
	"callback":         {Zh: "回访", En: "to call back"},
	"identity":         {Zh: "核实身份", En: "to make sure who it is"},
	ticket.RevealOther: {Zh: "其他原因", En: "for another reason"},
}

// revealedText says to the filer who looked at their phone: unit, post and name, and why.
func (s *shown) revealedText(e ticket.Event, b ticket.ContactRevealed) string {
	card := s.officialCard(e.Actor, e.Time)
	who := card.GetUnitDisplayName() + " " + card.GetDisplayName()
	if title := card.GetTitle(); title != "" {
		who += s.either("（", " (") + title + s.either("）", ")")
	}
	who += s.either("查看了诉求人的联系电话", " looked at the filer's phone")
	if b.Reason == "" { // not for the caller to know
		return who
	}
	return who + s.either("：", ": ") + s.Language.Say(revealTexts[b.Reason])
}
