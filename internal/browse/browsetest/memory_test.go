package browsetest_test

import (
	"testing"

	"github.com/egress-io/egress/internal/browse/browsetest"
)

func TestMemoryFilters(t *testing.T) {
	t.Parallel()
	browsetest.TestFilters(t, browsetest.OpenMemory)
}

func TestMemorySource(t *testing.T) {
	t.Parallel()
	browsetest.TestSource(t, browsetest.OpenMemory)
}

func TestMemoryConsole(t *testing.T) {
	t.Parallel()
	browsetest.TestConsole(t, browsetest.OpenMemory)
}
