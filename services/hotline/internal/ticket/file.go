package ticket

import (
	"slices"
	"strings"

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
	// Confidential keeps filer, enterprise, project and county out of the history: whoever stores the ticket stores them apart.
	Confidential      bool
	ConflictOfficials []string // ids of those it is about
	ConflictUnits     []string // codes of those it is about
	Source            string   // visits/… or cases/…; may be empty
	InvestmentAtRisk  int64    // in fen; only with a project
	JobsAtRisk        int      // only with a project
}

// File files a ticket: in the dispatcher's queue, with every clock running that counts from filing. Through app and portal the
// actor is the filer; otherwise the actor is a dispatcher and the caller claims the ticket later.
func File(c Context, f Filing) ([]Event, error) {
	body := Filed{
		Number: f.Number, Filer: c.Actor.Person, Enterprise: f.Enterprise, Project: f.Project, MembershipConfirmed: f.MembershipConfirmed,
		Category: f.Category, AppealType: f.AppealType, Urgency: max(f.Urgency, Normal), Channel: f.Channel, County: f.County,
		ContentMAC: f.ContentMAC, ConfigVersion: c.City.Version(), DeskUnit: c.City.DeskUnit(),
		Confidential: f.Confidential, Source: f.Source, InvestmentAtRisk: f.InvestmentAtRisk, JobsAtRisk: f.JobsAtRisk,
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
		if !mayFileBy(c.Actor, body.Channel) {
			return nil, ErrChannelForbidden
		}
		body.Filer, body.FiledBy = "", c.Actor.Person
	}
	var err error
	if body.Conflict, err = Conflicting(c.City, f.ConflictOfficials, f.ConflictUnits); err != nil {
		return nil, err
	}
	if err := checkFiling(c.City, body); err != nil {
		return nil, err
	}
	if body.Confidential {
		body.Filer, body.Enterprise, body.Project, body.County, body.MembershipConfirmed = "", "", "", "", false
		body.Source = "" // a case, too, says whose it is
	}
	body.Restricted = body.Confidential || !body.Conflict.IsZero()
	return t.file(c, body)
}

// mayFileBy reports whether an actor may file for somebody else by a channel: a dispatcher by each, an attendant or agent what they found on
// a visit or in a case.
func mayFileBy(a Actor, channel string) bool {
	if a.Has(policy.RoleDispatcher) {
		return true
	}
	return (a.Has(policy.RoleAttendant) || a.Has(policy.RoleAgent)) && (channel == "visit" || channel == "agency")
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
	if b.Confidential && b.FiledBy != "" {
		return ErrConfidentialForCaller.Field("confidential", "confidential.caller", "代他人提交时不能填写", "is not said for a caller")
	}
	if (b.InvestmentAtRisk > 0 || b.JobsAtRisk > 0) && b.Project == "" {
		return ErrRiskWithoutProject.Field("project", "project.missing", "须填写投资项目", "must name the project")
	}
	if strings.HasPrefix(b.Source, "visits/") && b.Channel != "visit" {
		return ErrSourceForeign.Field("source", "source.foreign", "只有走访渠道可以填写走访", "a visit is a source of the channel visit")
	}
	return nil
}
