package directory

import (
	"context"
	"fmt"
	"os"

	"go.uber.org/zap"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
)

// ReadCity reads the folder of a city and says which city it is of. Files that are wrong come back as an error with one line
// for each fault, file and line first; nothing needs to run for that.
func ReadCity(dir string) (code string, files []*directoryv1.CityFile, err error) {
	found, err := city.ReadFolder(os.DirFS(dir))
	if err != nil {
		return "", nil, fmt.Errorf("read the city in %s: %w", dir, err)
	}
	c, err := city.Load(found)
	if err != nil {
		return "", nil, fmt.Errorf("the city in %s is refused:\n%w", dir, err)
	}
	for _, f := range found {
		files = append(files, &directoryv1.CityFile{Path: f.Path, Content: f.Content})
	}
	return c.Code, files, nil
}

// Applied says what applying a city's folder led to.
type Applied struct {
	City    string
	Version int64
	Changed bool // false when the files were in force already
}

// ApplyFolder applies the city of a folder as the named process of this suite.
func (s *Service) ApplyFolder(ctx context.Context, process, folder string) (Applied, error) {
	code, files, err := ReadCity(folder)
	if err != nil {
		return Applied{}, err
	}
	return s.applyFiles(ctx, process, code, files)
}

// EnsureFolder is ApplyFolder for a start: a folder that was applied before says nothing new, and applying it again would take back what
// somebody decided since.
func (s *Service) EnsureFolder(ctx context.Context, process, folder string) (Applied, error) {
	code, files, err := ReadCity(folder)
	if err != nil {
		return Applied{}, err
	}
	was, replaced, err := s.Replaced(ctx, process, code, files)
	if err != nil {
		return Applied{}, err
	}
	if replaced {
		s.deps.Log.Warn("the folder holds a version of the city that has been replaced since, and is left alone; to go back to it, apply it by command",
			zap.String("city", code), zap.Int64("version", was), zap.String("folder", folder))
		return Applied{City: code, Version: was}, nil
	}
	return s.applyFiles(ctx, process, code, files)
}

func (s *Service) applyFiles(ctx context.Context, process, code string, files []*directoryv1.CityFile) (Applied, error) {
	answer, err := s.ApplyCity(ctx, process, code, files)
	if err != nil {
		return Applied{}, err
	}
	s.deps.Log.Info("city applied", zap.String("city", code), zap.Int64("version", answer.GetVersion()), zap.Bool("changed", answer.GetChanged()))
	return Applied{City: code, Version: answer.GetVersion(), Changed: answer.GetChanged()}, nil
}
