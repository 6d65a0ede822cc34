package desk

import (
	"context"
	"errors"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/sender"
	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Sent is what the phone needs to go on after a code was sent.
type Sent struct {
	Challenge string
	Expires   time.Time
	Resend    time.Time
}

// The kinds of limit in the store.
const (
	phoneLimit   = "code-phone"
	addressLimit = "code-address"
	cityLimit    = "code-city"
	accountLimit = "password-account"
	sourceLimit  = "password-source"
)

// RequestCode sends a one-time code to a phone. Whether anybody with the phone is known makes no difference to the answer and
// is not even looked at. address is where the request came from.
func (d *Desk) RequestCode(ctx context.Context, city, typed, address string) (Sent, error) {
	if _, err := d.config(city); err != nil {
		return Sent{}, err
	}
	if err := d.knock(ctx, city, addressLimit, address, codeKnocks*d.Limits.AddressPerMinute, time.Minute, ErrCodeLimit); err != nil {
		return Sent{}, err
	}
	phone, err := person.ParsePhone(typed)
	if err != nil {
		return Sent{}, err
	}
	var (
		challenge session.Challenge
		limit     store.Limit
		code      string
	)
	err = d.Store.Decide(ctx, func(ctx context.Context) (_ *change.Change, err error) {
		now := d.Wall.Now()
		c := &change.Change{}
		if limit, err = d.admitPhone(ctx, c, city, phone, now); err != nil {
			return nil, err
		}
		if err := d.admitAddress(ctx, c, city, address, now); err != nil {
			return nil, err
		}
		code = session.NewCode()
		challenge = session.Challenge{City: city, ID: session.NewChallenge(), Phone: phone, Expires: now.Add(session.CodeLife)}
		challenge.CodeMac = d.codeMac(challenge, code)
		store.AddChallenge(c, challenge)
		return c, nil
	})
	if err != nil {
		return Sent{}, err
	}
	if err := d.Sender.Send(ctx, sender.Message{City: city, Phone: phone, Code: code, Expires: challenge.Expires}); err != nil {
		d.withdraw(ctx, challenge, limit)
		return Sent{}, ErrCodeNotSent.RetryIn(10 * time.Second).Wrap(err)
	}
	_, wait, _ := limit.Log.Admit(limit.Last, d.phoneWindows()...)
	return Sent{Challenge: challenge.ID, Expires: challenge.Expires, Resend: limit.Last.Add(wait)}, nil
}

func (d *Desk) phoneWindows() []session.Window {
	return []session.Window{{Max: d.Limits.PhonePerMinute, Per: time.Minute}, {Max: d.Limits.PhonePerHour, Per: time.Hour},
		{Max: d.Limits.PhonePerDay, Per: day}}
}

const day = 24 * time.Hour

func (d *Desk) codeMac(c session.Challenge, code string) []byte {
	return d.Keys.Mac(keys.Code, c.City, c.ID, code)
}

func (d *Desk) phoneKey(city string, phone person.Phone) []byte {
	return d.Keys.Mac(keys.PhoneLookup, city, string(phone))
}

// admitPhone counts a code against the phone, exactly: its windows slide.
func (d *Desk) admitPhone(ctx context.Context, c *change.Change, city string, phone person.Phone, now time.Time) (store.Limit, error) {
	limit, err := d.Store.Limit(ctx, city, phoneLimit, d.phoneKey(city, phone))
	if err != nil {
		return limit, err
	}
	log, wait, ok := limit.Log.Admit(now, d.phoneWindows()...)
	if !ok {
		return limit, ErrCodeLimit.RetryIn(wait)
	}
	limit.Log, limit.Last, limit.Expires = log, now, now.Add(day)
	return limit, store.SaveLimit(c, limit)
}

// admitAddress counts a code against where it was asked for from, and against what the city pays for. These are counts per
// stretch of time: many ask at once, and none of them must wait for another.
func (d *Desk) admitAddress(ctx context.Context, c *change.Change, city, address string, now time.Time) error {
	for _, count := range []struct {
		kind, subject string
		per           time.Duration
		most          int
	}{
		{addressLimit, address, time.Minute, d.Limits.AddressPerMinute},
		{addressLimit, address, time.Hour, d.Limits.AddressPerHour},
		{cityLimit, "", time.Minute, d.Limits.CityPerMinute},
	} {
		limit, ends, err := d.count(ctx, city, count.kind, count.subject, count.per, now)
		if err != nil {
			return err
		}
		if limit.Count >= count.most {
			return ErrCodeLimit.RetryIn(ends.Sub(now))
		}
		store.CountUpTo(c, limit, count.most)
	}
	return nil
}

// count reads how often something was done in the present stretch of time.
func (d *Desk) count(ctx context.Context, city, kind, subject string, per time.Duration, now time.Time) (limit store.Limit, ends time.Time, err error) {
	start := now.Truncate(per)
	ends = start.Add(per)
	key := d.Keys.Mac(keys.Address, kind, subject, per.String(), strconv.FormatInt(start.Unix(), 10))
	limit, err = d.Store.Limit(ctx, city, kind, key)
	limit.Last, limit.Expires = now, ends
	return limit, ends, err
}

// withdraw takes a code back that could not be sent, so that its owner may ask again at once. If that fails too, they wait
// a minute.
func (d *Desk) withdraw(ctx context.Context, x session.Challenge, limit store.Limit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	c := &change.Change{}
	store.UseChallenge(c, x)
	limit.Log = limit.Log[:len(limit.Log)-1]
	limit.Version++
	err := store.SaveLimit(c, limit)
	if err == nil {
		err = d.Store.Commit(ctx, c)
	}
	if err != nil {
		d.Log.Warn("cannot take back a code that was not sent", zap.Error(err))
	}
}

// SignInWithCode opens a session with the code that was sent. The verdict is told only once it is written: however many try
// at once, each answer has cost one of the five tries, and the code opens one session.
func (d *Desk) SignInWithCode(ctx context.Context, city, challenge, code string) (Opened, error) {
	if _, err := d.config(city); err != nil {
		return Opened{}, err
	}
	var (
		right bool
		x     session.Session
		first session.Refresh
	)
	err := d.decide(ctx, store.ErrPhoneTaken, func(ctx context.Context) (*change.Change, error) {
		now := d.Wall.Now()
		asked, err := d.Store.Challenge(ctx, city, challenge)
		if errors.Is(err, store.ErrNotFound) {
			return nil, ErrCodeWrong
		} else if err != nil {
			return nil, err
		}
		c := &change.Change{}
		switch asked.Try(d.codeMac(asked, code), now) {
		case session.Wrong:
			right = false
			store.CountTry(c, asked)
			return c, nil
		case session.Right:
			right = true
			store.UseChallenge(c, asked)
			id, err := d.personWith(ctx, c, city, asked.Phone, "", signInActor)
			if err != nil {
				return nil, err
			}
			x, first = d.open(c, city, id, session.ByCode, now)
			return c, nil
		default:
			return nil, ErrCodeWrong
		}
	})
	switch {
	case err != nil:
		return Opened{}, err
	case !right:
		return Opened{}, ErrCodeWrong
	}
	return d.opened(ctx, x, first)
}

// personWith finds the person with a phone, or adds them to the change.
func (d *Desk) personWith(ctx context.Context, c *change.Change, city string, phone person.Phone, name, by string) (string, error) {
	key := d.phoneKey(city, phone)
	id, err := d.Store.PersonByPhone(ctx, city, key)
	if !errors.Is(err, store.ErrNotFound) {
		return id, err
	}
	p := store.Person{Person: person.Person{City: city, ID: d.ids.New(), Phone: phone, DisplayName: name}}
	return p.ID, store.AddPerson(c, &p, key, d.City.Now(), by)
}

// EnsurePerson returns the person with a phone and adds them if there is none: what a demonstration and an import begin with.
func (d *Desk) EnsurePerson(ctx context.Context, city, typed, name string) (string, error) {
	phone, err := person.ParsePhone(typed)
	if err != nil {
		return "", err
	}
	var id string
	err = d.decide(ctx, store.ErrPhoneTaken, func(ctx context.Context) (*change.Change, error) {
		c := &change.Change{}
		id, err = d.personWith(ctx, c, city, phone, name, "system/import")
		if len(c.Events) == 0 {
			return nil, err
		}
		return c, err
	})
	return id, err
}
