package jobs

import (
	"context"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// The sizes of a page of jobs.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ListQuery selects a page of a tenant's jobs.
type ListQuery struct {
	Limit       int    // 0: DefaultLimit
	Cursor      string // the next cursor of the previous page, or ""
	RequesterID string // "": all requesters
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
	page, err = s.store.List(ctx, Query{
		Tenant: tenant, RequesterID: q.RequesterID, Before: q.Cursor, Limit: q.Limit + 1,
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

// Link presigns a new link to a file of a job. The link expires after the configured lifetime, or
// with the file if that is sooner. It returns CodeNotFound if the file is gone, CodeStoredElsewhere
// if it is in another storage.
func (s *Service) Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error) {
	lifetime := s.set.LinkLifetime
	if job.ExpiresAt != nil {
		lifetime = min(lifetime, job.ExpiresAt.Sub(s.now()))
	}
	if file.Key == "" {
		return "", time.Time{}, errs.Errorf(errs.CodeNotFound, "The file was streamed to the client and not stored.")
	}
	if !hasFiles(job) || lifetime < minLink {
		return "", time.Time{}, errs.Errorf(errs.CodeNotFound, "The files of this export have been deleted.")
	}
	if err := s.reach.Check(file.Location); err != nil {
		return "", time.Time{}, err
	}
	url, expires, err = s.storage.Presign(ctx, file.Key, file.Name, lifetime)
	if err != nil {
		return "", time.Time{}, errs.Wrap(errs.CodeUnavailable, wrap(err, "sign a link"), "The file storage does not answer.")
	}
	return url, expires, nil
}

// Retention returns how long files are kept if their tenant has no setting.
func (s *Service) Retention() time.Duration { return s.set.Retention }

// hasFiles reports whether a job offers its files to its requester.
func hasFiles(job *export.Job) bool {
	return job.Status == export.Completed || job.Status == export.CompletedWithErrors
}
