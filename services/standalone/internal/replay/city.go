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
//go:embed city/*.yaml detours/*.yaml
var cityFiles embed.FS

// writeCity makes the folder of the city, as the product reads it.
func writeCity(folder, calendars string, detours bool) error {
	parts := []string{"detours", "city"} // what is in the first is not taken from the second
	if !detours {
		parts = parts[1:]
	}
	for _, part := range parts {
		if err := writePart(folder, part); err != nil {
			return fmt.Errorf("write the city: %w", err)
		}
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

// writePart writes the files that are not there yet.
func writePart(folder, part string) error {
	files, err := fs.Glob(cityFiles, part+"/*.yaml")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, name := range files {
		text, err := cityFiles.ReadFile(name)
		if err != nil {
			return err
		}
		path := filepath.Join(folder, filepath.Base(name))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

var errNoCalendars = errors.New("no calendars: name the folder of the year files with --calendars")
