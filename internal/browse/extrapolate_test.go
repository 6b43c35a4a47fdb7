package browse

import (
	"testing"

	"github.com/egress-io/egress/internal/users"
)

func TestExtrapolate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		matching, sampled, total int64
		want                     users.Count
		words                    string
	}{
		{0, 0, 0, users.Count{Users: 0, Accuracy: users.Exact}, "0 users"},
		{0, 0, 70, users.Count{Users: 70, Accuracy: users.UpperBound}, "fewer than about 70 users"},
		{0, 2000, 1_000_000, users.Count{Users: 1500, Accuracy: users.UpperBound}, "fewer than about 1,500 users"},
		{0, 10, 10, users.Count{Users: 3, Accuracy: users.UpperBound}, "fewer than about 3 users"},
		{1, 2000, 1_000_000, users.Count{Users: 500, Accuracy: users.Estimate}, "about 500 users"},
		{247, 2000, 100_000, users.Count{Users: 12_000, Accuracy: users.Estimate}, "about 12,000 users"},
		{1999, 2000, 99_850, users.Count{Users: 99_850, Accuracy: users.Estimate}, "about 99,850 users"},
		{1, 3, 10, users.Count{Users: 3, Accuracy: users.Estimate}, "about 3 users"},
	} {
		if got := extrapolate(c.matching, c.sampled, c.total); got != c.want || got.String() != c.words {
			t.Errorf("%d of %d sampled of %d: %v, want %v", c.matching, c.sampled, c.total, got, c.want)
		}
	}
}
