package ticket

import (
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// The channels by which people file for themselves. Through any other a dispatcher files for a caller.
var ownChannels = []string{"app", "portal"}

// Filing is a problem as it comes in.
type Filing struct {
	City, ID, Number    string
	Enterprise, Project string
	MembershipConfirmed bool
	Category            string // may be empty
	AppealType          string // the city's default when empty
	Urgency             Urgency
	Channel             string // app when empty
	County              string
	ContentMAC          []byte
}

// File files a ticket: in the dispatcher's queue, with every clock running that counts from filing. Through app and portal the
// actor is the filer; otherwise the actor is a dispatcher and the caller claims the ticket later.
func File(c Context, f Filing) ([]Event, error) {
	body := Filed{
		Number: f.Number, Filer: c.Actor.Person, Enterprise: f.Enterprise, Project: f.Project, MembershipConfirmed: f.MembershipConfirmed,
		Category: f.Category, AppealType: f.AppealType, Urgency: max(f.Urgency, Normal), Channel: f.Channel, County: f.County,
		ContentMAC: f.ContentMAC, ConfigVersion: c.City.Version(), DeskUnit: c.City.DeskUnit(),
	}
	if body.Channel == "" {
		body.Channel = ownChannels[0]
	}
	if body.AppealType == "" {
		body.AppealType = c.City.DefaultAppealType()
	}
	t := &Ticket{City: f.City, ID: f.ID}
	if err := allowed(VerbFile, t.State, t.PartyOf(c.Actor)); err != nil {
		return nil, err
	}
	if !slices.Contains(ownChannels, body.Channel) {
		if !c.Actor.Has(policy.RoleDispatcher) {
			return nil, ErrChannelForbidden
		}
		body.Filer, body.FiledBy = "", c.Actor.Person
	}
	if err := checkFiling(c.City, body); err != nil {
		return nil, err
	}
	return t.file(c, body)
}

func (t *Ticket) file(c Context, body Filed) ([]Event, error) {
	d := &decision{t: t, city: c.City, actor: c.Actor, now: instant(c.Now)}
	p, _ := c.City.Match(body.Channel, body.AppealType, body.Category, body.Urgency.policyWord())
	s := &starter{t: t, city: c.City, policy: p}
	desk := Seat{Unit: body.DeskUnit}
	s.start(KindDispatch, 1, desk, d.now)
	for _, k := range ticketKinds {
		if !s.fromSign(k) {
			s.start(k, 1, desk, d.now)
		}
	}
	d.emit(body, s.clocks...)
	return d.finish()
}

func checkFiling(city *policy.City, b Filed) error {
	if _, ok := city.Category(b.Category); b.Category != "" && !ok {
		return ErrCategoryUnknown.Field("category", "category.unknown", "没有这个类别", "no such category")
	}
	if _, ok := city.AppealType(b.AppealType); !ok {
		return ErrAppealTypeUnknown.Field("appealType", "appeal_type.unknown", "没有这个类型", "no such appeal type")
	}
	if _, ok := city.County(b.County); b.County != "" && !ok {
		return ErrCountyUnknown.Field("county", "county.unknown", "没有这个县区", "no such county")
	}
	return nil
}
