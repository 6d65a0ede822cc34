package worktime

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a limit is counted in.
type Unit uint8

// The units of a limit. The zero Unit is none of them, so that a limit nobody set is noticed.
const (
	WorkingMinutes Unit = iota + 1
	Workdays
	NaturalHours
	NaturalDays
)

// unitWords are the words of a limit's text, with the largest sensible amount: whatever is longer is a slip of the pen.
var unitWords = map[Unit]struct {
	one, many string
	most      int
}{
	WorkingMinutes: {"working minute", "working minutes", 120_000},
	Workdays:       {"workday", "workdays", 1_000},
	NaturalHours:   {"hour", "hours", 24 * 366},
	NaturalDays:    {"day", "days", 3_660},
}

// String returns the unit in the plural, as limits are written.
func (u Unit) String() string {
	if w, ok := unitWords[u]; ok {
		return w.many
	}
	return fmt.Sprintf("unit %d", uint8(u))
}

// Working reports whether the unit passes in working time only.
func (u Unit) Working() bool { return u == WorkingMinutes || u == Workdays }

// Limit is how long an obligation may take.
type Limit struct {
	Amount int
	Unit   Unit
	Roll   bool // natural units: a due time outside working time moves to the next opening
}

// ErrNoSuchLimit is wrapped by what Limit.Validate and ParseLimit return.
var ErrNoSuchLimit = errors.New("no such limit")

const rollWord = "roll"

// ParseLimit reads "5 workdays", "90 working minutes", "30 days" or "24 hours, roll".
func ParseLimit(s string) (Limit, error) {
	text, roll := s, false
	if before, after, found := strings.Cut(s, ","); found {
		if strings.TrimSpace(after) != rollWord {
			return Limit{}, fmt.Errorf("%w: %q: after the comma only %q may follow", ErrNoSuchLimit, s, rollWord)
		}
		text, roll = before, true
	}
	number, word, _ := strings.Cut(strings.TrimSpace(text), " ")
	amount, err := strconv.ParseUint(number, 10, 31)
	if err != nil {
		return Limit{}, fmt.Errorf("%w: %q: want an amount and a unit, such as \"5 workdays\" or \"24 hours, roll\"", ErrNoSuchLimit, s)
	}
	word = strings.Join(strings.Fields(word), " ")
	for unit, w := range unitWords {
		if word == w.one || word == w.many {
			l := Limit{int(amount), unit, roll}
			if err := l.Validate(); err != nil {
				return Limit{}, err
			}
			return l, nil
		}
	}
	return Limit{}, fmt.Errorf("%w: %q: the unit is working minutes, workdays, hours or days", ErrNoSuchLimit, s)
}

// Validate reports what is wrong with a limit. Only workdays may be zero: the same day.
func (l Limit) Validate() error {
	w, known := unitWords[l.Unit]
	switch {
	case !known:
		return fmt.Errorf("%w: %s", ErrNoSuchLimit, l.Unit)
	case l.Amount < 0, l.Amount == 0 && l.Unit != Workdays:
		return fmt.Errorf("%w: %s: too short", ErrNoSuchLimit, l)
	case l.Amount > w.most:
		return fmt.Errorf("%w: %s: longer than %d %s", ErrNoSuchLimit, l, w.most, w.many)
	case l.Roll && l.Unit.Working():
		return fmt.Errorf("%w: %s: ends in working time anyway", ErrNoSuchLimit, l)
	}
	return nil
}

// String returns the limit as ParseLimit reads it.
func (l Limit) String() string {
	unit := l.Unit.String()
	if w, ok := unitWords[l.Unit]; ok && l.Amount == 1 {
		unit = w.one
	}
	text := strconv.Itoa(l.Amount) + " " + unit
	if l.Roll {
		text += ", " + rollWord
	}
	return text
}

// MarshalText writes the limit as String does, when it is one.
func (l Limit) MarshalText() ([]byte, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads the limit as ParseLimit does.
func (l *Limit) UnmarshalText(text []byte) (err error) {
	*l, err = ParseLimit(string(text))
	return err
}
