package csv

import (
	"testing"
	"time"
)

// Tests every day of a thousand years, and civil and civil64 at the limit between them.
func TestCivilEqualsTimePackage(t *testing.T) {
	t.Parallel()
	at := time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() < 2600; at = at.AddDate(0, 0, 1) {
		days := at.Unix() / (24 * 60 * 60)
		if year, month, day := civil(days); year != int64(at.Year()) || month != int(at.Month()) || day != at.Day() {
			t.Fatalf("%s is %d-%d-%d", at.Format(time.DateOnly), year, month, day)
		}
	}
	for _, border := range []int64{-daysTo1970, 1<<29 - daysTo1970} {
		for days := border - 800; days < border+800; days++ {
			year, month, day := civil(days)
			if y, m, d := civil64(days); y != year || m != month || d != day {
				t.Fatalf("day %d is %d-%d-%d, or %d-%d-%d", days, year, month, day, y, m, d)
			}
		}
	}
}
