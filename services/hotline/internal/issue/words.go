package issue

// The numbers of these words are those of the contract, so that a stored issue reads the same everywhere; a test holds them together.

// State is where a common issue stands.
type State int8

// The states of a common issue.
const (
	StateNone State = iota
	StateOpen
	StateSolved
	StateClosed
)

var stateWords = [...]string{"", "OPEN", "SOLVED", "CLOSED"}

// String returns the contract's word.
func (s State) String() string {
	if s < 0 || int(s) >= len(stateWords) {
		return "?"
	}
	return stateWords[s]
}

// Open reports whether somebody still has to act.
func (s State) Open() bool { return s == StateOpen }

// Next returns who acts next: lead or nobody.
func (s State) Next() string {
	if s.Open() {
		return "lead"
	}
	return "nobody"
}

// States lists every state an issue can be in.
func States() []State { return []State{StateOpen, StateSolved, StateClosed} }
