package board

import (
	"testing"
)

func TestRatingsSurviveTheirBucket(t *testing.T) {
	for b := range 32 {
		if got := ratingIn(b).bucket(); got != b {
			t.Errorf("bucket %d became %d", b, got)
		}
	}
}
