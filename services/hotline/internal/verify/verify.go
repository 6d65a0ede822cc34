// Package verify holds what the hotline stores against its journal: that every ticket's row is what its history makes of it, and that
// every history has its ticket. A chain of hashes alone does not show that its end was cut off, that all of it was written anew, or
// that a row was changed beside it; the row names the hash of its last event, and the two would have to be changed alike.
//
// It depends on internal/{eventpb,issue,issuepb,store,ticket} and kit's change, journal and sqldb.
package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const maxFaults = 100

// Tickets compares every row with its history, in one state of the database. It only reads.
func Tickets(ctx context.Context, db *sqldb.DB, found *change.Verified) error {
	v := &verifier{found: found}
	return db.Snapshot(sqldb.Patient(ctx), func(r sqldb.Reader) error {
		if err := v.rows(ctx, r); err != nil {
			return err
		}
		return v.orphans(ctx, r)
	})
}

type verifier struct {
	found *change.Verified
	row   row
	fold  ticket.Ticket
	last  []byte // hash of the last event folded
	bad   error  // the first fault of the ticket being read
}

// row is a ticket as it is stored.
type row struct {
	city, id, state, unit, official, issue string
	month                                  int
	version                                int64
	hash, snapshot                         []byte
}

func (v *verifier) fault(err error) {
	if len(v.found.Faults) < maxFaults {
		v.found.Faults = append(v.found.Faults, fmt.Errorf("ticket %s in city %s: %w", v.row.id, v.row.city, err))
	}
}

const eachEvent = `SELECT t.city, t.month, t.id, t.state, t.unit, t.official, t.issue, t.version, t.hash, t.snapshot, j.envelope, j.hash, j.previous
	FROM tickets t LEFT JOIN journal j ON j.city = t.city AND j.month = t.month AND j.aggregate = 'tickets/' || t.id
	ORDER BY t.city, t.month, t.id, j.version`

func (v *verifier) rows(ctx context.Context, r sqldb.Reader) error {
	rows, err := r.Query(ctx, eachEvent)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var next row
		var envelope, hash, previous []byte
		if err := rows.Scan(&next.city, &next.month, &next.id, &next.state, &next.unit, &next.official, &next.issue, &next.version, &next.hash, &next.snapshot,
			&envelope, &hash, &previous); err != nil {
			return err
		}
		if next.city != v.row.city || next.id != v.row.id {
			v.settle()
			v.row, v.fold, v.last, v.bad = next, ticket.Ticket{City: next.city, ID: next.id}, nil, nil
		}
		if v.bad == nil && envelope != nil {
			v.bad = v.apply(envelope, hash, previous)
		}
	}
	v.settle()
	return rows.Err()
}

func (v *verifier) apply(envelope, hash, previous []byte) error {
	var h, p journal.Hash
	if copy(h[:], hash) != len(h) || copy(p[:], previous) != len(p) {
		return errors.New("a hash of its history is too short")
	}
	sealed, err := journal.Open(envelope, h, p)
	if err != nil {
		return err
	}
	event, err := eventpb.Open(sealed.Envelope)
	if err != nil {
		return err
	}
	v.last = hash
	event.Actor = strings.TrimPrefix(event.Actor, "persons/") // as the domain names a person; feeds name them in full
	return v.fold.Apply(event)
}

// settle judges the ticket whose events have all been read.
func (v *verifier) settle() {
	if v.row.id == "" {
		return
	}
	if v.bad == nil {
		v.bad = v.compare()
	}
	if v.bad != nil {
		v.fault(v.bad)
	}
}

func (v *verifier) compare() error {
	snapshot, err := json.Marshal(&v.fold)
	switch {
	case err != nil:
		return err
	case v.fold.Version != v.row.version:
		return fmt.Errorf("its history ends at version %d, its row stands at %d", v.fold.Version, v.row.version)
	case !bytes.Equal(v.last, v.row.hash):
		return errors.New("its history is not the one that its row names")
	case !bytes.Equal(snapshot, v.row.snapshot):
		return errors.New("its snapshot is not what its history makes")
	case v.fold.State.String() != v.row.state || v.fold.Unit != v.row.unit || v.fold.Official != v.row.official || v.fold.Issue != v.row.issue:
		return errors.New("the columns of its row are not what its history makes")
	}
	return nil
}

// orphans finds histories whose ticket is gone.
func (v *verifier) orphans(ctx context.Context, r sqldb.Reader) error {
	rows, err := r.Query(ctx, `SELECT j.city, j.aggregate FROM journal j WHERE j.version = 1 AND j.aggregate LIKE 'tickets/%'
		AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.city = j.city AND t.month = j.month AND 'tickets/' || t.id = j.aggregate)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var aggregate string
		if err := rows.Scan(&v.row.city, &aggregate); err != nil {
			return err
		}
		v.row.id = aggregate[len("tickets/"):]
		v.fault(errors.New("it has a history and no row"))
	}
	return rows.Err()
}
