package standalone

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"

	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/agency"
	"github.com/throughtrain/throughtrain/services/attendant"
	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// Who talks to whom, as tokens name them.
const (
	directoryName = directory.Name
	hotlineName   = "hotline"
	attendantName = attendant.Name
	agencyName    = agency.Name
	gatewayName   = "gateway"
	ownName       = "standalone" // this process, for what it does before anybody can sign in
)

// wires join the services of the process: a listener in memory for each, and a key for each that calls another. The keys are made
// anew at every start, because nobody outside ever has to know them.
type wires struct {
	wall        clock.Clock
	listeners   map[string]*rpcserver.Memory
	issuers     map[string]*authn.ServiceIssuer
	peers       map[string]authn.Keys
	connections []*grpc.ClientConn
	tracing     bool
}

func newWires(wall clock.Clock, tracing bool) (*wires, error) {
	w := &wires{wall: wall, tracing: tracing, listeners: map[string]*rpcserver.Memory{}, issuers: map[string]*authn.ServiceIssuer{}, peers: map[string]authn.Keys{}}
	for _, name := range []string{directoryName, hotlineName, attendantName, agencyName} {
		w.listeners[name] = rpcserver.NewMemory()
	}
	for _, name := range []string{directoryName, hotlineName, attendantName, agencyName, gatewayName, ownName} {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("make a key for %s: %w", name, err)
		}
		w.issuers[name], w.peers[name] = authn.NewServiceIssuer(name, private, wall), authn.NewKeySet(public)
	}
	return w, nil
}

// verifier is what a service knows its callers by: the directory's keys for persons, the keys of this process for services.
func (w *wires) verifier(service string, persons authn.Keys, revoked *authn.Revocations) (*authn.Verifier, error) {
	return authn.NewVerifier(authn.VerifierConfig{
		Issuer: directory.TokenIssuer, Audience: directory.TokenAudience, Keys: persons,
		Service: service, Peers: w.peers, Revocations: revoked, Clock: w.wall,
	})
}

// connect makes a connection to a service on which the caller named speaks for itself where no person is in the context; on one
// made for nobody, only persons speak.
func (w *wires) connect(to, as string) (*grpc.ClientConn, error) {
	c, err := rpcclient.Connect(rpcclient.Config{Service: to, Dialer: w.listeners[to].Dial, As: w.issuers[as], Tracing: w.tracing})
	if err != nil {
		return nil, err
	}
	w.connections = append(w.connections, c)
	return c, nil
}

// close ends the connections and the listeners.
func (w *wires) close() error {
	var errs []error
	for _, c := range w.connections {
		errs = append(errs, c.Close())
	}
	for _, l := range w.listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
