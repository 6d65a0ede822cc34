package replay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// How long a walk goes after one edge: so many steps, and so often refused.
const (
	mostSteps = 16
	mostTries = 3
)

// walk is the way of one message: the edges that it goes after, one after the other, and what it comes by on the way. Everything in it follows
// from the seed, the message's line and what the product answers, and the product answers by the city clock.
type walk struct {
	*detours
	rand         *rand.Rand
	message      int
	filer        *filer
	confidential bool
	filing       fields
	at           time.Time // of the next step
	over         bool
	calls        int

	main    string   // ticket of the message
	twins   []string // tickets filed beside it, to be merged, withdrawn, rejected or claimed
	subject string   // ticket that is driven now
	goals   []goal
	issues  map[string]string // common issue that a ticket is part of

	// At the edge that the walk goes after:
	steps, tries int
	begun        bool // the twin is filed
	waited       bool // what happens by itself has had its time
	called       bool // the twin was filed for a caller who has not claimed it
	renew        bool // this cycle allows it no more; another will
	recall       bool // this holding allows it no more
	last         bool // all edges are done: the message's own reply, and the filer's word
	given        bool // the message's own reply
}

// goal is an edge that a walk goes after. It is dealt again in another round, and what can be decided one way and another is decided otherwise then.
type goal struct {
	edge
	round int
}

// newWalk deals a message its edges, and chance.
func newWalk(d *detours, i int, goals []goal) *walk {
	m := d.messages[i]
	chance := rand.New(rand.NewPCG(uint64(d.seed), uint64(m.line))) //nolint:gosec // the same seed is to give the same way
	w := &walk{detours: d, rand: chance, message: i, filer: d.town.filers[m.user], at: m.filed, goals: goals, issues: map[string]string{}}
	w.confidential = w.rand.IntN(7) == 0
	w.filing = fields{"title": m.title, "body": m.body, "appealType": "help", "enterprise": w.filer.enterprise, "confidential": w.confidential}
	switch w.rand.IntN(6) {
	case 0:
		w.filing["appealType"] = "consultation"
	case 1:
		w.filing["urgency"] = "URGENT"
	case 2:
		w.filing["conflictOfficials"] = []string{pick(w.rand, d.town.holders).session.Person}
	}
	// What happens to nobody's ticket yet comes first.
	slices.SortStableFunc(w.goals, func(a, b goal) int { return early(a.edge) - early(b.edge) })
	return w
}

func early(e edge) int {
	if e.From == filed {
		return 0
	}
	return 1
}

// caller tells whether the ticket has no filer yet.
func (w *walk) caller() bool { return w.called && w.subject != w.main }

// step goes one step, and says when the next one is.
func (w *walk) step(ctx context.Context) error {
	if w.main == "" {
		return w.begin(ctx)
	}
	var t sight
	if err := w.viewer().get(ctx, "/v1/"+w.subject, &t); err != nil {
		return fmt.Errorf("read %s: %w", w.subject, err)
	}
	a, ok := w.decide(&t)
	switch {
	case w.over:
		return nil
	case !ok:
		w.drop()
		w.at = w.clock.Now().Add(time.Minute)
		return nil
	case !a.till.IsZero():
		w.waited, w.at = a.verb == verbLapse || a.verb == verbSilence, a.till
		return nil
	case a.verb == verbFile:
		return w.twin(ctx)
	}
	reason, err := w.perform(ctx, a)
	if err != nil {
		return err
	}
	w.after(&t, a, reason)
	w.at = w.pause(&t)
	return nil
}

// begin files the message.
func (w *walk) begin(ctx context.Context) error {
	m := w.messages[w.message]
	name, err := w.post(ctx, w.filer.person, fmt.Sprintf("replay-file-%d", m.line), w.filing)
	if why, no := refused(err); no {
		w.refused = append(w.refused, Refusal{m.line, m.id, "filing", why.reason, why.text})
		w.over = true
		return nil
	} else if err != nil {
		return err
	}
	w.main, w.subject = name, name
	w.at = w.soon()
	return nil
}

// twin files another ticket about the same: of the filer, or by the desk for them.
func (w *walk) twin(ctx context.Context) error {
	filing, by := fields{}, w.filer.person
	for k, v := range w.filing {
		filing[k] = v
	}
	if w.called = w.goals[0].Verb == verbClaim; w.called {
		by = w.desk()
		delete(filing, "enterprise")
		delete(filing, "confidential")
		filing["channel"], filing["county"], filing["contact"] = "phone", county, fields{"name": "来电人", "phone": w.filer.phone}
	}
	name, err := w.post(ctx, by, w.key(), filing)
	if err != nil {
		return err
	}
	w.twins = append(w.twins, name)
	w.subject, w.begun, w.at = name, true, w.soon()
	return nil
}

func (w *walk) post(ctx context.Context, by *person, key string, in fields) (string, error) {
	var made struct{ Name string }
	if err := by.post(ctx, "/v1/"+city+"/tickets", key, in, &made); err != nil {
		return "", fmt.Errorf("file it: %w", err)
	}
	w.count(verbFile)
	return made.Name, w.standalone.Routed(ctx)
}

// perform calls, and tells why it was refused.
func (w *walk) perform(ctx context.Context, a act) (reason string, err error) {
	switch a.verb {
	case verbAttach:
		err = w.attach(ctx, a)
	case verbLink:
		err = w.link(ctx, a)
	default:
		err = a.by.post(ctx, a.path, w.key(), a.in, nil)
	}
	why, no := refused(err)
	switch {
	case !no && err != nil:
		return "", fmt.Errorf("%s: %w", a.verb, err)
	case !no:
		w.count(a.verb)
		return "", nil
	case !slices.Contains(possible, why.reason):
		return "", fmt.Errorf("line %d, %s is refused for a reason that cannot be: %w", w.messages[w.message].line, a.verb, why)
	}
	w.refuse(a.verb, why.reason)
	return why.reason, nil
}

// possible are the reasons of the rules. Any other says that the product took the walk for what it is not.
var possible = []string{
	"STATE_FORBIDS", "QUESTIONS_EXHAUSTED", "QUESTION_TOO_LATE", "WAITING_EXHAUSTED", "REOPEN_WINDOW_OVER", "REOPENS_EXHAUSTED", "CALLBACK_OWN",
	"CALLBACK_NOT_DUE", "SECOND_PERSON_NEEDED", "ORDER_EXISTS", "LEAD_TAKEN", "ORDER_STATE_FORBIDS", "ORDERS_OPEN", "ASSISTING_OPEN",
	"RETURN_WINDOW_OVER", "RETURNS_EXHAUSTED", "RETURN_NAMED", "RETURN_PENDING", "RETURN_NOT_PENDING", "REFEREE_OWN", "EXTENSION_TOO_LATE",
	"EXTENSIONS_EXHAUSTED", "EXTENSION_PENDING", "EXTENSION_NOT_PENDING", "EXTENSION_TOO_LONG", "MERGE_LATER", "MERGE_OVERDUE", "MERGE_CLOSED", "MERGE_SELF", "DIALOGUE_PENDING",
	"DIALOGUE_NOT_PENDING", "DIALOGUE_OWED", "APPOINTMENT_PAST", "CONTACT_BY_MESSAGE", "TICKET_NOT_HELD",
}

// after takes note of what a step came to.
func (w *walk) after(t *sight, a act, reason string) {
	w.steps++
	if reason == "" && a.verb == verbUnlink {
		delete(w.issues, t.Name)
	}
	switch {
	case reason == "" && a.verb == verbAnswer && w.last:
		w.given = true
	case reason == "" && a.own:
		w.drop()
	case reason != "" && (a.verb == verbAsk || a.verb == verbExtend):
		w.renew = true
	case reason != "" && (a.verb == verbReturn || a.verb == verbReturnOrder):
		w.recall = true
	case reason == "" && t.State == answered:
		w.renew = false
	case reason == "" && (a.verb == verbHandOver || a.verb == verbWaiveOrder):
		w.recall = false
	}
	if reason != "" && a.own {
		w.tries++
	}
}

// drop goes on to the next edge.
func (w *walk) drop() {
	if w.last {
		w.over = true
		return
	}
	w.goals = w.goals[1:]
	w.steps, w.tries, w.begun, w.waited, w.renew, w.recall, w.called = 0, 0, false, false, false, false, false
	w.subject = w.main
}

// soon is a little later.
func (w *walk) soon() time.Time {
	return w.clock.Now().Add(time.Duration(w.rand.Int64N(int64(40*time.Minute))) + time.Millisecond).Truncate(time.Microsecond)
}

// pause is when the next step is: mostly soon, now and then at the very instant at which something falls due or just after it, or days later.
func (w *walk) pause(t *sight) time.Time {
	now := w.clock.Now()
	due := t.next(now)
	switch n := w.rand.IntN(20); {
	case n < 2 && !due.IsZero():
		return due
	case n == 2 && !due.IsZero():
		return due.Add(time.Microsecond)
	case n == 3:
		return now.Add(time.Duration(w.rand.IntN(60)) * time.Hour).Add(time.Second)
	case n < 9:
		return w.soon().Add(time.Duration(w.rand.IntN(6)) * time.Hour)
	}
	return w.soon()
}

// decide chooses the next step; false when there is none to what the walk is after.
func (w *walk) decide(t *sight) (act, bool) {
	if len(w.goals) == 0 {
		w.last = true
		return w.end(t)
	}
	if w.steps > mostSteps || w.tries >= mostTries {
		return act{}, false
	}
	if w.begun || !aside(w.goals[0].edge) {
		if w.rand.IntN(7) == 0 {
			if a, ok := w.whim(t); ok {
				return a, true
			}
		}
		return w.towards(t, w.goals[0].edge)
	}
	if w.goals[0].Verb == verbMerge { // into what goes on
		if t.State == answered || t.State == closed {
			return w.to(t, inProgress)
		}
	}
	return act{verb: verbFile}, true
}

// aside are the edges for which another ticket is filed, because it ends there or begins otherwise.
func aside(e edge) bool {
	return slices.Contains([]string{verbMerge, verbWithdraw, verbClaim}, e.Verb) || e.Verb == verbReject && e.To == closed
}

// end is the message's own way: its reply, and the filer's word or none. Without a reply it stays as it is.
func (w *walk) end(t *sight) (act, bool) {
	m := w.messages[w.message]
	switch {
	case m.replied.IsZero(), w.steps > mostSteps, t.State == closed:
		return act{}, false
	case m.replied.After(w.clock.Now()):
		return act{till: m.replied}, true
	case t.State != answered || !w.given:
		return w.to(t, answered)
	}
	switch w.rand.IntN(3) {
	case 0:
		return w.on(t, verbVerify, w.filer.person, w.verified(true)), true
	case 1:
		return w.on(t, verbCallback, w.desk(), w.verified(true)), true
	}
	return act{}, false
}

// towards is the next step to an edge: what it needs, the state that it is used in, and the verb itself.
func (w *walk) towards(t *sight, g edge) (act, bool) {
	if w.waited {
		return act{}, false // it has happened by itself, or it will not
	}
	if a, ok, needed := w.need(t, g); needed {
		return a, ok
	}
	if t.State != g.From {
		return w.to(t, g.From)
	}
	if a, ok, needed := w.needHere(t, g); needed {
		return a, ok
	}
	a, ok := w.use(t, g)
	a.own = true
	return a, ok
}

// need is what has to be there before the state is reached in which an edge is used, if it is not.
func (w *walk) need(t *sight, g edge) (a act, ok, needed bool) {
	made := func(a act, ok bool) (act, bool, bool) { return a, ok, true }
	in := func(states []string, f func(*sight) (act, bool)) (act, bool, bool) {
		if !slices.Contains(states, t.State) {
			return made(w.to(t, states[0]))
		}
		return made(f(t))
	}
	ordering := []string{inProgress, waiting}
	switch g.Verb {
	case verbSignOrder:
		if t.order("SENT") < 0 {
			return in(ordering, w.createOrder)
		}
	case verbFinishOrder:
		if t.toFinish() < 0 {
			if i := t.order("SENT"); i >= 0 && slices.Contains([]string{dispatched, inProgress, waiting}, t.State) {
				return made(w.onOrder(t, i, verbSignOrder))
			}
			return in(ordering, w.createOrder)
		}
	case verbWaiveOrder, verbReturnOrder:
		switch i := t.order("SENT", "SIGNED"); {
		case i < 0:
			return in(ordering, w.createOrder)
		case w.recall: // this one is not returned any more; another may be
			return made(w.onOrder(t, i, verbWaiveOrder))
		}
	case verbDecideReturn:
		if t.pendingReturn(g.To != g.From) < 0 {
			if w.recall {
				return made(w.handOver(t, w.rand.IntN(2) > 0))
			}
			if g.From == waiting {
				return in([]string{inProgress}, w.returnTicket)
			}
			return in([]string{g.From}, w.returnTicket)
		}
	case verbDecideExtension:
		if t.pendingExtension() < 0 {
			if w.renew {
				return made(w.to(t, waiting))
			}
			return in([]string{inProgress}, func(t *sight) (act, bool) {
				return w.byHolder(t, verbExtend, fields{"workdays": 1 + w.rand.IntN(5), "reason": words})
			})
		}
	}
	return act{}, false, false
}

// needHere is what has to be there in the state in which an edge is used.
func (w *walk) needHere(t *sight, g edge) (a act, ok, needed bool) {
	switch g.Verb {
	case verbTakeDialogue, verbDeclineDialogue, verbHandOnDialogue, verbHoldDialogue:
		if !t.dialogue() {
			return w.on(t, verbAskDialogue, w.filer.person, fields{"topic": words}), true, true
		}
	case verbMerge, verbReject:
		if t.dialogue() && g.To == closed {
			a, ok = w.onDialogue(t, verbDeclineDialogue)
			return a, ok, true
		}
		if g.Verb == verbReject && g.To == closed && g.From != filed && t.Rejection == nil {
			return w.on(t, verbReject, w.town.desks[0], fields{"route": "petition", "reason": words}), true, true
		}
	case verbMissedCall: // twice
		switch cb := t.Callback; {
		case cb != nil && cb.Attempts == 0:
			return w.on(t, verbMissedCall, w.desk(), fields{}), true, true
		case cb != nil && cb.NextTime != nil && cb.NextTime.After(w.clock.Now()):
			return act{till: *cb.NextTime}, true, true
		}
	case verbReturn:
		if w.recall {
			a, ok = w.handOver(t, w.rand.IntN(2) > 0)
			return a, ok, true
		}
	case verbAsk, verbExtend:
		if w.renew {
			a, ok = w.to(t, waiting)
			return a, ok, true
		}
	case verbLink:
		if w.issues[t.Name] != "" {
			return w.onIssue(t, verbUnlink), true, true
		}
	case verbUnlink:
		if w.issues[t.Name] == "" {
			return w.onIssue(t, verbLink), true, true
		}
	}
	return act{}, false, false
}

// to is a step to a state.
func (w *walk) to(t *sight, to string) (act, bool) {
	switch t.State {
	case filed:
		heir := w.heir(t, "")
		if heir == nil {
			return act{}, false
		}
		return w.on(t, verbDispatch, w.desk(), fields{"official": heir.session.Person}), true
	case dispatched:
		if to == filed {
			return w.handOver(t, true)
		}
		return w.byHolder(t, verbSign, fields{})
	case waiting:
		if to == filed {
			return w.handOver(t, true)
		}
		if w.caller() {
			return act{till: t.Waiting.UntilTime.Add(2 * grace)}, true
		}
		return w.on(t, verbReply, w.filer.person, fields{"text": words}), true
	case answered:
		return w.word(t, to == closed)
	case closed:
		if w.caller() || t.CloseReason != "VERIFIED" && t.CloseReason != "UNVERIFIED" {
			return act{}, false
		}
		return w.on(t, verbReopen, w.filer.person, fields{"reason": words}), true
	}
	switch to { // from IN_PROGRESS
	case filed, dispatched:
		return w.handOver(t, to == filed)
	case waiting:
		if !w.renew {
			return w.byHolder(t, verbAsk, fields{"question": words})
		}
	}
	return w.answer(t)
}

// answer answers what no unit works on any more.
func (w *walk) answer(t *sight) (act, bool) {
	if i := t.order("SENT", "SIGNED"); i >= 0 {
		return w.onOrder(t, i, verbWaiveOrder)
	}
	text := words + "，答复如下：已经办理。"
	if m := w.messages[w.message]; w.last {
		text = m.reply
	}
	return w.byHolder(t, verbAnswer, fields{"outcome": pick(w.rand, []string{"SOLVED", "PARTLY", "EXPLAINED", "NOT_POSSIBLE"}), "text": text})
}

// word is the filer's, in the app or by telephone.
func (w *walk) word(t *sight, solved bool) (act, bool) {
	if w.caller() || w.rand.IntN(3) == 0 {
		return w.on(t, verbCallback, w.desk(), w.verified(solved)), true
	}
	return w.on(t, verbVerify, w.filer.person, w.verified(solved)), true
}

// use is the verb of an edge itself, in its state.
func (w *walk) use(t *sight, g edge) (act, bool) {
	f := w.filer.person
	switch g.Verb {
	case verbDispatch:
		return w.to(t, dispatched)
	case verbSign:
		return w.byHolder(t, verbSign, fields{})
	case verbContact:
		return w.byHolder(t, verbContact, fields{"channel": "message", "note": words})
	case verbAsk:
		return w.byHolder(t, verbAsk, fields{"question": words})
	case verbReply:
		return w.on(t, verbReply, f, fields{"text": words}), true
	case verbLapse:
		return act{verb: verbLapse, till: t.Waiting.UntilTime.Add(2 * grace)}, true
	case verbAnswer:
		return w.answer(t)
	case verbVerify:
		return w.on(t, verbVerify, f, w.verified(g.To == closed)), true
	case verbCallback:
		return w.on(t, verbCallback, w.desk(), w.verified(g.To == closed)), true
	case verbMissedCall:
		return w.on(t, verbMissedCall, w.desk(), fields{}), true
	case verbSilence:
		due, _ := t.due("VERIFY")
		return act{verb: verbSilence, till: due.Add(2 * grace)}, true
	case verbReopen:
		return w.to(t, inProgress)
	case verbWithdraw:
		return w.on(t, verbWithdraw, f, fields{"reason": words}), true
	case verbReject:
		by := w.town.desks[0]
		if t.Rejection != nil {
			by = w.town.desks[1]
		}
		return w.on(t, verbReject, by, fields{"route": "petition", "reason": words}), true
	case verbMessage:
		by := f
		if o := w.holder(t); o != nil && w.rand.IntN(2) > 0 {
			by = o.person
		}
		return act{verb: verbMessage, by: by, path: "/v1/" + t.Name + "/messages", in: fields{"text": words}}, true
	case verbReveal:
		return w.on(t, verbReveal, w.office(), fields{"reason": "other", "note": words}), true
	case verbClaim:
		return act{verb: verbClaim, by: f, path: "/v1/" + city + "/tickets:claim", in: fields{"number": t.Number}}, true
	case verbMerge:
		return w.on(t, verbMerge, pick(w.rand, []*person{w.desk(), w.office()}), fields{"into": w.main, "reason": words}), true
	}
	return w.useAside(t, g)
}

func (w *walk) useAside(t *sight, g edge) (act, bool) {
	switch g.Verb {
	case verbOrder:
		return w.createOrder(t)
	case verbSignOrder:
		return w.onOrder(t, t.order("SENT"), verbSignOrder)
	case verbFinishOrder:
		return w.onOrder(t, t.toFinish(), verbFinishOrder)
	case verbWaiveOrder, verbReturnOrder:
		return w.onOrder(t, t.order("SENT", "SIGNED"), g.Verb)
	case verbReturn:
		return w.returnTicket(t)
	case verbDecideReturn:
		return w.decideReturn(t, g.To)
	case verbExtend:
		return w.byHolder(t, verbExtend, fields{"workdays": 1 + w.rand.IntN(5), "reason": words})
	case verbDecideExtension:
		x := t.ExtensionRequests[t.pendingExtension()]
		return w.on(t, verbDecideExtension, w.higher(), fields{"number": x.Number, "granted": w.favour(), "reason": words}), true
	case verbSupervise, verbInstruct:
		return w.on(t, g.Verb, w.higher(), fields{"text": words}), true
	case verbNameConflict:
		return w.nameConflict(t, g.To == filed && g.From != filed)
	case verbHandOver:
		return w.handOver(t, g.To == filed)
	case verbAskDialogue:
		return w.on(t, verbAskDialogue, w.filer.person, fields{"topic": words}), true
	case verbTakeDialogue, verbDeclineDialogue, verbHandOnDialogue, verbHoldDialogue:
		return w.onDialogue(t, g.Verb)
	case verbLink, verbUnlink:
		return w.onIssue(t, g.Verb), true
	case verbAttach:
		by := w.filer.person
		if o := w.holder(t); t.State != closed && (w.caller() || w.rand.IntN(2) > 0) {
			if by = w.desk(); o != nil && w.rand.IntN(2) > 0 {
				by = o.person
			}
		}
		return act{verb: verbAttach, by: by, path: "/v1/" + t.Name + "/attachments"}, true
	}
	return act{}, false
}

// favour is how the walk has a request decided that it is after.
func (w *walk) favour() bool { return len(w.goals) > 0 && w.goals[0].round%2 == 0 }

// whim is something that somebody tries, whether or not the rules allow it.
func (w *walk) whim(t *sight) (act, bool) {
	if w.caller() {
		return w.on(t, verbSupervise, w.higher(), fields{"text": words}), true
	}
	e := edge{From: t.State, To: t.State}
	verbs := []string{
		verbSign, verbContact, verbAsk, verbExtend, verbReturn, verbMessage, verbReply, verbReopen, verbMissedCall, verbSupervise, verbInstruct,
		verbAskDialogue, verbTakeDialogue, verbDeclineDialogue, verbHandOnDialogue, verbHoldDialogue, verbOrder, verbSignOrder, verbFinishOrder,
		verbWaiveOrder, verbReturnOrder, verbDecideReturn, verbDecideExtension, verbReject, verbHandOver,
	}
	e.Verb = pick(w.rand, verbs)
	switch e.Verb {
	case verbSignOrder, verbFinishOrder, verbWaiveOrder, verbReturnOrder:
		if i := t.order("SENT", "SIGNED"); i >= 0 { // what is no longer theirs, a unit does not see
			return w.onOrder(t, i, e.Verb)
		}
		return act{}, false
	case verbDecideReturn:
		return w.on(t, e.Verb, w.above(), fields{"number": 1 + w.rand.IntN(1+len(t.ReturnRequests)), "granted": false, "reason": words}), true
	case verbDecideExtension:
		return w.on(t, e.Verb, w.higher(), fields{"number": 1 + len(t.ExtensionRequests), "granted": false, "reason": words}), true
	case verbExtend:
		return w.byHolder(t, verbExtend, fields{"workdays": 1 + w.rand.IntN(9), "reason": words})
	case verbReopen:
		return w.on(t, verbReopen, w.filer.person, fields{"reason": words}), true
	case verbReject:
		if t.State != dispatched && t.State != inProgress || t.Rejection != nil && w.rand.IntN(2) > 0 {
			return act{}, false
		}
		return w.on(t, verbReject, w.town.desks[0], fields{"route": "petition", "reason": words}), true
	case verbReply:
		return w.on(t, verbReply, w.filer.person, fields{"text": words}), true
	case verbHandOver:
		return w.handOverAll(t)
	}
	return w.use(t, e)
}
