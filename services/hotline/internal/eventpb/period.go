package eventpb

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Period is the publication of a month's numbers.
type Period struct {
	Month    string // YYYY-MM
	Revision int
	Digest   []byte
	Cells    int64
}

const periodPrefix = "periods/"

// PeriodAggregate is a published month's name in the journal and the feed.
func PeriodAggregate(month string) string { return periodPrefix + month }

// PeriodEnvelope returns a publication as the journal seals it. Each revision is the next version of the month's history.
func PeriodEnvelope(city, actor string, at time.Time, p Period) (journal.Envelope, error) {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(&hotlinev1.PeriodEvent{Event: &hotlinev1.PeriodEvent_Published{
		Published: &hotlinev1.PeriodPublished{Month: p.Month, Revision: int32(p.Revision), Digest: p.Digest, Cells: p.Cells}}})
	if err != nil {
		return journal.Envelope{}, fmt.Errorf("period %s: %w", p.Month, err)
	}
	return journal.Envelope{City: city, Aggregate: PeriodAggregate(p.Month), Version: int64(p.Revision), Type: "period_published", Time: at, Actor: actor,
		Payload: payload}, nil
}

// OpenPeriod returns the publication of a journal's envelope.
func OpenPeriod(in journal.Envelope) (Period, error) {
	var message hotlinev1.PeriodEvent
	if err := proto.Unmarshal(in.Payload, &message); err != nil {
		return Period{}, fmt.Errorf("%s: event %d: %w", in.Aggregate, in.Version, err)
	}
	p := message.GetPublished()
	if p == nil {
		return Period{}, fmt.Errorf("%s: event %d is no publication", in.Aggregate, in.Version)
	}
	return Period{Month: p.GetMonth(), Revision: int(p.GetRevision()), Digest: p.GetDigest(), Cells: p.GetCells()}, nil
}
