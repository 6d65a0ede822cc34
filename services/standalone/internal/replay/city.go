package replay

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// cityCode is the city of the replay, and county where its enterprises are.
const (
	cityCode = "410900"
	city     = "cities/" + cityCode
	county   = "410902"
)

// cityFiles are the data of the city but for its calendars, which are the ones that are deployed.
//
//go:embed city/*.yaml
var cityFiles embed.FS

// writeCity makes the folder of the city, as the product reads it.
func writeCity(folder, calendars string) error {
	own, err := fs.Sub(cityFiles, "city")
	if err != nil {
		return err
	}
	if err := os.CopyFS(folder, own); err != nil {
		return fmt.Errorf("write the city: %w", err)
	}
	years, err := filepath.Glob(filepath.Join(calendars, "*.yaml"))
	if err != nil {
		return err
	}
	if len(years) == 0 {
		return fmt.Errorf("%s: %w", calendars, errNoCalendars)
	}
	if err := os.CopyFS(filepath.Join(folder, "calendars"), os.DirFS(calendars)); err != nil {
		return fmt.Errorf("write the calendars: %w", err)
	}
	return nil
}

var errNoCalendars = errors.New("no calendars: name the folder of the year files with --calendars")
