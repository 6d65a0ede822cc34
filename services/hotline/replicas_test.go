package hotline_test

import (
	"context"
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// Who is dismissed is refused by every replica, whichever of them wrote the news down.
func TestEveryReplicaRefusesWhoIsDismissed(t *testing.T) {
	dsn := kittest.Postgres(t)
	w := newWorld(t, dsn)
	deps := w.deps
	deps.Metrics = nil
	config := deps.Verifier.VerifierConfig
	config.Revocations = authn.NewRevocations(w.Wall)
	var err error
	if deps.Verifier, err = authn.NewVerifier(config); err != nil {
		t.Fatal(err)
	}
	other, err := hotline.New(t.Context(), hotline.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- other.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, person := range []string{policytest.Dispatcher, policytest.Clerk, policytest.MarketClerk, policytest.HousingLeader} {
		token, _, err := w.issuer.Issue(desktest.Caller(person))
		if err != nil {
			t.Fatal(err)
		}
		w.Directory.say(t, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{OfficialDismissed: &directoryv1.OfficialDismissed{Person: person}}})
		w.idle(t)
		if err := other.CaughtUp(t.Context(), "directory"); err != nil {
			t.Fatal(err)
		}
		for name, verifier := range map[string]*authn.Verifier{"one": w.deps.Verifier, "the other": deps.Verifier} {
			if _, err := verifier.Verify(t.Context(), token); !fault.Has(err, "SESSION_REVOKED") {
				t.Errorf("replica %s lets %s in: %v", name, person, err)
			}
		}
	}
}
