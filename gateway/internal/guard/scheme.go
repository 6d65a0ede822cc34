package guard

import (
	"net"
	"net/http"
	"strings"
)

// OverTLS tells whether the client's own connection is encrypted: to us, or to a proxy that was named and says so.
func OverTLS(r *http.Request, proxies []*net.IPNet) bool {
	if r.TLS != nil {
		return true
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","), ",")
	nearest := strings.TrimSpace(said[len(said)-1]) // what stands before it may come from anybody
	return strings.EqualFold(nearest, "https") && trusted(proxies, peer(r))
}

// peer is the other end of the connection.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// trusted tells whether an address is that of a proxy that was named.
func trusted(proxies []*net.IPNet, address string) bool {
	ip := net.ParseIP(address)
	for _, p := range proxies {
		if ip != nil && p.Contains(ip) {
			return true
		}
	}
	return false
}
