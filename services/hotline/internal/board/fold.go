package board

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Board folds and reads the numbers of one database.
type Board struct {
	*tally.Tally[Facts]
	store *store.Store
}

// New makes a board; config names what the follower needs beside the board's own.
func New(ctx context.Context, s *store.Store, config feed.Config) (*Board, error) {
	t, err := tally.New(ctx, s.Store, tally.Source[Facts]{
		Table: "board_tickets", Column: "ticket", ID: store.TicketOf,
		Facts: func(ctx context.Context, city string, ids []string) ([]tally.Counted[Facts], error) {
			tickets, err := s.Tickets(ctx, city, ids)
			out := make([]tally.Counted[Facts], len(tickets))
			for i, t := range tickets {
				out[i] = tally.Counted[Facts]{ID: t.ID, Facts: FactsOf(fact.Of(t.Ticket))}
			}
			return out, err
		},
		Walk: s.Walk,
		Each: func(ctx context.Context, db sqldb.Reader, city string, each func(string, func() (Facts, error)) error) error {
			return store.EachTicket(ctx, db, city, func(t store.Stored) error {
				return each(t.ID, func() (Facts, error) { return FactsOf(fact.Of(t.Ticket)), nil })
			})
		},
	}, config)
	if err != nil {
		return nil, err
	}
	return &Board{Tally: t, store: s}, nil
}

// Check counts every ticket of a city anew and compares, and holds what was published against its digests.
func (b *Board) Check(ctx context.Context, city string) (tally.Checked, error) {
	out, err := b.Tally.Check(ctx, city)
	if err == nil {
		err = b.comparePeriods(ctx, city, &out)
	}
	return out, err
}
