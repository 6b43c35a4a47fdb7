package api

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/egress-io/egress/internal/audit"
)

// fakeLog is the audit log in a slice.
type fakeLog struct {
	mu      sync.Mutex
	records []audit.Record
	down    bool
}

func (f *fakeLog) Append(_ context.Context, records ...audit.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	for _, r := range records {
		if r.Once == "" || !slices.ContainsFunc(f.records, func(o audit.Record) bool { return o.Once == r.Once }) {
			f.records = append(f.records, r)
		}
	}
	return nil
}

func (f *fakeLog) Records(_ context.Context, tenant string, q audit.Query) (list []audit.Record, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	for _, r := range slices.Backward(f.records) {
		if r.Tenant == tenant && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, r.Kind)) && (q.Before == "" || r.ID < q.Before) &&
			strings.Contains(r.Email+r.Words, q.Search) && len(list) < q.Limit {
			list = append(list, r)
		}
	}
	return list, nil
}

// of returns the records of a kind, oldest first.
func (f *fakeLog) of(kind audit.Kind) (list []audit.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.records {
		if r.Kind == kind {
			list = append(list, r)
		}
	}
	return list
}

func (f *fakeLog) fail(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}
