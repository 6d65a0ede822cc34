// Package live tells those who are looking what has changed. One hub follows the service's own feed once, for all of them, reads every
// changed ticket once, and leaves each watcher a note of what there is to read: the ticket's name and version, never its content.
//
// What is named is checked when it is noted: against the ticket as that event left it, and against the ticket as it is. A note of a
// later change takes the place of an earlier one on the same ticket, so a watcher who reads slowly is told less often, not late, and
// costs no more than some names; beyond that they are told to read everything anew.
//
// Positions of the feed are the only bookmarks. The hub keeps the last stretch of what happened in memory, reads it back from the database
// when somebody returns to it, and does nothing at all while nobody is looking. Nothing is stored, so any process can take over any
// watcher at the position they bring along.
//
// It depends on internal/{desk,eventpb,store,ticket} and kit's authn, change, clock and fault.
package live
