package export

import (
	"fmt"
	"time"
)

// FormatSize formats a number of bytes for people: "999 B", "1.2 kB", "48.1 MB"; 1 kB is 1,000 bytes.
func FormatSize(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n)/1000, 0
	units := []string{"kB", "MB", "GB", "TB"}
	for value >= 999.95 && unit < len(units)-1 { // would round to 1000.0
		value, unit = value/1000, unit+1
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}

// FormatDuration formats a duration for people, in whole seconds: "2 s", "1 min", "4 min 12 s",
// "1 h 5 min".
func FormatDuration(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600 && s%60 == 0:
		return fmt.Sprintf("%d min", s/60)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s/60%60 == 0:
		return fmt.Sprintf("%d h", s/3600)
	default:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
}
