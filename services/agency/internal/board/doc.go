// Package board is the mayor's board of approvals. Facts are what a case adds to it, cells are the numbers, and every number is a sum of cells and names the
// filter of a list of cases, items or commitments that holds exactly what it counts. Folding, rebuilding and checking are kit's tally.
//
// # What is counted
//
// Items and commitments count once each, in their present attempt, under the unit that decides; a unit's silence by the first time, which no later attempt
// undoes. How things stand is a gauge; what happened lies on its civil day; what is due, and from when something is stuck, lies in the quarter of an hour
// that ends at or after that instant, and summed in its day and its month. Nothing a sweeper does or leaves undone changes what is overdue or stuck.
//
// # Dimensions
//
// Every item and commitment lies in one cell by unit, stage and item together, as few as there are items in the catalogue or little more, and in one by
// county; every case in one by county and stage. Totals and groups are sums of these when the board is read: over all of them for who sees the city, over
// their units' for everybody else. An item that a project does not need any more is listed for who sees the city only, and lies apart.
//
// It depends on internal/{casefile,catalogue,fact,store} and kit's feed, sqldb, tally and worktime.
package board
