package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Key is where a case is stored.
type Key struct {
	City  string
	Month int
	ID    string
}

// KeyOf finds the place of a case from its id; ErrNotFound when it is no id.
func KeyOf(city, id string) (Key, error) {
	month, err := ids.Month(id)
	if err != nil {
		return Key{}, ErrNotFound
	}
	return Key{City: city, Month: month, ID: id}, nil
}

// Aggregate is the case's name in the journal, the feed and the due table.
func (k Key) Aggregate() string { return aggregatePrefix + k.ID }

const aggregatePrefix = "cases/"

// CaseOf takes the id out of an aggregate's name; false when it is none of a case.
func CaseOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, aggregatePrefix) }

// Stored is a case as its row holds it. The case is shared with whoever else reads it, and not changed.
type Stored struct {
	Key
	Case *casefile.Case
	Hash journal.Hash // of its last event
	// CountedBy is the version of the configuration by which its facts were counted.
	CountedBy int64
}

type rawCase struct {
	month          int
	id             string
	countedBy      int64
	hash, snapshot []byte
}

// columns are what a row is opened from.
const columns = "t.month, t.id, t.counted_by, t.hash, t.snapshot"

func (r *rawCase) into() []any { return []any{&r.month, &r.id, &r.countedBy, &r.hash, &r.snapshot} }

// place is a row but for the case in it.
func (r *rawCase) place(city string) (Stored, error) {
	s := Stored{Key: Key{City: city, Month: r.month, ID: r.id}, CountedBy: r.countedBy}
	if copy(s.Hash[:], r.hash) != len(s.Hash) {
		return Stored{}, fmt.Errorf("case %s: its stored hash has %d bytes", r.id, len(r.hash))
	}
	return s, nil
}

// open reads a row.
func (r *rawCase) open(city string) (Stored, error) {
	s, err := r.place(city)
	if err != nil {
		return Stored{}, err
	}
	s.Case = &casefile.Case{}
	if err := json.Unmarshal(r.snapshot, s.Case); err != nil {
		return Stored{}, fmt.Errorf("case %s: its snapshot cannot be read: %w", r.id, err)
	}
	return s, nil
}

// openRecent is open for rows that were mostly written or read a moment ago.
func (s *Store) openRecent(r *rawCase, city string) (Stored, error) {
	stored, err := r.place(city)
	if err != nil {
		return Stored{}, err
	}
	if stored.Case = s.recent.Get(stored.Hash); stored.Case != nil {
		return stored, nil
	}
	if stored, err = r.open(city); err == nil {
		s.recent.Keep(stored.Hash, stored.Case)
	}
	return stored, err
}

const selectCase = "SELECT " + columns + " FROM cases t WHERE t.city = $1 AND t.month = $2 AND t.id = $3"

// Case returns a case, or ErrNotFound.
func (s *Store) Case(ctx context.Context, k Key) (Stored, error) {
	var raw rawCase
	if err := s.db.QueryRow(ctx, selectCase, k.City, k.Month, k.ID).Scan(raw.into()...); err != nil {
		return Stored{}, absent(err)
	}
	return s.openRecent(&raw, k.City)
}

// Cases returns the cases with these ids, in no order; those that are not there are left out.
func (s *Store) Cases(ctx context.Context, city string, wanted []string) ([]Stored, error) {
	keys := make([]Key, 0, len(wanted))
	for _, id := range wanted {
		if k, err := KeyOf(city, id); err == nil {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	// The last one is asked for until they are a power of two: the database keeps a statement for each number that there is.
	for len(keys)&(len(keys)-1) != 0 {
		keys = append(keys, keys[len(keys)-1])
	}
	w := &filter.Builder{}
	places := make([]string, len(keys))
	for i, k := range keys {
		places[i] = "(" + w.Bind(city) + ", " + w.Bind(k.Month) + ", " + w.Bind(k.ID) + ")"
	}
	values := "VALUES "
	if s.db.Engine() == sqldb.Postgres {
		values = ""
	}
	return s.cases(ctx, city, "SELECT "+columns+" FROM cases t WHERE (t.city, t.month, t.id) IN ("+values+strings.Join(places, ", ")+")", w.Args...)
}

func (s *Store) cases(ctx context.Context, city, text string, args ...any) ([]Stored, error) {
	scan := func(row sqldb.Row) (Stored, error) {
		var raw rawCase
		if err := row.Scan(raw.into()...); err != nil {
			return Stored{}, err
		}
		return s.openRecent(&raw, city)
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, text, args...))
}

// ByNumber finds a case's id, or ErrNotFound.
func (s *Store) ByNumber(ctx context.Context, city, number string) (string, error) {
	var id string
	err := s.db.QueryRow(ctx, `SELECT case_id FROM case_numbers WHERE city = $1 AND number = $2`, city, number).Scan(&id)
	return id, absent(err)
}

// ByTicket finds the id of the case that a ticket came of, or ErrNotFound.
func (s *Store) ByTicket(ctx context.Context, city, ticket string) (string, error) {
	var id string
	err := s.db.QueryRow(ctx, `SELECT case_id FROM case_tickets WHERE city = $1 AND ticket = $2`, city, ticket).Scan(&id)
	return id, absent(err)
}

// Provisional returns cases with a deadline that a new calendar may move, from behind a place on.
func (s *Store) Provisional(ctx context.Context, after Key, limit int) ([]Stored, error) {
	const text = "SELECT " + columns + ` FROM cases t WHERE t.city = $1 AND t.provisional = 1 AND (t.month, t.id) > ($2, $3) ORDER BY t.month, t.id LIMIT $4`
	return s.cases(ctx, after.City, text, after.City, after.Month, after.ID, limit)
}

const (
	insertCase = `INSERT INTO cases (city, month, id, number, state, version, hash, snapshot, open, enterprise, project, county, opener, opener_unit,
		eligibility, config_version, stage, entrusted, provisional, meetings, saved_workdays, plan_finish_time, create_time, update_time, due_time, admit_time,
		end_time, counted_by, ticket_time, ticket_open) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
		$23, $24, $25, $26, $27, $28, $29, $30)`
	// What an opening fixed for ever is not written again. The version read is the guard.
	updateCase = `UPDATE cases SET state = $1, version = $2, hash = $3, snapshot = $4, open = $5, config_version = $6, stage = $7, entrusted = $8,
		provisional = $9, meetings = $10, saved_workdays = $11, plan_finish_time = $12, update_time = $13, due_time = $14, admit_time = $15, end_time = $16,
		counted_by = $17, ticket_time = $18, ticket_open = $19 WHERE city = $20 AND month = $21 AND id = $22 AND version = $23`
	insertNumber = `INSERT INTO case_numbers (city, number, case_id) VALUES ($1, $2, $3)`
	linkTicket   = `INSERT INTO case_tickets (city, ticket, case_id) VALUES ($1, $2, $3) ON CONFLICT (city, ticket) DO NOTHING`
)

// NumberTaken is the constraint that a number violates when another case of the city has it.
const NumberTaken = "case_numbers_pkey"

// Open writes a new case with its facts: row, number, parties and items.
func Open(k Key, c *casefile.Case, f fact.Case, hash journal.Hash) ([]change.Statement, error) {
	snapshot, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	rows := []change.Statement{
		change.Exec(insertCase, k.City, k.Month, k.ID, c.Number, f.State.String(), c.Version, hash[:], snapshot, boolInt(f.Open), f.Enterprise, f.Project, f.County,
			f.Opener, f.OpenerUnit, f.Eligibility.String(), f.ConfigVersion, f.Stage, boolInt(f.Entrusted), boolInt(f.Provisional), f.Meetings, f.SavedWorkdays,
			f.PlanFinishTime.UnixMicro(), f.CreateTime.UnixMicro(), f.UpdateTime.UnixMicro(), due(f.DueTime), micros(f.AdmitTime), micros(f.EndTime),
			f.CountedBy, micros(f.TicketTime), boolInt(f.TicketOpen)),
		change.Exec(insertNumber, k.City, c.Number, k.ID),
	}
	return append(rows, writeBeside(k, &casefile.Case{}, c, &fact.Case{}, &f)...), nil
}

// Update writes what became of a case, guarded by the version it was read at; from is the row as it was read, before its facts, after those of the case
// as it is now.
func Update(from Stored, before, after fact.Case, c *casefile.Case, hash journal.Hash) ([]change.Statement, error) {
	snapshot, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	f := &after
	rows := []change.Statement{change.Guard(updateCase, f.State.String(), c.Version, hash[:], snapshot, boolInt(f.Open), f.ConfigVersion, f.Stage,
		boolInt(f.Entrusted), boolInt(f.Provisional), f.Meetings, f.SavedWorkdays, f.PlanFinishTime.UnixMicro(), f.UpdateTime.UnixMicro(), due(f.DueTime),
		micros(f.AdmitTime), micros(f.EndTime), f.CountedBy, micros(f.TicketTime), boolInt(f.TicketOpen), from.City, from.Month, from.ID, from.Case.Version)}
	return append(rows, writeBeside(from.Key, from.Case, c, &before, f)...), nil
}

// Unchanged guards a Change that rests on a case it does not write: it fails when the case has moved on since it was read.
func Unchanged(from Stored) change.Statement {
	return change.Guard(`UPDATE cases SET version = $1 WHERE city = $2 AND month = $3 AND id = $4 AND version = $1`,
		from.Case.Version, from.City, from.Month, from.ID)
}

// writeBeside writes what a case has beside its row, as far as that changes.
func writeBeside(k Key, old, c *casefile.Case, before, after *fact.Case) []change.Statement {
	out := writeParties(k, before, after)
	out = append(out, writeItems(k, before, after)...)
	out = append(out, writeBreaches(k, before, after)...)
	out = append(out, writeCommitments(k, before, after)...)
	out = append(out, writeCertificates(k, old.Certificates, c.Certificates)...)
	for _, ticket := range after.Tickets[len(before.Tickets):] {
		out = append(out, change.Exec(linkTicket, k.City, ticket, k.ID))
	}
	return out
}

// never is a due time that does not come: columns that lists are ordered by hold no NULL.
const never = int64(1) << 62

// micros is an instant that may be absent.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func due(t time.Time) int64 {
	if t.IsZero() {
		return never
	}
	return t.UnixMicro()
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
