package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// CityProposal is a city's files that one administrator wants in force, until another has decided, and what became of it then.
type CityProposal struct {
	City, ID   string // the id sorts by when it was made
	State      directoryv1.CityProposal_State
	Base       int64 // version in force when it was made
	Created    time.Time
	Actor      string // as the journal names them
	Reason     string
	Summary    *directoryv1.CitySummary
	Decided    time.Time // zero while it waits
	Decider    string
	DropReason string
}

// AddCityProposal keeps a proposal with its files.
func AddCityProposal(c *change.Change, p CityProposal, files []*directoryv1.CityFile) error {
	summary, content, err := sourceContent(p.Summary, files)
	if err != nil {
		return err
	}
	c.Statements = append(c.Statements, change.Exec(`INSERT INTO city_proposals (city, proposal, state, base, created, actor, reason, summary, files)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, p.City, p.ID, int64(p.State), p.Base, micros(p.Created), p.Actor, p.Reason, summary, content))
	return nil
}

// DecideCityProposal writes what became of one that waits; of two that decide at once, one is in conflict.
func DecideCityProposal(c *change.Change, p CityProposal) {
	c.Statements = append(c.Statements, change.Guard(`UPDATE city_proposals SET state = $1, decided = $2, decider = $3, drop_reason = $4
		WHERE city = $5 AND proposal = $6 AND state = $7`, int64(p.State), micros(p.Decided), p.Decider, p.DropReason, p.City, p.ID,
		int64(directoryv1.CityProposal_WAITING)))
}

const proposalColumns = `SELECT city, proposal, state, base, created, actor, reason, summary, decided, decider, drop_reason FROM city_proposals `

// CityProposal returns a proposal; ErrNotFound if there is none.
func (s *Store) CityProposal(ctx context.Context, city, id string) (CityProposal, error) {
	p, err := scanProposal(s.DB().QueryRow(ctx, proposalColumns+`WHERE city = $1 AND proposal = $2`, city, id))
	return p, found(err)
}

// CityProposals returns the newest proposals below an id, newest first; the newest of all for an empty one.
func (s *Store) CityProposals(ctx context.Context, city, below string, limit int) ([]CityProposal, error) {
	return sqldb.Collect(scanProposal)(s.DB().Query(ctx, proposalColumns+`WHERE city = $1 AND ($2 = '' OR proposal < $2) ORDER BY proposal DESC LIMIT $3`,
		city, below, limit))
}

// CityProposalFiles returns the files of a proposal; ErrNotFound if there is none.
func (s *Store) CityProposalFiles(ctx context.Context, city, id string) ([]*directoryv1.CityFile, error) {
	var raw []byte
	if err := found(s.DB().QueryRow(ctx, `SELECT files FROM city_proposals WHERE city = $1 AND proposal = $2`, city, id).Scan(&raw)); err != nil {
		return nil, err
	}
	var files directoryv1.CityFiles
	if err := proto.Unmarshal(raw, &files); err != nil {
		return nil, fmt.Errorf("store: files of proposal %s of city %s: %w", id, city, err)
	}
	return files.GetFiles(), nil
}

func scanProposal(row sqldb.Row) (CityProposal, error) {
	var p CityProposal
	var state, created int64
	var decided sql.NullInt64
	var summary []byte
	if err := row.Scan(&p.City, &p.ID, &state, &p.Base, &created, &p.Actor, &p.Reason, &summary, &decided, &p.Decider, &p.DropReason); err != nil {
		return p, err
	}
	p.State, p.Created, p.Decided = directoryv1.CityProposal_State(state), instant(created), maybeInstant(decided)
	p.Summary = &directoryv1.CitySummary{}
	return p, proto.Unmarshal(summary, p.Summary)
}
