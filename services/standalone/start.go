package standalone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/throughtrain/throughtrain/gateway"
	"github.com/throughtrain/throughtrain/services/standalone/internal/demo"
)

func (c *Config) keys() string { return filepath.Join(c.Data, "keys") }

// drainTime bounds the finishing of requests in progress.
const drainTime = 10 * time.Second

// serve brings the start to its end and then serves until the context ends. Whoever connects before is not refused but waits.
func (s *Standalone) serve(ctx context.Context) error {
	if s.config.Listener != nil {
		defer func() { _ = s.config.Listener.Close() }() // the server has closed it, unless the start failed
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	close(s.started)
	if s.config.Ready != nil {
		s.config.Ready()
	}
	if s.config.Listener == nil {
		<-ctx.Done()
		return nil
	}
	server := gateway.NewServer(s.handler)
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.config.Listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := server.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		s.config.Log.Warn("requests in progress are cut off: they took too long to finish")
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// start applies the cities and waits until every service knows them: nothing is filed by rules that are about to change.
func (s *Standalone) start(ctx context.Context) error {
	var codes []string
	for _, folder := range s.config.Cities {
		applied, err := s.directory.EnsureFolder(ctx, ownName, folder)
		if err != nil {
			return err
		}
		codes = append(codes, applied.City)
		s.city.CompareAndSwap(nil, &applied.City)
	}
	if err := s.Idle(ctx); err != nil {
		return err
	}
	if s.config.Demo {
		return s.play(ctx, codes)
	}
	for _, code := range codes {
		if err := s.directory.Bootstrap(ctx, code); err != nil {
			return err
		}
	}
	return nil
}

// firstCity is the code of the first city that was named, empty while none is.
func (s *Standalone) firstCity() string {
	if code := s.city.Load(); code != nil {
		return *code
	}
	return ""
}

// play opens the demonstration in the first city.
func (s *Standalone) play(ctx context.Context, codes []string) error {
	if len(codes) == 0 {
		return errors.New("a demonstration needs a city: name its folder with --city")
	}
	if err := demo.Mark(ctx, s.config.Data, s.directory.Entered); err != nil {
		return err
	}
	config, ok := s.directory.Config(codes[0])
	if !ok {
		return fmt.Errorf("city %s is not there after it was applied", codes[0])
	}
	asPersons, err := s.wires.connect(directoryName, "")
	if err != nil {
		return err
	}
	asProcess, err := s.wires.connect(attendantName, ownName)
	if err != nil {
		return err
	}
	stage := demo.Stage{People: s.directory, Directory: asPersons, Attendant: asProcess}
	if err := stage.Open(ctx, config); err != nil {
		return fmt.Errorf("open the demonstration: %w", err)
	}
	return s.Idle(ctx)
}

// ErrDemoOnRealData is returned instead of opening what real people filed to anybody.
var ErrDemoOnRealData = demo.ErrRealData

// Personas are those who can be signed in at a demonstration.
func Personas() []string { return demo.Personas() }
