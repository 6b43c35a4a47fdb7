package export_test

import (
	"testing"

	"github.com/egress-io/egress/internal/export"
)

func TestPluralize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 users", 1: "1 user", 999: "999 users", 1000: "1,000 users", 1234567: "1,234,567 users", -123456: "-123,456 users"} {
		if got := export.Pluralize(n, "user", "users"); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
