//go:build race

package kittest

// Race tells whether the race detector is on, which makes everything some ten times slower: tests that are about an amount of work
// do less of it then.
const Race = true
