package apiclient

import (
	"context"
	"fmt"
	"time"

	"github.com/egress-io/egress/internal/export"
)

// How often a job is asked for, and how often in a row nobody may answer.
const (
	pollEvery    = time.Second
	pollPatience = 60
)

// Follow asks for a job until it has ended, and hears it each time.
func Follow(ctx context.Context, jobs Source, id string, hear func(*Job)) (*Job, error) {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for failures := 0; ; {
		job, err := jobs.Job(ctx, id)
		switch {
		case err == nil:
			failures = 0
			hear(job)
			if job.Outcome != "" {
				return job, nil
			}
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case !passing(err) || failures >= pollPatience:
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

// Ended returns why a job that has ended left no file to fetch, nil where there is one.
func (j *Job) Ended() error {
	switch {
	case j.Status == export.Expired:
		return export.Errorf(export.CodeNotFound, "the files of job %s were deleted after their time", j.ID)
	case j.Outcome == export.Failed && j.Error != nil:
		return fmt.Errorf("job %s failed: %s", j.ID, j.Error.Message)
	case j.Outcome != export.Completed && j.Outcome != export.CompletedWithErrors:
		return fmt.Errorf("job %s is %s", j.ID, j.Outcome)
	default:
		return nil
	}
}
