package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.uber.org/zap"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/directory/internal/password"
	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// failureStretch is the stretch of time in which wrong passwords from one address are counted.
const failureStretch = 10 * time.Minute

// SignInWithPassword opens a session for an official. An unknown login, a dismissed official and a wrong password are one
// answer after the same work.
func (d *Desk) SignInWithPassword(ctx context.Context, city, login, typed, address string) (Opened, error) {
	if _, err := d.config(city); err != nil {
		return Opened{}, err
	}
	if err := d.knock(ctx, city, sourceLimit, address, passwordKnocks*d.Limits.FailuresPerSource, failureStretch, ErrSignInLimit); err != nil {
		return Opened{}, err
	}
	login = strings.TrimSpace(login)
	try, err := d.charge(ctx, city, strings.ToLower(login), address)
	if err != nil {
		return Opened{}, err
	}
	o, kept, err := d.passwordOf(ctx, city, login)
	if err != nil {
		return Opened{}, err
	}
	ok, err := d.Hasher.Verify(ctx, kept.Hash, typed)
	switch {
	case err != nil:
		return Opened{}, err
	case !ok || kept.Initial == store.Spent:
		return Opened{}, ErrPasswordWrong
	}
	var (
		x     session.Session
		first session.Refresh
	)
	err = d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		c := &change.Change{}
		switch now, err := d.Store.Password(ctx, city, o.Person); {
		case errors.Is(err, store.ErrNotFound) || err == nil && now.Hash != kept.Hash || err == nil && now.Initial != kept.Initial:
			return nil, ErrPasswordWrong // changed or taken away while it was being compared
		case err != nil:
			return nil, err
		}
		if kept.Initial == store.Given {
			spent := kept
			spent.Initial = store.Spent
			store.SavePassword(c, kept, spent)
		}
		try.refund(c)
		x, first = d.open(c, city, o.Person, session.ByPassword, d.Wall.Now())
		return c, nil
	})
	if err != nil {
		return Opened{}, err
	}
	return d.opened(ctx, x, first)
}

// passwordOf returns an official in service with what is kept of their password; nothing kept for anybody else.
func (d *Desk) passwordOf(ctx context.Context, city, login string) (store.Official, store.Password, error) {
	o, err := d.Store.OfficialByLogin(ctx, city, login)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.Serves() {
		return o, store.Password{}, nil
	} else if err != nil {
		return o, store.Password{}, err
	}
	kept, err := d.Store.Password(ctx, city, o.Person)
	if errors.Is(err, store.ErrNotFound) {
		return o, store.Password{}, nil
	}
	return o, kept, err
}

// try is one attempt at a password, counted as failed.
type try struct{ account, source store.Limit }

// refund takes back what was counted, since the password was right.
func (t try) refund(c *change.Change) {
	store.ForgetLimit(c, t.account)
	store.CountBack(c, t.source)
}

// settle refunds a try by itself.
func (d *Desk) settle(ctx context.Context, t try) error {
	c := &change.Change{}
	t.refund(c)
	return d.Store.Commit(ctx, c)
}

// charge counts a try as failed before it is looked at; a success takes the count back. Counting afterwards would let as many
// through at once as come at once. account is whose password it is, as the caller says.
func (d *Desk) charge(ctx context.Context, city, account, address string) (try, error) {
	subject := d.Keys.Mac(keys.Login, city, account, address)
	var t try
	err := d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		now := d.Wall.Now()
		limit, err := d.Store.Limit(ctx, city, accountLimit, subject)
		if err != nil {
			return nil, err
		}
		failures := session.Failures{Count: limit.Count, Last: limit.Last}
		if wait := failures.Wait(now); wait > 0 {
			return nil, ErrSignInLimit.RetryIn(wait)
		}
		source, ends, err := d.count(ctx, city, sourceLimit, address, failureStretch, now)
		if err != nil {
			return nil, err
		}
		if source.Count >= d.Limits.FailuresPerSource {
			return nil, ErrSignInLimit.RetryIn(ends.Sub(now))
		}
		c := &change.Change{}
		failures = failures.Failed(now)
		limit.Count, limit.Last, limit.Expires = failures.Count, failures.Last, now.Add(day)
		t = try{account: limit, source: source}
		store.CountUpTo(c, source, d.Limits.FailuresPerSource)
		return c, store.SaveLimit(c, limit)
	})
	return t, err
}

// SetPassword gives the caller a password of their own choice and ends their other sessions.
func (d *Desk) SetPassword(ctx context.Context, caller authn.Caller, person, before, after, address string) error {
	if caller.Person != person {
		return ErrPerson
	}
	try, err := d.charge(ctx, caller.City, "persons/"+person, address)
	if err != nil {
		return err
	}
	o, err := d.Store.Official(ctx, caller.City, person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	kept, err := d.Store.Password(ctx, caller.City, person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	switch ok, err := d.Hasher.Verify(ctx, kept.Hash, before); {
	case err != nil:
		return err
	case !ok:
		return ErrPasswordWrong
	}
	if err := d.settle(ctx, try); err != nil { // the old one was right, whatever the new one is
		return err
	}
	if err := password.Check(after, o.Login); err != nil {
		return err
	}
	if after == before {
		return password.ErrWeak.Field("newPassword", "same", "新密码不能与原密码相同", "must differ from the one in force")
	}
	hash, err := d.Hasher.Hash(ctx, after)
	if err != nil {
		return err
	}
	return d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		now := d.Wall.Now()
		c := &change.Change{}
		store.SavePassword(c, kept, store.Password{City: caller.City, Person: person, Hash: hash, Initial: store.Own, Changed: now})
		return c, d.endOthers(ctx, c, caller, now)
	})
}

// endOthers ends every session of the caller but the present one.
func (d *Desk) endOthers(ctx context.Context, c *change.Change, caller authn.Caller, now time.Time) error {
	p, err := d.Store.Person(ctx, caller.City, caller.Person)
	if err != nil {
		return err
	}
	others, err := d.Store.LiveSessions(ctx, caller.City, caller.Person)
	if err != nil {
		return err
	}
	for _, x := range others {
		if x.ID == caller.Session || !x.Live(now) {
			continue
		}
		if err := store.Revoke(c, &p, x.ID, d.City.Now(), now, actor(caller)); err != nil {
			return err
		}
	}
	store.EndSessions(c, caller.City, caller.Person, caller.Session, now)
	return nil
}

// GiveInitialPassword gives an official a first password, good for one sign-in, and returns it. It takes the place of an
// earlier one that was given, never of one they chose: that is the way to start anew for who has none, not a way around.
func (d *Desk) GiveInitialPassword(ctx context.Context, city, login string) (string, error) {
	return d.give(ctx, city, login, func(c *change.Change, before, after store.Password) error {
		if before.Initial == store.Own {
			return ErrOwnPassword
		}
		store.SavePassword(c, before, after)
		return nil
	})
}

// ResetPassword gives an official a first password in the place of any they have, for who has forgotten theirs. Whoever is
// signed in as them is signed out.
func (d *Desk) ResetPassword(ctx context.Context, city, login string) (string, error) {
	return d.give(ctx, city, login, func(c *change.Change, before, after store.Password) error {
		p, err := d.Store.Person(ctx, city, after.Person)
		if err != nil {
			return err
		}
		store.SavePassword(c, before, after)
		store.EndSessions(c, city, after.Person, "", after.Changed)
		return store.Revoke(c, &p, "", d.City.Now(), after.Changed, operatorActor)
	})
}

// give makes a first password for an official; replace says what becomes of one they have.
func (d *Desk) give(ctx context.Context, city, login string, replace func(c *change.Change, before, after store.Password) error) (string, error) {
	o, err := d.Store.OfficialByLogin(ctx, city, login)
	if errors.Is(err, store.ErrNotFound) || err == nil && !o.Serves() {
		return "", ErrPerson
	} else if err != nil {
		return "", err
	}
	initial := password.Initial()
	hash, err := d.Hasher.Hash(ctx, initial)
	if err != nil {
		return "", err
	}
	err = d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		c := &change.Change{}
		after := store.Password{City: city, Person: o.Person, Hash: hash, Initial: store.Given, Changed: d.Wall.Now()}
		before, err := d.Store.Password(ctx, city, o.Person)
		switch {
		case errors.Is(err, store.ErrNotFound):
			store.AddPassword(c, after)
			return c, nil
		case err != nil:
			return nil, err
		}
		return c, replace(c, before, after)
	})
	return initial, err
}

// ErrOwnPassword is returned instead of taking a password away from who chose it.
var ErrOwnPassword = errors.New("the official has a password of their own")

// Bootstrap gives each administrator of a city who has no password of their own an initial one and writes it into the log,
// once. It is how a new installation is entered; there is no default account.
func (d *Desk) Bootstrap(ctx context.Context, city string) error {
	officials, err := d.Store.Officials(ctx, city)
	if err != nil {
		return err
	}
	for _, o := range officials {
		if !o.Holds(optionsv1.Role_ROLE_CITY_ADMIN) {
			continue
		}
		initial, err := d.GiveInitialPassword(ctx, city, o.Login)
		switch {
		case errors.Is(err, ErrOwnPassword):
			continue
		case err != nil:
			return err
		}
		d.Log.Warn("initial password of a city administrator, good for one sign-in: set an own one then",
			zap.String("city", city), zap.String("login", o.Login), zap.String("password", initial))
	}
	return nil
}
