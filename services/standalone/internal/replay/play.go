package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// grace is how long after a deadline the product acts on it.
const grace = time.Second

// part is something a message asks for at its time.
type part struct {
	at      time.Time
	answer  bool // else the filing
	message int
}

// play is the messages on their way through the product.
type play struct {
	*product
	town     *town
	messages []message
	parts    []part         // in the order of their times; at one instant filings come first, then the order of the file
	tickets  map[string]int // name → message
	names    map[int]string // message → name
	signed   map[int]bool
	refused  []Refusal
	lateness time.Duration // the greatest
}

func newPlay(p *product, t *town, messages []message) *play {
	s := &play{product: p, town: t, messages: messages, tickets: map[string]int{}, names: map[int]string{}, signed: map[int]bool{}}
	for i, m := range messages {
		s.parts = append(s.parts, part{at: m.filed, message: i})
		if !m.replied.IsZero() {
			s.parts = append(s.parts, part{at: m.replied, answer: true, message: i})
		}
	}
	slices.SortStableFunc(s.parts, func(a, b part) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.message, b.message))
	})
	return s
}

func rank(p part) int {
	if p.answer {
		return 1
	}
	return 0
}

// run plays until every message is filed and answered and no deadline is left. The clock stands still while anything moves.
func (s *play) run(ctx context.Context) error {
	for {
		if err := s.standalone.Idle(ctx); err != nil {
			return err
		}
		due, waiting, err := s.standalone.NextDue(ctx)
		if err != nil {
			return err
		}
		fires := due.Add(grace)
		switch {
		case !waiting && len(s.parts) == 0:
			return nil
		case len(s.parts) == 0 || waiting && firesFirst(fires, s.parts[0].at):
			s.step(fires)
			s.lateness = max(s.lateness, s.clock.Now().Sub(due))
			continue
		}
		s.step(s.parts[0].at)
		if err := s.scene(ctx); err != nil {
			return err
		}
	}
}

// firesFirst tells whether a deadline comes before what somebody does at a time: also at the same instant, where either could be the faster.
func firesFirst(fires, does time.Time) bool { return !does.Before(fires) }

func (s *play) step(to time.Time) {
	if to.After(s.clock.Now()) {
		s.clock.Set(to)
	}
}

// scene plays everything whose time it is: what is filed is dispatched by the product and signed at once, and then answers come.
func (s *play) scene(ctx context.Context) error {
	n := 0
	for n < len(s.parts) && !s.parts[n].at.After(s.clock.Now()) {
		n++
	}
	now := s.parts[:n]
	s.parts = s.parts[n:]
	filed := 0
	for _, p := range now {
		if p.answer {
			continue
		}
		if err := s.file(ctx, p.message); err != nil {
			return err
		}
		filed++
	}
	if filed > 0 {
		if err := s.standalone.Routed(ctx); err != nil {
			return err
		}
	}
	for _, p := range now {
		act := s.sign
		if p.answer {
			act = s.answer
		}
		if err := act(ctx, p.message); err != nil {
			return err
		}
	}
	return nil
}

func (s *play) file(ctx context.Context, i int) error {
	m := s.messages[i]
	f := s.town.filers[m.user]
	var ticket struct{ Name string }
	err := f.post(ctx, "/v1/"+city+"/tickets", fmt.Sprintf("replay-file-%d", m.line), map[string]string{
		"title": m.title, "body": m.body, "appealType": "help", "enterprise": f.enterprise}, &ticket)
	if why, no := refused(err); no {
		s.refused = append(s.refused, Refusal{m.line, m.id, "filing", why.reason, why.text})
		return nil
	} else if err != nil {
		return fmt.Errorf("file line %d: %w", m.line, err)
	}
	s.tickets[ticket.Name], s.names[i] = i, ticket.Name
	return nil
}

func (s *play) sign(ctx context.Context, i int) error {
	name, filed := s.names[i]
	if !filed {
		return nil
	}
	m := s.messages[i]
	f := s.town.filers[m.user]
	if err := f.attendant.post(ctx, "/v1/"+name+":sign", fmt.Sprintf("replay-sign-%d", m.line), struct{}{}, nil); err != nil {
		return fmt.Errorf("sign the ticket of line %d: %w", m.line, err)
	}
	s.signed[i] = true
	return nil
}

func (s *play) answer(ctx context.Context, i int) error {
	if !s.signed[i] {
		return nil
	}
	m := s.messages[i]
	err := s.town.filers[m.user].attendant.post(ctx, "/v1/"+s.names[i]+":answer", fmt.Sprintf("replay-answer-%d", m.line),
		map[string]string{"outcome": "EXPLAINED", "text": m.reply}, nil)
	if why, no := refused(err); no {
		s.refused = append(s.refused, Refusal{m.line, m.id, "answer", why.reason, why.text})
		return nil
	} else if err != nil {
		return fmt.Errorf("answer the ticket of line %d: %w", m.line, err)
	}
	return nil
}
