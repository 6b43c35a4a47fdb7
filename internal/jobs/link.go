package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// CheckFile returns nil if a file of a job can be downloaded, CodeNotFound if it is gone or was
// streamed, CodeStoredElsewhere if it is in another storage. It does not ask the storage.
func (s *Service) CheckFile(job *export.Job, file export.File) error {
	_, err := s.linkLifetime(job, file)
	return err
}

// linkLifetime returns the lifetime of a link that is made now, or the error of CheckFile.
func (s *Service) linkLifetime(job *export.Job, file export.File) (time.Duration, error) {
	lifetime := s.set.LinkLifetime
	if job.ExpiresAt != nil {
		lifetime = min(lifetime, job.ExpiresAt.Sub(s.now()))
	}
	if file.Key == "" {
		return 0, errs.Errorf(errs.CodeNotFound, "The file was streamed to the client and not stored.")
	}
	if !hasFiles(job) || lifetime < minLink {
		return 0, errs.Errorf(errs.CodeNotFound, "The files of this export were deleted. Run it again to make new ones.")
	}
	return lifetime, s.reach.Check(file.Location)
}

// Link presigns a new link to a file of a job. The link expires after the configured lifetime, or
// with the file if that is sooner. It returns the errors of CheckFile.
func (s *Service) Link(ctx context.Context, job *export.Job, file export.File) (url string, expires time.Time, err error) {
	lifetime, err := s.linkLifetime(job, file)
	if err != nil {
		return "", time.Time{}, err
	}
	url, expires, err = s.storage.Presign(ctx, file.Key, file.Name, lifetime)
	if err != nil {
		return "", time.Time{}, errs.Wrap(errs.CodeUnavailable, wrap(err, "sign a link"), "The file storage does not answer.")
	}
	return url, expires, nil
}

// RecordDownload adds a download to the history of a job with files, and publishes the job. It
// returns CodeNotFound if the files were deleted meanwhile.
func (s *Service) RecordDownload(ctx context.Context, tenant, id string, kind export.FileKind, by export.Requester) error {
	for range maxTries {
		job, err := s.tenantJob(ctx, tenant, id)
		if err != nil {
			return err
		}
		if f := job.FileOf(kind); f == nil || !hasFiles(job) {
			return errs.Errorf(errs.CodeNotFound, "The files of this export were deleted. Run it again to make new ones.")
		}
		next := *job
		next.Sequence++
		next.History = export.WithDownload(job.History, by, kind, s.time())
		err = s.store.Update(ctx, &next, Exactly(job))
		if err == nil {
			s.updates.publish(&next)
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return unavailable(err, "record a download")
		}
	}
	return errs.Errorf(errs.CodeUnavailable, "The download could not be recorded just now. Please try again.")
}
