// Package catalogue is a city's configuration as the approval agency uses it: which approvals a project needs, what each asks for and how long it may take,
// who decides where, and the calendar all of it is counted with.
//
// A City is one version of the configuration, immutable and safe for concurrent use. It knows the versions before it: an open case keeps the
// version it was opened under, and what happened at an instant is judged by the calendar that was in force then.
//
// New takes plain data and is all that the domain needs; FromProto makes that data from the contract of the directory service and is the only place
// here that knows it. The package depends on kit/fault, kit/worktime and on that contract.
package catalogue
