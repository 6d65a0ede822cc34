package tally

import "math/bits"

// Working minutes are counted in buckets that are as wide as a sixteenth of what they hold: exact up to 32 minutes, within
// about 6 % above. The bounds never change, so days can be added up.
const (
	fine     = 4 // bits kept below the leading one
	maxShift = 40
)

// BucketOf numbers the bucket of an amount.
func BucketOf(amount int64) int {
	m := uint64(max(amount, 0))
	shift := max(bits.Len64(m)-1-fine, 0)
	if shift > maxShift {
		shift, m = maxShift, 1<<(maxShift+fine+1)-1
	}
	return shift<<fine + int(m>>shift)
}

// BoundOf is the largest amount in a bucket: what a quantile is defined as.
func BoundOf(bucket int) int64 {
	shift := max(bucket>>fine-1, 0)
	return (int64(bucket-shift<<fine)+1)<<shift - 1
}

// Quantile is the upper bound of the bucket in which the share-th of 100 parts of all ends.
func Quantile(counts map[int]int64, share int64) int64 {
	var all int64
	last := 0
	for bucket, n := range counts {
		all += n
		last = max(last, bucket)
	}
	if all == 0 {
		return 0
	}
	rank := (all*share + 99) / 100
	for bucket, sum := 0, int64(0); bucket <= last; bucket++ {
		if sum += counts[bucket]; sum >= rank {
			return BoundOf(bucket)
		}
	}
	return BoundOf(last)
}
