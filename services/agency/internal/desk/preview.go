package desk

import (
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Preview is what a project would need if it began now: the view of a case that nobody opened.
func (d *Desk) Preview(code, county string, answers catalogue.Answers) (View, error) {
	city, err := d.catalogue(code)
	if err != nil {
		return View{}, err
	}
	if _, known := city.County(county); county != "" && !known {
		return View{}, casefile.ErrCountyUnknown.Field("county", "county.unknown", "没有这个县区", "no such county")
	}
	if err := city.CheckAnswers(answers); err != nil {
		return View{}, err
	}
	now := d.City.Now()
	c := wouldBe(city, county, answers, now)
	if len(c.Items) == 0 {
		return View{}, casefile.ErrNothingNeeded
	}
	return View{Case: c, City: city, Now: now, Plan: c.Plan(city, now), context: casefile.Context{Now: now, Actor: actorOf(authn.Caller{}, city), City: city}}, nil
}

// wouldBe is a case as its plan would begin.
func wouldBe(city *catalogue.City, county string, answers catalogue.Answers, now time.Time) *casefile.Case {
	c := &casefile.Case{City: city.Code(), Answers: answers, ConfigVersion: city.Version(), Stages: city.Stages(), Materials: city.Materials(), CreateTime: now, AdmitTime: now}
	for _, i := range city.Select(answers) {
		c.Items = append(c.Items, casefile.Item{Def: i, Unit: city.UnitOf(i, county), State: casefile.Planned, Since: now, Touched: now})
	}
	return c
}

// Catalogue returns a city whose catalogue is in force.
func (d *Desk) Catalogue(code string) (*catalogue.City, error) { return d.catalogue(code) }

func (d *Desk) catalogue(code string) (*catalogue.City, error) {
	city, err := d.Cities.City(code)
	if err != nil {
		return nil, err
	}
	if !city.HasCatalogue() {
		return nil, casefile.ErrNoCatalogue
	}
	return city, nil
}
