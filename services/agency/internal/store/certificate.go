package store

import (
	"context"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Certificate is a certificate, found by the number printed on it.
type Certificate struct {
	Number   string
	Case     string // id
	Item     string
	Document string
	Check    []byte // SHA-256 of the check code
	From     string // first day, YYYY-MM-DD
	Until    string // last day; empty for no end
	Issued   time.Time
	Revoked  time.Time // zero while in force
}

const (
	insertCertificate = `INSERT INTO certificates (city, number, month, case_id, item, document, check_sha256, valid_from, valid_until, issue_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	revokeCertificate = `UPDATE certificates SET revoke_time = $1 WHERE city = $2 AND number = $3`
	selectCertificate = `SELECT case_id, item, document, check_sha256, valid_from, valid_until, issue_time, revoke_time FROM certificates
		WHERE city = $1 AND number = $2`
)

// CertificateTaken is the constraint that a certificate's number violates when another one of the city has it.
const CertificateTaken = "certificates_pkey"

// writeCertificates writes what was issued or revoked since.
func writeCertificates(k Key, before, after []casefile.Certificate) []change.Statement {
	var out []change.Statement
	for _, c := range after {
		n := slices.IndexFunc(before, func(o casefile.Certificate) bool { return o.Number == c.Number })
		if n < 0 {
			out = append(out, change.Exec(insertCertificate, k.City, c.Number, k.Month, k.ID, c.Item, c.Document, notNil(c.Check), c.From, c.Until, c.Time.UnixMicro()))
		}
		if !c.Revoked.IsZero() && (n < 0 || before[n].Revoked.IsZero()) {
			out = append(out, change.Exec(revokeCertificate, c.Revoked.UnixMicro(), k.City, c.Number))
		}
	}
	return out
}

// CertificateByNumber finds a certificate, or ErrNotFound.
func (s *Store) CertificateByNumber(ctx context.Context, city, number string) (Certificate, error) {
	c := Certificate{Number: number}
	var issued int64
	var revoked *int64
	err := s.db.QueryRow(ctx, selectCertificate, city, number).Scan(&c.Case, &c.Item, &c.Document, &c.Check, &c.From, &c.Until, &issued, &revoked)
	if err != nil {
		return Certificate{}, absent(err)
	}
	c.Issued, c.Revoked = time.UnixMicro(issued).UTC(), moment(revoked)
	return c, nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
