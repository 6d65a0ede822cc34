package desk

import (
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// ViewerOf is what of the board a caller may see: sums over the items that their units decide, or over all that the city has for who lists all of it. What
// somebody lists for another reason, as an agent or of their own enterprise, is no unit's.
func ViewerOf(caller authn.Caller, city *catalogue.City) board.Viewer {
	scope := scopeOf(caller, city)
	if scope.All {
		return board.Viewer{All: true}
	}
	return board.Viewer{Units: scope.Units}
}
