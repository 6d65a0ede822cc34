package store

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// A database that is distributed by city can hold every table.
func TestTablesPartByCity(t *testing.T) { kittest.ByCity(t, Schema()) }
