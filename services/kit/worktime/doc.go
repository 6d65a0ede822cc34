// Package worktime turns limits into instants and instants into working time: the one place that knows what a workday is.
//
// A Calendar is made of years (the days off and make-up days of one State Council notice each) and of seasons of working
// hours. It is immutable, safe for concurrent use and pure: nothing here reads a clock, a file or an environment. Due times,
// warnings, pauses, ladders and reports all go through it, so that they cannot disagree.
//
// The rules, once:
//
//   - Civil time is UTC+8 without daylight saving, always (Zone).
//   - A slot of working hours runs from its start to its end. Working time passes inside slots of workdays only; a make-up day
//     is a workday with normal hours. The closing instant still belongs to its slot: what falls due at 18:00:00 may be done
//     at 18:00:00.
//   - A working-minutes limit counts working time; a start outside working time waits for the next opening.
//   - A workday limit does not count the day it starts on, whether or not that is a workday, and ends when the last day counted
//     closes. Zero workdays means the same day: its close, or that of the next workday when the day is off or already closed.
//   - A natural limit counts hours or days of 24 hours from the start, whatever the calendar says. With roll, a due time outside
//     working time moves to the next opening; one inside a slot, its closing instant included, stays. A due time on Saturday,
//     or at 03:00 or at lunch on a workday, so becomes the very minute at which work begins again.
//   - A year without a notice is projected: weekends and the festivals of fixed date are off, and nothing is made up. A
//     deadline that needed a projected day is provisional, and is counted again once the notice is loaded.
//
// Spans up to 290 years fit a time.Duration; limits are far shorter. The package depends on the standard library only.
package worktime
