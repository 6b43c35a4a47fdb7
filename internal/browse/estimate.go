package browse

import (
	"context"
	"math"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// sampleSize is the number of users in a sample. If a tenth of them match, the standard error of the
// estimate is 7 %.
const sampleSize = 2000

// EstimateUsers is Estimate for the users that match a query.
func (u *Users) EstimateUsers(ctx context.Context, tenant string, q users.Query) (users.Count, error) {
	selection, err := u.compileQuery(ctx, tenant, q)
	if err != nil {
		return users.Count{}, err
	}
	return u.Estimate(ctx, tenant, selection)
}

// Estimate returns how many users are selected: CachedCount if it is known within slowCount,
// otherwise an estimate. The count then continues for some seconds, so that a caller who asks again
// soon gets the exact number.
//
// The estimate is the share of matching users in a sample, times the number of users of the store,
// rounded to two digits. If no user of the sample matches, it is the upper bound of the 95 %
// confidence interval.
func (u *Users) Estimate(ctx context.Context, tenant string, s filter.Selection) (users.Count, error) {
	if s.Where == nil { // an index knows the number
		n, err := u.CachedCount(ctx, tenant, s)
		return users.Count{Users: n, Accuracy: users.Exact}, err
	}
	n, known, err := u.counts.doWithin(ctx, tenant, s.Key(), slowCount, u.counter(tenant, s))
	if known || err != nil {
		return users.Count{Users: n, Accuracy: users.Exact}, err
	}
	c, err := u.estimate(ctx, tenant, s)
	if n, known := u.counts.cached(tenant, s.Key()); known {
		return users.Count{Users: n, Accuracy: users.Exact}, nil
	}
	return c, err
}

func (u *Users) estimate(ctx context.Context, tenant string, s filter.Selection) (users.Count, error) {
	all, err := u.CachedCount(ctx, tenant, filter.Selection{})
	if err != nil {
		return users.Count{}, err
	}
	base, total := filter.Selection{Store: s.Store}, all
	if !base.IsAll() {
		if total, err = u.CachedCount(ctx, tenant, base); err != nil {
			return users.Count{}, err
		}
	}
	sample, err := u.samples.do(ctx, tenant, "", func(ctx context.Context) ([]bson.Raw, error) {
		return u.source.Sample(ctx, tenant, sampleSize, all)
	})
	if err != nil {
		return users.Count{}, err
	}
	var sampled, matching int64
	for _, doc := range sample {
		if base.Matches(doc) {
			sampled++
			if s.Matches(doc) {
				matching++
			}
		}
	}
	return extrapolate(matching, sampled, total), nil
}

// extrapolate returns the number of matching users among total, of whom sampled were examined and
// matching matched.
func extrapolate(matching, sampled, total int64) users.Count {
	switch {
	case total == 0:
		return users.Count{Accuracy: users.Exact}
	case sampled == 0:
		return users.Count{Users: total, Accuracy: users.UpperBound}
	case matching == 0: // the rule of three
		bound := math.Ceil(3 * float64(total) / float64(sampled))
		return users.Count{Users: min(roundTo2Digits(bound), total), Accuracy: users.UpperBound}
	}
	n := float64(total) * float64(matching) / float64(sampled)
	return users.Count{Users: min(roundTo2Digits(n), total), Accuracy: users.Estimate}
}

// roundTo2Digits rounds a number to two significant digits, and to whole numbers.
func roundTo2Digits(n float64) int64 {
	unit := 1.0
	for n >= 100*unit {
		unit *= 10
	}
	return int64(math.Round(n/unit) * unit)
}
