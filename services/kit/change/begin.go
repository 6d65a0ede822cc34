package change

import "time"

// Begin is the moment at which a decision begins, with the monotonic reading that Change.Decided needs. Store.Decide and package feed
// take it themselves; it is for loops of a use case's own.
func Begin() time.Time { return time.Now() }
