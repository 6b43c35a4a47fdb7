package sqlite

import (
	"testing"

	"github.com/egress-io/egress/internal/preferences"
	"github.com/egress-io/egress/internal/preferences/preferencestest"
)

func TestPreferences(t *testing.T) {
	t.Parallel()
	preferencestest.TestStore(t, func(t *testing.T) preferences.Store {
		t.Helper()
		return NewPreferences(open(t, t.TempDir()))
	})
}
