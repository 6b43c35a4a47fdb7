package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/oklog/ulid/v2"

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
	Cursor      string // what the previous page returned as next, or ""
	RequesterID string // "" for everybody's
}

// Job returns a job of a tenant, or CodeNotFound.
func (s *Service) Job(ctx context.Context, tenant, id string) (*export.Job, error) {
	job, err := s.store.Job(ctx, id)
	if err != nil && !errors.Is(err, ErrNoJob) {
		return nil, unavailable(err, "read the job")
	}
	if err != nil || job.Tenant != tenant {
		return nil, export.Errorf(export.CodeNotFound, "There is no such export job.")
	}
	return job, nil
}

// List returns a page of a tenant's jobs, newest first, and the cursor of the next page, "" after the last.
func (s *Service) List(ctx context.Context, tenant string, q ListQuery) (page []*export.Job, next string, err error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return nil, "", export.Invalid("limit", "must be between 1 and %d", MaxLimit)
	}
	if q.Cursor != "" {
		if _, err := ulid.ParseStrict(q.Cursor); err != nil {
			return nil, "", export.Invalid("cursor", "is not one that a page of jobs has returned")
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

// Snapshot returns a requester's live job and those of the last 24 hours, newest first, 20 at most.
func (s *Service) Snapshot(ctx context.Context, tenant, requesterID string) ([]*export.Job, error) {
	jobs, err := s.store.List(ctx, Query{
		Tenant: tenant, RequesterID: requesterID, Since: s.now().Add(-recentPeriod), Limit: recentLimit,
	})
	if err != nil {
		return nil, unavailable(err, "read recent jobs")
	}
	return jobs, nil
}

// QueuePosition returns the place of a queued async job among those of all tenants, from 1, and 0 for any other job.
func (s *Service) QueuePosition(ctx context.Context, job *export.Job) (int64, error) {
	if job.Status != export.Queued || job.Mode != export.Async {
		return 0, nil
	}
	ahead, err := s.store.Ahead(ctx, job.ID)
	if err != nil {
		return 0, unavailable(err, "count queued jobs")
	}
	return ahead + 1, nil
}

// Link signs a link to a file of a job afresh. It ends after the link's lifetime, or with the file if that is sooner.
// CodeNotFound where the file is gone.
func (s *Service) Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error) {
	lifetime := s.set.LinkLifetime
	if job.ExpiresAt != nil {
		lifetime = min(lifetime, job.ExpiresAt.Sub(s.now()))
	}
	if file.Key == "" {
		return "", time.Time{}, export.Errorf(export.CodeNotFound, "The file was streamed: it is where its client saved it.")
	}
	if !kept(job) || lifetime < minLink {
		return "", time.Time{}, export.Errorf(export.CodeNotFound, "The files of this export have been deleted.")
	}
	url, expires, err = s.storage.Presign(ctx, file.Key, file.Name, lifetime)
	if err != nil {
		return "", time.Time{}, export.Wrap(export.CodeUnavailable, wrap(err, "sign a link"), "The file storage does not answer.")
	}
	return url, expires, nil
}

// Retention is how long the files of a job are kept from its end on, where its tenant has no time of its own.
func (s *Service) Retention() time.Duration { return s.set.Retention }

// kept reports whether a job's files are still there for its requester.
func kept(job *export.Job) bool {
	return job.Status == export.Completed || job.Status == export.CompletedWithErrors
}
