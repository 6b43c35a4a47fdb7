package mongo

import (
	"testing"

	"github.com/egress-io/egress/internal/mail/mailtest"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	mailtest.TestOutbox(t, func(t *testing.T, size int) mailtest.Outbox {
		db, ctx := connect(t)
		if err := db.EnsureControlIndexes(ctx); err != nil {
			t.Fatal(err)
		}
		return Outbox{db, size}
	})
}
