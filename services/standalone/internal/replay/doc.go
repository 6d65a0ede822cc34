// Package replay plays real messages through the product: every message is filed, signed and answered at its own time, moved to
// where the calendars are known, and what the product made of it is read back.
//
// The product is the one that is shipped, in this process, with its databases in files. Nothing is short-cut: people sign in with
// the code that their phone gets, register an enterprise, are confirmed by the desk; an administrator binds a chief attendant to
// each enterprise; officials sign in with their password; and everything goes through REST on a socket. Only the city clock is
// another: it stands still until everything is idle, and then steps to the next message, reply or deadline. Security runs on the
// wall clock as ever.
//
// It depends on package standalone, on kit's clocks and on nothing of the services' insides.
package replay
