package directory

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// WriteCast writes who a demonstration's personas are, for replicas to read. It is there whole or as it was.
func WriteCast(path string, cast map[string]Persona) error {
	content, err := json.MarshalIndent(cast, "", "  ")
	if err != nil {
		return fmt.Errorf("write the cast: %w", err)
	}
	fresh := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(fresh, content, 0o600); err != nil {
		return fmt.Errorf("write the cast: %w", err)
	}
	return os.Rename(fresh, path)
}

func readCast(path string) (map[string]Persona, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cast: %w", err)
	}
	var cast map[string]Persona
	if err := json.Unmarshal(content, &cast); err != nil {
		return nil, fmt.Errorf("read the cast: %s: %w", path, err)
	}
	return cast, nil
}
