// Package tally keeps numbers that are folded from a feed: what a board shows. Facts are what one thing adds to the numbers, cells are the numbers, and a
// board's number is a sum of cells. What is counted, and how it is asked for, is the service's; that it is counted once, after every event, in every
// process and through every crash, is this package's.
//
// The feed says which things changed; the fold derives each one's facts from its present state, takes away the cells of the facts it kept for it and adds
// those of the new ones, and commits cells, facts and its place in the feed together. Rebuild does the same from nothing beside the numbers in use, Check
// counts everything anew and compares. All three share one pure function, Facts.Cells.
//
// # Cells
//
// A cell is (city, civil day, restricted, measure, one dimension and its value, bucket). Gauges, which tell how things are now, lie on day 0; what happened
// lies on the civil day it happened. What is owed lies on the day of its due time, in the quarter of an hour that ends at or after it, so that overdue is a
// sum that no mark of a sweeper enters.
//
// # Tables
//
// The service's own schema has them: board_cells (city, generation, day, restricted, measure, dimension, value, bucket, n) with all but n as its key, and an
// index of what has n = 0; board_state (city, generation, building, step); and one of its own (city, generation, the id, facts) that Source names.
//
// It depends on kit's change, fault, feed, sqldb and worktime.
package tally
