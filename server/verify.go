package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/schollz/progressbar/v3"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/mongo"
)

type verifyCmd struct {
	Job string `arg:"" help:"The job's id."`
}

// Run reads the files of a job from the storage again, and compares rows, bytes and SHA-256 with its receipt. Where they
// differ the exit status is 1; where there is nothing to compare it is 2.
func (cmd *verifyCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	sys, err := openStored(ctx, cfg, newLogger(cfg, term.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()
	job, err := mongo.NewJobs(sys.db).Job(ctx, cmd.Job)
	switch {
	case errors.Is(err, jobs.ErrNoJob):
		return export.Errorf(export.CodeNotFound, "there is no job %q", cmd.Job)
	case err != nil:
		return err
	case job.Status == export.Expired:
		return export.Errorf(export.CodeNotFound, "the files of job %s were deleted after their time; its receipt is all that is left", job.ID)
	case len(job.Files) == 0:
		return export.Errorf(export.CodeNotFound, "job %s is %s and has no file", job.ID, job.Status)
	}
	for _, file := range job.Files {
		bar := newBar(term, file.Name, file.Bytes, progressbar.OptionShowBytes(true))
		err := sys.runner(cfg).Verify(ctx, job, file, bar.set)
		bar.finish()
		if err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		fmt.Fprintf(term.out, "%s: %s, %s, SHA-256 %s: as the receipt says.\n", file.Name,
			export.Counted(file.Rows, "row", "rows"), export.Counted(file.Bytes, "byte", "bytes"), file.SHA256)
	}
	return nil
}
