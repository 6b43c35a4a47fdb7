package jobs

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/users"
)

// The sizes of a page of jobs.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// maxSearch is the maximum length of a search, in bytes.
const maxSearch = 200

// ListQuery selects a page of a tenant's jobs, which match all of its conditions.
type ListQuery struct {
	Limit       int             // 0: DefaultLimit
	Cursor      string          // the next cursor of the previous page, or ""
	RequesterID string          // "": all requesters
	Email       string          // of the requester, normalized; "": all
	Statuses    []export.Status // empty: all
	Search      string          // a part of the words, file names or id, in any case; "": all
	From, To    time.Time       // only jobs created from From to To, both included; zero: no bound
}

// List returns a page of a tenant's jobs, newest first, and the cursor of the next page ("" if
// there is none).
func (s *Service) List(ctx context.Context, tenant string, q ListQuery) (page []*export.Job, next string, err error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return nil, "", errs.Invalid("limit", "must be between 1 and %d", MaxLimit)
	}
	if q.Cursor != "" {
		if _, err := ulid.ParseStrict(q.Cursor); err != nil {
			return nil, "", errs.Invalid("cursor", "must be a cursor that a page of jobs returned")
		}
	}
	if len(q.Search) > maxSearch || !utf8.ValidString(q.Search) {
		return nil, "", errs.Invalid("search", "must be UTF-8 text of at most %d bytes", maxSearch)
	}
	from, before, err := idRange(q.From, q.To)
	if err != nil {
		return nil, "", err
	}
	if q.Cursor != "" && (before == "" || q.Cursor < before) {
		before = q.Cursor
	}
	page, err = s.store.List(ctx, Query{
		Tenant: tenant, RequesterID: q.RequesterID, Email: q.Email, Statuses: q.Statuses, Search: users.Fold(q.Search),
		Before: before, From: from, Limit: q.Limit + 1,
	})
	if err != nil {
		return nil, "", unavailable(err, "list jobs")
	}
	if len(page) > q.Limit {
		page = page[:q.Limit]
		next = page[q.Limit-1].ID
	}
	return page, next, nil
}

// idRange returns the least id of jobs created at from, and the least id of jobs created after to; ""
// without a bound. Ids begin with the time of creation, so that an index on ids serves periods.
func idRange(from, to time.Time) (first, end string, err error) {
	if first, err = firstID("from", from); err == nil && !to.IsZero() {
		end, err = firstID("to", to.Add(time.Millisecond))
	}
	return first, end, err
}

func firstID(field string, at time.Time) (string, error) {
	if at.IsZero() {
		return "", nil
	}
	var id ulid.ULID
	if at.UnixMilli() < 0 || id.SetTime(ulid.Timestamp(at)) != nil {
		return "", errs.Invalid(field, "must be a time from 1970 to 10889")
	}
	return id.String(), nil
}

// Snapshot returns a requester's live job and those of the last 24 hours, newest first, at most 20.
func (s *Service) Snapshot(ctx context.Context, tenant, requesterID string) ([]*export.Job, error) {
	jobs, err := s.store.List(ctx, Query{
		Tenant: tenant, RequesterID: requesterID, Since: s.now().Add(-recentPeriod), Limit: recentLimit,
	})
	if err != nil {
		return nil, unavailable(err, "read recent jobs")
	}
	return jobs, nil
}

// Retention returns how long files are kept if their tenant has no setting.
func (s *Service) Retention() time.Duration { return s.set.Retention }

// hasFiles reports whether a job offers its files to its requester.
func hasFiles(job *export.Job) bool {
	return job.Status == export.Completed || job.Status == export.CompletedWithErrors
}
