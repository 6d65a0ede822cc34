package hotline_test

import (
	"context"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// After a restart the service knows what it knew, with every other service away: cities, where enterprises are, who is signed out.
func TestARestartAlone(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		if dsn == "sqlite::memory:" {
			t.Skip("what is in memory only does not survive")
		}
		w := newWorld(t, dsn)
		first := w.file(t)
		w.Directory.say(t, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_EnterpriseCreated{EnterpriseCreated: &directoryv1.EnterpriseCreated{
			Enterprise: desktest.Enterprise, County: policytest.CountyCode}}})
		w.Directory.say(t, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{OfficialDismissed: &directoryv1.OfficialDismissed{
			Person: policytest.Dispatcher}}})
		dismissed := w.as(t, policytest.Dispatcher)
		w.idle(t)

		deps := w.deps
		deps.Directory, deps.Attendant, deps.Metrics = nil, nil, prometheus.NewRegistry()
		config := deps.Verifier.VerifierConfig
		config.Revocations = authn.NewRevocations(w.Wall)
		var err error
		if deps.Verifier, err = authn.NewVerifier(config); err != nil {
			t.Fatal(err)
		}
		again, err := hotline.New(context.Background(), hotline.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := again.Close(); err != nil {
				t.Error(err)
			}
		})
		b := rpcserver.New(rpcserver.Config{}, rpcserver.Deps{Log: w.log, Metrics: prometheus.NewRegistry(), Verifier: deps.Verifier})
		again.Register(b)
		conn, _ := serve(t, b, "hotline", nil)
		client := hotlinev1.NewTicketServiceClient(conn)

		got, err := client.GetTicket(w.as(t, desktest.Filer), &hotlinev1.GetTicketRequest{Name: first.GetName()})
		if err != nil || got.GetNumber() != first.GetNumber() {
			t.Errorf("%v, %v", got, err)
		}
		filed, err := client.CreateTicket(w.as(t, desktest.Filer), filing())
		if err != nil || filed.GetCounty() != policytest.CountyCode {
			t.Errorf("filed in county %q, %v", filed.GetCounty(), err)
		}
		if _, err := client.ListTickets(dismissed, &hotlinev1.ListTicketsRequest{Parent: city}); reason(err) != "SESSION_REVOKED" {
			t.Errorf("a dismissed official after the restart: %v", err)
		}
	})
}
