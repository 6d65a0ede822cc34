package board

import (
	"context"
	"fmt"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Cities returns the newest configuration of a city.
type Cities func(code string) (*catalogue.City, error)

// Board folds and reads the numbers of one database.
type Board struct {
	*tally.Tally[Facts]
	store *store.Store
}

// New makes a board; config names what the follower needs beside the board's own.
func New(ctx context.Context, s *store.Store, cities Cities, config feed.Config) (*Board, error) {
	t, err := tally.New(ctx, s.Store, tally.Source[Facts]{
		Table: "board_cases", Column: "case_id", ID: store.CaseOf,
		Facts: func(ctx context.Context, city string, ids []string) ([]tally.Counted[Facts], error) {
			cases, err := s.Cases(ctx, city, ids)
			if err != nil {
				return nil, err
			}
			out := make([]tally.Counted[Facts], len(cases))
			for i := range cases {
				facts, err := cities.facts(&cases[i])
				if err != nil {
					return nil, err
				}
				out[i] = tally.Counted[Facts]{ID: cases[i].ID, Facts: facts}
			}
			return out, nil
		},
		Walk: s.Walk,
		Each: func(ctx context.Context, db sqldb.Reader, city string, each func(string, func() (Facts, error)) error) error {
			return store.EachCase(ctx, db, city, func(c store.Stored) error {
				return each(c.ID, func() (Facts, error) { return cities.facts(&c) })
			})
		},
	}, config)
	if err != nil {
		return nil, err
	}
	return &Board{Tally: t, store: s}, nil
}

// facts derives what a case adds, by the version of the configuration by which its row was counted: what the board counts is what the lists find.
func (cities Cities) facts(c *store.Stored) (Facts, error) {
	newest, err := cities(c.City)
	if err != nil {
		return Facts{}, err
	}
	city := newest.Revision(c.CountedBy)
	if city.Version() < c.CountedBy {
		return Facts{}, fmt.Errorf("board: version %d of city %s is not here yet", c.CountedBy, c.City)
	}
	f := fact.By(c.Case, city)
	return FactsOf(&f), nil
}
