package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/savedfilters"
	"github.com/egress-io/egress/internal/savedfilters/savedfilterstest"
)

func TestSavedFilters(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		savedfilterstest.TestStore(t, func(t *testing.T) savedfilters.Store {
			t.Helper()
			return NewSavedFilters(open(t))
		})
	})
}
