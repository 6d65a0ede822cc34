// Package plan schedules the approvals of a project: when each item can be decided, which of them decide when the project is
// through, how long every other one may take, and how many days the promises save against the law.
//
// Time is an axis of whole workdays: 0 is the plan's origin, a fact may lie before it. An item that starts on day 3 and takes 5
// ends on day 8, and what waited for it can start on day 8. Nothing here knows a calendar, reads a clock or keeps anything; the
// same items give the same plan in whatever order they come. Amounts of workdays are not negative, zero is allowed.
//
// # The schedule
//
// An item waits for others in two ways. After: it cannot start before they are decided. Needs: it is reviewed beside them but
// cannot be decided before they are. A code the project has no item for is a prerequisite that it does not need, and holds up
// nothing. Items that wait for each other in a circle, over whichever of the two, are refused.
//
//   - Start: when the item was accepted; of one that is not, the latest of now and the finishes of its After. What was accepted
//     ahead of an After waits for it no longer. What was decided without having been accepted here was brought along: it starts
//     and finishes on the day of the decision.
//   - Due: the later of Start + Promised + Paused and the latest finish of its Needs. Whoever waits for another's decision is not
//     late, and the workdays on which the clock stood still are not theirs.
//   - Finish: when the item was decided; else Due; of one that is accepted, not before now.
//   - Late: Finish is later than Due. An item that is not accepted is never late.
//   - The plan's Finish is the latest of the items'; of a plan without items, 0.
//
// StatutoryStart and StatutoryFinish are those of the same items if none had begun and each took its statutory time from day 0
// on: what the law would let the project wait. The plan's Statutory is the latest, and Saved is Statutory less Finish; it is
// negative when the project is through later than the law alone would have it.
//
// # What decides the finish
//
// LatestFinish is the latest day an item can be decided without moving the plan's finish while the others take what they take, and
// Slack is what lies between Finish and that. LatestStart is the latest day it can be accepted for that, which for an item that
// waits for its Needs can be later although it has no slack. What has happened does not move: an accepted item's LatestStart is
// its Start, a decided one's LatestFinish is its Finish, and it has no slack.
//
// The critical items are those that make the plan end when it does, the past included, so that the whole chain can be told. They are the
// items whose finish is the plan's and, from each critical item back, the items that decided it:
//
//   - those of its Needs that finish on the day it does;
//   - unless the Needs alone did, which is when the item finishes after Start + Promised + Paused on the day one of them does: the last to
//     finish among its After. There may be days between the two, on which the item waited to be accepted.
//
// What has happened was decided only by what had happened: an accepted item's start by those of its After that were decided by that
// day, a decided item's finish by those of its Needs that were. An item that is not decided is critical exactly when it has no slack.
//
// It depends on kit's fault only.
package plan
