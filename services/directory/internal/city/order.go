package city

import (
	"slices"
	"strings"
)

// checkOrder wants items to wait for items that there are, and none for itself.
func (d *draft) checkOrder() {
	for i := range d.items.entries {
		e := &d.items.entries[i]
		for _, list := range []struct {
			key   string
			codes []string
		}{{"after", e.value.After}, {"needs", e.value.Needs}} {
			for _, code := range list.codes {
				switch {
				case !d.items.knows(code):
					e.fault(list.key, RuleReference, "没有审批事项 %q", "there is no item %q", clip(code))
				case list.key == "needs" && slices.Contains(e.value.After, code):
					e.fault(list.key, RuleDuplicate, "%q 已列在 after 中", "%q is in after already", code)
				}
			}
		}
	}
	done := map[string]bool{}
	for i := range d.items.entries {
		d.follow(d.items.entries[i].value.Code, nil, done)
	}
}

// waitsFor returns what must be decided before an item can be.
func (d *draft) waitsFor(code string) []string {
	e, ok := d.items.find(code)
	if !ok {
		return nil
	}
	return slices.Concat(e.value.After, e.value.Needs)
}

// decidedBefore returns items and all that must be decided before them.
func (d *draft) decidedBefore(items []string) map[string]bool {
	before := map[string]bool{}
	for next := slices.Clone(items); len(next) > 0; {
		code := next[len(next)-1]
		next = next[:len(next)-1]
		if !before[code] {
			before[code] = true
			next = append(next, d.waitsFor(code)...)
		}
	}
	return before
}

// shownInCircle bounds how many items of a circle a fault names.
const shownInCircle = 12

// follow goes from an item to what it waits for, and reports where that leads back onto the path.
func (d *draft) follow(code string, path []string, done map[string]bool) {
	if at := slices.Index(path, code); at >= 0 {
		circle := path[at:]
		if len(circle) > shownInCircle {
			circle = append(slices.Clone(circle[:shownInCircle]), "…")
		}
		way := strings.Join(append(slices.Clone(circle), code), " → ")
		last, _ := d.items.find(path[len(path)-1])
		key := "after"
		if !slices.Contains(last.value.After, code) {
			key = "needs"
		}
		last.fault(key, RuleOrder, "办理顺序成环：%s", "the items wait for each other in a circle: %s", way)
		return
	}
	if done[code] {
		return
	}
	path = append(path, code)
	for _, before := range d.waitsFor(code) {
		d.follow(before, path, done)
	}
	done[code] = true
}
