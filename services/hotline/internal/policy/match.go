package policy

import "slices"

// Match returns the policy that binds a ticket: the first whose every list is empty or holds the ticket's word. A category
// matches with everything below it.
func (c *City) Match(channel, appealType, category, urgency string) (Policy, bool) {
	for _, p := range c.config.Policies {
		if matches(p.Channels, channel) && matches(p.AppealTypes, appealType) && matches(p.Urgencies, urgency) && c.matchesCategory(p.Categories, category) {
			return p, true
		}
	}
	return Policy{}, false
}

func matches(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

func (c *City) matchesCategory(list []string, code string) bool {
	if len(list) == 0 {
		return true
	}
	for hops := 0; code != "" && hops <= len(c.categories); hops++ {
		if slices.Contains(list, code) {
			return true
		}
		code = c.categories[code].Parent
	}
	return false
}

// Rule returns the policy's limit for a clock.
func (p Policy) Rule(clock string) (ClockRule, bool) {
	for _, r := range p.Rules {
		if r.Clock == clock {
			return r, true
		}
	}
	return ClockRule{}, false
}
