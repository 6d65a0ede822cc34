// Package board is the mayor's board. Facts are what a ticket adds to it, cells are the numbers, and every number is a sum of
// cells and names the filter of a ticket list that holds exactly the tickets it counts.
//
// The feed says which tickets changed; the fold derives each one's facts from its present state, takes away the cells of the
// facts it kept for it and adds those of the new ones, and commits cells, facts and its place in the feed together. Rebuild does
// the same from nothing beside the board in use, Check counts everything anew and compares. All three share one pure function,
// Facts.Cells.
//
// # Cells
//
// A cell is (city, civil day, restricted, measure, one dimension and its value, bucket). Gauges, which tell how things are now,
// lie on day 0; what happened lies on the civil day it happened. Owed clocks lie on the day of their due time, in the quarter of
// an hour that ends at or after it, so that overdue is a sum that no mark of a sweeper enters. A ticket counts once in each
// measure, as its list lists it once: a breach on the day of the first, a fulfilment on the day of the last.
//
// It depends on internal/fact, internal/policy, internal/store's tickets and kit's change, feed and sqldb.
package board
