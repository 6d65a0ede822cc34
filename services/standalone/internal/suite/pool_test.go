package suite

import "testing"

func TestSharesOfConnectionsAddUp(t *testing.T) {
	for replicas := 1; replicas <= 9; replicas++ {
		share := pool(replicas)
		if share < 4 { // what a process needs to go on
			t.Errorf("%d replicas have %d connections each", replicas, share)
		}
		if all := share * replicas * len(services); all > maxConnections*4/5 {
			t.Errorf("%d replicas of each service have %d connections, of %d", replicas, all, maxConnections)
		}
	}
}
