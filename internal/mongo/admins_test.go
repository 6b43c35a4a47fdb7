package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/auth/authtest"
)

func TestAdmins(t *testing.T) {
	t.Parallel()
	authtest.TestStore(t, func(t *testing.T) authtest.Store {
		db, ctx := connect(t)
		if err := db.EnsureControlIndexes(ctx); err != nil {
			t.Fatal(err)
		}
		return NewAdmins(db)
	})
}
