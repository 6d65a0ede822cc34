package route

import (
	"slices"
	"time"
)

// Case is what this service remembers of a case: who acts in it as agent, and who is proposed.
type Case struct {
	// Open says that its agents carry it: it is neither completed nor closed.
	Open  bool
	Seats []Seat
}

// Seat is a centre's part in a case.
type Seat struct {
	Centre   string
	Official string    // who acts; empty for nobody
	Since    time.Time // when they began to
	// Proposal waits for the agency's answer; nil for none. Whom it names counts as loaded until then, beside who acts.
	Proposal *Proposal
	// Turned counts the proposals that the agency refused since somebody came to act.
	Turned int
}

// Proposal is an agent who is proposed for a seat.
type Proposal struct {
	Official string // empty to leave the choice to the centre
	Version  int64  // its version in the case's history here, by which its answer is told from another's
}

// Seat returns a centre's part; the zero Seat of that centre when there is none yet.
func (c Case) Seat(centre string) Seat {
	for _, s := range c.Seats {
		if s.Centre == centre {
			return s
		}
	}
	return Seat{Centre: centre}
}

// with is the case with a centre's part as it is now.
func (c Case) with(now Seat) Case {
	c.Seats = slices.Clone(c.Seats)
	for i := range c.Seats {
		if c.Seats[i].Centre == now.Centre {
			c.Seats[i] = now
			return c
		}
	}
	c.Seats = append(c.Seats, now)
	return c
}

// Carriers are those whose load the case counts as, each once.
func (c Case) Carriers() []string {
	var carriers []string
	add := func(official string) {
		if c.Open && official != "" && !slices.Contains(carriers, official) {
			carriers = append(carriers, official)
		}
	}
	for _, s := range c.Seats {
		add(s.Official)
		if s.Proposal != nil {
			add(s.Proposal.Official)
		}
	}
	return carriers
}

// ActedBy are the centres for which an official acts and no other is proposed: what they would hand over.
func (c Case) ActedBy(official string) []string {
	var centres []string
	for _, s := range c.Seats {
		if c.Open && official != "" && s.Official == official && s.Proposal == nil {
			centres = append(centres, s.Centre)
		}
	}
	return centres
}

// Proposed is the case after somebody was proposed for a centre. That there is nobody for an empty seat leaves nothing to wait for.
func (c Case) Proposed(centre string, p Proposal) Case {
	s := c.Seat(centre)
	if s.Proposal = &p; s.Official == "" && p.Official == "" {
		s.Proposal = nil
	}
	return c.with(s)
}

// Assigned is the case after the agency let somebody act for a centre, on our proposal or on the centre's own choice. What was proposed and not taken will
// not be: it was for another agent.
func (c Case) Assigned(centre, official string, at time.Time) Case {
	return c.with(Seat{Centre: centre, Official: official, Since: at})
}

// Released is the case after an agent's part ended. Whoever is proposed for it stays proposed: they follow in a moment.
func (c Case) Released(centre, official string) Case {
	s := c.Seat(centre)
	if s.Official != official {
		return c
	}
	s.Official, s.Since, s.Turned = "", time.Time{}, 0
	return c.with(s)
}

// Refused is the case after the agency did not take the proposal of a version. One that nobody waits for any more changes nothing.
func (c Case) Refused(centre string, version int64) Case {
	s := c.Seat(centre)
	if s.Proposal == nil || s.Proposal.Version != version {
		return c
	}
	s.Proposal = nil
	s.Turned++
	return c.with(s)
}

// Terminated is the case after its agreement ended: nobody who is proposed will be taken. Those who act are released one by one.
func (c Case) Terminated() Case {
	c.Seats = slices.Clone(c.Seats)
	for i := range c.Seats {
		c.Seats[i].Proposal = nil
	}
	return c
}

// Claim is an official who was proposed for a centre.
type Claim struct{ Centre, Official string }

// Returned are the claims given back between two moments of a case.
func Returned(before, after Case) []Claim {
	var claims []Claim
	for _, s := range before.Seats {
		if s.Proposal == nil || s.Proposal.Official == "" {
			continue
		}
		now := after.Seat(s.Centre)
		if now.Official != s.Proposal.Official && (now.Proposal == nil || *now.Proposal != *s.Proposal) {
			claims = append(claims, Claim{Centre: s.Centre, Official: s.Proposal.Official})
		}
	}
	return claims
}
