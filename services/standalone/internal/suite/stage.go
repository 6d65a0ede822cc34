package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/directory"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
	"github.com/throughtrain/throughtrain/services/standalone/internal/demo"
)

// stage is the start of a city: the directory's data, opened beside its processes.
type stage struct {
	suite       *Suite
	directory   *directory.Service
	connections []*grpc.ClientConn
}

func (s *Suite) cast() string { return s.at("cast.json") }

// openDirectory brings the directory's data up to date and applies the cities, before any process serves: nothing is filed by rules that are
// about to change.
func (s *Suite) openDirectory(ctx context.Context) (_ *stage, err error) {
	dsn, err := os.ReadFile(s.dsn("directory"))
	if err != nil {
		return nil, err
	}
	st := &stage{suite: s}
	st.directory, err = directory.New(ctx, directory.Config{DSN: string(dsn), Keys: s.at("directory.keys"), Demo: s.config.Demo},
		directory.Deps{City: s.wall, Wall: s.wall, Log: s.config.Logger})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.close())
		}
	}()
	for _, folder := range s.config.Cities {
		applied, err := st.directory.EnsureFolder(ctx, ownName, folder)
		if err != nil {
			return nil, err
		}
		if !s.config.Demo {
			if err := st.directory.Bootstrap(ctx, applied.City); err != nil {
				return nil, err
			}
		}
	}
	if !s.config.Demo {
		return st, nil
	}
	return st, demo.Mark(ctx, s.config.Data, st.directory.Entered)
}

// play opens the demonstration in the first city, if there is to be one.
func (s *stage) play(ctx context.Context) error {
	if !s.suite.config.Demo {
		return nil
	}
	config, ok := s.directory.Config(s.suite.city)
	if !ok {
		return fmt.Errorf("city %s is not there after it was applied", s.suite.city)
	}
	asPersons, err := s.connect("directory", nil)
	if err != nil {
		return err
	}
	key, err := authn.ReadPrivateKey(s.suite.trust.keys[ownName])
	if err != nil {
		return err
	}
	asProcess, err := s.connect("attendant", authn.NewServiceIssuer(ownName, key, s.suite.wall))
	if err != nil {
		return err
	}
	people := &people{Service: s.directory, path: s.suite.cast()}
	if err := (demo.Stage{People: people, Directory: asPersons, Attendant: asProcess}).Open(ctx, config); err != nil {
		return fmt.Errorf("open the demonstration: %w", errors.Join(err, people.err))
	}
	return people.err
}

func (s *stage) connect(to string, as *authn.ServiceIssuer) (*grpc.ClientConn, error) {
	identity, err := mutual.Load(s.suite.trust.certificates[ownName], s.suite.config.Logger)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, c := range s.suite.children {
		if strings.HasPrefix(c.name, to+"-") {
			addresses = append(addresses, c.address)
		}
	}
	c, err := rpcclient.Connect(rpcclient.Config{Service: to, Address: strings.Join(addresses, ","), As: as, Credentials: identity.Client(to)})
	if err == nil {
		s.connections = append(s.connections, c)
	}
	return c, err
}

func (s *stage) close() error {
	var errs []error
	for _, c := range s.connections {
		errs = append(errs, c.Close())
	}
	return errors.Join(append(errs, s.directory.Close())...)
}

// people adds persons through the data, and tells the processes who plays whom through a file.
type people struct {
	*directory.Service
	path string
	err  error
}

// SetCast implements demo.People.
func (p *people) SetCast(cast map[string]directory.Persona) {
	p.err = directory.WriteCast(p.path, cast)
}
