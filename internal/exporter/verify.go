package exporter

import (
	"context"
	"fmt"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
)

// VerifyReport receives the progress of Verify.
type VerifyReport interface {
	// Read gets the number of bytes of a file that were read so far.
	Read(f export.File, bytes int64)
	// Verified gets each file that equals its receipt.
	Verified(f export.File)
}

// Verify reads the stored files of a job again and compares rows, bytes and SHA-256 with their
// receipts. It stops at the first file that differs: CodeVerificationFailed. CodeNotFound if the job
// has no stored file.
func (e *Exporter) Verify(ctx context.Context, job *export.Job, report VerifyReport) error {
	switch {
	case job.Status == export.Expired:
		return errs.Errorf(errs.CodeNotFound, "the files of job %s have expired and were deleted; only the receipt remains", job.ID)
	case len(job.Files) == 0:
		return errs.Errorf(errs.CodeNotFound, "job %s is %s and has no file", job.ID, job.Status)
	}
	for _, f := range job.Files {
		if err := e.runner.Verify(ctx, job, f, func(read int64) { report.Read(f, read) }); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		report.Verified(f)
	}
	return nil
}
