package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Key is where a ticket is stored.
type Key struct {
	City  string
	Month int
	ID    string
}

// KeyOf finds the place of a ticket from its id; ErrNotFound when it is no id.
func KeyOf(city, id string) (Key, error) {
	month, err := ids.Month(id)
	if err != nil {
		return Key{}, ErrNotFound
	}
	return Key{City: city, Month: month, ID: id}, nil
}

// Aggregate is the ticket's name in the journal, the feed and the due table.
func (k Key) Aggregate() string { return aggregatePrefix + k.ID }

const aggregatePrefix = "tickets/"

// TicketOf takes the id out of an aggregate's name; false when it is none of a ticket.
func TicketOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, aggregatePrefix) }

const notesPrefix = "notes/"

// NotesAggregate is the name in the journal of what officials noted beside a ticket.
func (k Key) NotesAggregate() string { return notesPrefix + k.ID }

// NotesOf takes a ticket's id out of the name of what was noted beside it; false when it is another aggregate.
func NotesOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, notesPrefix) }

// Stored is a ticket as its row holds it. The ticket is shared with whoever else reads it, and not changed.
type Stored struct {
	Key
	Ticket   *ticket.Ticket
	Hash     journal.Hash // of its last event
	Identity Identity     // of a confidential ticket; nothing for others
}

type rawTicket struct {
	month                               int
	id                                  string
	hash                                []byte
	snapshot                            []byte
	person, enterprise, project, county *string
}

// columns are what a row is opened from, with whose it is when it is confidential.
const columns = "t.month, t.id, t.hash, t.snapshot, f.person, f.enterprise, f.project, f.county"

// identities joins whose a ticket is. Of a plain ticket nothing is looked up.
const identities = " LEFT JOIN confidential_filings f ON t.restricted = 1 AND f.city = t.city AND f.month = t.month AND f.ticket = t.id "

func (r *rawTicket) into() []any {
	return []any{&r.month, &r.id, &r.hash, &r.snapshot, &r.person, &r.enterprise, &r.project, &r.county}
}

// open reads a row.
func (r *rawTicket) open(city string) (Stored, error) {
	s, err := r.place(city)
	if err != nil {
		return Stored{}, err
	}
	s.Ticket = &ticket.Ticket{}
	if err := json.Unmarshal(r.snapshot, s.Ticket); err != nil {
		return Stored{}, fmt.Errorf("ticket %s: its snapshot cannot be read: %w", r.id, err)
	}
	return s, nil
}

// place is a row but for the ticket in it.
func (r *rawTicket) place(city string) (Stored, error) {
	s := Stored{Key: Key{City: city, Month: r.month, ID: r.id}}
	if copy(s.Hash[:], r.hash) != len(s.Hash) {
		return Stored{}, fmt.Errorf("ticket %s: its stored hash has %d bytes", r.id, len(r.hash))
	}
	if r.person != nil {
		s.Identity = Identity{*r.person, *r.enterprise, *r.project, *r.county}
	}
	return s, nil
}

// openRecent is open for rows that were mostly written or read a moment ago.
func (s *Store) openRecent(r *rawTicket, city string) (Stored, error) {
	stored, err := r.place(city)
	if err != nil {
		return Stored{}, err
	}
	if stored.Ticket = s.recent.Get(stored.Hash); stored.Ticket != nil {
		return stored, nil
	}
	if stored, err = r.open(city); err == nil {
		s.recent.Keep(stored.Hash, stored.Ticket)
	}
	return stored, err
}

const selectTicket = "SELECT " + columns + " FROM tickets t" + identities + "WHERE t.city = $1 AND t.month = $2 AND t.id = $3"

// Ticket returns a ticket, or ErrNotFound.
func (s *Store) Ticket(ctx context.Context, k Key) (Stored, error) {
	var raw rawTicket
	if err := s.db.QueryRow(ctx, selectTicket, k.City, k.Month, k.ID).Scan(raw.into()...); err != nil {
		return Stored{}, absent(err)
	}
	return s.openRecent(&raw, k.City)
}

// Tickets returns the tickets with these ids, in no order; those that are not there are left out.
func (s *Store) Tickets(ctx context.Context, city string, wanted []string) ([]Stored, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	w := &filter.Builder{}
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
	places := make([]string, len(keys))
	for i, k := range keys {
		places[i] = "(" + w.Bind(city) + ", " + w.Bind(k.Month) + ", " + w.Bind(k.ID) + ")"
	}
	values := "VALUES "
	if s.db.Engine() == sqldb.Postgres {
		values = ""
	}
	return s.tickets(ctx, city, "SELECT "+columns+" FROM tickets t"+identities+"WHERE (t.city, t.month, t.id) IN ("+values+strings.Join(places, ", ")+")", w.Args...)
}

func (s *Store) tickets(ctx context.Context, city, text string, args ...any) ([]Stored, error) {
	scan := func(row sqldb.Row) (Stored, error) {
		var raw rawTicket
		if err := row.Scan(raw.into()...); err != nil {
			return Stored{}, err
		}
		return s.openRecent(&raw, city)
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, text, args...))
}

// ByNumber finds a ticket's id, or ErrNotFound.
func (s *Store) ByNumber(ctx context.Context, city, number string) (string, error) {
	var id string
	err := s.db.QueryRow(ctx, `SELECT ticket FROM ticket_numbers WHERE city = $1 AND number = $2`, city, number).Scan(&id)
	return id, absent(err)
}

// Provisional returns open tickets with a deadline that a new calendar may move, from behind a place on.
func (s *Store) Provisional(ctx context.Context, after Key, limit int) ([]Stored, error) {
	const text = "SELECT " + columns + " FROM tickets t" + identities + `WHERE t.city = $1 AND t.provisional = 1 AND t.open = 1
		AND (t.month, t.id) > ($2, $3) ORDER BY t.month, t.id LIMIT $4`
	return s.tickets(ctx, after.City, text, after.City, after.Month, after.ID, limit)
}

const (
	insertTicket = `INSERT INTO tickets (city, month, id, number, state, version, hash, snapshot, filer, enterprise, project, category, appeal_type,
		channel, county, urgency, unit, official, open, desk, rung, cycle, create_time, update_time, due_time, answer_time, working_minutes, close_time,
		close_reason, rate_time, verified, contacted, solved, satisfied, provisional, restricted, source, investment_at_risk,
		jobs_at_risk) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,
		$29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39)`
	// What a filing fixed for ever is not written again. The version read is the guard.
	updateTicket = `UPDATE tickets SET state = $1, version = $2, hash = $3, snapshot = $4, filer = $5, unit = $6, official = $7, open = $8, desk = $9,
		rung = $10, cycle = $11, update_time = $12, due_time = $13, answer_time = $14, working_minutes = $15, close_time = $16, close_reason = $17,
		rate_time = $18, verified = $19, contacted = $20, solved = $21, satisfied = $22, provisional = $23, restricted = $24,
		supervised = $25, thin = $26, returns = $27, extended = $28, extension_time = $29, extension_decision = $30, extension_decide_time = $31,
		callback = $32, callback_reason = $33, callback_time = $34, dialogue = $35, dialogue_time = $36, dialogue_end_time = $37, dialogue_official = $38,
		merged_into = $39, retained = $40, reopen_time = $41 WHERE city = $42 AND month = $43 AND id = $44 AND version = $45`
	moveIssue    = `UPDATE tickets SET issue = $1 WHERE city = $2 AND month = $3 AND id = $4`
	insertNumber = `INSERT INTO ticket_numbers (city, number, ticket) VALUES ($1, $2, $3)`
)

// NumberTaken is the constraint that a number violates when another ticket of the city has it.
const NumberTaken = "ticket_numbers_pkey"

// File writes a new ticket: row, number and clocks, and who is kept out of it.
func File(k Key, t *ticket.Ticket, hash journal.Hash) ([]change.Statement, error) {
	snapshot, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	f := fact.Of(t)
	rows := []change.Statement{
		change.Exec(insertTicket, k.City, k.Month, k.ID, t.Number, f.State.String(), t.Version, hash[:], snapshot, f.Filer, f.Enterprise, f.Project,
			f.Category, f.AppealType, f.Channel, f.County, f.Urgency.String(), f.Unit, f.Official, boolInt(f.Open), boolInt(f.Desk), f.Rung, f.Cycle,
			f.CreateTime.UnixMicro(), f.UpdateTime.UnixMicro(), due(f.DueTime), micros(f.AnswerTime), minutes(f.WorkingMinutes), micros(f.CloseTime),
			f.CloseReason.String(), micros(f.RateTime), boolInt(f.Verified), boolInt(f.Contacted), boolInt(f.Solved), f.Satisfied.String(),
			boolInt(f.Provisional), boolInt(f.Restricted), text(f.Source), f.InvestmentAtRisk, f.JobsAtRisk),
		change.Exec(insertNumber, k.City, t.Number, k.ID),
	}
	rows = append(rows, writeClocks(k, f.Clocks)...)
	return append(rows, writeAside(k, &fact.Ticket{}, &f)...), nil
}

// Update writes what became of a ticket, guarded by the version it was read at; from is the row as it was read.
func Update(from Stored, t *ticket.Ticket, hash journal.Hash) ([]change.Statement, error) {
	snapshot, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	f, before := fact.Of(t), fact.Of(from.Ticket)
	rows := []change.Statement{change.Guard(updateTicket, f.State.String(), t.Version, hash[:], snapshot, f.Filer, f.Unit, f.Official,
		boolInt(f.Open), boolInt(f.Desk), f.Rung, f.Cycle, f.UpdateTime.UnixMicro(), due(f.DueTime), micros(f.AnswerTime), minutes(f.WorkingMinutes),
		micros(f.CloseTime), f.CloseReason.String(), micros(f.RateTime), boolInt(f.Verified), boolInt(f.Contacted), boolInt(f.Solved),
		f.Satisfied.String(), boolInt(f.Provisional), boolInt(f.Restricted), boolInt(f.Supervised), boolInt(f.Thin), f.Returns, f.Extended,
		micros(f.ExtensionTime), text(f.ExtensionDecision), micros(f.ExtensionDecideTime), text(f.Callback), text(f.CallbackReason), micros(f.CallbackTime),
		text(f.Dialogue.String()), micros(f.DialogueTime), micros(f.DialogueEndTime), text(f.DialogueOfficial), text(f.MergedInto), boolInt(f.Retained),
		micros(f.ReopenTime),
		from.City, from.Month, from.ID, from.Ticket.Version)}
	if f.Issue != before.Issue {
		rows = append(rows, change.Exec(moveIssue, f.Issue, from.City, from.Month, from.ID))
	}
	rows = append(rows, writeClocks(from.Key, changed(before.Clocks, f.Clocks))...)
	return append(rows, writeAside(from.Key, &before, &f)...), nil
}

// Unchanged guards a Change that rests on a ticket it does not write: it fails when the ticket has moved on since it was read.
func Unchanged(from Stored) change.Statement {
	return change.Guard(`UPDATE tickets SET version = $1 WHERE city = $2 AND month = $3 AND id = $4 AND version = $1`,
		from.Ticket.Version, from.City, from.Month, from.ID)
}

// changed leaves out the clocks whose row stays as it is.
func changed(before, after []fact.Clock) []fact.Clock {
	old := make(map[ticket.Kind]fact.Clock, len(before))
	for _, c := range before {
		old[c.Kind] = c
	}
	var out []fact.Clock
	for _, c := range after {
		if b, ok := old[c.Kind]; !ok || b != c {
			out = append(out, c)
		}
	}
	return out
}

// clockTexts are the statements that write so many clocks at once; there are as few of them as kinds.
var clockTexts = func() []string {
	const columns = 13
	texts := make([]string, len(ticket.Kinds())+1)
	for n := 1; n < len(texts); n++ {
		rows := make([]string, n)
		for row := range rows {
			holders := make([]string, columns)
			for i := range holders {
				holders[i] = "$" + strconv.Itoa(row*columns+i+1)
			}
			rows[row] = "(" + strings.Join(holders, ", ") + ")"
		}
		texts[n] = `INSERT INTO ticket_clocks (city, month, ticket, kind, open_due, owner_unit, owner_official, breach_time, breach_unit, breach_official,
			met_time, met_unit, met_official) VALUES ` + strings.Join(rows, ", ") + ` ON CONFLICT (city, month, ticket, kind) DO UPDATE SET open_due = excluded.open_due,
			owner_unit = excluded.owner_unit, owner_official = excluded.owner_official, breach_time = excluded.breach_time, breach_unit = excluded.breach_unit,
			breach_official = excluded.breach_official, met_time = excluded.met_time, met_unit = excluded.met_unit, met_official = excluded.met_official`
	}
	return texts
}()

func writeClocks(k Key, clocks []fact.Clock) []change.Statement {
	if len(clocks) == 0 {
		return nil
	}
	args := make([]any, 0, len(clocks)*13)
	for _, c := range clocks {
		args = append(args, k.City, k.Month, k.ID, c.Kind.String(), micros(c.OpenDue), c.Owner.Unit, c.Owner.Official,
			micros(c.Breach), c.BreachBy.Unit, c.BreachBy.Official, micros(c.Met), c.MetBy.Unit, c.MetBy.Official)
	}
	return []change.Statement{change.Exec(clockTexts[len(clocks)], args...)}
}

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

func minutes(m int64) any {
	if m < 0 {
		return nil
	}
	return m
}
