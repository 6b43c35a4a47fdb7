package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/preferences/preferencestest"
)

func TestPreferences(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		preferencestest.TestStore(t, func(t *testing.T) preferences.Store {
			t.Helper()
			return NewPreferences(open(t))
		})
	})
}
