package apiclient

import (
	"context"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

const (
	pollInterval    = time.Second
	maxPollFailures = 60 // consecutive failures
)

// Follow polls a job until it ends and calls report with each state. It retries temporary errors.
func Follow(ctx context.Context, jobs Source, id string, report func(*Job)) (*Job, error) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for failures := 0; ; {
		job, err := jobs.Job(ctx, id)
		switch {
		case err == nil:
			failures = 0
			report(job)
			if job.Outcome != "" {
				return job, nil
			}
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !isTemporary(err) || failures >= maxPollFailures:
			return nil, err
		default:
			failures++
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Ended returns why a job that has ended has no files to download, or nil if it has.
func (j *Job) Ended() error {
	switch {
	case j.Status == export.Expired:
		return errs.Errorf(errs.CodeNotFound, "the files of job %s have expired and were deleted", j.ID)
	case j.Outcome == export.Failed && j.Error != nil:
		return fmt.Errorf("job %s failed: %s", j.ID, j.Error.Message)
	case j.Outcome != export.Completed && j.Outcome != export.CompletedWithErrors:
		return fmt.Errorf("job %s ended with the status %s", j.ID, j.Outcome)
	default:
		return nil
	}
}
