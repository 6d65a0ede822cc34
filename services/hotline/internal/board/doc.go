// Package board is the mayor's board. Facts are what a ticket adds to it, cells are the numbers, and every number is a sum of
// cells and names the filter of a ticket list that holds exactly the tickets it counts.
//
// Folding, rebuilding and checking are kit's tally; what a ticket adds is one pure function, Facts.Cells. A ticket counts once in each measure, as its list
// lists it once: a breach on the day of the first, a fulfilment on the day of the last.
//
// It depends on internal/fact, internal/policy, internal/store's tickets and kit's change, feed, sqldb and tally.
package board
