package sqlite_test

import (
	"testing"

	"github.com/egress-io/egress/internal/auth/authtest"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/sqlite/sqlitetest"
)

func TestAdmins(t *testing.T) {
	t.Parallel()
	authtest.TestStore(t, func(t *testing.T) authtest.Store { return sqlite.NewAdmins(sqlitetest.Open(t)) })
}
