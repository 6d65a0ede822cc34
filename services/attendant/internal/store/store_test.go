package store_test

import (
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/reflect/protoreflect"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	for _, engine := range []struct {
		name string
		dsn  func(t *testing.T) string
	}{
		{"file", func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/test.db" }},
		{"memory", func(*testing.T) string { return "sqlite::memory:" }},
		{"postgres", func(t *testing.T) string { return kittest.Postgres(t) }},
	} {
		t.Run(engine.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) *store.Store {
				return store.New(kittest.OpenStore(t, engine.dsn(t), change.Options{}, store.Schema()))
			})
		})
	}
}

// What events may hold: ids, codes, numbers and times. A field that is not here needs a look at whether it is personal.
var allowed = map[protoreflect.Name]bool{
	"binding_created": true, "binding_ended": true, "presence_changed": true, "route_proposed": true, "claim_returned": true,
	"binding": true, "official": true, "unit": true, "role": true, "enterprise": true, "project": true, "start": true, "end": true, "deputy": true,
	"present": true, "away_until": true, "ticket": true, "version": true, "reason": true,
	"handover_proposed": true, "handover_made": true, "visit_planned": true, "visit_held": true, "visit_cancelled": true, "quiet_changed": true,
	"visit_reassigned": true, "away_from": true, "hand_over": true, "from": true, "handover": true, "target": true, "tickets": true, "ended": true,
	"bindings": true, "visits": true, "visit": true, "time": true, "overridden": true, "content_mac": true, "problems": true, "quiet": true, "until": true,
	"seconds": true, "nanos": true,
}

func TestEventsCarryNothingPersonal(t *testing.T) {
	var walk func(m protoreflect.MessageDescriptor)
	walk = func(m protoreflect.MessageDescriptor) {
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if !allowed[f.Name()] {
				t.Errorf("%s is not known to be free of personal data", f.FullName())
			}
			if f.Message() != nil {
				walk(f.Message())
			}
		}
	}
	walk((&attendantv1.AttendantEvent{}).ProtoReflect().Descriptor())
}
