package embedded_test

import (
	"os"
	"testing"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		runChild(dir)
		return
	}
	embeddedtest.Main(m)
}
