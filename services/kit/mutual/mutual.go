// Package mutual secures the connections between the processes of the suite. Each shows a certificate of the suite's own authority in which
// its service is named as a DNS name, and each looks at the other's: who calls knows that it reached the service it meant, and who is
// called knows which process it speaks with. The files are read again when they change, so that certificates are renewed
// without a restart.
//
// It depends on gRPC's credentials and on zap.
package mutual

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// Files are what a process is told to use.
type Files struct {
	CA   string `required:"" type:"existingfile" placeholder:"FILE" help:"Certificates of the suite's own authority, in PEM; all processes show one of hers."`
	Cert string `required:"" type:"existingfile" placeholder:"FILE" help:"This process's certificate, in PEM, with its service's name as a DNS name. Read again when it changes."`
	Key  string `required:"" type:"existingfile" placeholder:"FILE" help:"The certificate's private key, in PEM."`
}

// Identity is the certificate of a process and the authority it believes.
type Identity struct {
	files Files
	log   *zap.Logger

	mu    sync.Mutex
	seen  [3]stamp
	state *state
}

// state is what was read last.
type state struct {
	certificate tls.Certificate
	roots       *x509.CertPool
}

// stamp tells whether a file may have changed.
type stamp struct {
	modified time.Time
	size     int64
}

// Load reads the files; what is wrong with them is said now and not at the first connection.
func Load(files Files, log *zap.Logger) (*Identity, error) {
	i := &Identity{files: files, log: log}
	var err error
	if i.seen, err = i.look(); err != nil {
		return nil, err
	}
	i.state, err = i.read()
	return i, err
}

// current is what is shown and believed now. Files that changed and cannot be read leave it as it was: a half-written one is whole
// a moment later.
func (i *Identity) current() *state {
	i.mu.Lock()
	defer i.mu.Unlock()
	seen, err := i.look()
	if err == nil && seen == i.seen {
		return i.state
	}
	var fresh *state
	if err == nil {
		fresh, err = i.read()
	}
	if err != nil {
		i.log.Warn("the certificate changed and cannot be read; the one before is used", zap.Error(err))
		return i.state
	}
	i.log.Info("the certificate was read again", zap.Time("expires", fresh.certificate.Leaf.NotAfter))
	i.seen, i.state = seen, fresh
	return fresh
}

func (i *Identity) look() (seen [3]stamp, err error) {
	for n, path := range []string{i.files.CA, i.files.Cert, i.files.Key} {
		info, err := os.Stat(path)
		if err != nil {
			return seen, fmt.Errorf("certificate: %w", err)
		}
		seen[n] = stamp{info.ModTime(), info.Size()}
	}
	return seen, nil
}

func (i *Identity) read() (*state, error) {
	authority, err := os.ReadFile(i.files.CA)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	s := &state{roots: x509.NewCertPool()}
	if !s.roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("certificate: no certificate in %s", i.files.CA)
	}
	if s.certificate, err = tls.LoadX509KeyPair(i.files.Cert, i.files.Key); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return s, nil
}

// Names tells whether the certificate is that of a service: a process that would be refused everywhere is better not started.
func (i *Identity) Names(service string) error {
	if err := i.current().certificate.Leaf.VerifyHostname(service); err != nil {
		return fmt.Errorf("certificate %s is not one of %s: %w", i.files.Cert, service, err)
	}
	return nil
}

// Server is for a server that lets in the processes of some services only. What allow returns is asked at every connection.
func (i *Identity) Server(allow func() []string) credentials.TransportCredentials {
	return &creds{i, func(s *state) credentials.TransportCredentials {
		return credentials.NewTLS(&tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{s.certificate},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: s.roots,
			SessionTicketsDisabled: true, // whoever comes again is looked at again
			VerifyConnection: func(c tls.ConnectionState) error {
				leaf := c.PeerCertificates[0]
				for _, service := range allow() {
					if leaf.VerifyHostname(service) == nil {
						return nil
					}
				}
				i.log.Warn("a process is turned away: the contract names its service for nothing here", zap.Strings("certificate", leaf.DNSNames))
				return errNotAllowed
			},
		})
	}}
}

var errNotAllowed = errors.New("this service may not connect here")

// Client is for connections to a service.
func (i *Identity) Client(service string) credentials.TransportCredentials {
	return &creds{i, func(s *state) credentials.TransportCredentials {
		return credentials.NewTLS(&tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{s.certificate}, RootCAs: s.roots, ServerName: service,
		})
	}}
}

// creds makes the credentials of each handshake from what is current then.
type creds struct {
	identity *Identity
	with     func(*state) credentials.TransportCredentials
}

func (c *creds) now() credentials.TransportCredentials { return c.with(c.identity.current()) }

// ClientHandshake implements credentials.TransportCredentials.
func (c *creds) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c.now().ClientHandshake(ctx, authority, conn)
}

// ServerHandshake implements credentials.TransportCredentials.
func (c *creds) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c.now().ServerHandshake(conn)
}

// Info implements credentials.TransportCredentials.
func (c *creds) Info() credentials.ProtocolInfo { return c.now().Info() }

// Clone implements credentials.TransportCredentials.
func (c *creds) Clone() credentials.TransportCredentials { return &creds{c.identity, c.with} }

// OverrideServerName implements credentials.TransportCredentials; the name is always the service's.
func (c *creds) OverrideServerName(string) error {
	return errors.New("the name of a service cannot be overridden")
}

// Vouches tells whether a call came over a connection of the service that it claims to be made by: a token that another process
// stole is no good in its hands. A connection without certificates, in memory, vouches for everybody.
func Vouches(ctx context.Context, service string) error {
	from, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	info, secured := from.AuthInfo.(credentials.TLSInfo)
	if !secured {
		return nil
	}
	if len(info.State.PeerCertificates) == 0 {
		return errors.New("the connection shows no certificate")
	}
	leaf := info.State.PeerCertificates[0]
	if err := leaf.VerifyHostname(service); err != nil {
		return fmt.Errorf("a token of %s came from %s", service, strings.Join(leaf.DNSNames, ", "))
	}
	return nil
}
