package desk

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// Hotline is what the agency asks of the hotline: to file a ticket in the caller's own name. The hotline sees for itself who calls; nobody files for them.
type Hotline interface {
	// File files a ticket, or finds the one that its request id led to before.
	File(ctx context.Context, in TicketFiling) (id, number string, err error)
}

// The channels by which tickets come from a case.
const (
	channelApp    = "app"    // of the enterprise, for itself
	channelAgency = "agency" // of an agent, for the enterprise
)

// TicketFiling is a ticket as it is filed. It is kept word for word until it is: a repeated request files the same, whatever the case has become by then.
type TicketFiling struct {
	RequestID  string
	City       string
	Case       string // id
	Item       string // code; empty for the case as a whole
	Reason     string // stuck, refused, overdue, other
	Channel    string
	Title      string
	Body       string
	Category   string
	Enterprise string // id
	Project    string // id
	County     string
	Name       string // whom to speak to, where an agent files for them
	Phone      string
}

// RaisedTicket is a ticket that was filed about a case.
type RaisedTicket struct{ ID, Number, Reason string }

// ErrHotlineAway says that nothing was filed.
var ErrHotlineAway = fault.New(fault.Unavailable, agencyv1.ErrorReason_HOTLINE_UNAVAILABLE.String(),
	"暂时无法连接诉求热线，诉求没有提交，请稍后用同一请求编号重试。",
	"The hotline cannot be reached and nothing was filed. Try again in a while with the same request id.")

const ticketsPart = "tickets/"

// RaiseTicket files a ticket about a case, or an item of it, and links it. What is filed is fixed first, under the request's id; a call that comes again files that, and
// the hotline answers with the ticket that is there already.
func (d *Desk) RaiseTicket(ctx context.Context, by Act, item, said string) (RaisedTicket, error) {
	filing, err := d.fixFiling(ctx, by, item, said)
	if err != nil {
		if filing, err = d.fixedBefore(ctx, by, err); err != nil {
			return RaisedTicket{}, err
		}
	}
	return d.file(ctx, by, filing)
}

// Raised answers a request that was made before, and would not be made any more; false when it was not made.
func (d *Desk) Raised(ctx context.Context, by Act) (RaisedTicket, bool, error) {
	filing, err := d.fixedBefore(ctx, by, errUnfiled)
	if err != nil {
		if errors.Is(err, errUnfiled) {
			err = nil
		}
		return RaisedTicket{}, false, err
	}
	raised, err := d.file(ctx, by, filing)
	return raised, err == nil, err
}

var errUnfiled = errors.New("nothing was filed under the request's id")

// file files a ticket and links it to its case.
func (d *Desk) file(ctx context.Context, by Act, in TicketFiling) (RaisedTicket, error) {
	if d.Hotline == nil {
		return RaisedTicket{}, ErrHotlineAway
	}
	id, number, err := d.Hotline.File(ctx, in)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.Unavailable:
		return RaisedTicket{}, ErrHotlineAway.Wrap(err)
	default:
		return RaisedTicket{}, err
	}
	d.link(ctx, by, in, id, number)
	return RaisedTicket{ID: id, Number: number, Reason: in.Reason}, nil
}

// link links a ticket at once, so that its filer sees it there. It is filed, which is what the caller must know: should this fail, the hotline's feed links it all
// the same.
func (d *Desk) link(ctx context.Context, by Act, in TicketFiling, id, number string) {
	city, err := d.Cities.City(by.Ref.City)
	if err != nil {
		return
	}
	_ = d.system(ctx, by.Ref, actorOf(by.Caller, city), false, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.LinkTicket(ctx, casefile.Ticket{ID: id, Number: number, Item: in.Item, Reason: in.Reason})
	})
}

// fixFiling decides what is filed, and keeps it when the call is safe to repeat.
func (d *Desk) fixFiling(ctx context.Context, by Act, item, said string) (TicketFiling, error) {
	for range change.Attempts {
		start := change.Begin()
		city, err := d.Cities.City(by.Ref.City)
		if err != nil {
			return TicketFiling{}, err
		}
		stored, err := d.read(ctx, by.Ref)
		if err != nil {
			return TicketFiling{}, err
		}
		if !sightOf(by.Caller, city, stored.Case).Case {
			return TicketFiling{}, casefile.ErrNotFound
		}
		a, err := d.attempt(ctx, city, stored, actorOf(by.Caller, city))
		if err != nil {
			return TicketFiling{}, err
		}
		filing, c, err := a.filing(by, item, said)
		if err != nil || c == nil {
			return filing, err
		}
		c.Decided = start
		if err = d.Store.Commit(ctx, c); err == nil || !raced(err) {
			return filing, err
		}
	}
	return TicketFiling{}, ErrTooBusy
}

// filing makes the ticket, and the Change that keeps it; nil when nobody will ask for it again.
func (a *act) filing(by Act, item, said string) (TicketFiling, *change.Change, error) {
	if by.Call.Etag != "" && by.Call.Etag != etagOf(a.from.Case) {
		return TicketFiling{}, nil, ErrEtagMismatch
	}
	reason, err := a.from.Case.MayRaise(a.context, item)
	if err != nil {
		return TicketFiling{}, nil, err
	}
	in, err := a.compose(item, reason, said)
	if err != nil || by.Call.RequestID == "" {
		return in, nil, err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return TicketFiling{}, nil, err
	}
	kept := store.NewContent(store.Content{ID: in.RequestID, Kind: KindTicket, Person: by.Caller.Person, Body: string(body), CreateTime: a.context.Now})
	a.place = ticketsPart + in.RequestID
	return in, &change.Change{Statements: []change.Statement{store.AddContent(a.from.Key, &kept)},
		Request: by.Call.request(by.Caller, a.from.City, a.resource(), a.desk.Wall.Now().Add(keepRequests))}, nil
}

// compose is a ticket about the case as it stands.
func (a *act) compose(item, reason, said string) (TicketFiling, error) {
	due, err := a.from.Case.Settle(a.context) // what is overdue now is said to be
	if err != nil {
		return TicketFiling{}, err
	}
	c, err := a.from.Case.After(due...)
	if err != nil {
		return TicketFiling{}, err
	}
	in := TicketFiling{RequestID: a.desk.ids.New(), City: c.City, Case: c.ID, Item: item, Reason: reason, Channel: channelApp, Enterprise: c.Enterprise, Project: c.Project,
		Category: a.city.Rules().TicketCategory}
	if len(c.Counties) > 0 {
		in.County = c.Counties[0]
	}
	if text.Blank(said) {
		said = ""
	}
	in.Title, in.Body = ticketWords(a.city, c, item, reason, said, a.context.Now)
	if c.PartyOf(a.context.Actor)&casefile.Applicant != 0 {
		return in, nil
	}
	in.Channel = channelAgency
	texts, err := a.desk.Store.Contents(a, a.from.Key)
	if opening := texts[store.Opening]; opening != nil {
		in.Name, in.Phone = opening.Name, opening.Phone
	}
	return in, err
}

// fixedBefore is what a repeated call filed the first time; otherwise the refusal stands.
func (d *Desk) fixedBefore(ctx context.Context, by Act, refusal error) (TicketFiling, error) {
	if !refused(refusal) && !errors.Is(refusal, errUnfiled) {
		return TicketFiling{}, refusal
	}
	resource, found, err := d.replayed(ctx, by.Caller, by.Ref.City, by.Call)
	if err != nil {
		return TicketFiling{}, err
	}
	id, kept, ofTicket := strings.Cut(resource, "/"+ticketsPart)
	if !found || !ofTicket || id != by.Ref.ID {
		return TicketFiling{}, refusal
	}
	key, err := store.KeyOf(by.Ref.City, id)
	if err != nil {
		return TicketFiling{}, err
	}
	texts, err := d.Store.Contents(ctx, key)
	if err != nil {
		return TicketFiling{}, err
	}
	var in TicketFiling
	if texts[kept] == nil {
		return TicketFiling{}, ErrRequestReused // what was filed was erased
	}
	return in, json.Unmarshal([]byte(texts[kept].Body), &in)
}
