package suite

import "testing"

// TestAPortIsNobodyElses: a process that is away finds its port free when it comes back, which no connection that goes out can have taken.
func TestAPortIsNobodyElses(t *testing.T) {
	s := &Suite{ports: map[int]bool{}}
	seen := map[int]bool{}
	for range 200 {
		port, err := s.freePort()
		if err != nil {
			t.Fatal(err)
		}
		if port < firstPort || port > lastPort || seen[port] {
			t.Errorf("port %d, given before: %v", port, seen[port])
		}
		seen[port] = true
	}
}
