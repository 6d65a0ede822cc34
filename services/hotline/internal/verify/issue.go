package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Issues compares every common issue with its history, in one state of the database, and finds histories whose issue is gone. It only reads.
func Issues(ctx context.Context, db *sqldb.DB, found *change.Verified) error {
	return db.Snapshot(sqldb.Patient(ctx), func(r sqldb.Reader) error {
		v := &issues{found: found}
		if err := v.rows(ctx, r); err != nil {
			return err
		}
		return v.orphans(ctx, r)
	})
}

type issues struct {
	found *change.Verified
	row   issueRow
	fold  issue.Issue
	last  []byte // hash of the last event folded
	bad   error
}

// issueRow is a common issue as it is stored.
type issueRow struct {
	city, id, state, lead string
	version, due          int64
	hash, snapshot        []byte
}

func (v *issues) fault(err error) {
	if len(v.found.Faults) < maxFaults {
		v.found.Faults = append(v.found.Faults, fmt.Errorf("common issue %s in city %s: %w", v.row.id, v.row.city, err))
	}
}

const eachIssueEvent = `SELECT t.city, t.id, t.state, t.lead_unit, t.version, t.due_time, t.hash, t.snapshot, j.envelope, j.hash, j.previous
	FROM common_issues t LEFT JOIN journal j ON j.city = t.city AND j.month = t.month AND j.aggregate = 'issues/' || t.id
	ORDER BY t.city, t.month, t.id, j.version`

func (v *issues) rows(ctx context.Context, r sqldb.Reader) error {
	rows, err := r.Query(ctx, eachIssueEvent)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var next issueRow
		var envelope, hash, previous []byte
		if err := rows.Scan(&next.city, &next.id, &next.state, &next.lead, &next.version, &next.due, &next.hash, &next.snapshot,
			&envelope, &hash, &previous); err != nil {
			return err
		}
		if next.city != v.row.city || next.id != v.row.id {
			v.settle()
			v.row, v.fold, v.last, v.bad = next, issue.Issue{City: next.city, ID: next.id}, nil, nil
		}
		if v.bad == nil && envelope != nil {
			v.bad = v.apply(envelope, hash, previous)
		}
	}
	v.settle()
	return rows.Err()
}

func (v *issues) apply(envelope, hash, previous []byte) error {
	var h, p journal.Hash
	if copy(h[:], hash) != len(h) || copy(p[:], previous) != len(p) {
		return errors.New("a hash of its history is too short")
	}
	sealed, err := journal.Open(envelope, h, p)
	if err != nil {
		return err
	}
	event, err := issuepb.Open(sealed.Envelope)
	if err != nil {
		return err
	}
	event.Actor = strings.TrimPrefix(event.Actor, "persons/") // as the domain names one
	v.last = hash
	return v.fold.Apply(event)
}

// settle judges the issue whose events have all been read.
func (v *issues) settle() {
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

func (v *issues) compare() error {
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
	case v.fold.State.String() != v.row.state || v.fold.Lead != v.row.lead || v.fold.Promise.Due.UnixMicro() != v.row.due:
		return errors.New("the columns of its row are not what its history makes")
	}
	return nil
}

// orphans finds histories whose issue is gone.
func (v *issues) orphans(ctx context.Context, r sqldb.Reader) error {
	rows, err := r.Query(ctx, `SELECT j.city, j.aggregate FROM journal j WHERE j.version = 1 AND j.aggregate LIKE 'issues/%'
		AND NOT EXISTS (SELECT 1 FROM common_issues t WHERE t.city = j.city AND t.month = j.month AND 'issues/' || t.id = j.aggregate)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var aggregate string
		if err := rows.Scan(&v.row.city, &aggregate); err != nil {
			return err
		}
		v.row.id = aggregate[len("issues/"):]
		v.fault(errors.New("it has a history and no row"))
	}
	return rows.Err()
}
