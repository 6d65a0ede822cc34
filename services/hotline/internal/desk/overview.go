package desk

import (
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// ViewerOf is what of the board a caller may see: sums over the tickets that their roles let them list. Who has no role over a
// unit or the city sees what they hold. What is confidential, or about somebody, is in the numbers of the mayor's office alone, but for what is about
// the very person: numbers with it would tell everybody else that there is something they cannot open.
func ViewerOf(caller authn.Caller, city *policy.City) board.Viewer {
	switch scope := scopeOf(caller, city); {
	case scope.All && caller.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE):
		return board.Viewer{All: true, Restricted: true, KeptOut: scope.KeptOut}
	case scope.All:
		return board.Viewer{All: true}
	case len(scope.Units) > 0:
		return board.Viewer{Units: scope.Units, Worker: scope.Worker}
	default:
		return board.Viewer{Official: caller.Person, Worker: scope.Worker}
	}
}
