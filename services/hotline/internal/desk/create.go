package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/text"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Filing is a problem as it is sent in.
type Filing struct {
	City        string
	Title, Body string
	Category    string // code or resource name
	AppealType  string // in any case; the city's default when empty
	Enterprise  string // id; the caller's only one when empty
	Project     string // id
	ProjectOf   string // id of the enterprise in the project's name
	Name, Phone string // how to reach the filer; the phone signed in with when empty
	Urgency     ticket.Urgency
	Channel     string
	County      string
	// Confidential keeps filer, enterprise, project and county from everybody but the mayor's office.
	Confidential      bool
	ConflictOfficials []string // resource names of those it is about
	ConflictUnits     []string // resource names of those it is about
	Source            string   // resource name of a visit or a case
	InvestmentAtRisk  int64    // in fen
	JobsAtRisk        int
}

// takenLimit bounds how often a filing meets a number that is taken: twice what makes the source change over to longer ones.
const takenLimit = 24

// File files a ticket. It reads nothing: what it needs to know is in the token and in memory, and that the request was made before is
// noticed by the commit. It is committed when File returns.
func (d *Desk) File(ctx context.Context, caller authn.Caller, call Call, in Filing) (View, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return View{}, err
	}
	f, err := d.filing(caller, city, in)
	if err != nil {
		return d.filedBefore(ctx, caller, call, in.City, err)
	}
	taken := 0
	for attempt := 0; attempt < change.Attempts; attempt++ {
		start := change.Begin()
		if city, err = d.Cities.City(in.City); err != nil { // as it is now: a decision that came too late is made anew
			return View{}, err
		}
		c, view, err := f.decide(d, caller, call, city)
		if err != nil {
			return d.filedBefore(ctx, caller, call, in.City, err)
		}
		c.Decided = start
		day := view.Ticket.CreateTime.In(worktime.Zone)
		var unique *change.UniqueError
		switch err = d.Store.Commit(ctx, c); {
		case err == nil:
			d.Numbers.Kept(in.City, day)
			return view, nil
		case errors.Is(err, change.ErrRequestSeen):
			return d.filedBefore(ctx, caller, call, in.City, err)
		case errors.As(err, &unique) && unique.Name == store.NumberTaken && taken < takenLimit:
			d.Numbers.Taken(in.City, day)
			taken++
			attempt--
		case !errors.Is(err, change.ErrStale) && !errors.Is(err, change.ErrConflict):
			return View{}, err
		}
	}
	return View{}, ErrTooBusy
}

// filedBefore answers a repeated filing with the ticket it led to, in its present state; otherwise the refusal stands.
func (d *Desk) filedBefore(ctx context.Context, caller authn.Caller, call Call, city string, refusal error) (View, error) {
	if !refused(refusal) {
		return View{}, refusal
	}
	resource, found, err := d.replayed(ctx, caller, city, call)
	switch {
	case err != nil:
		return View{}, err
	case !found:
		return View{}, refusal
	}
	return d.Get(ctx, caller, Ref{City: city, ID: resource})
}

// filing is a sound filing, ready to be decided.
type filing struct {
	content store.Content
	ticket  ticket.Filing
	whose   store.Identity // of a confidential one
}

// filing judges what was sent in and fills in what goes without saying.
func (d *Desk) filing(caller authn.Caller, city *policy.City, in Filing) (*filing, error) {
	f := &filing{
		content: store.Content{ID: store.Filing, Kind: KindFiling, Author: ticket.AuthorFiler.String(), Title: in.Title, Body: in.Body, Name: in.Name},
		ticket: ticket.Filing{City: in.City, Enterprise: in.Enterprise, Project: in.Project, Category: codeIn(in.City, in.Category),
			AppealType: strings.ToLower(lastPart(in.AppealType)), Urgency: in.Urgency, Channel: in.Channel, County: in.County, Confidential: in.Confidential,
			ConflictOfficials: idsIn(in.City, "persons", in.ConflictOfficials), ConflictUnits: idsIn(in.City, "units", in.ConflictUnits),
			Source: inCity(in.City, in.Source), InvestmentAtRisk: in.InvestmentAtRisk, JobsAtRisk: in.JobsAtRisk},
	}
	if strings.HasPrefix(f.ticket.Source, "cities/") {
		return nil, ticket.ErrSourceForeign.Field("source", "source.foreign", "不属于本市", "is not one of the city's")
	}
	forCaller := in.Channel != "" && in.Channel != "app" && in.Channel != "portal"
	if err := f.texts(in, caller, forCaller); err != nil {
		return nil, err
	}
	if err := f.enterprise(in, caller, forCaller); err != nil {
		return nil, err
	}
	if county := d.Cities.county(f.ticket.Enterprise); county != "" {
		if _, known := city.County(county); known {
			f.ticket.County = county
		}
	}
	if in.Confidential {
		f.content.Person = ""
		f.whose = store.Identity{Person: caller.Person, Enterprise: f.ticket.Enterprise, Project: f.ticket.Project, County: f.ticket.County}
	}
	return f, nil
}

// texts checks what was written and where the filer can be reached: at the phone they signed in with, unless they say otherwise. A
// caller is reached at the phone they called from.
func (f *filing) texts(in Filing, caller authn.Caller, forCaller bool) error {
	if err := text.Required("body", in.Body); err != nil {
		return err
	}
	if err := errors.Join(text.Optional("title", in.Title), text.Optional("contact.name", in.Name)); err != nil {
		return err
	}
	phone, err := text.Phone("contact.phone", in.Phone)
	if err != nil {
		return err
	}
	if phone == "" && !forCaller {
		if phone, err = text.Phone("contact.phone", caller.Phone); err != nil {
			phone = "" // what the directory accepted once is no reason to refuse a filing
		}
	}
	f.content.Phone = phone
	f.content.Title = text.Title(in.Title, in.Body)
	if !forCaller {
		f.content.Person = caller.Person
	}
	return nil
}

// enterprise finds out for which one a ticket is: the one named, the project's, or the only one the caller belongs to. Naming one of
// which the caller is no confirmed member is allowed; the ticket says so.
func (f *filing) enterprise(in Filing, caller authn.Caller, forCaller bool) error {
	switch {
	case in.Project != "" && in.Enterprise != "" && in.Enterprise != in.ProjectOf:
		return ErrProjectForeign
	case in.Project != "":
		f.ticket.Enterprise = in.ProjectOf
	case in.Enterprise == "" && !forCaller && len(caller.Enterprises) > 1:
		return ambiguous(in.City, caller.Enterprises)
	case in.Enterprise == "" && !forCaller && len(caller.Enterprises) == 1:
		f.ticket.Enterprise = caller.Enterprises[0]
	}
	f.ticket.MembershipConfirmed = !forCaller && caller.MemberOf(f.ticket.Enterprise)
	return nil
}

// decide lets the domain file the ticket now, under a new id and number.
func (f *filing) decide(d *Desk, caller authn.Caller, call Call, city *policy.City) (*change.Change, View, error) {
	now := d.City.Now()
	in, content := f.ticket, store.NewContent(f.content)
	content.CreateTime = now
	in.ID, in.Number, in.ContentMAC = d.ids.New(), d.Numbers.Next(in.City, now.In(worktime.Zone)), content.MAC()
	key, err := store.KeyOf(in.City, in.ID)
	if err != nil {
		return nil, View{}, err
	}
	events, err := ticket.File(ticket.Context{Now: now, Actor: actorOf(caller, city, store.Stored{}), City: city}, in)
	if err != nil {
		return nil, View{}, err
	}
	t, err := ticket.Fold(in.City, in.ID, events)
	if err != nil {
		return nil, View{}, err
	}
	var c change.Change
	var sealed []change.Event
	sealed, hash, err := seal(key, [32]byte{}, events)
	if err != nil {
		return nil, View{}, err
	}
	if c.Statements, err = store.File(key, t, hash); err != nil {
		return nil, View{}, err
	}
	d.Store.Keep(t, hash)
	c.Statements = append(c.Statements, store.AddContent(key, &content), store.Index(key, t.Number, similar.Text{Title: content.Title, Body: content.Body}))
	if t.Confidential {
		c.Statements = append(c.Statements, store.AddIdentity(key, f.whose))
	}
	c.Events, c.Due = sealed, []change.Due{dueOf(key, t)}
	c.Request = call.request(caller, in.City, in.ID, time.Time{})
	view := d.view(caller, city, store.Stored{Key: key, Ticket: t, Hash: hash, Identity: f.whose}, now)
	view.Texts = Texts{store.Filing: &content}
	return &c, view, nil
}

// lastPart takes the code out of a resource name; a bare one is itself.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// codeIn takes the code out of a resource name of the city; a name of another city stays whole, and is no code.
func codeIn(city, name string) string {
	return strings.TrimPrefix(name, "cities/"+city+"/categories/")
}

// idsIn takes the ids out of resource names of the city; a name of another city stays whole, and is nobody's.
func idsIn(city, collection string, names []string) []string {
	var ids []string
	for _, name := range names {
		ids = append(ids, strings.TrimPrefix(name, "cities/"+city+"/"+collection+"/"))
	}
	return ids
}

// inCity leaves the city out of a resource name of it.
func inCity(city, name string) string { return strings.TrimPrefix(name, "cities/"+city+"/") }
