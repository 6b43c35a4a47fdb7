package sqlite

import (
	"testing"

	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/savedfilters/savedfilterstest"
)

func TestSavedFilters(t *testing.T) {
	t.Parallel()
	savedfilterstest.TestStore(t, func(t *testing.T) savedfilters.Store {
		t.Helper()
		return NewSavedFilters(open(t, t.TempDir()))
	})
}
