package rpc

import (
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// What is said of the events beside the straight way, in the plain words a filer reads: who, when and how much. The texts that people
// wrote are not repeated here.

// asideText says what happened; nothing where the event's type says it all.
func (s *shown) asideText(e ticket.Event) string {
	switch b := e.Body.(type) {
	case ticket.Recalled:
		return s.recalledText(b)
	case ticket.HandedOver:
		return s.either("改由", "Now held by ") + s.card(ticket.Seat{Unit: b.Unit, Official: b.Official}, e.Time).GetDisplayName() +
			s.either("承办（", " (") + s.Language.Say(routingTexts[b.Reason]) + s.either("）", ")")
	case ticket.ExtensionRequested:
		return s.either("申请延期"+strconv.Itoa(b.Workdays)+"个工作日", plural(b.Workdays, "workday")+" more were asked for")
	case ticket.ExtensionDecided:
		return s.extensionText(e, b)
	case ticket.Supervised:
		return s.either("列入督办", "Put under supervision") + s.by(e)
	case ticket.Instructed:
		return s.either("领导批示", "An instruction was given") + s.by(e)
	case ticket.ContactRevealed:
		return s.revealedText(e, b)
	case ticket.CallbackMissed:
		return s.missedText(b)
	case ticket.ConflictNamed:
		return s.conflictText(e, b)
	case ticket.ReturnRequested:
		return s.returnText(e, b)
	case ticket.ReturnDecided:
		return s.returnDecidedText(e, b)
	}
	if said := s.orderText(e); said != "" {
		return said
	}
	return s.dialogueText(e)
}

func (s *shown) orderText(e ticket.Event) string {
	of := func(number int) string {
		if o := s.Ticket.Order(number); o != nil {
			return s.either("：", ": ") + s.unitName(o.Unit, e.Time)
		}
		return ""
	}
	switch b := e.Body.(type) {
	case ticket.OrderCreated:
		part := s.either("（协办）", " (assisting)")
		if b.Lead {
			part = s.either("（主办）", " (leading)")
		}
		return s.either("交办工单：", "A part was given to ") + s.unitName(b.Unit, e.Time) + part
	case ticket.OrderSigned:
		return s.either("工单已签收", "The work order was signed") + of(b.Order)
	case ticket.OrderFinished:
		return s.either("工单已办结", "The work order was finished") + of(b.Order)
	case ticket.OrderWaived:
		if b.Message == "" { // with the holder it was for
			return s.either("工单终止", "The work order ended") + of(b.Order)
		}
		return s.either("不再等待工单", "The work order is no longer waited for") + of(b.Order)
	}
	return ""
}

func (s *shown) returnText(e ticket.Event, b ticket.ReturnRequested) string {
	from := s.Ticket.Returns[b.Return-1].By.Unit
	return s.either("申请退单", "Asked to hand it back") + s.either("：", ": ") + s.unitName(from, e.Time) + s.either("，", ", ") + s.Language.Say(returnTexts[b.Reason]) +
		s.either("，建议由", ", proposed for ") + s.unitName(b.Target, e.Time) + s.either("承办，等待裁定", "; waits for a decision")
}

func (s *shown) returnDecidedText(e ticket.Event, b ticket.ReturnDecided) string {
	switch {
	case b.Decision == ticket.Overtaken:
		return s.either("退单申请已无须裁定", "The return needs no decision any more")
	case b.Decision == ticket.Refused:
		return s.either("不同意退单，继续办理", "The return was refused; the work goes on")
	case b.Unit == "":
		return s.either("同意退单", "The return was granted")
	default:
		return s.either("同意退单，由", "The return was granted: now with ") + s.unitName(b.Unit, e.Time) + s.either("承办", "")
	}
}

func (s *shown) recalledText(b ticket.Recalled) string {
	switch b.Cause {
	case ticket.CauseConflict:
		return s.either("承办人需要回避，重新派单", "Its holder may have no part in it: back in the desk's queue")
	case ticket.CauseHandover:
		return s.either("承办人不再承办，重新派单", "Its holder left their work: back in the desk's queue")
	default:
		return s.either("退单后重新派单", "Returned: back in the desk's queue")
	}
}

func (s *shown) extensionText(e ticket.Event, b ticket.ExtensionDecided) string {
	switch b.Decision {
	case ticket.Overtaken:
		return s.either("延期申请未获决定，已失效", "The request for more time lapsed without a decision")
	case ticket.Refused:
		return s.either("不同意延期，原时限不变", "More time was refused; the deadline stays")
	}
	for _, c := range e.Clocks {
		switch {
		case c.Kind != ticket.KindAnswer:
		case c.State == ticket.Paused:
			return s.either("同意延期，时限在恢复计时后顺延", "More time was granted; the deadline moves on when the clock goes on")
		default:
			return s.either("同意延期，新的时限为", "More time was granted; now due ") + s.instant(c.Due)
		}
	}
	return s.either("同意延期", "More time was granted")
}

func (s *shown) dialogueText(e ticket.Event) string {
	switch b := e.Body.(type) {
	case ticket.DialogueTaken:
		card := s.card(b.Speaker, e.Time)
		who := card.GetDisplayName()
		if title := card.GetTitle(); title != "" {
			who += s.either("（", " (") + title + s.either("）", ")")
		}
		return s.either("已约定与", "A dialogue was arranged with ") + who + s.either("对话：", ": ") +
			s.instant(b.Appointment) + s.either("，", ", ") + s.Language.Say(modeTexts[b.Mode])
	case ticket.DialogueHandedOn:
		return s.either("直接对话转由", "The dialogue was handed on to ") + s.card(b.Speaker, e.Time).GetDisplayName() + s.either("安排", "")
	case ticket.DialogueHeld:
		return s.either("直接对话已进行（", "The dialogue was held (") + s.Language.Say(modeTexts[b.Mode]) + s.either("）", ")")
	}
	return ""
}

func (s *shown) missedText(b ticket.CallbackMissed) string {
	said := s.either("第"+strconv.Itoa(b.Attempt)+"次电话回访未接通", "Call-back "+strconv.Itoa(b.Attempt)+" reached nobody")
	if b.Next.IsZero() {
		return said + s.either("，不再拨打", "; there is no further one")
	}
	return said + s.either("，将再次拨打", "; another one follows")
}

// conflictText names those who are kept out, to who may know it.
func (s *shown) conflictText(e ticket.Event, b ticket.ConflictNamed) string {
	var all []string
	for _, person := range b.Officials {
		all = append(all, s.officialCard(person, e.Time).GetDisplayName())
	}
	for _, unit := range b.Units {
		all = append(all, s.unitName(unit, e.Time))
	}
	if len(all) == 0 { // not for the caller to know
		return ""
	}
	return s.either("登记回避：", "Kept out from now on: ") + strings.Join(all, s.either("、", ", "))
}

// by names the office that did something.
func (s *shown) by(e ticket.Event) string {
	o, ok := findOfficial(s.City, e.Actor, e.Time)
	if !ok {
		return ""
	}
	return s.either("：", ": ") + s.unitName(o.Unit, e.Time) + " " + o.DisplayName
}

// instant is a time as people say it, in the city's zone.
func (s *shown) instant(t time.Time) string {
	return t.In(worktime.Zone).Format(s.either("2006年1月2日 15:04", "2 January 2006 15:04"))
}

// either is the caller's text; unlike Pick, nothing in English stays nothing.
func (s *shown) either(zh, en string) string {
	if s.Language == language.English {
		return en
	}
	return zh
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
