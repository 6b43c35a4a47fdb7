package export_test

import (
	"testing"
	"time"

	"github.com/egress-io/egress/internal/export"
)

func TestFormatSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 30_720: "30.7 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 48_112_640: "48.1 MB", 1_000_000_000: "1.0 GB",
	} {
		if got := export.FormatSize(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 1600 * time.Millisecond: "2 s", time.Minute: "1 min", 252 * time.Second: "4 min 12 s", time.Hour: "1 h", 65 * time.Minute: "1 h 5 min",
	} {
		if got := export.FormatDuration(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
