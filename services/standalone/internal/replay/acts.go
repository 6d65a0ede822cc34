package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// act is one call of somebody, or letting time pass until something happens by itself.
type act struct {
	verb string
	by   *person
	path string
	in   fields
	own  bool      // what the walk is after; else a step on the way there
	till time.Time // nothing is called; what is to happen has happened by then
}

// fields are the body of a call.
type fields map[string]any

// on is a verb of somebody upon the ticket.
func (w *walk) on(t *sight, verb string, by *person, in fields) act {
	return act{verb: verb, by: by, path: "/v1/" + t.Name + ":" + verb, in: in}
}

const words = "回放：弯路上的一步"

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// desk, super and office are somebody with the role.
func (w *walk) desk() *person   { return pick(w.rand, w.town.desks) }
func (w *walk) super() *person  { return pick(w.rand, w.town.supers) }
func (w *walk) office() *person { return pick(w.rand, w.town.offices) }

// above is somebody of the desk, a supervisor or the mayor's office.
func (w *walk) above() *person {
	return pick(w.rand, [](func() *person){w.desk, w.super, w.office})()
}

// higher is a supervisor or somebody of the mayor's office.
func (w *walk) higher() *person { return pick(w.rand, [](func() *person){w.super, w.office})() }

// holder is who has the ticket; nil when nobody.
func (w *walk) holder(t *sight) *official { return w.town.byName[t.Holder] }

// heir is somebody who may have the ticket, of another unit than one; nil when there is nobody left.
func (w *walk) heir(t *sight, not string) *official {
	var can []*official
	for _, o := range w.town.holders {
		if o.unit != not && !t.out(o.unit) && o.session.Person != t.Holder {
			can = append(can, o)
		}
	}
	if len(can) == 0 {
		return nil
	}
	return pick(w.rand, can)
}

// unit is one that may have a part; empty when there is none left.
func (w *walk) unit(t *sight, not string) string {
	var can []string
	for _, o := range w.town.clerks {
		taken := false
		for _, has := range t.WorkOrders {
			taken = taken || last(has.Unit) == o.unit && (has.State == "SENT" || has.State == "SIGNED")
		}
		if !taken && o.unit != not && !t.out(o.unit) {
			can = append(can, o.unit)
		}
	}
	if len(can) == 0 {
		return ""
	}
	return pick(w.rand, can)
}

// clerk is who acts for a unit.
func (w *walk) clerk(unit string) *person {
	for _, o := range w.town.clerks {
		if o.unit == last(unit) {
			return o.person
		}
	}
	return nil
}

func unitName(code string) string { return city + "/units/" + code }

// byHolder is a verb of who has the ticket.
func (w *walk) byHolder(t *sight, verb string, in fields) (act, bool) {
	o := w.holder(t)
	if o == nil {
		return act{}, false
	}
	return w.on(t, verb, o.person, in), true
}

func (w *walk) handOver(t *sight, toDesk bool) (act, bool) {
	o := w.holder(t)
	if o == nil {
		return act{}, false
	}
	in := fields{"target": "DESK", "tickets": []string{t.Name}, "keepBindings": true, "note": words}
	if !toDesk {
		heir := w.heir(t, o.unit)
		if heir == nil {
			return act{}, false
		}
		in["target"], in["to"] = "OFFICIAL", heir.session.Person
	}
	path := "/v1/" + city + "/officials/" + last(o.session.Person) + ":handOver"
	return act{verb: verbHandOver, by: pick(w.rand, append([]*person{w.town.admin}, w.town.supers...)), path: path, in: in}, true
}

// handOverAll hands all open work of the holder over to somebody, with or without the bindings.
func (w *walk) handOverAll(t *sight) (act, bool) {
	a, ok := w.handOver(t, false)
	if ok {
		a.in["keepBindings"] = w.rand.IntN(2) > 0
		delete(a.in, "tickets")
	}
	return a, ok
}

func (w *walk) createOrder(t *sight) (act, bool) {
	unit := w.unit(t, "")
	if unit == "" {
		return act{}, false
	}
	by := w.desk()
	if o := w.holder(t); o != nil && w.rand.IntN(2) > 0 {
		by = o.person
	}
	return act{verb: verbOrder, by: by, path: "/v1/" + t.Name + "/workOrders",
		in: fields{"unit": unitName(unit), "lead": w.rand.IntN(4) == 0, "text": words}}, true
}

// onOrder is a verb of its unit, or from above, upon a work order.
func (w *walk) onOrder(t *sight, i int, verb string) (act, bool) {
	o := t.WorkOrders[i]
	if t.out(last(o.Unit)) {
		return act{}, false
	}
	by, method, in := w.clerk(o.Unit), strings.TrimSuffix(verb, "Order"), fields{}
	switch verb {
	case verbFinishOrder:
		in["text"] = words
	case verbWaiveOrder:
		in["reason"], by = words, w.higher()
		if h := w.holder(t); h != nil && w.rand.IntN(2) > 0 {
			by = h.person
		}
	case verbReturnOrder:
		target := w.target(t, last(o.Unit))
		if target == "" {
			return act{}, false
		}
		in = fields{"reason": "not-our-duty", "basis": words, "targetUnit": unitName(target)}
	}
	return act{verb: verb, by: by, path: "/v1/" + o.Name + ":" + method, in: in}, by != nil
}

// target is another unit, whatever it has.
func (w *walk) target(t *sight, not string) string {
	var can []string
	for _, o := range w.town.clerks {
		if o.unit != not && !t.out(o.unit) {
			can = append(can, o.unit)
		}
	}
	if len(can) == 0 {
		return ""
	}
	return pick(w.rand, can)
}

func (w *walk) returnTicket(t *sight) (act, bool) {
	o := w.holder(t)
	if o == nil {
		return act{}, false
	}
	target := w.target(t, o.unit)
	if target == "" {
		return act{}, false
	}
	reason := pick(w.rand, []string{"not-our-duty", "wrong-county", "needs-lead", "duplicate", "other"})
	return w.on(t, verbReturn, o.person, fields{"reason": reason, "basis": words, "targetUnit": unitName(target)}), true
}

// decideReturn is a referee's word that leads to a state.
func (w *walk) decideReturn(t *sight, to string) (act, bool) {
	moves := to != t.State
	i := t.pendingReturn(moves)
	if i < 0 {
		return act{}, false
	}
	r := t.ReturnRequests[i]
	in := fields{"number": r.Number, "granted": moves, "reason": words}
	switch {
	case moves && to == dispatched || !moves && r.WorkOrder == 0 && t.State == dispatched && w.favour():
		heir := w.heir(t, last(r.Unit))
		if heir == nil {
			return act{}, false
		}
		in["granted"], in["official"] = true, heir.session.Person
	case r.WorkOrder > 0 && w.rand.IntN(2) > 0:
		in["granted"] = true
		if unit := w.unit(t, last(r.Unit)); unit != "" && w.rand.IntN(2) > 0 {
			in["unit"] = unitName(unit)
		}
	}
	return w.on(t, verbDecideReturn, w.above(), in), true
}

func (w *walk) verified(solved bool) fields {
	satisfied := pick(w.rand, []string{"SATISFIED", "BASICALLY"})
	if !solved {
		satisfied = "DISSATISFIED"
	}
	return fields{"contacted": w.rand.IntN(4) > 0, "solved": solved || w.rand.IntN(2) > 0, "satisfied": satisfied}
}

// nameConflict names the holder, or somebody else.
func (w *walk) nameConflict(t *sight, holder bool) (act, bool) {
	var left []string
	for _, o := range w.town.clerks {
		if !t.out(o.unit) {
			left = append(left, o.unit)
		}
	}
	has := w.holder(t)
	if len(left) < 3 || holder && has == nil {
		return act{}, false
	}
	named := has
	if !holder {
		not := ""
		if has != nil {
			not = has.unit
		}
		if named = w.heir(t, not); named == nil {
			return act{}, false
		}
	}
	by := w.office()
	if !w.caller() && w.rand.IntN(2) > 0 {
		by = w.filer.person
	}
	return w.on(t, verbNameConflict, by, fields{"officials": []string{named.session.Person}}), true
}

// speaker is a leader who may speak for the city.
func (w *walk) speaker() string { return pick(w.rand, w.town.leaders).session.Person }

func (w *walk) onDialogue(t *sight, verb string) (act, bool) {
	in := fields{}
	switch verb {
	case verbTakeDialogue:
		in = fields{"official": w.speaker(), "appointmentTime": local(w.clock.Now().Add(26 * time.Hour)), "mode": "phone"}
	case verbDeclineDialogue:
		in["reason"] = words
	case verbHandOnDialogue:
		in = fields{"official": w.speaker(), "reason": words}
	case verbHoldDialogue:
		in = fields{"record": words, "mode": "in-person"}
	}
	return w.on(t, verb, w.office(), in), true
}

// onIssue makes the ticket part of a common issue, or takes it out again.
func (w *walk) onIssue(t *sight, verb string) act {
	by := pick(w.rand, []*person{w.desk(), w.office()})
	if verb == verbLink {
		return act{verb: verbLink, by: by, path: t.Name}
	}
	return act{verb: verbUnlink, by: by, path: "/v1/" + w.issues[t.Name] + ":unlinkTickets", in: fields{"tickets": []string{t.Name}}}
}

// link makes a common issue and the ticket a part of it.
func (w *walk) link(ctx context.Context, a act) error {
	now := w.clock.Now().In(Zone)
	var issue struct{ Name string }
	err := w.office().post(ctx, "/v1/"+city+"/commonIssues", w.key(), fields{"title": words, "plan": words, "month": now.Format("2006-01"),
		"leadUnit": unitName("gov-office"), "dueDate": now.AddDate(0, 2, 0).Format(time.DateOnly)}, &issue)
	if err != nil {
		return err
	}
	if err := a.by.post(ctx, "/v1/"+issue.Name+":linkTickets", w.key(), fields{"tickets": []string{a.path}}, nil); err != nil {
		return err
	}
	w.issues[a.path] = issue.Name
	return nil
}

// attach announces a file and sends it.
func (w *walk) attach(ctx context.Context, a act) error {
	text := []byte(words + "，附件一份。\n")
	sum := sha256.Sum256(text)
	var file struct{ Name string }
	err := a.by.post(ctx, a.path, w.key(), fields{"fileName": "说明.txt", "kind": "DOCUMENT", "size": len(text), "sha256": hex.EncodeToString(sum[:])}, &file)
	if err != nil {
		return err
	}
	return a.by.send(ctx, "/v1/"+file.Name, text)
}

// key makes a call of the walk safe to repeat.
func (w *walk) key() string {
	w.calls++
	return fmt.Sprintf("replay-detour-%d-%d", w.messages[w.message].line, w.calls)
}
