package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Notes compares every internal note that is still there with its entry beside the ticket, in one state of the database. An entry whose text is gone is what
// erasure leaves; a text without its entry, or another text than was written, is a fault. It only reads.
func Notes(ctx context.Context, db *sqldb.DB, found *change.Verified) error {
	return db.Snapshot(sqldb.Patient(ctx), func(r sqldb.Reader) error {
		entries, err := noteEntries(ctx, r)
		if err != nil {
			return err
		}
		return store.EachNote(ctx, r, func(k store.Key, c *store.Content) error {
			switch e, ok := entries[noteKey{k.City, k.ID, c.ID}]; {
			case len(found.Faults) >= maxFaults:
			case !ok:
				found.Faults = append(found.Faults, fmt.Errorf("internal note %s of ticket %s in city %s: it has a text and no entry", c.ID, k.ID, k.City))
			case !bytes.Equal(e.ContentMAC, c.MAC()) || e.Author.String() != c.Author:
				found.Faults = append(found.Faults, fmt.Errorf("internal note %s of ticket %s in city %s: its text is not what was written", c.ID, k.ID, k.City))
			}
			return nil
		})
	})
}

type noteKey struct{ city, ticket, message string }

// noteEntries are the entries of all notes. What cannot be read is found where chains are recomputed.
func noteEntries(ctx context.Context, r sqldb.Reader) (map[noteKey]eventpb.Note, error) {
	rows, err := r.Query(ctx, `SELECT envelope, hash, previous FROM journal WHERE aggregate LIKE 'notes/%'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[noteKey]eventpb.Note{}
	for rows.Next() {
		var envelope, hash, previous []byte
		if err := rows.Scan(&envelope, &hash, &previous); err != nil {
			return nil, err
		}
		var h, p journal.Hash
		if copy(h[:], hash) != len(h) || copy(p[:], previous) != len(p) {
			return nil, errors.New("a hash of a note's history is too short")
		}
		sealed, err := journal.Open(envelope, h, p)
		if err != nil {
			return nil, err
		}
		n, err := eventpb.OpenNote(sealed.Envelope)
		if err != nil {
			return nil, err
		}
		ticket, _ := store.NotesOf(sealed.Aggregate)
		out[noteKey{sealed.City, ticket, n.Message}] = n
	}
	return out, rows.Err()
}
