package tally

import (
	"cmp"
	"fmt"
	"strings"
)

// Measure is what a cell counts.
type Measure string

// Dimension is what cells are split by.
type Dimension string

// Cell is the place of a number within a city.
type Cell struct {
	Day        int // YYYYMMDD of the city's civil day; 0 for a gauge
	Restricted bool
	Measure    Measure
	Dimension  Dimension
	Value      string
	Bucket     int
}

// Facts are what one thing adds to the numbers. They are stored beside them, to be taken away again. Facts whose JSON is the same are the same.
type Facts interface {
	// Cells calls each for every cell the facts add to, with what they add.
	Cells(each func(c Cell, n int64))
}

// String helps to read a difference found by Check.
func (c Cell) String() string {
	return fmt.Sprintf("%s by %s %q on %d, bucket %d, restricted %t", c.Measure, c.Dimension, c.Value, c.Day, c.Bucket, c.Restricted)
}

// Compare gives all writers one order in which to lock.
func Compare(a, b Cell) int {
	return cmp.Or(strings.Compare(string(a.Measure), string(b.Measure)), cmp.Compare(a.Day, b.Day), strings.Compare(string(a.Dimension), string(b.Dimension)),
		strings.Compare(a.Value, b.Value), cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(Bit(a.Restricted), Bit(b.Restricted)))
}

// Bit is how a column holds whether something is so.
func Bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
