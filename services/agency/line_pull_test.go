package agency_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/line/linetest"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// pull asks as the system.
func (w *world) pull(t testing.TB, m *agencyv1.LinePullMessage) *agencyv1.PullItemEventsResponse {
	t.Helper()
	must[int64](t)(w.Service.Position(t.Context())) // gives everything that happened its place
	m.Sent = timestamppb.New(w.Wall.Now())
	return must[*agencyv1.PullItemEventsResponse](t)(w.line().PullItemEvents(t.Context(), &agencyv1.PullItemEventsRequest{Name: systemName, Jws: linetest.Sign(t, m)}))
}

// heard are events as type and item.
func heard(events []*agencyv1.LineFeedEvent) (out []string) {
	for _, e := range events {
		out = append(out, e.GetType()+" "+e.GetItem())
	}
	return out
}

func TestASystemIsToldOfItsItems(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		first := w.pull(t, &agencyv1.LinePullMessage{})
		for _, e := range first.GetEvents() {
			if !slices.Contains([]string{fireReview, cataloguetest.CivilDefence, cataloguetest.Acceptance, cataloguetest.BuildPermit}, e.GetItem()) ||
				e.GetCaseNumber() != c.GetNumber() || e.GetOwn() {
				t.Errorf("told of %v", e)
			}
		}
		last := first.GetEvents()[len(first.GetEvents())-1]
		if last.GetType() != "item_submitted" || last.GetItem() != fireReview || last.GetAttempt() != 1 || last.GetState() != casefile.Received ||
			len(last.GetMaterials()) != 2 || last.GetMaterials()[0].GetState() != agencyv1.ItemMaterial_COMPLETE || first.GetNext() < last.GetPosition() {
			t.Errorf("the last is %v, next %d", last, first.GetNext())
		}

		became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED)), "APPLIED 2")
		w.supply(t, c.GetName(), owner, casefile.PurposeMaterial, cataloguetest.Drawings) // which three of the unit's items ask for
		w.supply(t, c.GetName(), owner, casefile.PurposeEvidence, "")
		w.supply(t, c.GetName(), owner, casefile.PurposeMaterial, cataloguetest.SitePlan) // which none of them does
		next := w.pull(t, &agencyv1.LinePullMessage{After: first.GetNext()})
		want := []string{"item_accepted fire-review", "document_added civil-defence", "document_added fire-review", "document_added acceptance"}
		if got := heard(next.GetEvents()); !slices.Equal(got, want) {
			t.Fatalf("told of %q", got)
		}
		own := next.GetEvents()[0]
		if !own.GetOwn() || own.GetState() != casefile.WindowAccepted || own.GetPromisedDueTime() == nil || own.GetStatutoryDueTime() == nil || next.GetEvents()[1].GetOwn() ||
			next.GetEvents()[1].GetPosition() != next.GetEvents()[3].GetPosition() {
			t.Errorf("%v", next)
		}
		if again := w.pull(t, &agencyv1.LinePullMessage{After: next.GetNext()}); len(again.GetEvents()) != 0 || again.GetNext() != next.GetNext() {
			t.Errorf("after that: %v", again)
		}
	})
}

// TestASystemReadsOn: however little it asks for at once, it misses nothing and reads nothing twice.
func TestASystemReadsOn(t *testing.T) {
	w := newWorld(t, file(t))
	w.handedIn(t)
	c := w.handedIn(t)
	became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED), event(c, 2, agencyv1.LineItemEvent_APPROVED)), "APPLIED 2", "APPLIED 3")
	all := w.pull(t, &agencyv1.LinePullMessage{Limit: 10_000})
	for _, limit := range []int32{1, 2, 3} {
		var got []*agencyv1.LineFeedEvent
		next := int64(0)
		for {
			page := w.pull(t, &agencyv1.LinePullMessage{After: next, Limit: limit})
			if len(page.GetEvents()) == 0 {
				break
			}
			got, next = append(got, page.GetEvents()...), page.GetNext()
		}
		if !slices.Equal(heard(got), heard(all.GetEvents())) || next > all.GetNext() {
			t.Errorf("%d at once: %v", limit, heard(got))
		}
	}
}

// TestWhatAnItemsEventsAre: of commitments, deadlines and reviews, too, a unit's system is told.
func TestWhatAnItemsEventsAre(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.open(t)
	w.through(t, c.GetName(), cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, c.GetName(), cataloguetest.CivilDefence)
	w.submit(t, c.GetName(), cataloguetest.CivilDefence)
	w.sign(t, c.GetName(), cataloguetest.CivilDefence, agencyv1.Commitment_TOLERANCE)
	w.accept(t, c.GetName(), cataloguetest.CivilDefence)
	next := w.pull(t, &agencyv1.LinePullMessage{}).GetNext()
	w.at(t, "2026-03-20 09:00") // the commitment is broken
	got := heard(w.pull(t, &agencyv1.LinePullMessage{After: next}).GetEvents())
	for _, want := range []string{"clock_reminded civil-defence", "clock_breached civil-defence", "commitment_broken civil-defence", "item_refused civil-defence"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %q", want, got)
		}
	}
}

// TestNothingPersonalIsPulled: no text, no name, no phone, whatever happened.
func TestNothingPersonalIsPulled(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	w.entrust(t, c.GetName())
	const words = "内部情况说明"
	must[*agencyv1.Note](t)(w.CreateNote(w.as(t, owner), &agencyv1.CreateNoteRequest{Parent: c.GetName(), Item: fireReview, Text: words}))
	became(t, w.report(t, "m-1", event(c, 1, agencyv1.LineItemEvent_ACCEPTED), event(c, 2, agencyv1.LineItemEvent_REFUSED, func(e *agencyv1.LineItemEvent) {
		e.Text, e.Remedy = words, words
	})), "APPLIED 2", "APPLIED 3")
	out := must[[]byte](t)(protojson.Marshal(w.pull(t, &agencyv1.LinePullMessage{})))
	if !strings.Contains(string(out), "note_written") {
		t.Error("the note is not told of")
	}
	for _, personal := range []string{words, "赵企业", phone, owner, c.GetTitle(), enterprise} {
		if strings.Contains(string(out), personal) {
			t.Errorf("%q is pulled", personal)
		}
	}
}

// TestAPullWaits: for what is to come, and no longer than asked.
func TestAPullWaits(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		next := w.pull(t, &agencyv1.LinePullMessage{}).GetNext()
		answered := make(chan *agencyv1.PullItemEventsResponse, 1)
		jws := linetest.Sign(t, &agencyv1.LinePullMessage{Sent: timestamppb.New(w.Wall.Now()), After: next, WaitSeconds: 25})
		go func() {
			out, err := w.line().PullItemEvents(t.Context(), &agencyv1.PullItemEventsRequest{Name: systemName, Jws: jws})
			if err != nil {
				t.Error(err)
			}
			answered <- out
		}()
		w.open(t) // which is nothing to the system
		w.accept(t, c.GetName(), fireReview)
		if got := heard((<-answered).GetEvents()); !slices.Equal(got, []string{"item_accepted fire-review"}) {
			t.Errorf("told of %q", got)
		}
		next = w.pull(t, &agencyv1.LinePullMessage{After: next}).GetNext()
		begin := time.Now()
		empty := w.pull(t, &agencyv1.LinePullMessage{After: next, WaitSeconds: 1})
		if took := time.Since(begin); len(empty.GetEvents()) != 0 || empty.GetNext() < next || took < time.Second {
			t.Errorf("after %v: %v", took, empty)
		}
	})
}

// TestAPullIsBounded: through a feed in which little is a system's, it is led on.
func TestAPullIsBounded(t *testing.T) {
	const bound = 5000
	w := newWorld(t, file(t))
	from := must[int64](t)(w.Service.Position(t.Context()))
	var last journal.Hash
	for batch := range 60 {
		c := &change.Change{}
		for n := range 100 {
			sealed := journal.Seal(last, journal.Envelope{City: "410700", Aggregate: "cases/elsewhere", Version: int64(batch*100 + n + 1), Type: "case_opened", Time: start,
				Actor: "system/test", Payload: fmt.Appendf(nil, "%d", n)})
			last = sealed.Hash
			c.Events = append(c.Events, change.Event{Sealed: sealed})
		}
		if err := w.Service.Desk().Store.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []int64{from + bound, from + 6000} {
		got := w.pull(t, &agencyv1.LinePullMessage{After: from, WaitSeconds: 0})
		if len(got.GetEvents()) != 0 || got.GetNext() != want {
			t.Fatalf("after %d: %v, want %d", from, got, want)
		}
		from = got.GetNext()
	}
}

// TestForgedQuestions are answered like forged reports.
func TestForgedQuestions(t *testing.T) {
	w := newWorld(t, file(t))
	sign := func(m *agencyv1.LinePullMessage, off time.Duration) string {
		m.Sent = timestamppb.New(w.Wall.Now().Add(off))
		return linetest.Sign(t, m)
	}
	good := sign(&agencyv1.LinePullMessage{}, 0)
	parts, other := strings.Split(good, "."), strings.Split(sign(&agencyv1.LinePullMessage{After: 1}, 0), ".")
	for name, forged := range map[string]struct{ name, jws, reason string }{
		"six minutes old":     {systemName, sign(&agencyv1.LinePullMessage{}, -6*time.Minute), "MESSAGE_STALE"},
		"from in six minutes": {systemName, sign(&agencyv1.LinePullMessage{}, 6*time.Minute), "MESSAGE_STALE"},
		"tampered":            {systemName, parts[0] + "." + other[1] + "." + parts[2], "SIGNATURE_INVALID"},
		"another system":      {city + "/lineSystems/planning-system", good, "SIGNATURE_INVALID"},
		"another city":        {"cities/410700/lineSystems/" + cataloguetest.System, good, "SIGNATURE_INVALID"},
		"backwards":           {systemName, sign(&agencyv1.LinePullMessage{After: -1}, 0), "MESSAGE_INVALID"},
		"a report":            {systemName, linetest.Sign(t, w.message("m-1", &agencyv1.LineItemEvent{})), "MESSAGE_INVALID"},
		"more than may be":    {systemName, strings.Repeat("x", 1<<16+1), "REQUEST_INVALID"},
	} {
		_, err := w.line().PullItemEvents(t.Context(), &agencyv1.PullItemEventsRequest{Name: forged.name, Jws: forged.jws})
		if got := reason(err); got != forged.reason {
			t.Errorf("%s: %q, %v; want %s", name, got, err, forged.reason)
		}
	}
}
