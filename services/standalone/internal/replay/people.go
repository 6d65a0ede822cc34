package replay

import (
	"context"
	"fmt"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/directory"
)

// atOnce is how many people are settled in at the same time.
const atOnce = 48

// attendants is how many officials share the enterprises.
const attendants = 12

// town is everybody who takes part.
type town struct {
	client                        *client
	phones                        *phones
	admin, dispatcher, supervisor *person
	attendants                    []*person
	filers                        map[string]*filer // by user of the messages

	// Who takes part in detours beside them.
	desks, supers, offices   []*person
	clerks, leaders, holders []*official
	byName                   map[string]*official // of the holders
	detours                  bool
}

// official is somebody of a unit.
type official struct {
	*person
	unit string // code
}

// filer is a person with an enterprise.
type filer struct {
	*person
	enterprise string
	phone      string
	attendant  *person // bound to it; nil for nobody
}

// phones is where codes arrive: the sender of the product hands every code over as it would to a message gateway, and the phone's
// owner reads it.
type phones struct {
	mu    sync.Mutex
	codes map[string]string
}

func (p *phones) send(_ context.Context, m directory.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[string(m.Phone)] = m.Code
	return nil
}

func (p *phones) code(phone string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.codes[phone]
}

// settle signs everybody in and gives each user of the messages an enterprise with a bound attendant.
func settle(ctx context.Context, p *product, messages []message, detours bool) (*town, error) {
	t := &town{client: p.client, phones: p.phones, filers: map[string]*filer{}, detours: detours}
	if err := t.signInOfficials(ctx, p); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, m := range messages {
		if t.filers[m.user] != nil {
			continue
		}
		f := &filer{}
		n := len(t.filers)
		t.filers[m.user] = f
		group.Go(func() error {
			if err := t.settleIn(ctx, f, n); err != nil {
				return fmt.Errorf("settle person %d in: %w", n, err)
			}
			return nil
		})
	}
	return t, group.Wait()
}

// signInOfficials signs the desk, the offices and the attendants in, each with the initial password that the operator gave them.
func (t *town) signInOfficials(ctx context.Context, p *product) error {
	logins := []string{"admin", "dispatcher", "supervisor"}
	for i := range attendants {
		logins = append(logins, fmt.Sprintf("attendant%02d", i+1))
	}
	if t.detours {
		logins = append(logins, detourLogins...)
	}
	people := make([]*person, len(logins))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, login := range logins {
		people[i] = &person{client: t.client}
		group.Go(func() error {
			password, err := p.standalone.GiveInitialPassword(ctx, cityCode, login)
			if err != nil {
				return fmt.Errorf("give %s a password: %w", login, err)
			}
			in := map[string]string{"login": login, "password": password}
			return t.client.call(ctx, "", http.MethodPost, "/v1/"+city+"/sessions:signInWithPassword", "", in, &people[i].session)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	t.admin, t.dispatcher, t.supervisor = people[0], people[1], people[2]
	t.attendants = people[3 : 3+attendants]
	if t.detours {
		t.cast(people[3+attendants:])
	}
	return nil
}

// settleIn brings the nth filer from a phone to an enterprise with a confirmed membership and a chief attendant.
func (t *town) settleIn(ctx context.Context, f *filer, n int) error {
	f.person = &person{client: t.client}
	f.phone = phone(n)
	if err := t.signIn(ctx, f.person, f.phone); err != nil {
		return err
	}
	var made struct{ Name string }
	err := f.post(ctx, "/v1/"+city+"/enterprises", fmt.Sprintf("replay-enterprise-%d", n), map[string]string{
		"displayName": fmt.Sprintf("濮阳回放企业%04d号有限公司", n+1), "uscc": uscc(county, n), "kind": "REGISTERED", "county": county}, &made)
	if err != nil {
		return err
	}
	f.enterprise = made.Name
	member := made.Name + "/members/" + personID(f.session.Person)
	if err := t.dispatcher.post(ctx, "/v1/"+member+":confirm", "", map[string]bool{"admin": true}, nil); err != nil {
		return err
	}
	if err := f.refresh(ctx); err != nil { // for a token that speaks for the enterprise
		return err
	}
	if t.detours && n%unbound == 0 {
		return nil
	}
	f.attendant = t.attendants[n%len(t.attendants)]
	return t.admin.post(ctx, "/v1/"+city+"/bindings", fmt.Sprintf("replay-binding-%d", n), map[string]string{
		"official": f.attendant.session.Person, "enterprise": made.Name, "role": "ATTENDANT"}, nil)
}

// signIn opens a session with a phone and the code that arrives on it.
func (t *town) signIn(ctx context.Context, p *person, number string) error {
	var asked struct{ Challenge string }
	err := t.client.call(ctx, "", http.MethodPost, "/v1/"+city+"/sessions:requestCode", "", map[string]string{"phone": number}, &asked)
	if err != nil {
		return err
	}
	in := map[string]string{"challenge": asked.Challenge, "code": t.phones.code(number)}
	return t.client.call(ctx, "", http.MethodPost, "/v1/"+city+"/sessions:signInWithCode", "", in, &p.session)
}

// personID is the last part of a person's name.
func personID(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return name
}
