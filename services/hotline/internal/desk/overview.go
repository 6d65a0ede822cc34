package desk

import (
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// ViewerOf is what of the board a caller may see: sums over the tickets that their roles let them list. Who has no role over a
// unit or the city sees what they hold.
func ViewerOf(caller authn.Caller, city *policy.City) board.Viewer {
	switch scope := scopeOf(caller, city); {
	case scope.All:
		return board.Viewer{All: true}
	case len(scope.Units) > 0:
		return board.Viewer{Units: scope.Units}
	default:
		return board.Viewer{Official: caller.Person}
	}
}
