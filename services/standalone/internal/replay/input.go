package replay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Zone is the civil time of the city: UTC+8 without daylight saving.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// stride is what messages are moved by: whole weeks, so that a Monday stays a Monday.
const stride = 364 * 24 * time.Hour

// message is a line of the file, moved.
type message struct {
	line    int
	id      string
	user    string
	title   string
	body    string
	filed   time.Time
	reply   string
	replied time.Time // zero without a reply
}

// Refusal is a message that was not filed, or whose reply was not taken.
type Refusal struct {
	Line   int    `json:"line"`
	ID     string `json:"id,omitempty"`
	What   string `json:"what"` // line, filing or answer
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// read returns the messages of a file in the order of their filing, moved by the smallest multiple of the stride that brings them to
// from or later, and the lines that are no message.
func read(file io.Reader, from time.Time) ([]message, []Refusal, error) {
	var messages []message
	var refused []Refusal
	seen := map[string]int{}
	lines := bufio.NewReaderSize(file, 1<<20)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return nil, nil, fmt.Errorf("line %d: %w", number, err)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			m, why := parse(line)
			m.line = number
			if earlier, twice := seen[m.id]; why == nil && twice {
				why = &lineError{"ID_TAKEN", fmt.Sprintf("line %d has the same id", earlier)}
			}
			if why != nil {
				refused = append(refused, Refusal{number, m.id, "line", why.reason, why.text})
			} else {
				seen[m.id] = number
				messages = append(messages, m.moved(from))
			}
		}
		if last {
			slices.SortStableFunc(messages, func(a, b message) int { return a.filed.Compare(b.filed) })
			return messages, refused, nil
		}
	}
}

// lineError is why a line is no message.
type lineError struct{ reason, text string }

func parse(line []byte) (message, *lineError) {
	var in struct {
		ID, User, Title, Body, Reply string
		FiledAt                      string  `json:"filed_at"`
		RepliedAt                    *string `json:"replied_at"`
	}
	if !utf8.Valid(line) {
		return message{}, &lineError{"NOT_UTF8", "the line is not UTF-8"}
	}
	if err := json.Unmarshal(line, &in); err != nil {
		if kind := new(json.UnmarshalTypeError); errors.As(err, &kind) && kind.Field != "" {
			return message{}, &lineError{"FIELD_INVALID", err.Error()}
		}
		return message{}, &lineError{"NOT_JSON", err.Error()}
	}
	m := message{id: in.ID, user: in.User, title: in.Title, body: in.Body, reply: in.Reply}
	for _, f := range []struct{ name, value string }{{"id", in.ID}, {"user", in.User}, {"body", in.Body}, {"filed_at", in.FiledAt}} {
		if strings.TrimSpace(f.value) == "" {
			return m, &lineError{"FIELD_MISSING", f.name + " is missing"}
		}
	}
	var err error
	if m.filed, err = instant(in.FiledAt); err != nil {
		return m, &lineError{"TIME_INVALID", "filed_at: " + err.Error()}
	}
	if in.RepliedAt == nil || *in.RepliedAt == "" {
		if in.Reply != "" {
			return m, &lineError{"FIELD_MISSING", "there is a reply, but replied_at is missing"}
		}
		return m, nil
	}
	if in.Reply == "" {
		return m, &lineError{"FIELD_MISSING", "there is a replied_at, but reply is missing"}
	}
	if m.replied, err = instant(*in.RepliedAt); err != nil {
		return m, &lineError{"TIME_INVALID", "replied_at: " + err.Error()}
	}
	return m, nil
}

// instant reads RFC 3339 and keeps what the product keeps: whole microseconds.
func instant(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	return t.In(Zone).Truncate(time.Microsecond), err
}

// moved returns the message at its new time. A reply that came before its message is given right after it.
func (m message) moved(from time.Time) message {
	by := time.Duration(0)
	if early := from.Sub(m.filed); early > 0 {
		strides := (early + stride - 1) / stride
		by = time.Duration(int64(strides) * int64(stride))
	}
	m.filed = m.filed.Add(by)
	if m.replied.IsZero() {
		return m
	}
	m.replied = m.replied.Add(by)
	if m.replied.Before(m.filed) {
		m.replied = m.filed
	}
	return m
}
