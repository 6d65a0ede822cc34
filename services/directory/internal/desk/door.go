package desk

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/keys"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/limit"
)

// How far beyond what the database counts exactly an address may knock. Right passwords count here, too, and an office begins its day
// behind one address.
const (
	codeKnocks     = 4
	passwordKnocks = 20
)

// knock refuses who comes so often that most of it is refused anyway, before anything is read. What is counted leads to nobody: it is a
// hash under a key.
func (d *Desk) knock(ctx context.Context, city, what, address string, most int, per time.Duration, refused *fault.Error) error {
	who := hex.EncodeToString(d.Keys.Mac(keys.Address, "door", city, what, address)[:16])
	if wait, ok := d.Door.Take(ctx, what+":"+who, limit.Rate{Most: most, Per: per}); !ok {
		return refused.RetryIn(wait)
	}
	return nil
}
