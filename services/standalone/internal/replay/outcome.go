package replay

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// row is what the product says of a message in the end.
type row struct {
	id          string
	name        string // of the ticket
	filed, due  time.Time
	answered    time.Time // zero for never
	breached    bool
	rungs       int
	provisional bool
	counted     bool              // the product has said it
	clocks      map[string]string // state by kind
}

// ticket is what is read of one.
type ticket struct {
	Name       string
	CreateTime time.Time
	AnswerTime *time.Time
	Rung       int
	Clocks     []struct {
		Kind, State string
		DueTime     time.Time
		Provisional bool
	}
}

// rows reads every ticket back, page by page, as the supervisor sees them, and returns them in the order of the messages.
func (s *play) rows(ctx context.Context) ([]row, error) {
	byMessage := map[int]row{}
	for page := ""; ; {
		var list struct {
			Tickets       []ticket
			NextPageToken string
		}
		query := url.Values{"pageSize": {"200"}, "pageToken": {page}, "orderBy": {"create_time"}}
		if err := s.town.supervisor.get(ctx, "/v1/"+city+"/tickets?"+query.Encode(), &list); err != nil {
			return nil, fmt.Errorf("read the tickets back: %w", err)
		}
		for _, t := range list.Tickets {
			i, ours := s.tickets[t.Name]
			if !ours {
				return nil, fmt.Errorf("ticket %s comes from no message", t.Name)
			}
			r, err := rowOf(s.messages[i].id, t)
			if err != nil {
				return nil, err
			}
			byMessage[i] = r
		}
		if page = list.NextPageToken; page == "" {
			break
		}
	}
	if len(byMessage) != len(s.tickets) {
		return nil, fmt.Errorf("%d tickets were acknowledged, %d are there", len(s.tickets), len(byMessage))
	}
	rows := make([]row, 0, len(byMessage))
	for i := range s.messages {
		if r, filed := byMessage[i]; filed {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func rowOf(id string, t ticket) (row, error) {
	r := row{id: id, name: t.Name, filed: t.CreateTime, rungs: t.Rung, clocks: map[string]string{}}
	if t.AnswerTime != nil {
		r.answered = *t.AnswerTime
	}
	for _, c := range t.Clocks {
		r.clocks[c.Kind] = c.State
		if c.Kind != "ANSWER" {
			continue
		}
		r.due, r.provisional, r.breached = c.DueTime, c.Provisional, c.State == "BREACHED"
		r.counted = c.State == "BREACHED" || c.State == "MET"
	}
	if !r.counted {
		return r, fmt.Errorf("ticket %s has no decided answer clock: %v", t.Name, r.clocks)
	}
	return r, nil
}

// writeCSV writes a row per filed message, in the order of filing.
func writeCSV(to io.Writer, rows []row) error {
	out := csv.NewWriter(to)
	records := [][]string{{"id", "filed_at", "due_at", "answered_at", "outcome", "escalations", "provisional"}}
	for _, r := range rows {
		answered, outcome := "", "met"
		if !r.answered.IsZero() {
			answered = local(r.answered)
		}
		if r.breached {
			outcome = "breached"
		}
		records = append(records, []string{r.id, local(r.filed), local(r.due), answered, outcome, strconv.Itoa(r.rungs), strconv.FormatBool(r.provisional)})
	}
	return out.WriteAll(records)
}

// local is an instant in the city's civil time.
func local(t time.Time) string { return t.In(Zone).Format(time.RFC3339Nano) }

// history is a ticket's events as the product exports them.
type history struct {
	ID     string          `json:"id"`
	Ticket string          `json:"ticket"`
	Events json.RawMessage `json:"history"`
}

// histories reads what GET …/events answers for every ticket.
func (s *play) histories(ctx context.Context, rows []row) ([]history, error) {
	all := make([]history, len(rows))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, r := range rows {
		all[i] = history{ID: r.id, Ticket: r.name}
		group.Go(func() error { return s.town.supervisor.get(ctx, "/v1/"+r.name+"/events", &all[i].Events) })
	}
	return all, group.Wait()
}

// writeHistories writes one line per ticket.
func writeHistories(to io.Writer, all []history) error {
	out := json.NewEncoder(to)
	for _, h := range all {
		if err := out.Encode(h); err != nil {
			return err
		}
	}
	return nil
}
