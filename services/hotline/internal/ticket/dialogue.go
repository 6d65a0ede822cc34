package ticket

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// modes are how a dialogue is held.
var modes = []string{"phone", "in-person"}

// AskDialogue asks to speak with a leader. One at a time; the mayor's office owes it from now on.
func (t *Ticket) AskDialogue(c Context, topic string) ([]Event, error) {
	d, err := t.enter(VerbAskDialogue, c)
	if err != nil {
		return nil, err
	}
	if d.t.Dialogue() != nil {
		return nil, ErrDialoguePending
	}
	if err := needText("topic", topic); err != nil {
		return nil, err
	}
	city := d.inForce(d.now)
	s := d.starting(city)
	s.start(KindDialogue, d.t.Cycle, d.accountable(d.now, policy.MayorOffice, d.deskUnit()), d.now)
	d.emit(DialogueRequested{len(d.t.Dialogues) + 1, topic}, s.clocks...)
	return d.finish()
}

// TakeDialogue names who will speak, when and how: a leader or somebody of the mayor's office.
func (t *Ticket) TakeDialogue(c Context, official string, appointment time.Time, mode string) ([]Event, error) {
	d, err := t.enterDialogue(VerbTakeDialogue, c, DialogueAsked, DialogueAppointed)
	if err != nil {
		return nil, err
	}
	if official == "" {
		official = c.Actor.Person
	}
	speaker, err := d.speaker(official)
	if err != nil {
		return nil, err
	}
	if err := knownMode(mode); err != nil {
		return nil, err
	}
	if appointment = instant(appointment); !appointment.After(d.now) {
		return nil, ErrAppointmentPast.Field("appointmentTime", "appointment.past", "必须晚于现在", "must lie in the future")
	}
	d.emit(DialogueTaken{d.t.Dialogue().Number, speaker, appointment, mode}, d.ownedDialogue(speaker)...)
	return d.finish()
}

// DeclineDialogue declines it with a reason for the filer.
func (t *Ticket) DeclineDialogue(c Context, reason string) ([]Event, error) {
	d, err := t.enterDialogue(VerbDeclineDialogue, c, DialogueAsked, DialogueAppointed)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(DialogueDeclined{d.t.Dialogue().Number, reason}, d.t.fulfilled(d.now, KindDialogue)...)
	return d.finish()
}

// HandOnDialogue gives it to somebody else to take. Its clock goes on.
func (t *Ticket) HandOnDialogue(c Context, official, reason string) ([]Event, error) {
	d, err := t.enterDialogue(VerbHandOnDialogue, c, DialogueAsked, DialogueAppointed)
	if err != nil {
		return nil, err
	}
	speaker, err := d.speaker(official)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.emit(DialogueHandedOn{d.t.Dialogue().Number, speaker, reason}, d.ownedDialogue(speaker)...)
	return d.finish()
}

// HoldDialogue records that it was held, and what was said.
func (t *Ticket) HoldDialogue(c Context, record, mode string) ([]Event, error) {
	d, err := t.enterDialogue(VerbHoldDialogue, c, DialogueAsked, DialogueAppointed)
	if err != nil {
		return nil, err
	}
	if err := knownMode(mode); err != nil {
		return nil, err
	}
	if err := needText("record", record); err != nil {
		return nil, err
	}
	d.emit(DialogueHeld{d.t.Dialogue().Number, record, mode}, d.t.fulfilled(d.now, KindDialogue)...)
	return d.finish()
}

func (t *Ticket) enterDialogue(v Verb, c Context, states ...DialogueState) (*decision, error) {
	d, err := t.enter(v, c)
	if err != nil {
		return nil, err
	}
	return d, d.mayDialogue(states...)
}

func (d *decision) mayDialogue(states ...DialogueState) error {
	if s := d.t.Dialogue(); s == nil || !slices.Contains(states, s.State) {
		return ErrDialogueNotPending
	}
	return nil
}

// speaker is somebody who can speak for the city.
func (d *decision) speaker(official string) (Seat, error) {
	o, ok := d.inForce(d.now).Official(official)
	s := Seat{o.Unit, o.Person}
	if !ok || !o.Has(policy.RoleLeader) && !o.Has(policy.RoleMayorOffice) || d.keepsOut(s) {
		return Seat{}, ErrOfficialUnknown.Field("official", "official.unknown", "不是可以对话的领导", "is no leader who could speak")
	}
	return s, nil
}

func knownMode(mode string) error {
	if !slices.Contains(modes, mode) {
		return ErrModeUnknown.Field("mode", "mode.unknown", "只能是电话或当面", "is phone or in-person")
	}
	return nil
}

// ownedDialogue returns the clock of the dialogue that is owed as somebody else's. A breach stays with whose it was.
func (d *decision) ownedDialogue(by Seat) []Clock {
	return d.t.changed(
		func(c Clock) bool { return c.Kind == KindDialogue && c.State == Running },
		func(c Clock) Clock { c.Owner = by; return c })
}
