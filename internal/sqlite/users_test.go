package sqlite_test

import (
	"testing"

	"github.com/egress-io/egress/internal/browse/browsetest"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
)

func openUsers(t *testing.T) browsetest.Store {
	db := sqlitetest.Open(t)
	return browsetest.Store{Source: sqlite.NewUsers(db), Events: sqlite.NewEvents(db), Writer: sqlite.NewUserWriter(db)}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	browsetest.TestSource(t, openUsers)
}

func TestFilterAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	browsetest.TestFilters(t, openUsers)
}

func TestConsole(t *testing.T) {
	t.Parallel()
	browsetest.TestConsole(t, openUsers)
}
