// Package authority makes certificates for the processes of a suite on one machine, and for tests: an authority whose key is never written,
// and one certificate for each service. A city that has an authority of its own needs none of it.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/mutual"
)

// backdate allows for hosts whose clocks differ.
const backdate = 5 * time.Minute

// Authority signs certificates of services. Its key is in memory only: the next start makes another.
type Authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	der         []byte
	life        time.Duration
	now         time.Time
}

// New makes an authority whose certificates begin now and are good for life.
func New(now time.Time, life time.Duration) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a := &Authority{key: key, life: life, now: now}
	template := a.template("Through-Train")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	if a.der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	a.certificate, err = x509.ParseCertificate(a.der)
	return a, err
}

func (a *Authority) template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // never fails: the runtime ends the process instead
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: a.now.Add(-backdate), NotAfter: a.now.Add(a.life)}
}

// Write puts the authority's certificate and a new one for a service with its key into a folder.
func (a *Authority) Write(folder, service string) (files mutual.Files, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return files, fmt.Errorf("authority: %w", err)
	}
	template := a.template(service)
	template.DNSNames, template.KeyUsage = []string{service}, x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return files, fmt.Errorf("authority: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return files, fmt.Errorf("authority: %w", err)
	}
	files = mutual.Files{CA: filepath.Join(folder, "authority.pem"), Cert: filepath.Join(folder, service+".pem"), Key: filepath.Join(folder, service+".key")}
	for _, f := range []struct {
		path, kind string
		der        []byte
	}{{files.CA, "CERTIFICATE", a.der}, {files.Key, "PRIVATE KEY", private}, {files.Cert, "CERTIFICATE", der}} {
		if err := os.WriteFile(f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.der}), 0o600); err != nil {
			return files, fmt.Errorf("authority: %w", err)
		}
	}
	return files, nil
}
