package gateway

import (
	"fmt"
	"net"
	"net/netip"
)

// ParseProxies reads the networks of proxies, or addresses that are networks of one.
func ParseProxies(texts []string) ([]*net.IPNet, error) {
	var networks []*net.IPNet
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if address, alone := netip.ParseAddr(text); alone == nil {
			prefix, err = address.Unmap().WithZone("").Prefix(address.Unmap().BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: want an address or a network, as in 127.0.0.1 or 10.0.0.0/8", text)
		}
		prefix = prefix.Masked()
		networks = append(networks, &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())})
	}
	return networks, nil
}
