// Package standalone is the whole product in one process: the directory, the hotline and the attendant service, each with its
// own database file and its own server, joined by listeners in memory, and the gateway before them. Nothing else has to be
// installed.
//
// It is a packaging and no second way of doing things: the services are composed from the same façades, their calls pass the
// same interceptors with the same tokens, and the gateway is a client like any other. It depends on the façades, on the gateway
// and on kit; it knows no rule of the business.
package standalone
