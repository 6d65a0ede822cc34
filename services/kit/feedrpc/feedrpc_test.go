package feedrpc_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// TestDrainLetsNobodyWait: who waits for an event when the service is to stop is told that there is none, at the position they have.
func TestDrainLetsNobodyWait(t *testing.T) {
	s := feedrpc.NewServer(kittest.OpenStore(t, "sqlite::memory:", change.Options{}))
	answered := make(chan error, 1)
	var reply *feedv1.ListEventsResponse
	begun := time.Now()
	go func() {
		var err error
		reply, err = s.ListEvents(t.Context(), &feedv1.ListEventsRequest{After: 0, Wait: durationpb.New(30 * time.Second)})
		answered <- err
	}()
	s.Drain()
	if err := <-answered; err != nil || len(reply.GetEvents()) != 0 || time.Since(begun) > 20*time.Second {
		t.Errorf("%v after %v: %v", reply, time.Since(begun), err)
	}
}
