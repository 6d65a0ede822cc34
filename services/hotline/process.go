package hotline

import "github.com/throughtrain/throughtrain/services/hotline/internal/ticket"

// Edge is a step that the process allows: a verb, a state in which it may be used, and one to which it can lead.
type Edge struct{ Verb, From, To string }

// Process is the table of the process, an entry for each verb, state and state led to, in the words of the contract; a filing leads from
// the empty word. Who drives a product from outside can tell by it what is still to be driven. A verb that does not move a ticket leads to the
// state in which it is used; that one which can move it may also leave it (a refusal, a proposal) is not in the table.
func Process() []Edge {
	var all []Edge
	for _, e := range ticket.Edges() {
		for _, from := range e.From {
			to := e.To
			if len(to) == 0 {
				to = []ticket.State{from}
			}
			for _, to := range to {
				all = append(all, Edge{string(e.Verb), from.String(), to.String()})
			}
		}
	}
	return all
}
