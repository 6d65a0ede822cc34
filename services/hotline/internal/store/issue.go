package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const issuePrefix = "issues/"

// IssueAggregate is a common issue's name in the journal and the feed. Its texts lie in contents under the same key as a ticket's would.
func (k Key) IssueAggregate() string { return issuePrefix + k.ID }

// IssueOf takes the id out of an aggregate's name; false when it is none of a common issue.
func IssueOf(aggregate string) (string, bool) { return strings.CutPrefix(aggregate, issuePrefix) }

// StoredIssue is a common issue as its row holds it.
type StoredIssue struct {
	Key
	Issue *issue.Issue
	Hash  journal.Hash // of its last event
}

const selectIssue = `SELECT t.month, t.id, t.hash, t.snapshot FROM common_issues t WHERE t.city = $1 AND t.month = $2 AND t.id = $3`

// Issue returns a common issue, or ErrNotFound.
func (s *Store) Issue(ctx context.Context, k Key) (StoredIssue, error) {
	var raw rawTicket
	if err := s.db.QueryRow(ctx, selectIssue, k.City, k.Month, k.ID).Scan(&raw.month, &raw.id, &raw.hash, &raw.snapshot); err != nil {
		return StoredIssue{}, absent(err)
	}
	return raw.openIssue(k.City)
}

func (r *rawTicket) openIssue(city string) (StoredIssue, error) {
	s := StoredIssue{Key: Key{City: city, Month: r.month, ID: r.id}, Issue: &issue.Issue{}}
	if copy(s.Hash[:], r.hash) != len(s.Hash) {
		return StoredIssue{}, fmt.Errorf("common issue %s: its stored hash has %d bytes", r.id, len(r.hash))
	}
	if err := json.Unmarshal(r.snapshot, s.Issue); err != nil {
		return StoredIssue{}, fmt.Errorf("common issue %s: its snapshot cannot be read: %w", r.id, err)
	}
	return s, nil
}

const (
	insertIssue = `INSERT INTO common_issues (city, month, id, version, hash, snapshot, state, issue_month, lead_unit, open, missed, create_time,
		update_time, due_time, first_due_time, close_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	insertIssueUnit = `INSERT INTO common_issue_units (city, unit, month, issue) VALUES ($1, $2, $3, $4)`
	// What the opening fixed for ever is not written again. The version read is the guard.
	updateIssue = `UPDATE common_issues SET version = $1, hash = $2, snapshot = $3, state = $4, open = $5, missed = $6, update_time = $7, due_time = $8,
		close_time = $9 WHERE city = $10 AND month = $11 AND id = $12 AND version = $13`
	issueUnchanged = `UPDATE common_issues SET version = $1 WHERE city = $2 AND month = $3 AND id = $4 AND version = $1`
)

// OpenIssue writes a new common issue.
func OpenIssue(k Key, i *issue.Issue, hash journal.Hash) ([]change.Statement, error) {
	snapshot, err := json.Marshal(i)
	if err != nil {
		return nil, err
	}
	f := fact.OfIssue(i)
	rows := []change.Statement{change.Exec(insertIssue, k.City, k.Month, k.ID, i.Version, hash[:], snapshot, f.State.String(), f.Month, f.Lead,
		boolInt(f.Open), f.Missed, f.CreateTime.UnixMicro(), f.UpdateTime.UnixMicro(), f.DueTime.UnixMicro(), f.FirstDueTime.UnixMicro(), micros(f.CloseTime))}
	for _, unit := range f.Units {
		rows = append(rows, change.Exec(insertIssueUnit, k.City, unit, k.Month, k.ID))
	}
	return rows, nil
}

// UpdateIssue writes what became of a common issue, guarded by the version it was read at.
func UpdateIssue(from StoredIssue, i *issue.Issue, hash journal.Hash) (change.Statement, error) {
	snapshot, err := json.Marshal(i)
	if err != nil {
		return change.Statement{}, err
	}
	f := fact.OfIssue(i)
	return change.Guard(updateIssue, i.Version, hash[:], snapshot, f.State.String(), boolInt(f.Open), f.Missed, f.UpdateTime.UnixMicro(),
		f.DueTime.UnixMicro(), micros(f.CloseTime), from.City, from.Month, from.ID, from.Issue.Version), nil
}

// IssueUnchanged guards a Change that rests on an issue it does not write: it fails when the issue has moved on since it was read.
func IssueUnchanged(from StoredIssue) change.Statement {
	return change.Guard(issueUnchanged, from.Issue.Version, from.City, from.Month, from.ID)
}

// IssueOrders is what lists of common issues can be ordered by.
var IssueOrders = filter.NewOrders("create_time desc", filter.OrderField{Name: "id", Column: "t.id", Type: filter.String},
	filter.OrderField{Name: "create_time", Column: "t.create_time", Type: filter.Time},
	filter.OrderField{Name: "update_time", Column: "t.update_time", Type: filter.Time},
	filter.OrderField{Name: "due_time", Column: "t.due_time", Type: filter.Time},
	filter.OrderField{Name: "month", Column: "t.issue_month", Type: filter.String},
)

// IssueFields is what lists of common issues can be filtered by, and with that every list behind a number about them.
var IssueFields = filter.New(
	filter.Field{Name: "state", Column: "t.state", Type: filter.Enum, Values: filter.Words("OPEN", "SOLVED", "CLOSED")},
	filter.Field{Name: "month", Column: "t.issue_month", Type: filter.String, Ops: filter.Order},
	filter.Field{Name: "lead_unit", Column: "t.lead_unit", Type: filter.String, Arg: filter.LastPart},
	filter.Field{Name: "unit", Type: filter.String, Arg: filter.LastPart, Build: issueUnit},
	filter.Field{Name: "open", Type: filter.Bool, Build: filter.Bit("t.open")},
	filter.Field{Name: "missed", Column: "t.missed", Type: filter.Int},
	filter.Field{Name: "create_time", Column: "t.create_time", Type: filter.Time},
	filter.Field{Name: "update_time", Column: "t.update_time", Type: filter.Time},
	filter.Field{Name: "due_time", Column: "t.due_time", Type: filter.Time},
	filter.Field{Name: "first_due_time", Column: "t.first_due_time", Type: filter.Time},
	filter.Field{Name: "close_time", Column: "t.close_time", Type: filter.Time, Nullable: true, Ops: filter.Presence},
)

// issueUnit asks for a unit among those that work on an issue.
func issueUnit(operator string, value any, bind func(any) string) string {
	works := "(t.month, t.id) IN (SELECT u.month, u.issue FROM common_issue_units u WHERE u.city = " + cityParameter + " AND u.unit = " + bind(value) + ")"
	if operator == "!=" {
		return "NOT " + works
	}
	return works
}

// IssueScope is which common issues somebody may list: all, or those on which one of these units works.
type IssueScope struct {
	All   bool
	Units []string
}

// IssueQuery is one page of a list.
type IssueQuery struct {
	City   string
	Scope  IssueScope
	Filter string // AIP-160, over IssueFields
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int
}

// ListedIssue is a row of a list: the issue and its texts in force.
type ListedIssue struct {
	StoredIssue
	Title string
	Plan  string
	Keys  []page.Key // to go on after this row
}

// Issues returns a page.
func (s *Store) Issues(ctx context.Context, q IssueQuery) ([]ListedIssue, error) {
	w, err := q.where()
	if err != nil {
		return nil, err
	}
	text := "SELECT t.month, t.id, t.hash, t.snapshot, " + strings.Join(q.Order.Columns(), ", ") + " FROM common_issues t WHERE " + w.SQL() +
		" ORDER BY " + q.Order.SQL() + " LIMIT " + w.Bind(q.Limit)
	scan := func(row sqldb.Row) (ListedIssue, error) {
		var l ListedIssue
		var raw rawTicket
		keys := q.Order.Keys()
		if err := row.Scan(append([]any{&raw.month, &raw.id, &raw.hash, &raw.snapshot}, keys.Into()...)...); err != nil {
			return l, err
		}
		l.Keys = keys.Values()
		var err error
		l.StoredIssue, err = raw.openIssue(q.City)
		return l, err
	}
	rows, err := sqldb.Collect(scan)(s.db.Query(ctx, text, w.Args...))
	if err != nil {
		return nil, err
	}
	return rows, s.issueTexts(ctx, q.City, rows)
}

// issueTexts adds the texts in force to a page's rows.
func (s *Store) issueTexts(ctx context.Context, city string, rows []ListedIssue) error {
	type place struct {
		month   int
		id, row string
	}
	for chunk := range slices.Chunk(rows, maxIssueTexts) {
		w := &filter.Builder{}
		var places []string
		for i := range chunk {
			r := &chunk[i]
			for _, text := range []string{r.Issue.Title, r.Issue.Plan} {
				places = append(places, "(ticket = "+w.Bind(r.ID)+" AND month = "+w.Bind(r.Month)+" AND id = "+w.Bind(text)+")")
			}
		}
		texts := map[place][2]string{}
		found, err := s.db.Query(ctx, "SELECT month, ticket, id, title, body FROM contents WHERE city = "+w.Bind(city)+" AND ("+strings.Join(places, " OR ")+")", w.Args...)
		if err != nil {
			return err
		}
		for found.Next() {
			var p place
			var title, body string
			if err := found.Scan(&p.month, &p.id, &p.row, &title, &body); err != nil {
				found.Close()
				return err
			}
			texts[p] = [2]string{title, body}
		}
		found.Close()
		if err := found.Err(); err != nil {
			return err
		}
		for i := range chunk {
			r := &chunk[i]
			r.Title = texts[place{r.Month, r.ID, r.Issue.Title}][0]
			r.Plan = texts[place{r.Month, r.ID, r.Issue.Plan}][1]
		}
	}
	return nil
}

// maxIssueTexts is how many issues' texts one statement reads.
const maxIssueTexts = 50

// CountIssues counts a list, as far as CountLimit.
func (s *Store) CountIssues(ctx context.Context, q IssueQuery) (n int, capped bool, err error) {
	q.After = nil
	w, err := q.where()
	if err != nil {
		return 0, false, err
	}
	text := "SELECT count(*) FROM (SELECT 1 FROM common_issues t WHERE " + w.SQL() + " LIMIT " + w.Bind(CountLimit+1) + ") counted"
	if err := s.db.QueryRow(ctx, text, w.Args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

// where joins city, scope, filter and place. The city is the first parameter.
func (q *IssueQuery) where() (*filter.Builder, error) {
	w := &filter.Builder{}
	w.Add("t.city = " + w.Bind(q.City))
	if !q.Scope.All {
		w.Add(q.Scope.sql(w))
	}
	asked, err := IssueFields.Where(q.Filter, len(w.Args)+1)
	if err != nil {
		return nil, err
	}
	w.Clause(asked)
	w.Clause(q.Order.After(q.After, len(w.Args)+1))
	return w, nil
}

func (s IssueScope) sql(w *filter.Builder) string {
	if len(s.Units) == 0 {
		return "1 = 0"
	}
	units := make([]string, len(s.Units))
	for i, u := range s.Units {
		units[i] = w.Bind(u)
	}
	return "(t.month, t.id) IN (SELECT u.month, u.issue FROM common_issue_units u WHERE u.city = " + cityParameter + " AND u.unit IN (" + strings.Join(units, ", ") + "))"
}

// EachIssue calls each for every common issue of a city in one state of the database.
func EachIssue(ctx context.Context, db sqldb.Reader, city string, each func(StoredIssue) error) error {
	rows, err := db.Query(ctx, `SELECT month, id, hash, snapshot FROM common_issues WHERE city = $1`, city)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw rawTicket
		if err := rows.Scan(&raw.month, &raw.id, &raw.hash, &raw.snapshot); err != nil {
			return err
		}
		stored, err := raw.openIssue(city)
		if err != nil {
			return err
		}
		if err := each(stored); err != nil {
			return err
		}
	}
	return rows.Err()
}
