package ticket

import (
	"strconv"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// extensionsBy is who decides upon more time.
const extensionsBy = policy.Supervisor

func tooLong(most int) *fault.Error {
	return ErrExtensionTooLong.With("mostWorkdays", strconv.Itoa(most)).Field("workdays", "workdays.most",
		"最多"+strconv.Itoa(most)+"个工作日", "at most "+strconv.Itoa(most))
}

// Supervise puts the ticket under supervision, with a text that the filer reads too.
func (t *Ticket) Supervise(c Context, message string) ([]Event, error) {
	return t.direct(VerbSupervise, c, message, Supervised{message})
}

// Instruct writes an instruction, which the filer reads too.
func (t *Ticket) Instruct(c Context, message string) ([]Event, error) {
	return t.direct(VerbInstruct, c, message, Instructed{message})
}

func (t *Ticket) direct(v Verb, c Context, message string, body Body) ([]Event, error) {
	d, err := t.enter(v, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", message); err != nil {
		return nil, err
	}
	d.emit(body)
	return d.finish()
}

// Merge closes the ticket into an earlier one of the same filer or enterprise, which goes on: with its own start, its own outcomes, and due
// not later than what is merged into it was. It returns what happens to each of the two. What the ticket itself let pass stays
// breached; a conflict that it named is the other's too. sameFiler says of two confidential tickets that one person filed both.
func (t *Ticket) Merge(c Context, into *Ticket, reason string, sameFiler bool) (own, theirs []Event, err error) {
	d, err := t.enter(VerbMerge, c)
	if err != nil {
		return nil, nil, err
	}
	e := into.decide(c)
	switch {
	case e.err != nil:
		return nil, nil, e.err
	case t.ID == into.ID:
		return nil, nil, ErrMergeSelf
	case into.PartyOf(c.Actor)&whoMay(VerbMerge) == 0:
		return nil, nil, ErrNotFound
	case e.t.State == StateAnswered || e.t.State == StateClosed:
		return nil, nil, ErrMergeClosed
	}
	if err := d.mayMerge(e.t, sameFiler); err != nil {
		return nil, nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, nil, err
	}
	d.beginCounting() // merging is no way around what would have been owed from signing on
	e.absorb(d.t)
	d.overtake()
	d.dropRejection()
	d.close(d.now, d.actor, Closed{ClosedMerged, reason, into.ID})
	if own, err = d.finish(); err != nil {
		return nil, nil, err
	}
	theirs, err = e.finish()
	return own, theirs, err
}

// mayMerge: into an earlier one, and into nothing that would show it to anybody else.
func (d *decision) mayMerge(into *Ticket, sameFiler bool) error {
	t := d.t
	same := t.Filer != "" && t.Filer == into.Filer || t.Enterprise != "" && t.Enterprise == into.Enterprise
	if t.Confidential || into.Confidential {
		same = sameFiler && t.Confidential && into.Confidential
	}
	switch {
	case !same:
		return ErrMergeForeign
	case t.Supervised() && !into.Supervised() && t.PartyOf(d.actor)&Office == 0:
		return ErrNotOffice // merging is no way out of an order of the mayor's office
	case d.overdue() && t.PartyOf(d.actor)&Office == 0:
		return ErrMergeOverdue
	case into.CreateTime.After(t.CreateTime) || into.CreateTime.Equal(t.CreateTime) && into.ID > t.ID:
		return ErrMergeLater
	}
	return d.noDialogue()
}

// overdue reports whether an answer is owed whose time is over: merging it away would end the ladder it climbs.
func (d *decision) overdue() bool {
	c := d.t.Clock(KindAnswer)
	return c != nil && c.Owed() && c.State == Breached
}

// noDialogue: nobody but the mayor's office ends a dialogue that a filer asked for. It is held or declined first.
func (d *decision) noDialogue() error {
	if d.t.Dialogue() != nil {
		return ErrDialogueOwed
	}
	return nil
}

// absorb takes in a later ticket: what is still owed there in time is owed here not later.
func (d *decision) absorb(other *Ticket) {
	cal := d.inForce(d.now).Calendar()
	var clocks []Clock
	for _, k := range ticketKinds {
		theirs := other.Clock(k)
		if theirs == nil || theirs.State != Running && theirs.State != Paused {
			continue
		}
		for _, c := range d.t.Clocks {
			if c.Kind != k || c.State != Running && c.State != Paused {
				continue
			}
			if most := theirs.asOf(cal, d.now, c); most.Before(c.Due) {
				clocks = append(clocks, c.turned(cal, d.turn(Turn{NotAfter: most})))
			}
		}
	}
	d.emit(Absorbed{other.ID}, clocks...)
	d.nameConflict(other.Conflict)
}

// asOf returns by when a clock leaves as much to do as it leaves now, were it another one: that stands still when the other does, and runs
// when the other runs.
func (c Clock) asOf(cal *worktime.Calendar, now time.Time, other Clock) time.Time {
	if c.State == Running && other.State == Running {
		return c.Due
	}
	left, from := c.Remaining, now
	if c.State == Running {
		left = max(cal.Remaining(c.Limit, now, c.Due), 0)
	}
	if other.State == Paused {
		from = other.Paused
	}
	return instant(cal.Resume(c.Limit, from, left).Due)
}
