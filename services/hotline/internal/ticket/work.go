package ticket

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// contactChannels are the ways to reach a filer.
var contactChannels = []string{"phone", "visit", contactByMessage, "meeting", "other"}

const contactByMessage = "message"

// Contact records a contact the holder claims; the filer confirms or denies it when verifying. The note may be empty.
func (t *Ticket) Contact(c Context, channel, note string) ([]Event, error) {
	d, err := t.enter(VerbContact, c)
	if err != nil {
		return nil, err
	}
	channel = strings.ToLower(strings.TrimSpace(channel))
	if !slices.Contains(contactChannels, channel) {
		return nil, ErrContactChannelUnknown.Field("channel", "channel.unknown", "没有这种方式", "no such channel")
	}
	if d.t.Confidential && channel != contactByMessage {
		return nil, ErrContactByMessage.Field("channel", "channel.confidential", "保密诉求只能留言联系", "a confidential ticket's filer is contacted by message")
	}
	d.emit(Contacted{channel, note}, d.t.fulfilled(d.now, KindContact)...)
	return d.finish()
}

// Ask asks the filer and pauses the answer clock, and with it what units owe under work orders, until the reply or the bound, whichever comes first. It counts as a contact.
func (t *Ticket) Ask(c Context, question string) ([]Event, error) {
	d, err := t.enter(VerbAsk, c)
	if err != nil {
		return nil, err
	}
	if err := needText("question", question); err != nil {
		return nil, err
	}
	if err := d.mayAsk(); err != nil {
		return nil, err
	}
	cal := d.inForce(d.now).Calendar()
	clocks := append(d.t.fulfilled(d.now, KindContact), d.t.changed(
		func(c Clock) bool { return c.Kind.pauses() && c.State == Running },
		func(c Clock) Clock { return c.paused(cal, d.now) })...)
	d.emit(Asked{question, d.waitUntil()}, clocks...)
	return d.finish()
}

// mayAsk bounds questions: in number, in the time they may take, and not at the last minute.
func (d *decision) mayAsk() error {
	rules := d.inForce(d.now).Rules()
	switch {
	case d.t.Questions >= rules.MaxQuestions:
		return ErrQuestionsExhausted
	case d.tooLateToAsk():
		return ErrQuestionTooLate
	case !d.waitUntil().After(d.now):
		return ErrWaitingExhausted
	}
	return nil
}

// tooLateToAsk reports whether the answer is overdue, or due within the last share of its working time.
func (d *decision) tooLateToAsk() bool {
	a := d.t.Clock(KindAnswer)
	if a == nil || !a.Owed() {
		return false
	}
	if a.State == Breached {
		return true
	}
	city := d.inForce(d.now)
	whole, left := city.Calendar().Between(a.Start, a.FirstDue), city.Calendar().Between(d.now, a.Due)
	if whole == 0 { // a natural limit over days off
		whole, left = a.FirstDue.Sub(a.Start), a.Due.Sub(d.now)
	}
	return left*100 < whole*time.Duration(city.Rules().NoQuestionLastPercent)
}

// waitUntil returns the bound of a wait that begins now: the limit of one wait, or the end of all the waiting a ticket may
// have, whichever is earlier. All waiting together is bounded in working time: so many days, each as long as the workday on
// which the first question was asked.
func (d *decision) waitUntil() time.Time {
	city := d.inForce(d.now)
	cal, rules := city.Calendar(), city.Rules()
	first, used := d.now, time.Duration(0)
	for i, w := range d.t.waits() {
		if i == 0 {
			first = w.From
		}
		used += cal.Between(w.From, w.To)
	}
	left := time.Duration(rules.MaxWaitWorkdays)*workdayLength(cal, first) - used
	if left <= 0 {
		return d.now
	}
	until := cal.AddWorking(d.now, left)
	if rules.WaitLimit.Amount > 0 {
		until = earliest(until, cal.Add(d.now, rules.WaitLimit).Due)
	}
	return instant(until)
}

func workdayLength(cal *worktime.Calendar, t time.Time) time.Duration {
	minutes := 0
	for _, s := range cal.Slots(worktime.DateOf(cal.NextOpening(t))) {
		minutes += s.End - s.Start
	}
	return time.Duration(minutes) * time.Minute
}

// Reply is the filer's reply; the clocks go on.
func (t *Ticket) Reply(c Context, message string) ([]Event, error) {
	d, err := t.enter(VerbReply, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", message); err != nil {
		return nil, err
	}
	d.emit(Resumed{message, CauseReply}, d.resumed(d.now)...)
	return d.finish()
}

// AnswerInput is the holder's closing act.
type AnswerInput struct {
	Outcome Outcome
	Message string // id of the text
	Thin    bool   // shorter than the city calls thin, or equal to one given before
	Lot     int    // drawn for the sample of call-backs, from 0 to 99; nobody who answers knows it
}

// Answer is the holder's closing act: contact and answer are done, the filer verifies next. A rejection that was proposed is
// overtaken by it.
func (t *Ticket) Answer(c Context, in AnswerInput) ([]Event, error) {
	d, err := t.enter(VerbAnswer, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", in.Message); err != nil {
		return nil, err
	}
	if err := d.mayAnswer(); err != nil {
		return nil, err
	}
	d.dropRejection()
	d.overtake()
	city := d.inForce(d.now)
	s := d.starting(city)
	s.start(KindVerify, d.t.Cycle, Seat{Official: d.t.Filer}, d.now)
	body := Answered{Outcome: in.Outcome, Message: in.Message, Thin: in.Thin, WorkingSeconds: d.workingSeconds(city.Calendar()),
		Callback: d.callbackFor(in)}
	if len(s.clocks) > 0 {
		for _, l := range city.Rules().VerifyReminders {
			if at := instant(city.Calendar().Add(d.now, l).Due); at.Before(s.clocks[0].Due) {
				body.Reminders = append(body.Reminders, at)
			}
		}
		slices.SortFunc(body.Reminders, time.Time.Compare)
	}
	d.emit(body, append(d.t.fulfilled(d.now, KindContact, KindAnswer), s.clocks...)...)
	return d.finish()
}

// mayAnswer: the filer gets one answer, when every unit has reported or is not waited for any more.
func (d *decision) mayAnswer() error {
	if n := d.t.openOrders(); n > 0 {
		return ErrOrdersOpen.With("open", strconv.Itoa(n))
	}
	return nil
}

// workingSeconds returns the working time from filing to now without the waiting.
func (d *decision) workingSeconds(cal *worktime.Calendar) int64 {
	work := cal.Between(d.t.CreateTime, d.now)
	for _, w := range d.t.waits() {
		work -= cal.Between(w.From, w.To)
	}
	return int64(work / time.Second)
}

func (d *decision) dropRejection() {
	if d.t.Rejection != nil {
		d.emit(RejectionDropped{})
	}
}
