package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Presence is what an official said of their presence, with where its journal stands. Version 0 is somebody who never said
// anything.
type Presence struct {
	binding.Presence
	History
}

// SavePresence stores what an official says now.
func SavePresence(c *change.Change, before Presence, p binding.Presence, now time.Time, actor string) error {
	h, err := before.append(c, p.City, ofOfficial, p.Official, now, actor, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_PresenceChanged{
		PresenceChanged: &attendantv1.PresenceChanged{Official: p.Official, Present: !p.Away, AwayUntil: stamp(p.Until), Deputy: p.Deputy, AwayFrom: stamp(p.From),
			HandOver: p.HandOver}}})
	if err != nil {
		return err
	}
	// Two who are first at once are told apart by the journal's own key.
	c.Statements = append(c.Statements, change.Guard(`INSERT INTO presences (city, official, away, away_until, deputy, version, head, changed,
			away_from, hand_over)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (city, official) DO UPDATE SET away = excluded.away, away_until = excluded.away_until, deputy = excluded.deputy,
			version = excluded.version, head = excluded.head, changed = excluded.changed,
			away_from = excluded.away_from, hand_over = excluded.hand_over
		WHERE presences.version = excluded.version - 1`,
		p.City, p.Official, flag(p.Away), maybe(p.Until), p.Deputy, h.Version, h.Hash[:], h.Time.UnixMicro(), maybe(p.From), flag(p.HandOver)))
	return nil
}

const selectPresences = `SELECT city, official, away, away_until, deputy, version, head, changed, away_from, hand_over FROM presences `

// OfficialAggregate names an official in the journal and among the deadlines.
func OfficialAggregate(person string) string { return ofOfficial + "/" + person }

// OfficialOf is the id in such a name; false when it names something else.
func OfficialOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, ofOfficial+"/") }

// Presence returns what an official said last; ErrNotFound if they never said anything.
func (s *Store) Presence(ctx context.Context, city, official string) (Presence, error) {
	p, err := scanPresence(s.DB().QueryRow(ctx, selectPresences+`WHERE city = $1 AND official = $2`, city, official))
	return p, found(err)
}

// Presences returns what a city's officials said last, by official.
func (s *Store) Presences(ctx context.Context, city string) (map[string]binding.Presence, error) {
	all, err := sqldb.Collect(scanPresence)(s.DB().Query(ctx, selectPresences+`WHERE city = $1`, city))
	said := make(map[string]binding.Presence, len(all))
	for _, p := range all {
		said[p.Official] = p.Presence
	}
	return said, err
}

func scanPresence(row sqldb.Row) (Presence, error) {
	var p Presence
	var away, version, changed, handOver int64
	var until, from sql.NullInt64
	var head []byte
	if err := row.Scan(&p.City, &p.Official, &away, &until, &p.Deputy, &version, &head, &changed, &from, &handOver); err != nil {
		return p, err
	}
	p.Away, p.From, p.Until, p.HandOver = away == 1, maybeInstant(from), maybeInstant(until), handOver == 1
	var err error
	p.History, err = historyOf(version, head, changed)
	return p, err
}
