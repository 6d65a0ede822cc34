package directory

import (
	"fmt"
	"os"

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
