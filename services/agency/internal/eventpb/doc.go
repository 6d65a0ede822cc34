// Package eventpb puts a case's events into the contract's words and back: the bytes that the journal chains and the feed
// carries, and the messages that the timeline shows. Encoding and decoding are inverse, and the bytes of an event are the same
// whoever writes them. The body of an event is the contract's own message; what is translated here is its clocks.
//
// It depends on internal/casefile, the contract of the agency and kit's journal and worktime.
package eventpb
