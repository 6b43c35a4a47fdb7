package pipeline

import (
	"math"
	"slices"

	"github.com/egress-io/egress/internal/export"
)

// An outlier is a user who weighs more than outlierShare of all others together, and more than
// outlierTimes the average of the others. Outliers are counted as themselves; they say nothing
// about other users.
const (
	outlierShare = 0.25
	outlierTimes = 8
)

// outlier is a user of the sample whose weight is known before the run reads it.
type outlier struct {
	index int64 // the number of users before this one
	export.Weight
}

func (s totals) plus(o totals) totals {
	return totals{s.users + o.users, s.rows + o.rows, s.bytes + o.bytes}
}
func (s totals) minus(o totals) totals {
	return totals{s.users - o.users, s.rows - o.rows, s.bytes - o.bytes}
}

// outliers returns the total of the outliers among users with the total all. The heaviest are known
// one by one.
func outliers(heaviest export.Heaviest, all totals) (out totals) {
	for _, w := range heaviest {
		more := out.plus(totals{1, w.Rows, w.Bytes})
		rest := all.minus(more)
		if rest.users < 1 || float64(w.Bytes) <= outlierShare*float64(rest.bytes) ||
			float64(w.Bytes)*float64(rest.users) <= outlierTimes*float64(rest.bytes) {
			break
		}
		out = more
	}
	return out
}

// typicalLocked returns the total of the sample and of the users so far, without outliers. The
// caller holds mu.
func (m *meter) typicalLocked() totals {
	heaviest := slices.Clone(m.heaviest)
	heaviest.AddAll(m.sampleHeaviest)
	seen := m.done.minus(m.partial).plus(m.sample)
	return seen.minus(outliers(heaviest, seen))
}

// typicalUsers is typicalLocked for a caller that does not hold mu.
func (m *meter) typicalUsers() totals {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.typicalLocked()
}

// remaining estimates the given number of users that are still to come: the typical ones, and the
// outliers with a known weight. The caller holds mu.
func (m *meter) remaining(users int64) (typical, outliers totals) {
	passed := m.done.users
	if m.remainder != (export.Weight{}) || m.partial != (totals{}) { // a large user is being written
		outliers = totals{1, m.remainder.Rows, m.remainder.Bytes}
		passed++
	}
	for _, k := range m.outliers {
		if k.index >= passed {
			outliers = outliers.plus(totals{1, k.Rows, k.Bytes})
		}
	}
	typical.users = max(users-outliers.users, 0)
	if seen := m.typicalLocked(); seen.users > 0 {
		per := float64(typical.users) / float64(seen.users)
		typical.rows = int64(math.Ceil(per * float64(seen.rows)))
		typical.bytes = int64(math.Ceil(per * float64(seen.bytes)))
	}
	return typical, outliers
}

func (p byteSizes) plus(o byteSizes) byteSizes {
	return byteSizes{p.plain + o.plain, p.stored + o.stored}
}

// scaledTo returns the same ratio for at most the given number of bytes of CSV.
func (p byteSizes) scaledTo(plain int64) byteSizes {
	if p.plain <= plain {
		return p
	}
	return byteSizes{plain, int64(float64(p.stored) * float64(plain) / float64(p.plain))}
}

// storedFor estimates the stored size of bytes of CSV with the ratio p, or with fallback if p is
// empty.
func (p byteSizes) storedFor(bytes int64, fallback byteSizes) int64 {
	if p.plain == 0 {
		p = fallback
	}
	if p.plain == 0 {
		return bytes
	}
	return int64(math.Ceil(float64(bytes) * float64(p.stored) / float64(p.plain)))
}
