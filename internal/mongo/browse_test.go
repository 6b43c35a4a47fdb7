package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/browse/browsetest"
)

// onStores runs a conformance suite on each engine.
func onStores(t *testing.T, suite func(t *testing.T, open browsetest.Open)) {
	onOpened(t, engines(), suite)
}

func onOpened(t *testing.T, engines map[string]func(t testing.TB) *DB, suite func(t *testing.T, open browsetest.Open)) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite(t, func(t *testing.T) browsetest.Store {
				db := open(t)
				return browsetest.Store{Source: NewUsers(db), Events: NewEvents(db), Writer: NewUserWriter(db)}
			})
		})
	}
}

func TestFilterAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	open := engines()
	open["embedded"] = connectForGrants
	onOpened(t, open, browsetest.TestFilters)
}

func TestUsers(t *testing.T) {
	t.Parallel()
	onStores(t, browsetest.TestSource)
}

func TestConsole(t *testing.T) {
	t.Parallel()
	onStores(t, browsetest.TestConsole)
}
