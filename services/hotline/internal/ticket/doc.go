// Package ticket is the heart of the hotline: what may happen to a ticket, when, by whom, and what that does to its clocks.
//
// A Ticket is the fold of its events and changes through Apply alone. Verbs (Sign, Ask, Answer …) are pure: they take a Context
// with the instant of the decision, the actor and the city's configuration, never touch the ticket, and return the events that
// happen or a fault that says why nothing does. Whoever stores the events stores the ticket after them.
//
// # Time
//
// An event's time is the later of the decision's instant and the last event's: within a ticket time never goes back. Every
// decision first settles the ticket, that is, it lets everything happen whose time had come, each at its own instant, and only
// then looks at the state. The sweeper's one act is to settle. So no outcome depends on when, or whether, anybody looked.
//
//   - Warnings, reminders and rungs happen at their instant; a command at that very instant comes after them.
//   - Deadlines (breach, silence, the bound of a wait) pass when their instant is over; a command at that very instant comes
//     before them: met at due is met. Their events are stamped with the instant itself.
//   - Among equal instants the order is: warning, rung, reminder; then end of waiting, clocks that begin at the sign deadline,
//     breach, silence; of two alike, the clock with the lower number.
//
// # Clocks
//
// A clock's start and first due never change. A ticket clock (dispatch, contact, answer, verify) runs on whoever holds the
// ticket; while it runs its owner follows the holder, and at a breach the owner stays with it. A holder clock (sign) belongs to
// one holding. A limit the policy lacks is a clock the ticket lacks. What happened at an instant is judged by the configuration
// in force at that instant.
//
// # Beside the straight way
//
// Units have work orders under a ticket, each with clocks of its own. A request (to hand back, for more time) keeps state and clocks
// until somebody else decides upon it; what leaves nothing to decide overtakes it. Whatever takes a ticket from its holder ends, with
// the holding, the wait and the requests that belong to it; starts and outcomes stay. Who a ticket is about is nothing to it
// (KeepsOut). A confidential ticket does not know its filer: whoever does says so in the Actor.
//
// The package knows no texts and no names: what people write is passed by the id of its erasable row. It depends on
// internal/policy, kit/worktime and kit/fault.
package ticket
