// Package rpc speaks the agency's contract: it turns requests into calls of the desk, and what the desk shows into the contract's messages, in the
// caller's language. It decides nothing: what belongs to whom is desk.Sight's to say.
//
// It depends on internal/{casefile,catalogue,desk,eventpb,store}, on the contract and on kit's authn, fault, language and worktime.
package rpc
