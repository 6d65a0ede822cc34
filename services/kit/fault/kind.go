package fault

import "strconv"

// Kind says what sort of failure a fault is, and with that whose move it is.
type Kind uint8

const (
	// Internal is a defect or an outage of ours; the caller can do nothing about it.
	Internal Kind = iota
	// Invalid is a request that can never succeed as it stands; the caller changes it.
	Invalid
	// Unauthenticated is a missing, expired or refused token; the caller signs in again.
	Unauthenticated
	// Denied is a known caller who may not do this, whatever the resource.
	Denied
	// NotFound is a resource that does not exist, or that this caller must not know of: the two look the same.
	NotFound
	// Exists is something that is already there, or a request id that was used for something else.
	Exists
	// Precondition is a good request at the wrong time: the state of the resource forbids it.
	Precondition
	// Conflict is a lost race or a stale version; the caller reads again and decides again.
	Conflict
	// Exhausted is a limit reached: rate, count or size.
	Exhausted
	// Unavailable is a passing failure; the same request may be sent again.
	Unavailable
	// Deadline is a call that ran out of time; whether it took effect is unknown, so a retry needs its request id.
	Deadline
	// Canceled is a call that its caller gave up.
	Canceled
	// Unimplemented is a method or an option that this build does not have.
	Unimplemented

	kinds // how many there are
)

var kindNames = [kinds]string{"internal", "invalid", "unauthenticated", "denied", "not found", "exists", "precondition",
	"conflict", "exhausted", "unavailable", "deadline", "canceled", "unimplemented"}

// String names the kind for logs.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Ours tells whether we are to blame, rather than the caller or the state of things.
func (k Kind) Ours() bool { return k == Internal || k >= kinds }

// Kinds lists every kind, for tables and tests.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}
