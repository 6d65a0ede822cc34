package casefile

import (
	"regexp"
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// MaterialState is how what an item asks for stands.
type MaterialState = agencyv1.ItemMaterial_State

// StateOfMaterial tells how a material that an item asks for stands at an instant.
func (c *Case) StateOfMaterial(i *Item, m catalogue.ItemMaterial, now time.Time) MaterialState {
	def, _ := c.Material(m.Material)
	if i.State == CorrectionOpen && slices.Contains(i.Correction.Materials, m.Material) && !c.suppliedAfter(m.Material, i.Correction.Supplies) {
		if c.committed(i, m.Material) {
			return agencyv1.ItemMaterial_COMMITTED
		}
		return agencyv1.ItemMaterial_TO_CORRECT
	}
	if s := c.Supply(m.Material); s != nil {
		if s.Until != "" && s.Until < worktime.DateOf(now).String() {
			return agencyv1.ItemMaterial_EXPIRED
		}
		return agencyv1.ItemMaterial_COMPLETE
	}
	if def.Source == catalogue.SourceResult {
		switch of := c.Item(def.ResultOf); {
		case of == nil, of.State == Dropped, of.State == NotAccepted && of.NotNeeded:
			return agencyv1.ItemMaterial_NOT_NEEDED
		case of.Good():
			return agencyv1.ItemMaterial_COMPLETE
		default:
			return agencyv1.ItemMaterial_AWAITED
		}
	}
	if def.Source == catalogue.SourceShared {
		return agencyv1.ItemMaterial_SHARED
	}
	if c.committed(i, m.Material) {
		return agencyv1.ItemMaterial_COMMITTED
	}
	return agencyv1.ItemMaterial_MISSING
}

// lacking reports whether something in that state has to come from the enterprise before the item is complete.
func lacking(s MaterialState) bool {
	switch s {
	case agencyv1.ItemMaterial_MISSING, agencyv1.ItemMaterial_COMMITTED, agencyv1.ItemMaterial_TO_CORRECT, agencyv1.ItemMaterial_EXPIRED:
		return true
	default:
		return false
	}
}

// Missing returns the materials that an item lacks, principal ones apart.
func (c *Case) Missing(i *Item, now time.Time) (principal, secondary []catalogue.ItemMaterial) {
	for _, m := range i.Def.Materials {
		switch {
		case !lacking(c.StateOfMaterial(i, m, now)):
		case m.Principal:
			principal = append(principal, m)
		default:
			secondary = append(secondary, m)
		}
	}
	return principal, secondary
}

// suppliedAfter reports whether a material came after so many versions of any were there: what was asked for at an instant can come at the same.
func (c *Case) suppliedAfter(material string, versions int) bool {
	return slices.ContainsFunc(c.Supplies[versions:], func(s Supply) bool { return s.Material == material })
}

// committed reports whether a signed commitment of the item's present attempt covers a material.
func (c *Case) committed(i *Item, material string) bool {
	return slices.ContainsFunc(c.Commitments, func(k Commitment) bool {
		return k.Item == i.Def.Code && k.Attempt == c.attemptNow(i) && k.Kind == agencyv1.Commitment_TOLERANCE &&
			(k.State == agencyv1.Commitment_SIGNED || k.Live()) && slices.Contains(k.Materials, material)
	})
}

// attemptNow is the attempt that is under way or decided, or that which comes next.
func (c *Case) attemptNow(i *Item) int {
	if slices.Contains(handIn, i.State) || i.State == Dropped {
		return i.Attempt + 1
	}
	return i.Attempt
}

// RequestMaterial asks the enterprise for a document by a date: an agent's wish, with a clock of its own. Nothing that the city can get itself is asked for.
func (c *Case) RequestMaterial(ctx Context, material, text string, limit worktime.Limit) ([]Event, error) {
	d, err := c.enter(VerbRequest, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	if err := d.mayAskFor(material); err != nil {
		return nil, err
	}
	if limit.Unit != worktime.Workdays || limit.Amount < 1 || limit.Amount > maxRequest {
		return nil, ErrRequestLimit.Field("workdays", "workdays.range", "超出规定范围", "is out of range")
	}
	if slices.ContainsFunc(d.c.Requests, func(r Request) bool { return r.Material == material && r.Supplied.IsZero() }) {
		return nil, ErrRequestPending
	}
	number := len(d.c.Requests) + 1
	d.emit(&agencyv1.MaterialRequested{Number: int32(number), Material: material, Text: text, Workdays: int32(limit.Amount)},
		d.start(0, KindRequest, limit, d.now, "", Clock{Number: number})...)
	return d.finish()
}

// maxRequest bounds the time to supply what an agent asks for, in workdays.
const maxRequest = 60

func (d *decision) mayAskFor(material string) error {
	def, known := d.c.Material(material)
	if !known {
		return ErrMaterialUnknown.Field("material", "material.unknown", "本案没有这份材料", "is no material of this case")
	}
	if def.Source == catalogue.SourceShared {
		return ErrMaterialShared.With("material", material)
	}
	return nil
}

// Arrival is a file that arrived whole.
type Arrival struct {
	Document      string
	Purpose       string
	Material      string // only of a material
	Size          int64
	SHA256        []byte
	ContentSHA256 []byte
	Until         string // last day of its validity; counted from today by the catalogue when empty
}

var civilDate = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// MaySupply refuses a file before it is sent, as Arrive would after.
func (c *Case) MaySupply(ctx Context, purpose, material, until string) error {
	d, err := c.enter(VerbSupply, ctx)
	if err == nil {
		err = d.c.room()
	}
	if err != nil {
		return err
	}
	return d.maySupply(purpose, material, until)
}

func (d *decision) maySupply(purpose, material, until string) error {
	p := d.c.PartyOf(d.actor)
	switch purpose {
	case PurposeMaterial:
		if _, known := d.c.Material(material); !known {
			return ErrMaterialUnknown.Field("material", "material.unknown", "本案没有这份材料", "is no material of this case")
		}
	case PurposeCertificate, PurposeNotice: // ofUnits
		if p&Unit == 0 {
			return ErrNotUnit
		}
	case PurposeAgreement, PurposeEvidence:
	default:
		return ErrPurposeUnknown.Field("purpose", "purpose.unknown", "没有这种用途", "no such purpose")
	}
	if until != "" && (!civilDate.MatchString(until) || until < worktime.DateOf(d.now).String()) {
		return ErrValidityInvalid.Field("validUntil", "validity.range", "须写作 YYYY-MM-DD，且不早于今天", "is written YYYY-MM-DD and not before today")
	}
	return nil
}

// Arrive takes a file that arrived whole. A material serves every item that asks for it, answers what was requested, and may keep a commitment: the
// instant of its arrival counts.
func (c *Case) Arrive(ctx Context, in Arrival) ([]Event, error) {
	d, err := c.enter(VerbSupply, ctx)
	if err == nil {
		err = d.c.room()
	}
	if err != nil {
		return nil, err
	}
	if err := d.maySupply(in.Purpose, in.Material, in.Until); err != nil {
		return nil, err
	}
	body := &agencyv1.DocumentAdded{Document: in.Document, Purpose: in.Purpose, Size: in.Size, Sha256: in.SHA256, ContentSha256: in.ContentSHA256,
		Supplier: d.supplier()}
	if in.Purpose != PurposeMaterial {
		d.emit(body)
		return d.finish()
	}
	body.Material, body.Version, body.ValidUntil = in.Material, int32(d.c.nextVersion(in.Material)), d.validUntil(in.Material, in.Until)
	clocks := d.answers(in.Material)
	for _, k := range clocks {
		body.Requests = append(body.Requests, int32(k.Number))
	}
	d.emit(body, clocks...)
	d.keep()
	return d.finish()
}

// Obtain takes a document that a unit, or its system, got from shared data, so that nobody is asked for it.
func (c *Case) Obtain(ctx Context, material, reference, until string) ([]Event, error) {
	d, err := c.enter(VerbObtain, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("reference", reference); err != nil {
		return nil, err
	}
	if err := d.maySupply(PurposeMaterial, material, until); err != nil {
		return nil, err
	}
	d.emit(&agencyv1.MaterialObtained{Material: material, Version: int32(d.c.nextVersion(material)), Reference: reference,
		ValidUntil: d.validUntil(material, until), Supplier: d.supplier()}, d.answers(material)...)
	d.keep()
	return d.finish()
}

// answers are the clocks of what was asked for of a material, which has come.
func (d *decision) answers(material string) []Clock {
	return d.c.changed(func(k Clock) bool {
		return k.Owed() && k.Kind == KindRequest && d.c.Requests[k.Number-1].Material == material
	}, func(k Clock) Clock { return k.stopped(d.now) })
}

func (d *decision) validUntil(material, until string) string {
	def, _ := d.c.Material(material)
	if until != "" || def.ValidityMonths == 0 {
		return until
	}
	return monthsOn(d.now, def.ValidityMonths)
}

// monthsOn is the day so many months after that of an instant; the last of a month that is shorter.
func monthsOn(t time.Time, months int) string {
	day := worktime.DateOf(t)
	last := time.Date(day.Year, day.Month+time.Month(months)+1, 0, 0, 0, 0, 0, worktime.Zone)
	return worktime.Date{Year: last.Year(), Month: last.Month(), Day: min(day.Day, last.Day())}.String()
}

func (d *decision) supplier() string { return d.c.supplierOf(d.actor) }
