// Package eventpb puts a ticket's events into the contract's words and back: the bytes that the journal chains and the feed
// carries, and the messages that the timeline shows. Encoding and decoding are inverse, and the bytes of an event are the same
// whoever writes them.
//
// It depends on internal/ticket, the contract of the hotline and kit's journal.
package eventpb
