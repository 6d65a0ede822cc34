package standalone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/gateway"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory"
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
		code, files, err := directory.ReadCity(folder)
		if err != nil {
			return err
		}
		codes = append(codes, code)
		// A folder that was applied before says nothing new. Applying it again would take back what somebody decided since.
		was, replaced, err := s.directory.Replaced(ctx, ownName, code, files)
		if err != nil {
			return err
		}
		if replaced {
			s.config.Log.Warn("the folder holds a version of the city that has been replaced since, and is left alone; to go back to it, apply it while nothing serves",
				zap.String("city", code), zap.Int64("version", was), zap.String("folder", folder))
			continue
		}
		if _, err := s.applyFiles(ctx, code, files); err != nil {
			return err
		}
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

// Applied says what applying a city's folder led to.
type Applied struct {
	City    string
	Version int64
	Changed bool // false when the files were in force already
}

// apply applies the city of a folder.
func (s *Standalone) apply(ctx context.Context, folder string) (Applied, error) {
	code, files, err := directory.ReadCity(folder)
	if err != nil {
		return Applied{}, err
	}
	return s.applyFiles(ctx, code, files)
}

func (s *Standalone) applyFiles(ctx context.Context, code string, files []*directoryv1.CityFile) (Applied, error) {
	answer, err := s.directory.ApplyCity(ctx, ownName, code, files)
	if err != nil {
		return Applied{}, err
	}
	s.config.Log.Info("city applied", zap.String("city", code), zap.Int64("version", answer.GetVersion()), zap.Bool("changed", answer.GetChanged()))
	return Applied{City: code, Version: answer.GetVersion(), Changed: answer.GetChanged()}, nil
}

// play opens the demonstration in the first city.
func (s *Standalone) play(ctx context.Context, codes []string) error {
	if len(codes) == 0 {
		return errors.New("a demonstration needs a city: name its folder with --city")
	}
	if err := s.markDemo(ctx); err != nil {
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
var ErrDemoOnRealData = errors.New("该数据目录含有真实用户，不能以演示模式打开，请用 --data 另选目录 / " +
	"people have signed in with these data, so they are not shown as a demonstration, which lets anybody in as anybody; choose another folder with --data")

// markDemo marks the data folder as a demonstration's, unless it is somebody else's already.
func (s *Standalone) markDemo(ctx context.Context) error {
	mark := filepath.Join(s.config.Data, "demo")
	if _, err := os.Stat(mark); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch entered, err := s.directory.Entered(ctx); {
	case err != nil:
		return err
	case entered:
		return ErrDemoOnRealData
	}
	return os.WriteFile(mark, []byte("These data are a demonstration's: anybody may have entered them as anybody.\n"), 0o600)
}

// Personas are those who can be signed in at a demonstration.
func Personas() []string { return demo.Personas() }
