package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/egress-io/egress/internal/audit"
)

// fakeAudit stores the audit log in a slice.
type fakeAudit struct {
	mu      sync.Mutex
	records []audit.Record
	down    bool
}

func (f *fakeAudit) Append(_ context.Context, records ...audit.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return errDown
	}
	for _, r := range records {
		if r.DedupKey == "" || !slices.ContainsFunc(f.records, func(o audit.Record) bool { return o.DedupKey == r.DedupKey }) {
			for _, o := range f.records {
				if o.Tenant == r.Tenant {
					r.Seq = o.Seq
				}
			}
			r.Seq++
			r.Prev, r.Hash = fmt.Sprintf("%064d", r.Seq-1), fmt.Sprintf("%064d", r.Seq)
			f.records = append(f.records, r)
		}
	}
	return nil
}

func (f *fakeAudit) Records(_ context.Context, tenant string, q audit.Query) (list []audit.Record, _ error) {
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

func (f *fakeAudit) Follow(_ context.Context, tenant, after string, limit int) (list []audit.Record, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		return nil, errDown
	}
	found := after == ""
	for _, r := range f.records {
		switch {
		case r.Tenant != tenant || len(list) == limit:
		case found:
			list = append(list, r)
		default:
			found = r.ID == after
		}
	}
	if !found {
		return nil, audit.ErrUnknownRecord
	}
	return list, nil
}

// ofKind returns the records of a kind, oldest first.
func (f *fakeAudit) ofKind(kind audit.Kind) (list []audit.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.records {
		if r.Kind == kind {
			list = append(list, r)
		}
	}
	return list
}

func (f *fakeAudit) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}
