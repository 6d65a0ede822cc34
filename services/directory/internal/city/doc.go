// Package city is a city as data: its units, categories, appeal types, policies, ladder, calendar and staff, read from the
// files of one folder and checked as a whole.
//
// Load takes the files all together or refuses them all together, and then says everything that is wrong, each fault with
// its file and line: somebody who edits a city's files should not have to find the faults one at a time. What Load returns
// can be trusted: every reference leads somewhere, the units form one tree, every ticket matches a policy, no item waits
// for itself, every calendar year and every limit is one that worktime computes with.
//
// The files, all required but for the number of calendar years and the approval agency's, which come together or not at all:
//
//	city.yaml            names, zone, the desk's unit, numbers of the process, weights and targets of the three rates
//	counties.yaml        counties and districts
//	units.yaml           departments, counties' centres, parks, utilities, desk and offices, as a tree
//	categories.yaml      what a ticket can be about, in two levels
//	appealTypes.yaml     what a filer can want
//	policies.yaml        limits per channel, appeal type, category and urgency; the first that matches wins
//	ladder.yaml          who becomes accountable when after a breach
//	hours.yaml           working hours by season
//	calendars/YYYY.yaml  days off and make-up days of a year
//	staff.yaml           officials
//	catalogue.yaml       stages and items of the approval agency
//	materials.yaml       the documents that items ask for
//	agency.yaml          numbers of the agency, the questionnaire's choices, departments' own systems
//
// YAML is taken without its traps: no anchors, tags, merge keys, several documents or unknown keys, and a text that could be
// read as a number must be quoted, so that category 0702 never turns into an octal number.
//
// It is pure but for ReadFolder, and depends on kit's worktime and on the YAML parser.
package city
