package city

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Rule is the machine's word for what a fault breaks.
type Rule string

// The rules of a city's files.
const (
	RuleFile       Rule = "file"        // a file is missing, unknown, given twice or too large
	RuleSyntax     Rule = "syntax"      // not the YAML that is taken here
	RuleUnknownKey Rule = "unknown_key" // a key that means nothing
	RuleMissing    Rule = "missing"     // something required is not there
	RuleForm       Rule = "form"        // a value of the wrong kind or form
	RuleDuplicate  Rule = "duplicate"   // the same code or value twice
	RuleReference  Rule = "reference"   // names something that does not exist
	RuleTree       Rule = "tree"        // the units do not form one tree
	RuleCalendar   Rule = "calendar"    // days or hours that cannot be
	RuleOrder      Rule = "order"       // something that must grow does not, or can never be reached
	RuleRole       Rule = "role"        // somebody cannot hold, or nobody holds, a role
)

// Fault is one thing that is wrong with the files.
type Fault struct {
	File string
	Line int // from 1; 0 when the fault is the file's as a whole
	Rule Rule
	Zh   string
	En   string
}

// Place says where the fault is, as editors take it: units.yaml:12.
func (f Fault) Place() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d", f.File, f.Line)
}

// String is the fault as a line for a terminal.
func (f Fault) String() string { return f.Place() + ": " + f.En }

// Faults is everything that is wrong with the files, in their order.
type Faults []Fault

// Error lists the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// maxFaults bounds what is collected: nobody reads more, and a file made of faults must not fill the memory.
const maxFaults = 1000

// intake collects faults while files are read.
type intake struct {
	faults Faults
}

// place is where a value stands.
type place struct {
	file string
	line int
}

// fault reports one fault. Both texts take the same arguments in the same order.
func (in *intake) fault(at place, rule Rule, zh, en string, args ...any) {
	if len(in.faults) < maxFaults {
		in.faults = append(in.faults, Fault{at.file, at.line, rule, fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)})
	}
}

// result returns the faults in the order of the files, or nil.
func (in *intake) result() error {
	if len(in.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(in.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return in.faults
}
