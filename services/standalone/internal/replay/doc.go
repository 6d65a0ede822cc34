// Package replay plays real messages through the product: every message is filed, signed and answered at its own time, moved to
// where the calendars are known, and what the product made of it is read back.
//
// The product is the one that is shipped, in this process, with its databases in files. Nothing is short-cut: people sign in with
// the code that their phone gets, register an enterprise, are confirmed by the desk; an administrator binds a chief attendant to
// each enterprise; officials sign in with their password; and everything goes through REST on a socket. Only the city clock is
// another: it stands still until everything is idle, and then steps to the next message, reply or deadline. Security runs on the
// wall clock as ever.
//
// With a seed each message leaves the straight way: it walks after edges of the process that are dealt to it, each as the person who may, through
// everything that it takes to come there, and does what nobody may now and then. Chance comes from the seed and the message's line, and what is
// done next from what the product answers, which depends on the city clock alone; so the same file and seed give the same bytes. Afterwards
// every clock of every ticket is decided anew, by a package that shares nothing with the product, from the events that it exports.
//
// It depends on package standalone, on hotline's table of the process and its recompute, on kit's clocks and on nothing of the services' insides.
package replay
