// Package casefile is the heart of the agency: what may happen to a case and its items, when, by whom, and what that does to clocks, materials and
// commitments.
//
// A Case is the fold of its events and changes through Apply alone. Verbs (Submit, Accept, Correct, Approve …) are pure: they take a Context with the
// instant of the decision, the actor and the city's configuration, never touch the case, and return the events that happen or a fault that says why
// nothing does. The body of an event is the contract's own message: the history needs no second spelling.
//
// # Time
//
// As in the hotline: an event's time is the later of the decision's instant and the last event's; every decision first settles the case, that is, it
// lets everything happen whose time had come, each at its own instant, and only then looks at the state. The sweeper's one act is to settle. Deadlines
// pass when their instant is over: met at due is met. Among equal instants warnings and reminders come before deadlines, of two alike the clock with the lower number.
//
// # Items
//
// The sixteen states are those that approval systems show (Item.State of the contract). A unit's silence is an answer: an application about which nothing
// was said within the limit is accepted, from the day it was received; a wish to withdraw is granted. Nobody's waiting counts against them:
// corrections and special procedures stop the unit's limits, each with a written notice and a bound; a wish for more time stops the enterprise's commitment.
// Every stop is kept with its cause, so that Explain can tell whose doing it was. What a clock has counted stays counted, whatever a newer calendar says; only
// provisional clocks are counted again, by Recompute.
//
// # What a case keeps
//
// The items, materials and stages of the catalogue version it was opened under are part of its own history: no later version changes them unless the case is
// moved, with a reason. What is under way keeps what it began with even then.
//
// The package knows no texts and no names: what people write is passed by the id of its erasable row. It depends on internal/{catalogue,plan}, the contract's
// messages, kit/worktime and kit/fault.
package casefile
