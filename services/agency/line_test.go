package agency_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/line"
	"github.com/throughtrain/throughtrain/services/agency/internal/line/linetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

const (
	systemName = city + "/lineSystems/" + cataloguetest.System
	fireReview = cataloguetest.FireReview
)

// line is the department's system: it shows no token.
func (w *world) line() agencyv1.LineServiceClient { return agencyv1.NewLineServiceClient(w.bare) }

// handedIn is a case whose fire safety review, which the system's unit decides, was handed in with everything there.
func (w *world) handedIn(t testing.TB) *agencyv1.Case {
	t.Helper()
	c := w.open(t)
	w.through(t, c.GetName(), cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.complete(t, c.GetName(), fireReview)
	w.submit(t, c.GetName(), fireReview)
	return w.get(t, c.GetName())
}

// event is a report on the fire safety review of a case, in its first attempt.
func event(c *agencyv1.Case, sequence int64, kind agencyv1.LineItemEvent_Kind, change ...func(*agencyv1.LineItemEvent)) *agencyv1.LineItemEvent {
	e := &agencyv1.LineItemEvent{CaseNumber: c.GetNumber(), Item: fireReview, Attempt: 1, Sequence: sequence, Kind: kind,
		EventTime: timestamppb.New(start.Add(-24 * time.Hour))}
	for _, f := range change {
		f(e)
	}
	return e
}

func (w *world) message(id string, events ...*agencyv1.LineItemEvent) *agencyv1.LineReportMessage {
	return &agencyv1.LineReportMessage{Id: id, Sent: timestamppb.New(w.Wall.Now()), Events: events}
}

// report reports as the system, and returns what became of it.
func (w *world) report(t testing.TB, id string, events ...*agencyv1.LineItemEvent) []*agencyv1.LineOutcome {
	t.Helper()
	return w.send(t, linetest.Sign(t, w.message(id, events...)))
}

func (w *world) send(t testing.TB, jws string) []*agencyv1.LineOutcome {
	t.Helper()
	return must[*agencyv1.ReportItemEventsResponse](t)(w.line().ReportItemEvents(t.Context(), &agencyv1.ReportItemEventsRequest{Name: systemName, Jws: jws})).GetOutcomes()
}

// became checks what became of reports: a state and the count expected next, and the reason of a refusal.
func became(t testing.TB, got []*agencyv1.LineOutcome, want ...string) {
	t.Helper()
	var said []string
	for _, o := range got {
		s := fmt.Sprint(o.GetState(), " ", o.GetNextSequence())
		if o.GetReason() != "" {
			s += " " + o.GetReason()
		}
		if (o.GetState() == agencyv1.LineOutcome_REFUSED) != (o.GetReason() != "" && o.GetText() != "") {
			t.Errorf("%s says %q", s, o.GetText())
		}
		said = append(said, s)
	}
	if !slices.Equal(said, want) {
		t.Errorf("became %q, want %q", said, want)
	}
}

// history are the events of a case.
func (w *world) history(t testing.TB, name string) (events []casefile.Event) {
	t.Helper()
	key := must[store.Key](t)(store.KeyOf(cataloguetest.Code, idOf(name)))
	for _, s := range must[[]journal.Sealed](t)(w.Service.Desk().Store.Journal(t.Context(), key.City, key.Aggregate(), key.Month)) {
		events = append(events, must[casefile.Event](t)(eventpb.Open(s.Envelope)))
	}
	return events
}

func TestASystemReportsAnItemToItsEnd(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		from := len(w.history(t, c.GetName()))
		became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED), event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "APPLIED 2", "APPLIED 3")
		w.Clock.Advance(time.Hour)
		became(t, w.report(t, "m-2", event(c, 3, agencyv1.LineItemEvent_APPROVED, func(e *agencyv1.LineItemEvent) { e.Text = "附条件：消防车道须畅通" })), "APPLIED 4")
		got := w.item(t, c.GetName(), fireReview)
		if got.GetState() != casefile.Approved || got.GetDecisionText() != "附条件：消防车道须畅通" {
			t.Errorf("%s, %q", got.GetState(), got.GetDecisionText())
		}
		sequence := int64(0)
		for _, e := range w.history(t, c.GetName())[from:] {
			if e.Line == nil {
				continue
			}
			sequence++
			if e.Actor != "line/"+cataloguetest.System || e.Line.GetSequence() != sequence || e.Line.GetItem() != fireReview ||
				!e.Line.GetClaimedTime().AsTime().Equal(start.Add(-24*time.Hour)) || e.Time.Before(start) {
				t.Errorf("event %d by %s at %s: %v", e.Version, e.Actor, e.Time, e.Line)
			}
		}
		if sequence != 3 {
			t.Errorf("%d events of reports", sequence)
		}
	})
}

// TestReportsTheWrongWayRound: what came early waits, and is taken in the request that closes the gap.
func TestReportsTheWrongWayRound(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		became(t, w.report(t, "m-3", event(c, 3, agencyv1.LineItemEvent_APPROVED)), "WAITING 1")
		became(t, w.report(t, "m-2", event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "WAITING 1")
		if got := w.item(t, c.GetName(), fireReview).GetState(); got != casefile.Received {
			t.Fatalf("%s before its turn", got)
		}
		became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED)), "APPLIED 4")
		if got := w.item(t, c.GetName(), fireReview).GetState(); got != casefile.Approved {
			t.Errorf("%s when all were there", got)
		}
		w.nothingWaits(t)
		became(t, w.report(t, "m-4", event(c, 2, agencyv1.LineItemEvent_TAKEN_ON), event(c, 3, agencyv1.LineItemEvent_APPROVED)), "DUPLICATE 4", "DUPLICATE 4")

		c = w.handedIn(t)
		became(t, w.report(t, "m-5", event(c, 3, agencyv1.LineItemEvent_APPROVED), event(c, 1, agencyv1.LineItemEvent_ACCEPTED),
			event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "APPLIED 4", "APPLIED 2", "APPLIED 3")
	})
}

func (w *world) nothingWaits(t testing.TB) {
	t.Helper()
	if rest := must[[]store.Report](t)(w.Service.Desk().Store.WaitingReports(t.Context(), store.Report{}, 10)); len(rest) != 0 {
		t.Errorf("still waiting: %+v", rest)
	}
}

// TestAMessageIsTakenOnce: sent again, signed anew, with another body.
func TestAMessageIsTakenOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		m := w.message("m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED))
		jws := linetest.Sign(t, m)
		became(t, w.send(t, jws), "APPLIED 2")
		before := len(w.history(t, c.GetName()))
		became(t, w.send(t, jws), "DUPLICATE 2")
		m.Sent = timestamppb.New(w.Wall.Now().Add(time.Minute))
		became(t, w.send(t, linetest.Sign(t, m)), "DUPLICATE 2")
		if after := len(w.history(t, c.GetName())); after != before {
			t.Errorf("%d events, then %d", before, after)
		}
		m.Events[0].Kind = agencyv1.LineItemEvent_TAKEN_ON
		_, err := w.line().ReportItemEvents(t.Context(), &agencyv1.ReportItemEventsRequest{Name: systemName, Jws: linetest.Sign(t, m)})
		refused[any](t, "REQUEST_ID_REUSED")(nil, err)
		became(t, w.report(t, "m-2", event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "APPLIED 3")
		became(t, w.send(t, jws), "DUPLICATE 3")
	})
}

// TestForgedMessages: a copy of long ago, a tampered body, another's name.
func TestForgedMessages(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	m := w.message("m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED))
	good := linetest.Sign(t, m)
	at := func(off time.Duration) string {
		late := proto.CloneOf(m)
		late.Sent = timestamppb.New(w.Wall.Now().Add(off))
		return linetest.Sign(t, late)
	}
	parts := strings.Split(good, ".")
	other := strings.Split(at(time.Second), ".")
	for name, forged := range map[string]struct{ name, jws, reason string }{
		"six minutes old":      {systemName, at(-6 * time.Minute), "MESSAGE_STALE"},
		"from in six minutes":  {systemName, at(6 * time.Minute), "MESSAGE_STALE"},
		"tampered":             {systemName, parts[0] + "." + other[1] + "." + parts[2], "SIGNATURE_INVALID"},
		"another system":       {city + "/lineSystems/planning-system", good, "SIGNATURE_INVALID"},
		"another city":         {"cities/410700/lineSystems/" + cataloguetest.System, good, "SIGNATURE_INVALID"},
		"no message":           {systemName, "x", "SIGNATURE_INVALID"},
		"nothing":              {systemName, "", "REQUEST_INVALID"},
		"a question":           {systemName, linetest.Sign(t, &agencyv1.LinePullMessage{Sent: m.GetSent(), After: 1}), "MESSAGE_INVALID"},
		"a name that is none":  {city + "/lineSystems/A", good, "REQUEST_INVALID"},
		"more than there fits": {systemName, strings.Repeat("x", 1<<20+1), "REQUEST_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.line().ReportItemEvents(t.Context(), &agencyv1.ReportItemEventsRequest{Name: forged.name, Jws: forged.jws})
			refused[any](t, forged.reason)(nil, err)
		})
	}
	if got := w.item(t, c.GetName(), fireReview).GetState(); got != casefile.Received {
		t.Errorf("the item is %s", got)
	}
}

// TestItemsOfOthers: a system is told nothing about what is not its unit's.
func TestItemsOfOthers(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	w.complete(t, c.GetName(), cataloguetest.SitePermit)
	w.submit(t, c.GetName(), cataloguetest.SitePermit) // planning's
	before := len(w.history(t, c.GetName()))
	outcomes := w.report(t, "m-1",
		event(c, 1, agencyv1.LineItemEvent_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.Item = cataloguetest.SitePermit }),
		event(c, 9, agencyv1.LineItemEvent_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.Item = cataloguetest.SitePermit }),
		event(c, 1, agencyv1.LineItemEvent_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.Item = "none" }),
		event(c, 1, agencyv1.LineItemEvent_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.CaseNumber = "2603020000025" }))
	const none = "REFUSED 0 ITEM_NOT_FOUND"
	became(t, outcomes, none, none, none, none)
	for _, o := range outcomes {
		if !proto.Equal(o, outcomes[0]) {
			t.Errorf("%v is told from %v", o, outcomes[0])
		}
	}
	if after := len(w.history(t, c.GetName())); after != before {
		t.Errorf("%d events, then %d", before, after)
	}
	w.nothingWaits(t)
	// A division below the unit is the system's too.
	for _, code := range []string{fireReview, cataloguetest.SitePermit} {
		w.accept(t, c.GetName(), code)
		w.approve(t, c.GetName(), code)
	}
	w.through(t, c.GetName(), cataloguetest.CivilDefence)
	w.complete(t, c.GetName(), cataloguetest.BuildPermit)
	w.submit(t, c.GetName(), cataloguetest.BuildPermit)
	became(t, w.report(t, "m-2", event(c, 1, agencyv1.LineItemEvent_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.Item = cataloguetest.BuildPermit })), "APPLIED 2")
}

// TestARefusedReportIsCorrected: it does not count, says why, holds up no other item, and another one takes its place.
func TestARefusedReportIsCorrected(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c, other := w.handedIn(t), w.handedIn(t)
		became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_APPROVED), event(other, 1, agencyv1.LineItemEvent_ACCEPTED)),
			"REFUSED 1 ITEM_STATE_FORBIDS", "APPLIED 2")
		became(t, w.report(t, "m-2", event(c, 1, agencyv1.LineItemEvent_ACCEPTED)), "APPLIED 2")
		became(t, w.report(t, "m-3", event(c, 2, agencyv1.LineItemEvent_REFUSED)), "REFUSED 2 CASE_TEXT_EMPTY")
		became(t, w.report(t, "m-4", event(c, 2, agencyv1.LineItemEvent_MATERIAL_OBTAINED, func(e *agencyv1.LineItemEvent) {
			e.Material, e.Reference = cataloguetest.Survey, "1" // which other items ask for
		})), "REFUSED 2 MATERIAL_UNKNOWN")
		// What waits and is refused when its turn comes is expected again.
		became(t, w.report(t, "m-5", event(c, 3, agencyv1.LineItemEvent_WITHDRAWAL_CONFIRMED)), "WAITING 2")
		became(t, w.report(t, "m-6", event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "APPLIED 3")
		w.nothingWaits(t)
		became(t, w.report(t, "m-7", event(c, 3, agencyv1.LineItemEvent_WITHDRAWAL_CONFIRMED)), "REFUSED 3 ITEM_STATE_FORBIDS")
		// A corrected one takes the place of one that waits.
		became(t, w.report(t, "m-8", event(c, 4, agencyv1.LineItemEvent_PROCEDURE_ENDED)), "WAITING 3")
		became(t, w.report(t, "m-9", event(c, 4, agencyv1.LineItemEvent_APPROVED)), "WAITING 3")
		became(t, w.report(t, "m-10", event(c, 3, agencyv1.LineItemEvent_MATERIAL_OBTAINED, func(e *agencyv1.LineItemEvent) {
			e.Material, e.Reference = cataloguetest.Drawings, "410900-7"
		})), "APPLIED 5")
		became(t, w.report(t, "m-11", event(c, 200, agencyv1.LineItemEvent_APPROVED)), "REFUSED 5 REPORT_AHEAD")
	})
}

// TestEveryKindOfReport does what a clerk's verb does, with its words.
func TestEveryKindOfReport(t *testing.T) {
	w := newWorld(t, file(t))
	type step = func(e *agencyv1.LineItemEvent)
	kind := func(k agencyv1.LineItemEvent_Kind, change ...step) step {
		return func(e *agencyv1.LineItemEvent) {
			e.Kind = k
			for _, f := range change {
				f(e)
			}
		}
	}
	said := func(e *agencyv1.LineItemEvent) {
		e.Text, e.Remedy = "系统写明的理由", "可在六十日内申请行政复议"
	}
	accepted := kind(agencyv1.LineItemEvent_ACCEPTED)
	procedure := kind(agencyv1.LineItemEvent_PROCEDURE_STARTED, said, func(e *agencyv1.LineItemEvent) { e.Procedure, e.Workdays = catalogue.ProcedureReview, 3 })
	done := map[agencyv1.LineItemEvent_Kind]bool{}
	for name, test := range map[string]struct {
		steps    []step
		withdraw bool // after the first
		want     agencyv1.Item_State
	}{
		"accepted":            {steps: []step{accepted}, want: casefile.WindowAccepted},
		"taken on":            {steps: []step{accepted, kind(agencyv1.LineItemEvent_TAKEN_ON)}, want: casefile.DepartmentAccepted},
		"not accepted":        {steps: []step{kind(agencyv1.LineItemEvent_NOT_ACCEPTED, said)}, want: casefile.NotAccepted},
		"acceptance refused":  {steps: []step{kind(agencyv1.LineItemEvent_ACCEPTANCE_REFUSED, said)}, want: casefile.AcceptanceRefused},
		"in a procedure":      {steps: []step{accepted, procedure}, want: casefile.ProcedureOpen},
		"after a procedure":   {steps: []step{accepted, procedure, kind(agencyv1.LineItemEvent_PROCEDURE_ENDED, said)}, want: casefile.ProcedureEnded},
		"approved":            {steps: []step{accepted, kind(agencyv1.LineItemEvent_APPROVED, said)}, want: casefile.Approved},
		"refused":             {steps: []step{accepted, kind(agencyv1.LineItemEvent_REFUSED, said)}, want: casefile.Refused},
		"withdrawn":           {steps: []step{accepted, kind(agencyv1.LineItemEvent_WITHDRAWAL_CONFIRMED)}, withdraw: true, want: casefile.Withdrawn},
		"withdrawal declined": {steps: []step{accepted, kind(agencyv1.LineItemEvent_WITHDRAWAL_DECLINED, said)}, withdraw: true, want: casefile.WindowAccepted},
		"to correct": {steps: []step{kind(agencyv1.LineItemEvent_CORRECTION_REQUESTED, func(e *agencyv1.LineItemEvent) {
			e.Deficiencies = []*agencyv1.Deficiency{{Material: cataloguetest.Drawings, Text: "缺少签章"}}
		})}, want: casefile.CorrectionOpen},
		"obtained": {steps: []step{kind(agencyv1.LineItemEvent_MATERIAL_OBTAINED, func(e *agencyv1.LineItemEvent) {
			e.Material, e.Reference = cataloguetest.Drawings, "410900-2026-17"
		})}, want: casefile.Received},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.handedIn(t)
			for n, change := range test.steps {
				e := event(c, int64(n+1), 0, change)
				done[e.GetKind()] = true
				became(t, w.report(t, fmt.Sprint(name, n), e), fmt.Sprint("APPLIED ", n+2))
				if n == 0 && test.withdraw {
					must[*agencyv1.Item](t)(w.WithdrawItem(w.as(t, owner), &agencyv1.WithdrawItemRequest{Name: itemName(c.GetName(), fireReview)}))
				}
			}
			got := w.item(t, c.GetName(), fireReview)
			if got.GetState() != test.want {
				t.Errorf("%s, want %s", got.GetState(), test.want)
			}
			if test.want == casefile.Refused && (got.GetDecisionText() != "系统写明的理由" || got.GetRemedy() != "可在六十日内申请行政复议") {
				t.Errorf("it says %q and %q", got.GetDecisionText(), got.GetRemedy())
			}
			if test.want == casefile.CorrectionOpen && got.GetCorrection().GetDeficiencies()[0].GetText() != "缺少签章" {
				t.Errorf("it says %v", got.GetCorrection())
			}
		})
	}
	if len(done) != len(agencyv1.LineItemEvent_Kind_name)-1 {
		t.Errorf("%d kinds of %d", len(done), len(agencyv1.LineItemEvent_Kind_name)-1)
	}
}

// TestAnAttemptHasItsOwnCount: the next application begins at 1, and what came of the last one is known for ever.
func TestAnAttemptHasItsOwnCount(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	said := func(e *agencyv1.LineItemEvent) { e.Text, e.Remedy = "不符合规范", "可申请行政复议" }
	second := func(e *agencyv1.LineItemEvent) { e.Attempt = 2 }
	became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED, second)), "REFUSED 1 REPORT_ATTEMPT_OTHER")
	became(t, w.report(t, "m-2", event(c, 1, agencyv1.LineItemEvent_ACCEPTED), event(c, 2, agencyv1.LineItemEvent_REFUSED, said)), "APPLIED 2", "APPLIED 3")
	became(t, w.report(t, "m-3", event(c, 4, agencyv1.LineItemEvent_TAKEN_ON)), "WAITING 3")
	w.submit(t, c.GetName(), fireReview)
	became(t, w.report(t, "m-4", event(c, 2, agencyv1.LineItemEvent_REFUSED, said), event(c, 3, agencyv1.LineItemEvent_TAKEN_ON)),
		"DUPLICATE 3", "REFUSED 3 REPORT_ATTEMPT_OTHER")
	became(t, w.report(t, "m-5", event(c, 1, agencyv1.LineItemEvent_ACCEPTED, second)), "APPLIED 2")
	if err := w.Service.Desk().RetryReports(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.nothingWaits(t) // what waited in the last attempt will never be taken
}

// TestLateReportsHoldNothingUp: what silence did before the system said it is counted, and what follows goes on.
func TestLateReportsHoldNothingUp(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	w.at(t, "2026-03-10 09:00") // five workdays later: accepted by silence
	if got := w.item(t, c.GetName(), fireReview); !got.GetDeemedAccepted() {
		t.Fatalf("%s, not by silence", got.GetState())
	}
	became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED), event(c, 2, agencyv1.LineItemEvent_TAKEN_ON)), "APPLIED 2", "APPLIED 3")
	if events := w.events(t, c.GetName()); count(events, "report_noted") != 1 || count(events, "clock_breached") != 1 {
		t.Errorf("%v", events)
	}
	if got := w.item(t, c.GetName(), fireReview).GetState(); got != casefile.DepartmentAccepted {
		t.Errorf("%s", got)
	}
}

// obtained is a report that can follow itself: the reference says which it was.
func obtained(c *agencyv1.Case, sequence int64) *agencyv1.LineItemEvent {
	return event(c, sequence, agencyv1.LineItemEvent_MATERIAL_OBTAINED, func(e *agencyv1.LineItemEvent) {
		e.Material, e.Reference = cataloguetest.Drawings, fmt.Sprint(sequence)
	})
}

// inOrder checks that reports 1 to n were taken, each once, in their order.
func (w *world) inOrder(t testing.TB, c *agencyv1.Case, n int) {
	t.Helper()
	var got []string
	for _, e := range w.history(t, c.GetName()) {
		if b, ok := e.Body.(*agencyv1.MaterialObtained); ok {
			got = append(got, b.GetReference())
		}
	}
	want := make([]string, n)
	for i := range want {
		want[i] = fmt.Sprint(i + 1)
	}
	if !slices.Equal(got, want) {
		t.Errorf("taken were %v", got)
	}
	w.nothingWaits(t)
}

// TestReportsAtTheSameTime: many at once, in any order, some twice: each is taken once, in turn, and nothing is left waiting.
func TestReportsAtTheSameTime(t *testing.T) {
	const reports = 24
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		sent := make([]string, 0, 2*reports)
		for n := range reports {
			jws := linetest.Sign(t, w.message(fmt.Sprint("m-", n), obtained(c, int64(n+1))))
			sent = append(sent, jws, jws)
		}
		rand.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		var group errgroup.Group
		for _, jws := range sent {
			group.Go(func() error {
				for {
					_, err := w.line().ReportItemEvents(t.Context(), &agencyv1.ReportItemEventsRequest{Name: systemName, Jws: jws})
					if reason(err) != "TOO_BUSY" && reason(err) != "CONTENTION" {
						return err
					}
				}
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		w.inOrder(t, c, reports)
	})
}

// TestACrashBetweenReports: the message's id was taken and what it says was not; a gap was closed and what waited behind it was not taken.
func TestACrashBetweenReports(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		desk := w.Service.Desk()
		left := func(sequence int64, received time.Time) {
			t.Helper()
			event := must[[]byte](t)(proto.Marshal(obtained(c, sequence)))
			r := store.Report{City: cataloguetest.Code, System: cataloguetest.System, Case: idOf(c.GetName()), Item: fireReview, Attempt: 1, Sequence: sequence,
				Message: "lost", Event: event, Received: received}
			if err := desk.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.AwaitReport(r)}}); err != nil {
				t.Fatal(err)
			}
		}
		became(t, w.report(t, "m-1", obtained(c, 1)), "APPLIED 2")
		left(2, w.Wall.Now())
		left(3, w.Wall.Now())
		became(t, w.report(t, "m-1", obtained(c, 1)), "DUPLICATE 4") // whatever comes next picks it up
		left(4, w.Wall.Now())
		became(t, w.report(t, "m-6", obtained(c, 6)), "WAITING 5")
		left(5, w.Wall.Now())
		became(t, w.report(t, "m-6", obtained(c, 6)), "APPLIED 7")
		left(7, w.Wall.Now())
		left(8, w.Wall.Now())
		if err := desk.RetryReports(t.Context()); err != nil { // or it is found by itself
			t.Fatal(err)
		}
		w.inOrder(t, c, 8)

		left(10, w.Wall.Now().Add(-31*24*time.Hour)) // the gap before it was never closed
		left(12, w.Wall.Now())
		if err := desk.RetryReports(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rest := must[[]store.Report](t)(desk.Store.WaitingReports(t.Context(), store.Report{}, 10)); len(rest) != 1 || rest[0].Sequence != 12 {
			t.Errorf("waiting: %v", rest)
		}
	})
}

// TestAnIdWithoutItsReports: a message whose id was claimed before the crash, and nothing else, is taken when it comes again.
func TestAnIdWithoutItsReports(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	m := w.message("m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED))
	another := proto.CloneOf(m)
	another.Events[0].Sequence = 2
	request := &change.Request{City: cataloguetest.Code, Person: "line/" + cataloguetest.System, Method: "ReportItemEvents", ID: m.GetId(),
		BodyHash: must[[]byte](t)(line.Identity(m)), Expires: w.Wall.Now().Add(time.Hour)}
	if err := w.Service.Desk().Store.Commit(t.Context(), &change.Change{Request: request}); err != nil {
		t.Fatal(err)
	}
	_, err := w.line().ReportItemEvents(t.Context(), &agencyv1.ReportItemEventsRequest{Name: systemName, Jws: linetest.Sign(t, another)})
	refused[any](t, "REQUEST_ID_REUSED")(nil, err)
	became(t, w.send(t, linetest.Sign(t, m)), "APPLIED 2")
}

// TestReportsCarryOnAfterARestart: what a crash left is taken when the service starts again.
func TestReportsCarryOnAfterARestart(t *testing.T) {
	dsn := file(t)
	var c *agencyv1.Case
	t.Run("before", func(t *testing.T) {
		w := newWorld(t, dsn)
		c = w.handedIn(t)
		r := store.Report{City: cataloguetest.Code, System: cataloguetest.System, Case: idOf(c.GetName()), Item: fireReview, Attempt: 1, Sequence: 1, Message: "lost",
			Event: must[[]byte](t)(proto.Marshal(obtained(c, 1))), Received: w.Wall.Now()}
		if err := w.Service.Desk().Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.AwaitReport(r)}}); err != nil {
			t.Fatal(err)
		}
	})
	w := newWorld(t, dsn)
	head := must[int64](t)(w.Service.Position(t.Context()))
	if !slices.Contains(w.events(t, c.GetName()), "material_obtained") {
		if err := w.Service.Desk().Store.AwaitFeed(t.Context(), head); err != nil {
			t.Fatal(err)
		}
	}
	w.inOrder(t, c, 1)
}

// TestWhatASystemWritesIsNotInTheHistory: the words of a department's system are erasable rows like everybody's, never part of the history.
func TestWhatASystemWritesIsNotInTheHistory(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	const words = "张三的身份证号有误"
	became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_NOT_ACCEPTED, func(e *agencyv1.LineItemEvent) { e.Text = words })), "APPLIED 2")
	if got := w.item(t, c.GetName(), fireReview).GetDecisionText(); got != words {
		t.Errorf("the item says %q", got)
	}
	for _, e := range must[[]change.FeedEvent](t)(w.Service.Desk().Store.Feed(t.Context(), 0, 1000)) {
		if bytes.Contains(e.Bytes, []byte(words)) {
			t.Errorf("position %d holds what was written", e.Position)
		}
	}
}
