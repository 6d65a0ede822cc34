package store_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// A database that is distributed by city can hold every table.
func TestTablesPartByCity(t *testing.T) { kittest.ByCity(t, store.Schema()) }
