package guard

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// A seat stands for what a body on its way may take of the memory. Bodies may be as slow as a bad network, so whoever sends them
// must not keep others out: one address gets a quarter of the seats, and who sends nothing needs none.
const (
	seatBytes    = 64 << 10
	maxSeats     = 2048
	maxSeatsFrom = maxSeats / 4
)

// seatsFor is how many seats a body of that length takes. One of an unknown length may become as large as any.
func seatsFor(length int64) int {
	if length < 0 || length > MaxBody {
		length = MaxBody
	}
	return int((length + seatBytes - 1) / seatBytes)
}

// seats are those taken now, of so many altogether and so many for one address.
type seats struct {
	most, mostFrom int

	mu    sync.Mutex
	taken int
	by    map[string]int
}

func newSeats(most, mostFrom int) *seats {
	return &seats{most: most, mostFrom: mostFrom, by: map[string]int{}}
}

// take takes seats if the address may have them.
func (s *seats) take(address string, n int) bool {
	if n == 0 {
		return true
	}
	whose := Household(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken+n > s.most || s.by[whose]+n > s.mostFrom {
		return false
	}
	s.taken += n
	s.by[whose] += n
	return true
}

// leave gives them back.
func (s *seats) leave(address string, n int) {
	if n == 0 {
		return
	}
	whose := Household(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= n
	if s.by[whose] -= n; s.by[whose] == 0 {
		delete(s.by, whose)
	}
}

// Household is whom an address belongs to: one connection of IPv6 has 2^64 of them.
func Household(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// ClientAddress is who sent the request. A header is believed only from a proxy that was named.
func ClientAddress(r *http.Request, proxies []*net.IPNet) string {
	host := peer(r)
	if !trusted(proxies, host) {
		return host
	}
	// From the right: the first address that no proxy of ours added is the client.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if net.ParseIP(hop) == nil {
			break
		}
		host = hop
		if !trusted(proxies, hop) {
			break
		}
	}
	return host
}
