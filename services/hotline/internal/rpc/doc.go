// Package rpc speaks the hotline's contract: it turns requests into calls of the desk, and what the desk shows into the contract's
// messages, in the caller's language. It decides nothing.
//
// It depends on internal/{desk,eventpb,policy,store,ticket}, on the contract and on kit's authn and fault.
package rpc
