package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }
