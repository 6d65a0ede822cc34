package tally

// StepsOf says how many things a rebuild takes at a time.
func (t *Tally[F]) StepsOf(n int) { t.walk = n }
