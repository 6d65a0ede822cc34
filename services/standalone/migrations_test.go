package standalone_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// takesAway is what the program of the version before would stumble over: something it reads or writes has gone, has another name, or wants what it does
// not know.
var takesAway = map[string]*regexp.Regexp{
	"drops a table or a column":           regexp.MustCompile(`(?i)\bDROP\s+(TABLE|COLUMN)\b`),
	"renames":                             regexp.MustCompile(`(?i)\bRENAME\b`),
	"changes a column":                    regexp.MustCompile(`(?i)\bALTER\s+COLUMN\b`),
	"adds a column that older rows lack":  regexp.MustCompile(`(?i)\bADD\s+COLUMN\b[^,;]*\bNOT\s+NULL\b`),
	"adds a constraint":                   regexp.MustCompile(`(?i)\bADD\s+CONSTRAINT\b`),
	"adds a unique index to an old table": regexp.MustCompile(`(?i)\bCREATE\s+UNIQUE\s+INDEX\b.*?\bON\s+(\w+)`),
}

var (
	ofTables  = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)`)
	comments  = regexp.MustCompile(`(?m)--.*$`)
	byDefault = regexp.MustCompile(`(?i)\bDEFAULT\b`)
)

// known are migrations that match a pattern and take nothing away, with the reason.
var known = map[string]string{
	"../kit/change/migrations/postgres/0003_months.sql":     "no row that either version writes reaches the bound of the constraint, which lies two months after all there are",
	"../kit/change/migrations/postgres/0004_partitions.sql": "the journal has its name, columns and key afterwards as before",
}

// TestMigrationsOnlyAdd: a version works on the schema of the next one, so that both can serve side by side and the newer one can be given back. A migration
// that has to take something away says from which version on it may be opened (schema_level) and is no business of this test.
func TestMigrationsOnlyAdd(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".sql" || !strings.Contains(path, "migrations") {
			return err
		}
		seen++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := comments.ReplaceAllString(string(raw), "")
		if known[filepath.ToSlash(path)] != "" || strings.Contains(text, "schema_level") || strings.HasPrefix(filepath.Base(path), "0001_") {
			return nil
		}
		own := map[string]bool{} // tables that the version before does not know
		for _, made := range ofTables.FindAllStringSubmatch(text, -1) {
			own[made[1]] = true
		}
		for statement := range strings.SplitSeq(text, ";") {
			for what, pattern := range takesAway {
				found := pattern.FindStringSubmatch(statement)
				if found == nil || len(found) > 1 && own[found[1]] || strings.Contains(what, "older rows") && byDefault.MatchString(found[0]+after(statement, found[0])) {
					continue
				}
				t.Errorf("%s %s: %s", path, what, strings.TrimSpace(statement))
			}
		}
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%d migrations read: %v", seen, err)
	}
}

// after is the rest of a column's definition.
func after(statement, found string) string {
	_, rest, _ := strings.Cut(statement, found)
	rest, _, _ = strings.Cut(rest, ",")
	return rest
}
