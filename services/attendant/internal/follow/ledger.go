package follow

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Ledger lists the directory's enterprises and projects. It has a cursor of its own, so that a database that followed the directory
// before there was a list reads the feed from its beginning once more.
type Ledger struct{}

// Handle takes a stretch of the directory's feed.
func (Ledger) Handle(_ context.Context, events []change.FeedEvent) (*change.Change, error) {
	c := &change.Change{}
	for _, e := range events {
		in := &directoryv1.DirectoryEvent{}
		if err := proto.Unmarshal(e.Payload, in); err != nil {
			return nil, fmt.Errorf("position %d: %w", e.Position, err)
		}
		if made := in.GetEnterpriseCreated(); made != nil {
			c.Statements = append(c.Statements, store.AddEnterprise(e.City, made.GetEnterprise(), made.GetCounty(), e.Time))
		}
		if made := in.GetProjectCreated(); made != nil {
			c.Statements = append(c.Statements, store.AddProject(e.City, made.GetProject(), made.GetEnterprise(), made.GetCounty()))
		}
	}
	return c, nil
}
