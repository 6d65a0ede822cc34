package change

import (
	"context"
	"errors"
	"fmt"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Verified is what a database's journal was found to be.
type Verified struct {
	Histories, Events int64
	// Faults is what does not hold, the first of it; none says that everything holds.
	Faults []error
}

const maxVerifyFaults = 100

// Verify reads a whole journal in one state of the database and recomputes every chain: each history begins at its first event,
// goes on without a gap, and each event is the one that was sealed after its predecessor, in the place where it stands. The feed
// must count its events without a gap, which also shows a history whose end was cut off, unless it was the end of the whole feed:
// that shows only against a head kept elsewhere. It writes nothing, so that it can run
// beside a process that serves; an error means that it could not be done, not that something is wrong.
func Verify(ctx context.Context, db *sqldb.DB) (Verified, error) {
	v := &verifier{}
	err := db.Snapshot(sqldb.Patient(ctx), func(r sqldb.Reader) error {
		if err := v.histories(ctx, r); err != nil {
			return err
		}
		return v.feed(ctx, r)
	})
	return v.Verified, err
}

type verifier struct {
	Verified
	city, aggregate string // of the history being read
	month           int
	chain           journal.Chain
	broken          bool // one fault of a history is enough: what follows it cannot fit either
}

func (v *verifier) fault(err error) {
	if len(v.Faults) < maxVerifyFaults {
		v.Faults = append(v.Faults, err)
	}
}

func (v *verifier) histories(ctx context.Context, r sqldb.Reader) error {
	rows, err := r.Query(ctx, `SELECT city, month, aggregate, version, envelope, hash, previous FROM journal
		ORDER BY city, month, aggregate, version`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var city, aggregate string
		var month int
		var version int64
		var envelope, hash, previous []byte
		if err := rows.Scan(&city, &month, &aggregate, &version, &envelope, &hash, &previous); err != nil {
			return err
		}
		if city != v.city || month != v.month || aggregate != v.aggregate {
			v.city, v.month, v.aggregate, v.chain, v.broken = city, month, aggregate, journal.Chain{}, false
			v.Histories++
		}
		v.Events++
		if v.broken {
			continue
		}
		if err := v.extend(version, envelope, hash, previous); err != nil {
			v.broken = true
			v.fault(err)
		}
	}
	return rows.Err()
}

// extend checks that a row holds the next event of its history.
func (v *verifier) extend(version int64, envelope, hash, previous []byte) error {
	var h, p journal.Hash
	err := errors.Join(copyHash(&h, hash), copyHash(&p, previous))
	if err == nil {
		var sealed journal.Sealed
		if sealed, err = journal.Open(envelope, h, p); err == nil {
			if sealed.City != v.city || sealed.Aggregate != v.aggregate || sealed.Version != version {
				return v.where(version, fmt.Errorf("the row holds version %d of %s in city %s", sealed.Version, sealed.Aggregate, sealed.City))
			}
			return v.chain.Extend(sealed)
		}
	}
	return v.where(version, err)
}

func (v *verifier) where(version int64, err error) error {
	return fmt.Errorf("%s in city %s, version %d: %w", v.aggregate, v.city, version, err)
}

func (v *verifier) feed(ctx context.Context, r sqldb.Reader) error {
	var events, first, last int64
	const text = `SELECT count(*), coalesce(min(position), 0), coalesce(max(position), 0) FROM feed`
	if err := r.QueryRow(ctx, text).Scan(&events, &first, &last); err != nil {
		return err
	}
	if events > 0 && (first != 1 || last != events) {
		v.fault(fmt.Errorf("the feed has %d events at the positions from %d to %d", events, first, last))
	}
	if events > v.Events {
		v.fault(fmt.Errorf("the feed has %d events, the journal %d", events, v.Events))
	}
	return nil
}
