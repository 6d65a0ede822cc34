package hotline_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// TestWhatATicketComesFrom: a visit, a case, or an item of one; the ticket and its event say so, whoever filed it.
func TestWhatATicketComesFrom(t *testing.T) {
	const id = "01900000-0000-7000-8000-0000000000aa"
	w := newWorld(t, file(t))
	for source, want := range map[string]struct{ filer, channel, refusal string }{
		city + "/cases/" + id:                         {filer: desktest.Filer},
		city + "/cases/" + id + "/items/build-permit": {filer: desktest.Filer},
		city + "/cases/" + id + "/items/fire-review":  {filer: policytest.Agent, channel: "agency"},
		city + "/visits/" + id:                        {filer: policytest.Agent, channel: "visit"},
		city + "/visits/" + id + "/items/build":       {filer: desktest.Filer, refusal: "REQUEST_INVALID"},
		city + "/cases/" + id + "/items/":             {filer: desktest.Filer, refusal: "REQUEST_INVALID"},
		city + "/cases/" + id + "/items/a/b":          {filer: desktest.Filer, refusal: "REQUEST_INVALID"},
		city + "/cases/" + id + "/items/Ä":            {filer: desktest.Filer, refusal: "REQUEST_INVALID"},
		city + "/cases/" + id + "/documents/" + id:    {filer: desktest.Filer, refusal: "REQUEST_INVALID"},
		"cities/410700/cases/" + id + "/items/build":  {filer: desktest.Filer, refusal: "CITY_NOT_FOUND"},
	} {
		in := filing()
		in.Source, in.Channel = source, want.channel
		filed, err := w.CreateTicket(w.as(t, want.filer), in)
		if want.refusal != "" {
			refused(t, source, want.refusal, err)
			continue
		}
		if err != nil || want.channel == "" && filed.GetSource() != source { // who files for a caller does not read it any more
			t.Errorf("%s comes back as %s, %v", source, filed.GetSource(), err)
			continue
		}
		if got := w.filed(t, filed.GetName()); got.GetSource() != strings.TrimPrefix(source, city+"/") {
			t.Errorf("the event of %s names %s", source, got.GetSource())
		}
	}
}

// filed is the event of a ticket's filing, as other services read it.
func (w *world) filed(t *testing.T, name string) *hotlinev1.TicketFiled {
	t.Helper()
	page := must[*feedv1.ListEventsResponse](t)(w.Feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{}))
	for _, e := range page.GetEvents() {
		if e.GetAggregate() != strings.TrimPrefix(name, city+"/") || e.GetVersion() != 1 {
			continue
		}
		in := &hotlinev1.TicketEvent{}
		if err := proto.Unmarshal(e.GetPayload(), in); err != nil {
			t.Fatal(err)
		}
		return in.GetFiled()
	}
	t.Fatalf("no event of %s", name)
	return nil
}
