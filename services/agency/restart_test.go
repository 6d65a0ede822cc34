package agency_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// After a restart in the middle of a case the service knows what it knew, with every other service away: cities, who is signed out, what is due; and the case goes on.
func TestARestartAlone(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		if dsn == "sqlite::memory:" {
			t.Skip("what is in memory only does not survive")
		}
		w := newWorld(t, dsn)
		name := w.open(t).GetName()
		w.through(t, name, cataloguetest.Filing)
		w.complete(t, name, cataloguetest.SiteOpinion)
		submitted := &agencyv1.SubmitItemRequest{Name: itemName(name, cataloguetest.SiteOpinion), RequestId: "before"}
		must[*agencyv1.Item](t)(w.SubmitItem(w.as(t, owner), submitted))
		w.Directory.say(t, "city", &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{OfficialDismissed: &directoryv1.OfficialDismissed{
			Person: cataloguetest.PlanningClerk2}}})
		dismissed := w.as(t, cataloguetest.PlanningClerk2)
		w.idle(t)

		deps := w.deps
		deps.Directory, deps.Attendant, deps.Hotline = nil, nil, nil
		config := deps.Verifier.VerifierConfig
		config.Revocations = authn.NewRevocations(w.Wall)
		deps.Verifier = must[*authn.Verifier](t)(authn.NewVerifier(config))
		again := must[*agency.Service](t)(agency.New(context.Background(), agency.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, deps))
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- again.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := errors.Join(<-ended, again.Close()); err != nil {
				t.Error(err)
			}
		})
		b := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(), Verifier: deps.Verifier})
		again.Register(b)
		conn, _ := serve(t, b, agency.Name, nil)
		cases, items := agencyv1.NewCaseServiceClient(conn), agencyv1.NewItemServiceClient(conn)

		before := w.get(t, name)
		if got := must[*agencyv1.Case](t)(cases.GetCase(w.as(t, owner), &agencyv1.GetCaseRequest{Name: name})); got.GetEtag() != before.GetEtag() || got.GetTitle() != before.GetTitle() {
			t.Errorf("%v", got)
		}
		refused[*agencyv1.ListCasesResponse](t, "SESSION_REVOKED")(cases.ListCases(dismissed, &agencyv1.ListCasesRequest{Parent: city}))
		repeated := must[*agencyv1.Item](t)(items.SubmitItem(w.as(t, owner), submitted))
		if repeated.GetState() != casefile.Received || repeated.GetAttempt() != 1 {
			t.Errorf("the request was made again: %v", repeated)
		}
		accepted := must[*agencyv1.Item](t)(items.AcceptItem(w.as(t, cataloguetest.PlanningClerk), &agencyv1.AcceptItemRequest{Name: submitted.GetName()}))
		if accepted.GetState() != casefile.WindowAccepted {
			t.Errorf("%v", accepted)
		}
		w.Clock.Set(cataloguetest.At("2026-04-02 10:00"))
		if err := again.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if late := must[*agencyv1.Item](t)(items.GetItem(w.as(t, owner), &agencyv1.GetItemRequest{Name: submitted.GetName()})); !late.GetOverdue() {
			t.Errorf("nothing happened by itself: %v", late)
		}
		if err := again.CaughtUp(t.Context(), "attendant"); err == nil {
			t.Error("it follows what is away")
		}
	})
}

// What the board counts by has grown: a database of an earlier level, with numbers in it, comes out with those of a recount.
func TestABoardOfAnEarlierLevelIsFoldedAnew(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		if dsn == "sqlite::memory:" {
			t.Skip("what is in memory only does not survive")
		}
		w := newWorld(t, dsn)
		w.through(t, w.open(t).GetName(), cataloguetest.Filing)
		w.idle(t)
		c := &change.Change{Statements: []change.Statement{
			change.Exec(`UPDATE board_cells SET n = n + 7`), change.Exec(`DELETE FROM schema_version_agency WHERE version_id >= 4`),
		}}
		if err := w.Service.Desk().Store.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if found := must[tally.Checked](t)(w.Service.CheckBoard(t.Context(), cataloguetest.Code)); len(found.Differences) == 0 {
			t.Fatal("the numbers are still right")
		}
		again := must[*agency.Service](t)(agency.New(context.Background(), agency.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, w.deps))
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- again.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := errors.Join(<-ended, again.Close()); err != nil {
				t.Error(err)
			}
		})
		if err := again.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if found := must[tally.Checked](t)(again.CheckBoard(t.Context(), cataloguetest.Code)); found.Cells == 0 || len(found.Differences) > 0 {
			t.Errorf("%+v", found)
		}
	})
}

// look says what is wrong in the database.
func (w *world) look(t *testing.T) []error {
	t.Helper()
	found, err := agency.Verify(t.Context(), w.Service.Desk().Store.DB())
	if err != nil || found.Histories == 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	return found.Faults
}

// Each case is what its history makes of it.
func TestVerify(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		w.tell(t)
		w.breaks(t)
		if faults := w.look(t); len(faults) > 0 {
			t.Errorf("nobody edited it: %v", faults)
		}
	})
}

// What somebody with the database in their hands could do, each seen.
func TestEveryEditIsFound(t *testing.T) {
	for what, edit := range map[string]string{
		"a state": `UPDATE cases SET state = 'CLOSED'`, "a number": `UPDATE cases SET number = '2603020000000'`, "an enterprise": `UPDATE cases SET enterprise = 'x'`,
		"a version": `UPDATE cases SET version = 2`, "a snapshot": `UPDATE cases SET snapshot = x'7b7d'`, "a case that is gone": `DELETE FROM cases`,
		"a hash": `UPDATE cases SET hash = (SELECT previous FROM journal WHERE version = 2)`,
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, "sqlite::memory:")
			w.open(t)
			if err := w.Service.Desk().Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(edit)}}); err != nil {
				t.Fatal(err)
			}
			if len(w.look(t)) == 0 {
				t.Error("the edit went unseen")
			}
		})
	}
}
