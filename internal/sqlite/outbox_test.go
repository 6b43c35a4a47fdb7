package sqlite

import (
	"testing"

	"github.com/egress-io/egress/internal/mail/mailtest"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	mailtest.TestOutbox(t, func(t *testing.T, size int) mailtest.Outbox { return Outbox{open(t, t.TempDir()), size} })
}
