package desk

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/upload"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// CheckedCertificate is what anybody may know who holds a certificate.
type CheckedCertificate struct {
	store.Certificate
	State  agencyv1.CertificateCheck_State
	City   *catalogue.City
	Item   catalogue.Item // as the case keeps it
	Unit   string         // that decided
	Title  string         // of the project; empty when it was erased
	SHA256 []byte         // of the file as whoever reads it gets it; empty when it was erased
}

// CheckCertificate tells whether a certificate is in force, to who has its number and the code printed on it. A wrong number and a wrong code are refused
// alike, and after the same work: nothing is read of the case before the code is right.
func (d *Desk) CheckCertificate(ctx context.Context, code, number, check string) (CheckedCertificate, error) {
	city, err := d.Cities.City(code)
	if err != nil {
		return CheckedCertificate{}, err
	}
	found, err := d.Store.CertificateByNumber(ctx, code, number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return CheckedCertificate{}, err
	}
	want := make([]byte, sha256.Size) // which no code has
	copy(want, found.Check)
	sum := sha256.Sum256([]byte(check))
	if subtle.ConstantTimeCompare(want, sum[:]) != 1 {
		return CheckedCertificate{}, ErrCertificateNotFound
	}
	return d.checked(ctx, city, found)
}

func (d *Desk) checked(ctx context.Context, city *catalogue.City, found store.Certificate) (CheckedCertificate, error) {
	stored, err := d.read(ctx, Ref{City: city.Code(), ID: found.Case})
	if err != nil {
		return CheckedCertificate{}, err
	}
	texts, err := d.Store.Contents(ctx, stored.Key)
	if err != nil {
		return CheckedCertificate{}, err
	}
	file, err := d.Store.Files.File(ctx, upload.Owner(stored.Key), found.Document)
	if err != nil && !errors.Is(err, upload.ErrNotFound) {
		return CheckedCertificate{}, err
	}
	item := stored.Case.Item(found.Item)
	out := CheckedCertificate{Certificate: found, City: city, Item: item.Def, Unit: item.Unit, State: stateOfCertificate(found, worktime.DateOf(d.City.Now()))}
	if opening := texts[store.Opening]; opening != nil {
		out.Title = opening.Title
	}
	if file != nil {
		out.SHA256 = file.CleanSHA256
	}
	return out, nil
}

// stateOfCertificate tells how a certificate stands on a civil day of the city.
func stateOfCertificate(c store.Certificate, today worktime.Date) agencyv1.CertificateCheck_State {
	switch day := today.String(); {
	case !c.Revoked.IsZero():
		return agencyv1.CertificateCheck_REVOKED
	case day < c.From:
		return agencyv1.CertificateCheck_NOT_YET_VALID
	case c.Until != "" && day > c.Until:
		return agencyv1.CertificateCheck_EXPIRED
	default:
		return agencyv1.CertificateCheck_VALID
	}
}
