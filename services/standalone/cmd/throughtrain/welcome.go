package main

import (
	"net"

	"github.com/throughtrain/throughtrain/services/standalone/internal/welcome"
)

// welcome says where to click and whom to sign in as.
func (c *serveCommand) welcome(t *terminal, main, admin net.Listener) {
	about := welcome.About{Address: main.Addr().String(), Data: c.Data, Codes: c.MessageGateway == "", Demo: c.Demo}
	if admin != nil {
		about.Admin = admin.Addr().String()
	}
	welcome.Print(t.say, about)
}
