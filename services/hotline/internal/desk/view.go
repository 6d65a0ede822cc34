package desk

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// Texts is what people wrote in a ticket, by the id of its row.
type Texts map[string]*store.Content

// Body is a text, empty when there is none or it was erased.
func (t Texts) Body(id string) string {
	if c := t[id]; c != nil {
		return c.Body
	}
	return ""
}

// View is a ticket as one caller may see it at one moment.
type View struct {
	Ticket  *ticket.Ticket
	Whose   Whose
	City    *policy.City
	Sight   Sight
	Texts   Texts    // empty for who may not read them
	Actions []string // what the caller may do now
	Now     time.Time

	works   bool            // the caller answers tickets and oversees none
	context ticket.Context  // in which the caller would act
	linked  map[string]bool // ids of the tickets merged with this one that the caller may know of
}

// view looks at a ticket with the caller's eyes. The texts are the reader's to add.
func (d *Desk) view(caller authn.Caller, city *policy.City, s store.Stored, now time.Time) View {
	as := ticket.Context{Now: now, Actor: actorOf(caller, city, s), City: city}
	v := View{Ticket: s.Ticket, City: city, Sight: sightOf(caller, city, s), Now: now, Actions: s.Ticket.Actions(as), works: onlyWorks(caller), context: as}
	v.Whose = whose(s, v.Sight)
	return v
}

// Whose is the ids of whose a ticket is, as far as the caller may know: of a confidential one nearly nobody may.
type Whose struct{ Filer, Enterprise, Project, County string }

func whose(s store.Stored, sight Sight) Whose {
	switch t := s.Ticket; {
	case !t.Confidential:
		return Whose{t.Filer, t.Enterprise, t.Project, t.County}
	case sight.Identity:
		return Whose{s.Identity.Person, s.Identity.Enterprise, s.Identity.Project, s.Identity.County}
	default:
		return Whose{}
	}
}

// Conflict is whom the ticket is about, for who may know.
func (v *View) Conflict() ticket.Conflict {
	if v.Sight.Identity {
		return v.Ticket.Conflict
	}
	return ticket.Conflict{}
}

// Filing is the words in which the ticket was filed, or nothing; without name and phone where these are not for the caller's eyes.
func (v *View) Filing() store.Content {
	c := v.Texts[store.Filing]
	if c == nil || !v.Sight.Text {
		return store.Content{}
	}
	filed := *c
	if v.Ticket.Confidential && !v.Sight.Identity {
		filed.Person, filed.Name, filed.Phone = "", "", ""
	}
	return filed
}

// Contact is how to reach the filer, as far as the caller may know.
func (v *View) Contact() (name, phone string) {
	c := v.Filing()
	name, phone = c.Name, c.Phone
	if !v.Sight.Contact {
		name = text.MaskName(name)
	}
	if !v.Sight.Phone {
		phone = text.MaskPhone(phone)
	}
	return name, phone
}

// Text is a text of the ticket, empty when the caller may not read it.
func (v *View) Text(id string) string {
	if c := v.Texts[id]; c != nil && v.Reads(c) {
		return c.Body
	}
	return ""
}

// Reads tells whether the caller may read a text. Why others look at a phone would tell who answers that the filer is called back.
func (v *View) Reads(c *store.Content) bool {
	return v.Sight.reads(c) && (c.Kind != KindReveal || !v.answers() || c.Person == v.context.Actor.Person)
}

// answers tells whether the caller is of those who answer the ticket, and is neither its filer nor oversees it.
func (v *View) answers() bool { return v.works && v.Ticket.PartyOf(v.context.Actor)&ticket.Filer == 0 }

// reads tells whether who sees so much may read a text. Every way to a text asks it.
func (s Sight) reads(c *store.Content) bool {
	return s.Text && (s.Official || !officialOnly(c.Kind))
}

// OrderActions is what the caller may do with a work order now.
func (v *View) OrderActions(number int) []string { return v.Ticket.OrderActions(v.context, number) }

// Callback is the call-back of this cycle for those who make it or see to it: who answered is not to know whether the filer is called.
func (v *View) Callback() *ticket.Callback {
	if v.context.Actor.Has(policy.RoleDispatcher) || v.context.Actor.Has(policy.RoleMayorOffice) {
		return v.Ticket.Callback
	}
	return nil
}
