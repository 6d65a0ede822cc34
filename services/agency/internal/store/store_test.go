package store_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/agency/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestContract(t *testing.T) { kittest.EachDatabase(t, storetest.Run) }
