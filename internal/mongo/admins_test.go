package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/auth/authtest"
)

func TestAdmins(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		authtest.TestStore(t, func(t *testing.T) authtest.Store { return NewAdmins(open(t)) })
	})
}
