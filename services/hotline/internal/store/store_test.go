package store_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestContract(t *testing.T) { kittest.EachDatabase(t, storetest.Run) }

// Behind a pooler that gives each transaction another connection, everything holds that holds without one.
func TestContractBehindAPooler(t *testing.T) {
	storetest.Run(t, kittest.Pooler(t, kittest.Postgres(t)))
}
