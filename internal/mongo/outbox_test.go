package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/mail/mailtest"
)

func TestOutbox(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) {
		mailtest.TestOutbox(t, func(t *testing.T, size int) mailtest.Outbox { return Outbox{open(t), size} })
	})
}
