// Package live tells those who are looking what has changed. One hub follows the service's own feed once, for all of them, learns from the
// service what each event did, and leaves each watcher a note of what there is to read: a name and a version, never content.
//
// What is named is checked when it is noted: against the thing as that event left it, and against the thing as it is. A note of a
// later change takes the place of an earlier one on the same thing, so a watcher who reads slowly is told less often, not late, and
// costs no more than some names; beyond that they are told to read everything anew.
//
// Positions of the feed are the only bookmarks. The hub keeps the last stretch of what happened in memory, reads it back from the database
// when somebody returns to it, and does nothing at all while nobody is looking. Nothing is stored, so any process can take over any
// watcher at the position they bring along.
//
// A service says what an event is a step of and who may list what it is of (Step, State), turns a request into the ways somebody looks along
// (Asked), and hands its stream to Serve. If it has a board, whoever looks at it is invited when the board holds what happened.
//
// It depends on authn, change, clock, fault and feed, and on the feed contract; it knows no business word.
package live
