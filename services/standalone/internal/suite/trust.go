package suite

import (
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/mutual/authority"
)

// certificateLife is longer than any suite on one machine runs; each start makes new ones.
const certificateLife = 90 * 24 * time.Hour

// trust is what the processes know each other by, made anew at every start.
type trust struct {
	certificates map[string]mutual.Files
	keys         map[string]string // path of the private key by service
}

func (s *Suite) makeTrust() (*trust, error) {
	made, err := authority.New(s.wall.Now(), certificateLife)
	if err != nil {
		return nil, err
	}
	t := &trust{certificates: map[string]mutual.Files{}, keys: map[string]string{}}
	for _, name := range append([]string{gatewayName, ownName}, services...) {
		t.keys[name] = s.at("service-keys", name+".pem")
		files, err := made.Write(s.at("tls"), name)
		if err := errors.Join(err, authn.WriteKeyPair(t.keys[name], s.at("peers"), name)); err != nil {
			return nil, err
		}
		t.certificates[name] = files
	}
	return t, nil
}
