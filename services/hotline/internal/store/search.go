package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// leastDigits is how many of a number's last digits find a ticket.
const leastDigits = 4

const insertSearch = `INSERT INTO search_texts (city, month, thing, tokens) VALUES ($1, $2, $3, $4) ON CONFLICT (city, month, thing) DO NOTHING`

// Index lets a ticket be found by its number and by what was filed.
func Index(k Key, number string, filed similar.Text) change.Statement {
	tokens := similar.Tokens(filed)
	for n := leastDigits; n <= len(number); n++ {
		tokens = append(tokens, "n"+number[len(number)-n:])
	}
	return change.Exec(insertSearch, k.City, k.Month, k.ID, joined(k.City, tokens))
}

// IndexEnterprise lets an enterprise's tickets be found by its name.
func IndexEnterprise(city, id, name string) change.Statement {
	return change.Exec(insertSearch, city, 0, id, joined(city, similar.Tokens(similar.Text{Title: name})))
}

// joined are tokens as the index keeps them, and asks for them: the city is one.
func joined(city string, tokens []string) string {
	return strings.Join(append([]string{"c" + city}, tokens...), " ")
}

// Wanted are the tokens of what somebody looks for, words parted by blanks: each has to be there, wherever. None when there is too little to find anything by.
func Wanted(query string) []string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -\t\u3000", r) {
			return -1
		}
		return r
	}, query)
	if len(digits) >= leastDigits && strings.Trim(digits, "0123456789") == "" {
		return []string{"n" + digits}
	}
	var tokens []string
	for _, word := range strings.Fields(query) {
		tokens = append(tokens, similar.Tokens(similar.Text{Title: word})...)
	}
	return tokens
}

// having is where rows of the index are, and the condition that they have all of the tokens.
func having(engine sqldb.Engine, tokens string) string {
	if engine == sqldb.Postgres {
		return "search_texts s WHERE string_to_array(s.tokens, ' ') @> string_to_array(" + tokens + ", ' ')"
	}
	// CROSS JOIN is how SQLite is told to begin with what the index finds.
	return "search_words w CROSS JOIN search_texts s ON s.id = w.rowid WHERE w.search_words MATCH " + tokens
}

// matches finds the places of the tickets that, or whose enterprise's names, have all of the tokens; those of which both have them twice, unless each is wanted
// once. Of a confidential ticket the row knows no enterprise.
func (q *Query) matches(w *filter.Builder, once bool) string {
	having := having(q.engine, w.Bind(joined(q.City, q.Words)))
	found := "SELECT s.month AS month, s.thing AS id FROM " + having + " AND s.city = " + cityParameter + " AND s.month > 0" +
		" UNION ALL SELECT e.month, e.id FROM (SELECT s.thing FROM " + having + " AND s.city = " + cityParameter +
		" AND s.month = 0) n CROSS JOIN tickets e WHERE e.city = " + cityParameter + " AND e.enterprise = n.thing AND e.enterprise <> ''"
	if once {
		found += " AND NOT COALESCE(" + q.tells(w, "e") + ", FALSE)"
	}
	return found + " LIMIT 1000000000" // without a limit PostgreSQL would take the two apart, and ask the index for each ticket
}

// Words that many tickets have would have the index name all of these, to be sorted for the newest few. Such are soon met by whoever walks through the list.
const (
	commonFrom = 1_000 // so many places take as long to gather and to sort as
	walkMost   = 8_000 // so many rows of a list take to look through
)

// common says whether the index knows so many places of what is looked for.
func (s *Store) common(ctx context.Context, q *Query, from int) (bool, error) {
	if len(q.Words) == 0 {
		return false, nil
	}
	places := "search_words w WHERE w.search_words MATCH $1"
	if q.engine == sqldb.Postgres {
		places = having(q.engine, "$1")
	}
	var n int
	err := s.db.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d) found", places, from), joined(q.City, q.Words)).Scan(&n)
	return n == from, err
}

// holds is the condition that a ticket, or its enterprise's name, has all of the tokens. It is asked of one row after the other.
func (q *Query) holds(w *filter.Builder) string {
	return "(" + q.tells(w, "t") + " OR t.enterprise IN (SELECT s.thing FROM " + having(q.engine, w.Bind(joined(q.City, q.Words))) + " AND s.city = " + cityParameter +
		" AND s.month = 0))"
}

// tells is the condition that a ticket has all of the tokens itself; it is unknown of one that is not in the index. A subquery for one value is all that
// PostgreSQL does not turn into a join with everything the index has.
func (q *Query) tells(w *filter.Builder, ticket string) string {
	in, collate := "instr", ""
	if q.engine == sqldb.Postgres {
		in, collate = "strpos", ` COLLATE "default"` // as the key of search_texts is
	}
	each := make([]string, len(q.Words))
	for i, token := range q.Words {
		each[i] = in + "(s.tokens || ' ', " + w.Bind(" "+token+" ") + ") > 0"
	}
	return fmt.Sprintf("(SELECT %s FROM search_texts s WHERE s.city = %s AND s.month = %[3]s.month AND s.thing = %[3]s.id%[4]s)", strings.Join(each, " AND "), cityParameter, ticket, collate)
}

// Unnamed returns the ids of a city's enterprises whose name is not in the index, in their order, from behind one on.
func (s *Store) Unnamed(ctx context.Context, city, after string, limit int) ([]string, error) {
	scan := func(row sqldb.Row) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, `SELECT e.id FROM enterprises e WHERE e.city = $1 AND e.id > $2 AND NOT EXISTS (
		SELECT 1 FROM search_texts s WHERE s.city = e.city AND s.month = 0 AND s.thing = e.id) ORDER BY e.id LIMIT $3`, city, after, limit))
}

const selectUnindexed = `SELECT c.month, c.ticket, t.number, c.title, c.body FROM contents c
	JOIN tickets t ON t.city = c.city AND t.month = c.month AND t.id = c.ticket
	WHERE c.city = $1 AND (c.month, c.ticket) > ($2, $3) AND c.id = 'filing' AND NOT EXISTS (
		SELECT 1 FROM search_texts s WHERE s.city = c.city AND s.month = c.month AND s.thing = c.ticket) ORDER BY c.month, c.ticket LIMIT $4`

// IndexAll lets all tickets of a city be found that were filed before there was an index. It may be called again.
func (s *Store) IndexAll(ctx context.Context, city string) error {
	const batch = 500
	type row struct {
		Key
		number string
		filed  similar.Text
	}
	scan := func(in sqldb.Row) (row, error) {
		r := row{Key: Key{City: city}}
		err := in.Scan(&r.Month, &r.ID, &r.number, &r.filed.Title, &r.filed.Body)
		return r, err
	}
	for last := (Key{}); ; {
		rows, err := sqldb.Collect(scan)(s.db.Query(ctx, selectUnindexed, city, last.Month, last.ID, batch))
		if err != nil || len(rows) == 0 {
			return err
		}
		last = rows[len(rows)-1].Key
		c := &change.Change{Decided: change.Begin()}
		for _, r := range rows {
			c.Statements = append(c.Statements, Index(r.Key, r.number, r.filed))
		}
		if err := s.Commit(ctx, c); err != nil {
			return fmt.Errorf("index the tickets of city %s: %w", city, err)
		}
	}
}
