package casefile

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// check holds after every step.
func (l *life) check(t *rapid.T) {
	_ = l.do(t, Clockwork, (*Case).Settle)
	x := l.told[punctual]
	if events, err := x.c.Settle(l.context(Clockwork)); err != nil || len(events) > 0 {
		t.Fatalf("settled twice: %v, %v", events, err)
	}
	if next := x.c.NextDeadline(); !next.IsZero() && next.Before(l.now) {
		t.Fatalf("at %s still to come: %s", local(l.now), local(next))
	}
	for i, e := range x.history {
		if e.Version != int64(i)+1 || i > 0 && e.Time.Before(x.history[i-1].Time) || e.Time.After(l.now) {
			t.Fatalf("event %d has version %d and time %s", i, e.Version, e.Time)
		}
	}
	l.checkCase(t)
	for i := range x.c.Items {
		l.checkItem(t, &x.c.Items[i])
	}
	for _, k := range x.c.Commitments {
		l.checkCommitment(t, k)
	}
	l.checkClocks(t)
	l.checkExplanation(t)
}

// checkWhole: the fold of the events, the snapshot and what others made of it are the case.
func (l *life) checkWhole(t *rapid.T) {
	x := l.told[punctual]
	folded, err := Fold(ct.Code, caseID, x.history)
	if err != nil {
		t.Fatal(err)
	}
	whole := encoded(t, x.c)
	if got := encoded(t, folded); got != whole {
		t.Fatalf("the fold differs from the case:\n%s", cmp.Diff(folded, x.c))
	}
	for _, other := range l.told[1:] {
		if got := encoded(t, other.c); got != whole {
			t.Fatalf("who looked made a difference (- sweeper, + other):\n%s", cmp.Diff(x.c, other.c))
		}
	}
	var read Case
	if err := json.Unmarshal([]byte(whole), &read); err != nil || encoded(t, &read) != whole {
		t.Fatalf("the snapshot comes back otherwise: %v\n%s", err, cmp.Diff(&read, x.c))
	}
}

func encoded(t *rapid.T, c *Case) string {
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// owed counts what is owed of some kinds that fits.
func (l *life) owed(fits func(Clock) bool, kinds ...Kind) (n int) {
	for _, k := range l.c().Clocks {
		if k.Owed() && slices.Contains(kinds, k.Kind) && (fits == nil || fits(k)) {
			n++
		}
	}
	return n
}

func (l *life) must(t *rapid.T, what string, got int, owes bool) {
	if want := map[bool]int{true: 1}[owes]; got != want {
		t.Fatalf("%s is owed %d times, not %d:\n%s", what, got, want, l.story())
	}
}

func (l *life) story() string {
	return (&play{c: l.c(), events: l.told[punctual].history}).story(0)
}

// checkCase: what is owed of the case itself, and whether it is over when all is done.
func (l *life) checkCase(t *rapid.T) {
	c := l.c()
	closed := c.State == Declined || c.State == Closed
	l.must(t, "an admission", l.owed(nil, KindAdmit), c.State == Applied)
	l.must(t, "the end of an entrustment", l.owed(nil, KindEntrustment), c.Entrusted() != nil)
	for _, centre := range []string{ct.Approvals, ct.Investment} {
		l.must(t, "an agent of "+centre, l.owed(func(k Clock) bool { return k.Unit == centre }, KindAssign), c.Entrusted() != nil && c.AgentOf(centre) == "")
	}
	for _, r := range c.Requests {
		l.must(t, "what was asked for", l.owed(func(k Clock) bool { return k.Number == r.Number }, KindRequest), r.Supplied.IsZero() && !closed)
	}
	for _, r := range c.Reviews {
		for _, o := range r.Opinions {
			l.must(t, "an opinion", l.owed(func(k Clock) bool { return k.Number == r.Number && k.Unit == o.Unit }, KindOpinion), o.Opinion == "" && !closed)
		}
	}
	if closed && (!c.DueTime().IsZero() || !c.NextDeadline().IsZero() || c.Agreement() != nil && c.Agreement().State != agencyv1.Agreement_TERMINATED) {
		t.Fatalf("%s, and something is open:\n%s", c.State, l.story())
	}
	good := true
	for i := range c.Items {
		good = good && c.Items[i].Good() && c.Items[i].State != ApprovedTolerantly
	}
	good = good && !slices.ContainsFunc(c.Commitments, Commitment.Live)
	if c.State == Open && good || c.State == Completed && !good {
		t.Fatalf("%s, all is well: %t\n%s", c.State, good, l.story())
	}
	for _, a := range c.Agents {
		if a.To.IsZero() && c.Entrusted() == nil {
			t.Fatalf("%s acts without an agreement", a.Official)
		}
	}
}

// checkItem: what is owed of an item is what its state says, and stands still when it must.
func (l *life) checkItem(t *rapid.T, i *Item) {
	of := func(k Clock) bool { return k.Item == i.Def.Code && k.Attempt == i.Attempt }
	open := l.c().State == Open || l.c().State == Completed
	correcting := i.State == CorrectionOpen || i.State == WithdrawalPending && i.Before == CorrectionOpen
	accepted := i.UnderWay() && !i.AcceptTime.IsZero()
	l.must(t, "acceptance", l.owed(of, KindAccept), (i.State == Received || i.State == Corrected) && !accepted)
	l.must(t, "a correction", l.owed(of, KindCorrect), correcting)
	l.must(t, "a procedure", l.owed(of, KindProcedure), i.State == ProcedureOpen)
	l.must(t, "an answer to a wish to withdraw", l.owed(of, KindWithdrawal), i.State == WithdrawalPending)
	l.must(t, "the decision by law", l.owed(of, KindStatutory), accepted)
	l.must(t, "the decision as promised", l.owed(of, KindPromised), accepted)
	approved := i.State == Approved || i.State == ApprovedTolerantly && i.atOnce()
	l.must(t, "a certificate", l.owed(of, KindDeliver), open && approved && i.Def.Certificate != "" && l.c().inForce(i.Def.Code) == nil)
	for _, k := range l.c().Clocks {
		if k.Owed() && k.Item == i.Def.Code && k.Attempt != i.Attempt {
			t.Fatalf("clock %d of attempt %d is owed in attempt %d", k.ID, k.Attempt, i.Attempt)
		}
		if limit := k.Kind == KindStatutory || k.Kind == KindPromised; limit && of(k) && k.Owed() && k.State != Breached {
			if stands := correcting || i.State == ProcedureOpen; stands != (k.State == Paused) {
				t.Fatalf("%s is %s when %s", k.Kind, k.State, i.State)
			}
		}
	}
	if (i.State == ProcedureOpen) != (i.Procedure != nil) || (i.State == WithdrawalPending) != (i.Before != 0) {
		t.Fatalf("%s with %+v, before %s", i.State, i.Procedure, i.Before)
	}
	if c := i.Correction; i.State == CorrectionOpen && (c == nil || !c.Made.IsZero()) || i.State == Corrected && (c == nil || c.Made.IsZero()) {
		t.Fatalf("%s with %+v", i.State, c)
	}
}

// checkCommitment: a live one is owed by exactly one of who can be, and stands still while more time is asked for.
func (l *life) checkCommitment(t *rapid.T, k Commitment) {
	of := func(c Clock) bool { return c.Number == k.Number }
	l.must(t, "a commitment", l.owed(of, KindCommitment, KindFulfil, KindCheck), k.Live())
	l.must(t, "an answer to a wish for more time", l.owed(of, KindExtension), k.Waits())
	if k.Waits() && !k.Live() || k.Live() && l.c().Item(k.Item).Attempt != k.Attempt {
		t.Fatalf("%+v", k)
	}
	if k.State == agencyv1.Commitment_SIGNED && l.c().attemptNow(l.c().Item(k.Item)) != k.Attempt && l.c().Item(k.Item).State != Dropped {
		t.Fatalf("signed for an attempt that is over: %+v of %+v", k, l.c().Item(k.Item))
	}
	for _, c := range l.c().Clocks {
		if c.Owed() && of(c) && (c.Kind == KindCommitment || c.Kind == KindFulfil) && k.Waits() != (c.State == Paused) {
			t.Fatalf("%+v is %s", k, c.State)
		}
	}
}

// checkClocks: nothing is owed twice, and nobody is in two states.
func (l *life) checkClocks(t *rapid.T) {
	type key struct {
		kind            Kind
		item, unit      string
		attempt, number int
	}
	seen := map[key]bool{}
	for n, k := range l.c().Clocks {
		if k.ID != n+1 {
			t.Fatalf("clock %d is in place %d", k.ID, n)
		}
		if !k.Owed() {
			if k.State == Running || k.State == Paused || k.Stop.Before(k.Start) && !k.Start.After(l.now) {
				t.Fatalf("%+v", k)
			}
			continue
		}
		id := key{k.Kind, k.Item, k.Unit, k.Attempt, k.Number}
		if seen[id] {
			t.Fatalf("%+v is owed twice", id)
		}
		seen[id] = true
		late := k.Due.Before(l.now)
		if k.State == Met || k.State == Ended || k.State == Running && late || k.State == Breached && !late || (k.State == Paused) != !k.Paused.IsZero() {
			t.Fatalf("at %s: %+v", local(l.now), k)
		}
		if k.Due.Before(k.FirstDue) && !l.noticed || k.Warn.After(k.Due) || k.Reminded > len(k.Reminders) || !slices.IsSortedFunc(k.Reminders, time.Time.Compare) {
			t.Fatalf("%+v", k)
		}
	}
	for _, s := range l.c().Stops {
		if s.By == "" || s.Cause == "" || !s.To.IsZero() && s.To.Before(s.From) {
			t.Fatalf("%+v", s)
		}
	}
}

// checkExplanation: the steps of every clock have no gap, and what counts in them adds up to its time without its stops.
func (l *life) checkExplanation(t *rapid.T) {
	x, err := l.c().Explain(l.context(Clockwork), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range x.Clocks {
		addsUp(t, l, k)
	}
}

func addsUp(t *rapid.T, l *life, x ClockExplanation) {
	k := x.Clock
	cal := l.context(Clockwork).City.CalendarNamed(k.Calendar)
	end := k.Due
	if stands := !k.Paused.IsZero(); stands && k.Owed() {
		end = l.now
	} else if stands {
		end = k.Stop
	}
	at, sum := k.Start, time.Duration(0)
	for _, s := range x.Steps {
		if !s.From.Equal(at) || !s.From.Before(s.To) || s.Reason == "" || (s.Kind == StepStands) != (s.By != "") {
			t.Fatalf("clock %d %s: after %s comes %+v", k.ID, k.Kind, local(at), s)
		}
		if want := map[bool]time.Duration{true: cal.Between(s.From, s.To)}[s.Counted()]; s.Working != want {
			t.Fatalf("clock %d %s: %+v has %s", k.ID, k.Kind, s, want)
		}
		if s.Kind != StepStands {
			sum += cal.Between(s.From, s.To)
		}
		at = s.To
	}
	if !at.Equal(end) {
		t.Fatalf("clock %d %s %s: explained up to %s, due %s: %+v", k.ID, k.Kind, k.State, local(at), local(end), k)
	}
	stood := time.Duration(0)
	for _, p := range k.Pauses {
		stood += cal.Between(p.From, p.To)
	}
	if !k.Paused.IsZero() {
		stood += cal.Between(k.Paused, end)
	}
	if whole := cal.Between(k.Start, end) - stood; sum != whole {
		t.Fatalf("clock %d %s: its steps come to %s of %s", k.ID, k.Kind, sum, whole)
	}
}

// refusesMutations: a history with an event left out, twice, or earlier, with another state before or a clock that changed is none.
func (l *life) refusesMutations(t *rapid.T) {
	history := l.told[punctual].history
	n := rapid.IntRange(0, len(history)-1).Draw(t, "event")
	before, err := Fold(ct.Code, caseID, history[:n])
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Event){
		"a gap":       func(e *Event) { e.Version++ },
		"no step":     func(e *Event) { e.Version-- },
		"nothing":     func(e *Event) { e.Body = nil },
		"a step back": func(e *Event) { e.Time = before.UpdateTime.Add(-tick) },
		"a clock out of line": func(e *Event) {
			e.Clocks = append(slices.Clone(e.Clocks), Clock{ID: len(before.Clocks) + len(e.Clocks) + 2, State: Running})
		},
		"a clock that changed": func(e *Event) {
			if len(before.Clocks) == 0 {
				e.Version++ // there is none
				return
			}
			k := before.Clocks[n%len(before.Clocks)]
			k.Start = k.Start.Add(tick)
			e.Clocks = append(slices.Clone(e.Clocks), k)
		},
	} {
		e := history[n]
		if change(&e); before.clone().Apply(e) == nil {
			t.Fatalf("took %s of %s", what, history[n].Type())
		}
	}
	twice := history[n]
	after, err := before.After(twice)
	if err != nil {
		t.Fatal(err)
	}
	twice.Version++
	switch twice.Type() { // these may happen again
	case "note_written", "document_added", "material_obtained", "meeting_recorded", "case_planned", "agent_refused", "clock_warned", "clock_reminded", "clock_breached",
		"deadlines_recomputed":
	default:
		if after.Apply(twice) == nil {
			t.Fatalf("took %s twice", twice.Type())
		}
	}
}
