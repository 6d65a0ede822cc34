// Package issue is what may happen to a common issue (每月一题), when and by whom: what many tickets have in common, put before a lead
// unit with a plan and a date, and watched by the office.
//
// An Issue is the fold of its events and changes through Apply alone. Verbs (Report, Replan, Close …) are pure: they take a Context with
// the instant of the decision, the actor and the city's configuration, never touch the issue, and return the events that happen or a
// fault that says why nothing does.
//
// # The date
//
// A date is a civil day. It is due when that day's work ends, or the next workday's when it is none, by the calendar in force when it was
// promised, and stays there: a day that was named is a day that was named. Late is what lies behind that instant, whether anybody looked or not: an
// issue is overdue by comparing the present with it, and a promised instant that has passed before it was fulfilled or replaced is counted as missed
// in the event that ends it. The first date stays beside every later one.
//
// # Two persons
//
// Nobody decides upon what they asked for, or upon what they are to do: another date that the lead unit wants is granted, and an issue
// that its leader reports as solved is closed, by somebody of the office who belongs to none of the units that work on it.
//
// Which tickets are part of an issue is a fact of the tickets: it stands in their histories, and who may not see a ticket learns nothing of it from
// here. The package knows no texts and no names: what people write is passed by the id of its erasable row. It depends on internal/policy, kit/worktime and
// kit/fault.
package issue
