package city

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// File is one file of a city's folder.
type File struct {
	Path    string // within the folder, with forward slashes: calendars/2026.yaml
	Content []byte
}

// The names of the files.
const (
	fileCity        = "city.yaml"
	fileCounties    = "counties.yaml"
	fileUnits       = "units.yaml"
	fileCategories  = "categories.yaml"
	fileAppealTypes = "appealTypes.yaml"
	filePolicies    = "policies.yaml"
	fileLadder      = "ladder.yaml"
	fileHours       = "hours.yaml"
	fileStaff       = "staff.yaml"
	fileCatalogue   = "catalogue.yaml"
	fileMaterials   = "materials.yaml"
	fileAgency      = "agency.yaml"
	folderCalendars = "calendars"
)

// requiredFiles are those a city cannot do without, each once.
var requiredFiles = []string{fileCity, fileCounties, fileUnits, fileCategories, fileAppealTypes, filePolicies, fileLadder,
	fileHours, fileStaff}

// agencyFiles are those of the approval agency, all or none.
var agencyFiles = []string{fileCatalogue, fileMaterials, fileAgency}

var calendarFile = regexp.MustCompile(`^` + folderCalendars + `/([0-9]{4})\.yaml$`)

// Bounds on what is read at all. The largest city's staff fits many times over.
const (
	maxFileBytes = 1 << 20
	maxFiles     = 200
)

// ReadFolder reads a city's folder: every file in it whose name does not begin with a dot, so that a misspelt name is found
// rather than overlooked.
func ReadFolder(folder fs.FS) ([]File, error) {
	var files []File
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case len(files) > maxFiles:
			return fs.SkipAll // Load says that there are too many
		}
		content, err := readBounded(folder, name)
		if err != nil {
			return err
		}
		files = append(files, File{Path: name, Content: content})
		return nil
	})
	return files, err
}

// readBounded reads no more than it takes to see that a file is too large.
func readBounded(folder fs.FS, name string) (content []byte, err error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, maxFileBytes+1))
}

// parseFiles finds out which file is which and parses them. What it returns is keyed by path and holds only what could be
// read.
func parseFiles(in *intake, files []File) map[string]node {
	if len(files) > maxFiles {
		in.fault(place{}, RuleFile, "文件过多，最多 %d 个", "too many files, at most %d", maxFiles)
		return nil
	}
	roots := make(map[string]node, len(files))
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		at := place{file: f.Path}
		switch {
		case !utf8.ValidString(f.Path) || len(f.Path) > 200:
			in.fault(place{}, RuleFile, "有一个文件的名称无法识别", "the name of a file cannot be read")
		case seen[f.Path]:
			in.fault(at, RuleFile, "同一文件出现了两次", "the file is given twice")
		case !knownFile(f.Path):
			in.fault(at, RuleFile, "不属于城市配置的文件", "no file of a city's configuration has this name")
		default:
			seen[f.Path] = true
			if root, ok := parse(in, f); ok {
				roots[f.Path] = root
			}
		}
	}
	for _, name := range requiredFiles {
		if !seen[name] {
			in.fault(place{file: name}, RuleFile, "缺少该文件", "the file is missing")
		}
	}
	hasAgency := slices.ContainsFunc(agencyFiles, func(name string) bool { return seen[name] })
	for _, name := range agencyFiles {
		if hasAgency && !seen[name] {
			in.fault(place{file: name}, RuleFile, "缺少该文件：代办的各文件须同时提供", "the file is missing: the agency's files come together or not at all")
		}
	}
	return roots
}

func knownFile(name string) bool {
	return calendarFile.MatchString(name) || slices.Contains(requiredFiles, name) || slices.Contains(agencyFiles, name)
}
