package agency_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a test starts ends with it; only the throw-away database server, if there is one, lives as long as the process.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
