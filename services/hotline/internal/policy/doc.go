// Package policy is a city's configuration as the hotline uses it: which limits bind a ticket, how the ladder of
// accountability climbs, who serves where, and the calendar all of it is counted with.
//
// A City is one version of the configuration, immutable and safe for concurrent use. It knows the versions before it, because
// what happened at an instant is judged by the version that was in force then (At), however much later somebody looks: a
// sweeper that was down for a month must come to the same result as one that was not.
//
// New takes plain data and is all that the domain needs; FromProto makes that data from the contract of the directory service
// and is the only place here that knows it. The package depends on kit/worktime and on that contract.
package policy
