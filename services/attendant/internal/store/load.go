package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Router is the actor of what routing decides.
const Router = "system/routing"

// Ticket is what is remembered of a ticket, with where its journal stands. Version 0 has said nothing yet.
type Ticket struct {
	route.Ticket
	City   string
	ID     string
	Filing route.Filing
	Held   time.Time // since when its holder has it; zero when nobody does, or when nobody noted it
	History
}

// Propose appends who is proposed for a version of the ticket.
func (t *Ticket) Propose(c *change.Change, version int64, choice route.Choice, now time.Time) error {
	return t.say(c, now, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_RouteProposed{RouteProposed: &attendantv1.RouteProposed{
		Ticket: t.ID, Version: version, Official: choice.Official, Unit: choice.Unit, Reason: choice.Reason}}})
}

// Return appends that an official's claim was given back.
func (t *Ticket) Return(c *change.Change, official string, now time.Time) error {
	return t.say(c, now, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_ClaimReturned{
		ClaimReturned: &attendantv1.ClaimReturned{Ticket: t.ID, Official: official}}})
}

func (t *Ticket) say(c *change.Change, now time.Time, e Event) (err error) {
	t.History, err = t.append(c, t.City, ofTicket, t.ID, now, Router, e)
	return err
}

// SaveTickets stores tickets as they are now. Who may do so is settled by the cursor of the feed that they are decided by.
func SaveTickets(c *change.Change, tickets []*Ticket) error {
	for batch := range chunks(tickets) {
		var a args
		rows := make([]string, len(batch))
		for i, t := range batch {
			month, err := ids.Month(t.ID)
			if err != nil {
				return fmt.Errorf("store: ticket: %w", err)
			}
			rows[i] = "(" + strings.Join([]string{a.bind(t.City), a.bind(month), a.bind(t.ID), a.bind(t.Official), a.bind(int64(t.Stage)),
				a.bind(t.Version), a.bind(t.Hash[:]), a.bind(micros(t.Time)), a.bind(t.Filing.Enterprise), a.bind(t.Filing.Project),
				a.bind(t.Filing.Category), a.bind(words(t.Filing.Officials)), a.bind(words(t.Filing.Units)), a.bind(micros(t.Held)),
				a.bind(t.Turned)}, ", ") + ")"
		}
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO tickets (city, month, id, official, stage, version, head, changed,
			enterprise, project, category, conflict_officials, conflict_units, held, turned) VALUES `+
			strings.Join(rows, ", ")+` ON CONFLICT (city, month, id) DO UPDATE SET official = excluded.official, stage = excluded.stage,
			version = excluded.version, head = excluded.head, changed = excluded.changed, enterprise = excluded.enterprise,
			project = excluded.project, category = excluded.category, conflict_officials = excluded.conflict_officials,
			conflict_units = excluded.conflict_units, held = excluded.held, turned = excluded.turned`, a...))
	}
	return nil
}

// words joins ids and codes, which hold no blanks.
func words(list []string) string { return strings.Join(list, " ") }

// chunk is how many rows one statement writes or looks for. SQLite finds each parameter by walking a list of all, so a long
// statement costs more than several short ones; and few lengths let prepared statements be used again.
const chunk = 16

func chunks[T any](all []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(all) > 0 {
			n := 1
			for n*2 <= min(len(all), chunk) {
				n *= 2
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}

// Tickets returns what is remembered of tickets of a city; those of which nothing is are left out.
func (s *Store) Tickets(ctx context.Context, city string, wanted []string) ([]*Ticket, error) {
	var all []*Ticket
	for batch := range chunks(wanted) {
		a := args{city}
		places := make([]string, 0, len(batch))
		for _, id := range batch {
			month, err := ids.Month(id)
			if err != nil {
				return nil, fmt.Errorf("store: ticket: %w", err)
			}
			places = append(places, "("+a.bind(month)+", "+a.bind(id)+")")
		}
		in := strings.Join(places, ", ")
		if s.DB().Engine() == sqldb.SQLite {
			in = "VALUES " + in // without which SQLite takes the list for one row
		}
		some, err := sqldb.Collect(scanTicket)(s.DB().Query(ctx, selectTickets+`WHERE t.city = $1 AND (t.month, t.id) IN (`+in+`)`, a...))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func scanTicket(row sqldb.Row) (*Ticket, error) {
	t := &Ticket{}
	var stage, version, changed, held int64
	var head []byte
	var officials, units string
	var offered sql.NullString
	var after sql.NullInt64
	err := row.Scan(&t.City, &t.ID, &t.Official, &stage, &version, &head, &changed, &t.Filing.Enterprise, &t.Filing.Project, &t.Filing.Category,
		&officials, &units, &held, &t.Turned, &offered, &after)
	if err != nil {
		return nil, err
	}
	t.Stage, t.Filing.Officials, t.Filing.Units = route.Stage(stage), strings.Fields(officials), strings.Fields(units)
	if held != 0 {
		t.Held = instant(held)
	}
	if after.Valid {
		t.Offer = &route.Offer{Official: offered.String, After: after.Int64}
	}
	t.History, err = historyOf(version, head, changed)
	return t, err
}

// Load adds a ticket or, by its aggregate's name, a case to an official's load, whatever they carry.
func Load(city, official, ticket string) change.Statement {
	return change.Exec(`INSERT INTO loads (city, official, ticket) VALUES ($1, $2, $3) ON CONFLICT (city, official, ticket) DO NOTHING`,
		city, official, ticket)
}

// Claim does so unless their load has reached the most they take; then the Change fails with
// change.ErrConflict. Give must come before it in the Change: it makes those who claim for one official at once take turns.
func Claim(city, official, ticket string, most int) change.Statement {
	return change.Guard(`INSERT INTO loads (city, official, ticket)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT)
		WHERE (SELECT count(*) FROM loads WHERE city = $1 AND official = $2) < $4`, city, official, ticket, most)
}

// Unload takes a ticket or a case out of an official's load.
func Unload(city, official, ticket string) change.Statement {
	return change.Exec(`DELETE FROM loads WHERE city = $1 AND official = $2 AND ticket = $3`, city, official, ticket)
}

// Shift moves a ticket or a case from the loads of those who had it to those of who has it now. Those who come to have it claim it when there is a most
// that they take.
func Shift(city, what string, had, has []string, most int) (moves []change.Statement) {
	for _, official := range had {
		if !slices.Contains(has, official) {
			moves = append(moves, Unload(city, official, what))
		}
	}
	for _, official := range has {
		switch {
		case slices.Contains(had, official):
		case most > 0:
			moves = append(moves, Claim(city, official, what, most))
		default:
			moves = append(moves, Load(city, official, what))
		}
	}
	return moves
}

// Give records that an official was given a ticket at a position of the hotline's feed.
func Give(city, official string, position int64) change.Statement {
	return change.Exec(`INSERT INTO givings (city, official, position) VALUES ($1, $2, $3)
		ON CONFLICT (city, official) DO UPDATE SET position = excluded.position`, city, official, position)
}

// GiveCase records that an official was given a case at a position of the agency's feed.
func GiveCase(city, official string, position int64) change.Statement {
	return change.Exec(`INSERT INTO givings (city, official, position, case_position) VALUES ($1, $2, 0, $3)
		ON CONFLICT (city, official) DO UPDATE SET case_position = excluded.case_position`, city, official, position)
}

// Turn makes those who give work to an official take turns from here on, without giving one.
func Turn(city, official string) change.Statement {
	return change.Exec(`INSERT INTO givings (city, official, position) VALUES ($1, $2, 0)
		ON CONFLICT (city, official) DO UPDATE SET position = givings.position`, city, official)
}

// selectTickets reads tickets with the hand-overs that wait for their answer.
const selectTickets = `SELECT t.city, t.id, t.official, t.stage, t.version, t.head, t.changed, t.enterprise, t.project, t.category,
	t.conflict_officials, t.conflict_units, t.held, t.turned, o.official, o.after_position FROM tickets t ` + withOffers

const withOffers = `LEFT JOIN offers o ON o.city = t.city AND o.ticket = t.id `

// openWork is the tickets on an official's open desk that are not being handed over already.
const openWork = `WHERE t.city = $1 AND t.official = $2 AND t.stage = 2 AND o.ticket IS NULL`

// About is who somebody is among those a ticket can be about. The zero value is nobody.
type About struct {
	Person string
	Units  []string // theirs, with all above
}

// Of tells whether a ticket is about them.
func (a About) Of(c route.Conflict) bool {
	return a.Person != "" && slices.Contains(c.Officials, a.Person) || slices.ContainsFunc(a.Units, func(unit string) bool { return slices.Contains(c.Units, unit) })
}

// not restricts tickets to those that are not about them.
func (a About) not(bound *args) string {
	var text strings.Builder
	add := func(column, word string) {
		fmt.Fprintf(&text, ` AND ' ' || t.%s || ' ' NOT LIKE %s ESCAPE '!'`, column, bound.bind("% "+likely.Replace(word)+" %"))
	}
	if a.Person != "" {
		add("conflict_officials", a.Person)
	}
	for _, unit := range a.Units {
		add("conflict_units", unit)
	}
	return text.String()
}

var likely = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// OpenWork returns the oldest of the tickets on an official's open desk that are not being handed over already and not about somebody, and
// how many there are.
func (s *Store) OpenWork(ctx context.Context, city, official string, without About, limit int) (oldest []*Ticket, all int, err error) {
	bound := args{city, official}
	where := openWork + without.not(&bound)
	oldest, err = sqldb.Collect(scanTicket)(s.DB().Query(ctx, selectTickets+where+` ORDER BY t.id LIMIT `+bound.bind(limit), bound...))
	if err != nil || len(oldest) < limit {
		return oldest, len(oldest), err
	}
	var n int64
	bound = bound[:len(bound)-1]
	err = s.DB().QueryRow(ctx, `SELECT count(*) FROM tickets t `+withOffers+where, bound...).Scan(&n)
	return oldest, int(n), err
}

// Loads returns how many open tickets and cases officials carry; who carries none is left out.
func (s *Store) Loads(ctx context.Context, city string, officials []string) (map[string]int, error) {
	loads := make(map[string]int, len(officials))
	err := s.perOfficial(ctx, `SELECT official, count(*) FROM loads`, ` GROUP BY official`, city, officials, func(row sqldb.Row) error {
		var official string
		var n int64
		err := row.Scan(&official, &n)
		loads[official] = int(n)
		return err
	})
	return loads, err
}

// Given returns when officials were last given a ticket, as positions of the hotline's feed, and a case, as positions of the agency's.
func (s *Store) Given(ctx context.Context, city string, officials []string) (tickets, cases map[string]int64, err error) {
	tickets, cases = make(map[string]int64, len(officials)), make(map[string]int64, len(officials))
	err = s.perOfficial(ctx, `SELECT official, position, case_position FROM givings`, ``, city, officials, func(row sqldb.Row) error {
		var official string
		var ticket, of int64
		err := row.Scan(&official, &ticket, &of)
		tickets[official], cases[official] = ticket, of
		return err
	})
	return tickets, cases, err
}

// perOfficial reads a row for each official.
func (s *Store) perOfficial(ctx context.Context, text, tail, city string, officials []string, scan func(sqldb.Row) error) error {
	for batch := range chunks(officials) {
		a := args{city}
		rows, err := s.DB().Query(ctx, text+` WHERE city = $1 AND official IN (`+a.list(batch)+`)`+tail, a...)
		_, err = sqldb.Collect(func(row sqldb.Row) (struct{}, error) { return struct{}{}, scan(row) })(rows, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// TicketHistory returns the journal of a ticket as this service wrote it.
func (s *Store) TicketHistory(ctx context.Context, city, id string) ([]journal.Sealed, error) {
	month, err := ids.Month(id)
	if err != nil {
		return nil, err
	}
	return s.Journal(ctx, city, ofTicket+"/"+id, month)
}
