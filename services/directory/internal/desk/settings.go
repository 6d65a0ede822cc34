package desk

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// What setting settings may fail with.
var (
	ErrEtag = fault.New(fault.Conflict, "ETAG_MISMATCH",
		"设置已在别处更改，请刷新后重试。", "The settings were changed elsewhere. Read them again.")
	ErrKeysClash = fault.New(fault.Invalid, "KEYS_CLASH",
		"两个操作使用了同一个按键，请修改其中一个。", "Two actions have the same key. Change one of them.")
)

// Settings returns the caller's own settings. The language is the person's: there is one of it.
func (d *Desk) Settings(ctx context.Context, caller authn.Caller, city, person string) (*directoryv1.Settings, error) {
	p, err := d.ownPerson(ctx, caller, city, person)
	if err != nil {
		return nil, err
	}
	s, version, err := d.Store.Settings(ctx, city, person)
	if err != nil {
		return nil, err
	}
	s.Name, s.Etag, s.Language = personName(city, person)+"/settings", strconv.FormatInt(version, 10), p.Language
	return s, nil
}

// UpdateSettings puts settings in the place of the caller's own, whole.
func (d *Desk) UpdateSettings(ctx context.Context, caller authn.Caller, r Request, city, person, etag string, settings *directoryv1.Settings) error {
	if err := clash(settings.GetKeys()); err != nil {
		return err
	}
	_, err := d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		p, err := d.ownPerson(ctx, caller, city, person)
		if err != nil {
			return nil, "", err
		}
		_, version, err := d.Store.Settings(ctx, city, person)
		if err != nil {
			return nil, "", err
		}
		if etag != "" && etag != strconv.FormatInt(version, 10) {
			return nil, "", ErrEtag
		}
		c := &change.Change{}
		if p.Language != settings.GetLanguage() {
			p.Language = settings.GetLanguage()
			store.SaveContents(c, p)
		}
		kept := proto.Clone(settings).(*directoryv1.Settings)
		kept.Name, kept.Etag, kept.Language = "", "", ""
		return c, personName(city, person) + "/settings", store.SaveSettings(c, city, person, version, kept)
	})
	return err
}

// ownPerson is the caller, if they are who is meant.
func (d *Desk) ownPerson(ctx context.Context, caller authn.Caller, city, person string) (store.Person, error) {
	if caller.City != city || caller.Person != person {
		return store.Person{}, ErrPerson
	}
	p, err := d.Store.Person(ctx, city, person)
	if errors.Is(err, store.ErrNotFound) {
		return p, ErrPerson
	}
	return p, err
}

// clash finds two actions on one key; letters are the same key in either case.
func clash(keys map[string]string) error {
	var actions []string
	for action := range keys {
		actions = append(actions, action)
	}
	slices.Sort(actions)
	taken := map[string]bool{}
	for _, action := range actions {
		key := strings.ToLower(keys[action])
		if taken[key] {
			return ErrKeysClash.With("key", keys[action]).Field("settings.keys", "key.clash", "按键重复", "is on two actions")
		}
		taken[key] = true
	}
	return nil
}
